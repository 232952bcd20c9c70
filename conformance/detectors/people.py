"""Finds who can log in: whom the project's own tests log in, tried on a new app.

Not of one pattern: any route of any pattern may be somebody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import flask

from ..core.errors import Broken
from ..instruments.html import Page
from ..patterns.people import People, shown_by
from ..subject.config import Binding, Person, Route
from ..survey import Exchange, Survey
from ..survey.submissions import (
    RECORDED,
    SUBMITTED,
    attempt,
    marks,
    send,
    was_accepted,
    with_form_page,
)
from . import Finding

SLUG = "people"

#: How many people are looked for; clauses ask for two at the most.
MOST = 3

#: How many pages are compared, and how many kinds of login are tried.
_PAGES = 10
_LOGINS = 8

HTML = "text/html"

_PASSWORD = re.compile(r"pass|pwd|secret|pin$", re.I)


def find(survey: Survey) -> Iterator[Finding]:
    """Yield how each person logs in and out, and the text that only they see."""
    if survey.people or not survey.heard:
        return
    found: dict[str, tuple[Exchange, frozenset[str]]] = {}
    for exchange in _logins(survey)[:_LOGINS]:
        app = survey.new_app()
        if app is None or len(found) == MOST:
            break
        route = with_form_page(survey, app, _route(exchange))
        name = _typed_name(survey, exchange, found) or _name(
            route.get("form") or route["json"], found
        )
        survey.people = {**survey.people, name: Person(login=Route.model_validate(route))}
        told = attempt(survey, _confirmed, survey, app, name)
        if told is None:
            survey.people = {key: value for key, value in survey.people.items() if key != name}
            if not found and exchange.test not in (RECORDED, SUBMITTED):
                text = "the project's tests log in with it, but on a new app it changed nothing"
                yield Finding(SLUG, f"{name}.login", route, text, confirmed=False)
            continue
        found[name] = exchange, marks(exchange.session_after - exchange.session_before)
        survey.people[name], evidence = told
        yield Finding(SLUG, f"{name}.login", route, f"it logged in on a new app: {evidence}")
        if (shows := survey.people[name].shows) is not None:
            yield Finding(SLUG, f"{name}.shows", shows, "it was shown to them alone")
        yield from _logout(survey, name)
    yield from _distinct(survey, found)
    _remember(survey, found)


def _distinct(survey: Survey, found: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what each page shows to the only one who can log in, and no page to a visitor.

    Their name would be better, but visitors may read that too.
    """
    if len(found) != 1:
        return
    (name,) = found
    if survey.people[name].shows is not None:
        return
    text = attempt(survey, _apart, survey, name)
    if text is not None:
        survey.people[name] = survey.people[name].model_copy(update={"shows": text})
        told = f"each page showed it after {name} had logged in, and none to a visitor"
        yield Finding(SLUG, f"{name}.shows", text, told)


def _apart(survey: Survey, name: str) -> str | None:
    """Return a text that is on each page for somebody, and on none for a visitor."""
    app = survey.new_app()
    if app is None:
        return None
    paths = _pages(survey)
    client, nobody = survey.visitor(app), survey.visitor(app)
    public = [each.response for each in survey.pages] + [nobody.get(path) for path in paths]
    shown = [send(survey, client, {"path": path, "as": name}) for path in paths]
    pages = [Page(each.text) for each in shown if each.status == 200 and each.mimetype == HTML]
    if len(pages) < 2:
        return None
    first, *others = ([each.text.strip() for each in page.find()] for page in pages)
    return next(
        (
            text
            for text in first
            if 3 <= len(text) <= 30
            and "\n" not in text
            and all(text in texts for texts in others)
            and not any(shown_by(page, text) for page in public)
        ),
        None,
    )


def _logins(survey: Survey) -> list[Exchange]:
    """Return what was sent with a password, and left a mark in the session, each once.

    The shortest first: what signs somebody up may log them in as well, but works only once.
    """
    found: dict[str, Exchange] = {}
    for exchange in survey.heard:
        sent = _sent(exchange)
        marked = marks(exchange.session_after - exchange.session_before)
        typed = any(fields.items() <= sent.items() for fields in survey.logins.values())
        secret = typed or any(_PASSWORD.search(name) for name in sent)
        if marked and secret and exchange.method != "GET" and was_accepted(exchange) is not False:
            found.setdefault(f"{exchange.target} {sent}", exchange)
    return sorted(found.values(), key=lambda each: len(_sent(each)))


def _sent(exchange: Exchange) -> dict[str, str]:
    if isinstance(exchange.json, dict):
        return {key: value for key, value in exchange.json.items() if isinstance(value, str)}
    return {name: values[0] for name, values in exchange.fields.items()}


def _route(exchange: Exchange) -> dict[str, Any]:
    kind = "json" if isinstance(exchange.json, dict) else "form"
    route: dict[str, Any] = {"path": exchange.target, kind: exchange.json or _sent(exchange)}
    return route if exchange.method == "POST" else {"method": exchange.method, **route}


def _typed_name(survey: Survey, exchange: Exchange, taken: Mapping[str, Any]) -> str | None:
    """Return what the user has called whoever logs in so; None where that was not typed."""
    sent = _sent(exchange)
    named = (name for name, fields in survey.logins.items() if fields.items() <= sent.items())
    return next((name for name in named if name not in taken), None)


def _name(typed: Mapping[str, Any], taken: Mapping[str, Any]) -> str:
    """Return what a person is called in the configuration: the first of what they type."""
    texts = [str(value) for key, value in typed.items() if not _PASSWORD.search(key)]
    words = re.findall(r"[a-z0-9]+", (texts or ["somebody"])[0].partition("@")[0].lower())
    name = "_".join(words)[:20] or "somebody"
    while name in taken:
        name += "_2"
    return name


def _confirmed(survey: Survey, app: flask.Flask, name: str) -> tuple[Person, str] | None:
    """Return the person, with the text that only they see, and what changes for them.

    None where nothing does, or where it works only once.
    """
    person = survey.people[name]
    pages = [Route(path=path) for path in _pages(survey)]
    texts = [value for key, value in _texts(person.login).items() if not _PASSWORD.search(key)]
    public = [each.response for each in survey.pages]
    names = [each for each in dict.fromkeys(texts) if len(each) > 1]
    # Whoever wrote something may be named on pages for everybody.
    names = [each for each in names if not any(shown_by(page, each) for page in public)]
    for shows in [*names, None]:
        tried = person.model_copy(update={"shows": shows})
        people = People({name: tried}, Binding())
        try:
            told = people.confirmed(name, lambda: survey.visitor(app), pages)
            people.confirmed(name, lambda: survey.visitor(app), pages[:1])
        except Broken as broken:
            if any(each.name.endswith(".shows") for each in broken.missing):
                continue
            return None
        return None if told.startswith("is taken") else (tried, told)
    return None


def _texts(login: Route) -> dict[str, str]:
    sent = login.form if login.form is not None else login.json_body
    return {key: value for key, value in (sent or {}).items() if isinstance(value, str)}


def _pages(survey: Survey) -> list[str]:
    """Return pages that may be others for somebody: those that a visitor is turned away from."""
    pages = [each for each in survey.pages if each.endpoint and "static" not in each.endpoint]
    away = [each for each in pages if each.response.is_redirect or each.status in (401, 403)]
    whole = [each for each in pages if each.is_page]
    ordered = [*away[: _PAGES // 2], *whole, *away[_PAGES // 2 :]]
    return list(dict.fromkeys(each.target for each in ordered))[:_PAGES]


def _logout(survey: Survey, name: str) -> Iterator[Finding]:
    """Yield the request after which pages are a visitor's again, tried on a new app."""
    for value in list(_ways_out(survey))[:_LOGOUTS]:
        if attempt(survey, _logs_out, survey, name, value):
            update = {"logout": Route.model_validate(value)}
            survey.people[name] = survey.people[name].model_copy(update=update)
            yield Finding(SLUG, f"{name}.logout", value, "after it, pages were a visitor's again")
            return


def _ways_out(survey: Survey) -> Iterator[Any]:
    """Yield the requests after which the mark of a login was gone; then those called a logout."""
    for exchange in survey.heard:
        gone = marks(exchange.session_before - exchange.session_after)
        if not gone or exchange.fields or exchange.json or exchange.status >= 400:
            continue
        if exchange.response.is_redirect is False and exchange.status != 200:
            continue
        if exchange.method == "GET":
            yield exchange.target
        else:
            yield {"method": exchange.method, "path": exchange.target}
    for rule in survey.facts.rules:
        if not rule.arguments and _LOGOUT.search(f"{rule.endpoint} {rule.path}"):
            if "GET" in rule.methods:
                yield rule.path
            else:
                yield {"method": "POST", "path": rule.path}


#: What a logout is called.
_LOGOUT = re.compile(r"(log|sign)[-_]?(out|off)", re.I)

#: How many ways to log out are tried.
_LOGOUTS = 3


def _logs_out(survey: Survey, name: str, route: Any) -> bool:
    app = survey.new_app()
    if app is None:
        return False
    pages = _pages(survey)
    client, nobody = survey.visitor(app), survey.visitor(app)
    as_somebody = [_gist(send(survey, client, {"path": page, "as": name})) for page in pages]
    client.send(Route.model_validate(route).request())
    # One of the pages may say that they have logged out, or that they should log in.
    for visitor in (client, nobody):
        for page in pages or ["/"]:
            visitor.get(page)
    as_nobody = [_gist(nobody.get(page)) for page in pages]
    after = [_gist(client.get(page)) for page in pages]
    return as_somebody != as_nobody and after == as_nobody


def _gist(response: Any) -> tuple[Any, ...]:
    text = re.sub(r"\d+|[\w.+/=-]{20,}", "", response.text)
    return response.status, response.location, text


def _remember(survey: Survey, found: Mapping[str, tuple[Exchange, frozenset[str]]]) -> None:
    """Note whose session each exchange had that was heard."""
    names = {f"{each.target} {_sent(each)}": name for name, (each, _) in found.items()}
    keys = frozenset(key for _, marked in found.values() for key in marked)
    now: dict[int, str] = {}
    for number, exchange in enumerate(survey.heard):
        if keys & exchange.session_before:
            # A test that puts the mark there by itself means somebody.
            survey.whose[number] = now.get(exchange.client) or next(iter(found))
        elif keys:
            survey.whose[number] = ""
        if keys & exchange.session_after and not keys & exchange.session_before:
            now[exchange.client] = names.get(f"{exchange.target} {_sent(exchange)}", "")
