"""Find a page that shows flashed messages, where it shows categories, and pages without them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

import flask
from jinja2 import nodes

from ..patterns.flashing import FlashingHarness
from ..survey import Exchange, Survey
from ..survey.submissions import Submission, attempt, is_taken, send, submissions, with_form_page
from . import Finding

SLUG = "flashing"

#: A text and a category that no page contains otherwise.
TEXT, CATEGORY = "kq7flashed7kq", "kq7category"

#: Categories that many applications have; the first is Flask's default.
USUAL = ("message", "error", "warning", "success", "info")


def find(survey: Survey) -> Iterator[Finding]:
    """Yield the page that showed a message flashed into a visitor's session."""
    page = streamed = None
    for exchange in _likely(survey):
        shown = with_message(survey, exchange.target)
        if shown is None or not FlashingHarness.texts_shown(shown.response, [TEXT]):
            continue
        if exchange.streamed:
            streamed = streamed or exchange
        elif page is None:
            page, seen = exchange, shown
        if page is not None and streamed is not None:
            break
    if page is None:
        return
    yield Finding(SLUG, "page", page.path, "it showed a message flashed into the session")
    with survey.share(1 / 2):
        heard = [*_requests(survey, page.path), *_noticed(survey, page.path)]
    yield from heard
    if (place := category_in(seen, CATEGORY)) is not None:
        # A page may have different words for some categories, which only a person knows.
        usual = [with_message(survey, page.target, each) for each in USUAL]
        same = all(
            shown is not None and category_in(shown, category) == place
            for category, shown in zip(USUAL, usual, strict=True)
        )
        text = f"that message's category was in its {place}"
        text += ", like all others" if same else "; but others are shown by other words: categories"
        yield Finding(SLUG, "category_in", place, text, confirmed=same)
    if streamed is not None:
        text = "it is streamed, and showed a message flashed into the session"
        yield Finding(SLUG, "streamed", streamed.path, text)
    elsewhere = list(_elsewhere(survey))
    if elsewhere:
        text = "they showed no message, and did not consume it"
        yield Finding(SLUG, "elsewhere", elsewhere, text)


def _likely(survey: Survey) -> Iterator[Exchange]:
    """Yield the pages whose templates or views read messages, then a few others."""
    pages = [each for each in survey.pages if each.is_page and not each.cut]
    asking = [each for each in pages if _asks(survey, each)]
    yield from asking[:12]
    yield from [each for each in pages if each not in asking][:3]
    yield from [
        each
        for each in survey.pages
        if each.status == 200 and each.response.mimetype == "application/json" and not each.streamed
    ][:6]


def _asks(survey: Survey, exchange: Exchange) -> bool:
    library = survey.facts.library
    if library is None:
        return False
    for name, _ in exchange.templates[:1]:
        template = library.get(name)
        for each in library.lineage(template) if template is not None else ():
            if any(_calls_messages(each.tree)):
                return True
            for tag in each.tree.find_all((nodes.Include, nodes.Import, nodes.FromImport)):
                for names in library.named(each, cast(Any, tag).template):
                    inner = next(filter(None, map(library.get, names)), None)
                    if inner is not None and any(_calls_messages(inner.tree)):
                        return True
    return False


def _calls_messages(tree: nodes.Template) -> Iterator[bool]:
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "get_flashed_messages":
            yield True


def with_message(survey: Survey, target: str, category: str = CATEGORY) -> Exchange | None:
    """Request a page as a visitor with a pending message; None if that cannot be prepared."""
    cookie = survey.trial(lambda: cookie_with(survey.app, lambda: flask.flash(TEXT, category)))
    if not cookie:
        return None
    return survey.crawl.get(target, headers={"Cookie": cookie})


def cookie_with(app: flask.Flask, act: Any) -> str:
    """Return the session cookie that a visitor has after a call in a request; may be empty."""
    with app.test_request_context("/"):
        act()
        response = app.response_class()
        session: Any = flask.session
        app.session_interface.save_session(app, session._get_current_object(), response)
    return response.headers.get("Set-Cookie", "").partition(";")[0]


def category_in(shown: Exchange, category: str) -> str | None:
    """Return the attribute around the message that contains its category unchanged."""
    around = [each for each in shown.page.find() if TEXT in each.text]
    for element in reversed(around):
        for name in ("class", *element.attributes):
            words = re.split(r"\s+", element.attributes.get(name, ""))
            if any(word == category or word.endswith(f"-{category}") for word in words):
                return name
    return None


def _elsewhere(survey: Survey) -> Iterator[str]:
    found: set[str] = set()
    for exchange in survey.pages:
        kind = "redirect" if exchange.response.is_redirect else exchange.response.mimetype
        calm = exchange.status < 400 and not exchange.messages and not exchange.streamed
        fits = kind == "redirect" or kind == "application/json"
        if not (calm and fits) or kind in found or exchange.endpoint is None:
            continue
        shown = with_message(survey, exchange.target)
        if (
            shown is not None
            and shown.status == exchange.status
            and not shown.messages
            and "_flashes" in shown.session_after
        ):
            found.add(kind)
            yield exchange.target


# What was heard.

#: How many requests are tried for each key.
_TRIES = 6


def _requests(survey: Survey, page: str) -> Iterator[Finding]:
    """Yield requests that flash, tried on new apps: one that is taken, and one that is refused."""
    heard = [each for each in submissions(survey) if each.exchange.messages]
    # What a visitor may send needs nobody; and of the same form, the two say most.
    heard.sort(key=lambda each: bool(each.person))
    taken = [each for each in heard if each.accepted][:_TRIES]
    refused = [each for each in heard if each.accepted is False and each.exchange.status < 500]
    trigger = None
    for each in taken:
        if (route := _repeats(survey, each, page)) is not None:
            trigger = each
            text = each.exchange.messages[0][0]
            told = f"{each.source}; sent twice to a new app, it was taken, and a message shown"
            yield Finding(SLUG, "trigger", route, told)
            yield Finding(SLUG, "success", text, "the message that was flashed and shown")
            break
    if trigger is not None:
        path = trigger.exchange.path
        refused.sort(key=lambda each: each.exchange.path != path)
    if trigger is not None:
        # What is refused may say so on the page itself.
        others = [each for each in submissions(survey) if not each.exchange.messages]
        refused += [
            each
            for each in others
            if each.accepted is False and each.exchange.path == path and _told(survey, each)
        ]
    for each in refused[:_TRIES]:
        error = next((text for text, _ in each.exchange.messages), "") or _told(survey, each)
        app = survey.new_app()
        if app is None:
            return
        route = with_form_page(survey, app, each.route())
        if attempt(survey, _shows_error, survey, app, route, page, error):
            told = f"{each.source}; a new app refused it, with the text of error on a page"
            yield Finding(SLUG, "failure", route, told)
            yield Finding(SLUG, "error", error, "the message that was flashed and shown")
            return


def _told(survey: Survey, heard: Submission) -> str:
    """Return the text by which the page that refuses differs from the page with the form."""
    typed = [value for values in heard.exchange.fields.values() for value in values if value]
    page = next((x.page for x in survey.pages if x.path == heard.exchange.path), None)
    if page is None:
        return ""
    before = " ".join(page.text.split())
    for element in heard.exchange.page.find():
        text = " ".join(element.text.split())
        alone = all(isinstance(each, str) for each in element.children)
        known = text in before or any(each in text for each in typed)
        if alone and not known and 8 <= len(text) <= 120:
            return text
    return ""


def _noticed(survey: Survey, page: str) -> Iterator[Finding]:
    """Yield a request that flashes the text of one of its fields."""
    tried: set[str] = set()
    for each in submissions(survey):
        said = [text for text, _ in each.exchange.messages]
        fields = [
            name for name in each.texts() if any(each.exchange.fields[name][0] in x for x in said)
        ]
        # Whoever has to log in first gets the messages of that as well.
        taken = each.accepted is not False and not each.person
        if not taken or not fields or each.exchange.path in tried:
            continue
        if len(tried) == _TRIES or (app := survey.new_app()) is None:
            return
        tried.add(each.exchange.path)
        route = with_form_page(survey, app, each.route(without=fields[0]))
        if attempt(survey, _shows_text, survey, app, route, page, fields[0]):
            told = f"{each.source}; a new app showed the text of {fields[0]} in a message"
            yield Finding(SLUG, "notice", route, told)
            if fields[0] != "text":
                yield Finding(SLUG, "text_field", fields[0], "the message had its text")
            return


def _shows_text(survey: Survey, app: Any, route: Any, page: str, field: str) -> bool:
    for text in (f"{TEXT} one", f"{TEXT} two"):
        client = survey.visitor(app)
        answer = send(survey, client, route, {field: text})
        shown = (answer, client.follow(answer), client.get(page))
        if answer.status >= 400 or not any(text in each.text for each in shown):
            return False
    return True


def _repeats(survey: Survey, heard: Submission, page: str) -> Any:
    """Return the route of a request that may be sent again and again, and flashes each time."""
    numbered = {name: f"{heard.exchange.fields[name][0]}{{n}}" for name in heard.texts()}
    choices = [{}, *({name: value} for name, value in numbered.items()), numbered]
    for values in choices[:_TRIES]:
        app = survey.new_app()
        if app is None:
            return None
        route = with_form_page(survey, app, heard.route(**values))
        if attempt(survey, _flashes_twice, survey, app, route, page, heard):
            return route
    return None


def _flashes_twice(survey: Survey, app: Any, route: Any, page: str, heard: Submission) -> bool:
    text = heard.exchange.messages[0][0]
    one, other = survey.visitor(app), survey.visitor(app)
    # A login may tell whoever has logged in by then something else.
    for client in (one, one, other):
        answer = send(survey, client, route)
        if not is_taken(answer, heard.exchange):
            return False
        shown = (answer, client.follow(answer), client.get(page))
        if not any(FlashingHarness.texts_shown(each, [text]) for each in shown):
            return False
    return True


def _shows_error(survey: Survey, app: Any, route: Any, page: str, text: str) -> bool:
    client = survey.visitor(app)
    answer = send(survey, client, route)
    if answer.status >= 500 or answer.status == 404:
        return False
    before = FlashingHarness.texts_shown(survey.visitor(app).get(page), [text])
    shown = (client.follow(answer), client.get(page))
    return not before and any(FlashingHarness.texts_shown(each, [text]) for each in shown)
