"""Find what pages pass to their scripts, and the JSON that the app returns."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from ..core.errors import Deviation
from ..patterns.javascript import handed, handed_url
from ..survey import Exchange, Survey
from ..survey.facts import RuleFact, query_fields
from ..survey.submissions import Submission, attempt, send, submissions
from . import Finding

SLUG = "javascript"

#: A value that no page contains otherwise, as JSON and as text.
VALUE: dict[str, Any] = {"kq7": [1, "x"]}
TEXT = "kq7text"

#: A line that an identifier or a number cannot be, but any text.
ANY_LINE = f"{TEXT} \"'</b> \\ é😀"

_NAMES = re.compile(r"([A-Za-z_$][\w$]*)[\"']?\s*[=:](?!=)")


def find(survey: Survey) -> Iterator[Finding]:
    """Yield a page whose script gets a value from the query, URLs, and routes that return JSON."""
    yield from _values(survey)
    yield from _urls(survey)
    yield from _json(survey)
    yield from _received(survey)
    yield from _form(survey)


def places(exchange: Exchange) -> Iterator[str]:
    """Yield the places of a page that may hold data for its scripts."""
    for element in exchange.page.find():
        for name in element.attributes:
            if name.startswith("data-"):
                yield name
        if element.tag == "script":
            if "json" in element.attributes.get("type", "") and element.attributes.get("id"):
                yield f"#{element.attributes['id']}"
            yield from dict.fromkeys(_NAMES.findall(element.raw))


def at(exchange: Exchange, place: str, *, url: bool = False) -> Any:
    """Return the value at a place of a page, or None if none can be read there."""
    try:
        return (handed_url if url else handed)(exchange.response, place)
    except (Deviation, ValueError, IndexError):
        return None


def _reading(survey: Survey) -> Iterator[tuple[RuleFact, str]]:
    """Yield the pages with scripts or data attributes, and the fields that their views read."""
    shown = {each.path for each in survey.pages if each.is_page and any(places(each))}
    for rule in survey.facts.rules:
        if rule.is_plain and rule.view is not None and rule.path in shown:
            for field in query_fields(rule.view)[:4]:
                yield rule, field


def _values(survey: Survey) -> Iterator[Finding]:
    for rule, field in _reading(survey):
        for kind, sent, wanted in (("json", json.dumps(VALUE), VALUE), ("text", TEXT, TEXT)):
            exchange = survey.crawl.get(f"{rule.path}?{urlencode({field: sent})}")
            if exchange is None or exchange.status != 200:
                continue
            held = [place for place in places(exchange) if at(exchange, place) == wanted]
            script = next((each for each in held if not each.startswith("data-")), None)
            attribute = next((each for each in held if each.startswith("data-")), None)
            if script is None and attribute is None:
                continue
            yield Finding(SLUG, "page", rule.path, f"it passed {field} of the query to its script")
            if script is not None:
                yield Finding(SLUG, "script", script, "the value of the query was there")
            if attribute is not None:
                yield Finding(SLUG, "attribute", attribute, "the value of the query was there")
            yield Finding(SLUG, "value_field", field, "its value appeared in the page")
            if kind != "json":
                yield Finding(SLUG, "value_kind", kind, "it was passed on as text")
            yield from _root(survey, rule.path)
            return


def _root(survey: Survey, path: str) -> Iterator[Finding]:
    below = survey.crawl.get(path, environ={"SCRIPT_NAME": "/kq7root"})
    for place in places(below) if below is not None else ():
        if at(below, place) == "/kq7root":  # type: ignore[arg-type]
            text = "mounted below a prefix, the page contained the prefix there"
            yield Finding(SLUG, "script_root", place, text)
            return


def _urls(survey: Survey) -> Iterator[Finding]:
    for rule, field in _reading(survey):
        exchange = survey.crawl.get(f"{rule.path}?{urlencode({field: TEXT})}")
        if exchange is None or exchange.status != 200:
            continue
        for place in dict.fromkeys(places(exchange)):
            url = at(exchange, place, url=True)
            if not isinstance(url, str) or not url.startswith("/") or TEXT not in url:
                continue
            answer = survey.crawl.get(url)
            if answer is not None and answer.status == 200 and TEXT in answer.response.text:
                yield Finding(SLUG, "url_page", rule.path, "it passed a URL to its script")
                yield Finding(SLUG, "url", place, f"{field} was in that URL, and in its response")
                yield Finding(SLUG, "url_field", field, "the text in that URL")
                return


def _json(survey: Survey) -> Iterator[Finding]:
    lists: list[tuple[Exchange, list[object]]] = []
    for exchange in survey.pages:
        if exchange.status == 200 and exchange.response.mimetype == "application/json":
            value = _parsed(exchange)
            if isinstance(value, list) and "?" not in exchange.target and not exchange.streamed:
                lists.append((exchange, value))
    lists.sort(key=lambda each: not any(isinstance(item, dict) for item in each[1]))
    if lists:
        exchange = lists[0][0]
        yield Finding(SLUG, "listing", exchange.path, "it returned a JSON array")
    for rule in survey.facts.rules:
        found = list(_detail(survey, rule))
        yield from found
        if found:
            return


#: An id that no application has; and how deep JSON is searched for ids.
_NO_ID = "987654321"
_DEPTH = 4


def _detail(survey: Survey, rule: RuleFact) -> Iterator[Finding]:
    """Yield a rule that returns one thing as a JSON object, and says so where there is none."""
    before, _, rest = rule.path.partition("<")
    after = rest.partition(">")[2]
    if "GET" not in rule.methods or len(rule.arguments) != 1 or after.strip("/"):
        return
    for known, source in _ids(survey, rule, before):
        answer = survey.crawl.get(before + quote(known, safe="") + after)
        if answer is None or answer.status != 200 or answer.endpoint != rule.endpoint:
            continue
        missing = survey.crawl.get(before + _NO_ID + after)
        if not isinstance(_parsed(answer), dict) or missing is None or missing.status < 400:
            return
        yield Finding(
            SLUG,
            "detail",
            f"{before}{{id}}{after}",
            f"for {known}, {source}, it returned an object",
        )
        if known != "1":
            yield Finding(SLUG, "known", known, source)
        return


def _ids(survey: Survey, rule: RuleFact, before: str) -> Iterator[tuple[str, str]]:
    """Yield values of a rule's argument that may be there, and where they stand."""
    path = before.rstrip("/")
    for exchange in survey.pages:
        if exchange.path.rstrip("/") == path and exchange.status == 200:
            for known in list(dict.fromkeys(_ids_in(_parsed(exchange))))[:2]:
                yield known, f"which {exchange.path} lists"
    (argument,) = rule.arguments
    kind = rule.converters.get(argument)
    alike = {each.endpoint for each in survey.facts.rules if each.converters.get(argument) == kind}
    seen = [each for each in (*survey.pages, *survey.heard) if each.status == 200]
    # What another page has in the place of the same argument may be the same thing.
    for endpoints in ({rule.endpoint}, alike):
        for exchange in seen:
            if exchange.endpoint in endpoints and argument in exchange.values:
                yield str(exchange.values[argument]), "which was asked for"
                break
    if rule.converters.get(argument) == "IntegerConverter":
        yield "1", "the first there may be"


def _ids_in(value: Any, depth: int = _DEPTH) -> Iterator[str]:
    """Yield the ids of the objects in JSON."""
    if isinstance(value, dict) and depth:
        if isinstance(known := value.get("id"), str | int) and not isinstance(known, bool):
            yield str(known)
        elif value and all(isinstance(each, dict) for each in value.values()):
            # Things by their ids.
            yield from value
        for each in value.values():
            yield from _ids_in(each, depth - 1)
    elif isinstance(value, list) and depth:
        for each in value[:20]:
            yield from _ids_in(each, depth - 1)


def _parsed(exchange: Exchange) -> Any:
    try:
        return exchange.response.json()
    except ValueError:
        return None


# What was heard.

#: How many requests with JSON are tried.
_TRIES = 5


def _received(survey: Survey) -> Iterator[Finding]:
    """Yield a request with JSON that new apps answer with JSON, and what its names are for."""
    tried: set[str] = set()
    for each in submissions(survey):
        sent, path = each.exchange.json, each.exchange.path
        if not isinstance(sent, dict) or not each.accepted or path in tried:
            continue
        if len(tried) == _TRIES or each.exchange.response.mimetype != "application/json":
            continue
        tried.add(path)
        roles = attempt(survey, _roles, survey, each)
        if roles is None:
            continue
        told = f"{each.source}; sent twice to a new app, it was answered with JSON"
        yield Finding(SLUG, "receive", each.route(), told)
        if roles["required"]:
            yield Finding(SLUG, "required", roles["required"], "without it, it was refused")
        if roles["text"]:
            yield Finding(SLUG, "text_field", roles["text"], "the answer had another text there")
        if roles["number"]:
            yield Finding(SLUG, "number_field", roles["number"], "it took another number there")
        other: dict[str, Any] = {}
        if roles["text"]:
            other = {roles["text"]: TEXT}
        elif roles["number"]:
            other = {roles["number"]: each.exchange.json[roles["number"]] + 1}
        if (state := attempt(survey, _state, survey, each, other)) is not None:
            yield Finding(SLUG, "state", state, "it changed when the request was taken, only then")
        return


#: How many answers are looked at for what a request has changed.
_STATES = 12


def _state(survey: Survey, heard: Submission, other: Mapping[str, Any]) -> Any:
    """Return what answers with other JSON once a new app has taken a request; None if nothing does.

    Those first that are near it in the URLs. `other` values are sent than were heard: the same
    ones may change nothing.
    """
    app = survey.new_app()
    if app is None:
        return None
    shown = [
        each.target
        for each in (*survey.pages, *survey.heard)
        if each.method == "GET" and each.status == 200 and not each.streamed
        if each.response.mimetype == "application/json"
    ]
    path = heard.path.partition("?")[0]
    targets = sorted(dict.fromkeys([path, *shown]), key=lambda each: -_common(each, path))
    whose = {"as": heard.person} if heard.person else {}
    client = survey.visitor(app)

    def looks() -> list[Any]:
        answers = [send(survey, client, {"path": each, **whose}) for each in targets[:_STATES]]
        return [
            each.body if each.status == 200 and each.mimetype == "application/json" else None
            for each in answers
        ]

    before = [looks(), looks()]
    route = heard.route()
    sent = {**route, "json": {**route["json"], **other}}
    taken = send(survey, client, sent).status == heard.exchange.status
    after = [looks(), looks()]
    for target, one, two, three, four in zip(targets, *before, *after, strict=False):
        if taken and one is not None and one == two != three == four and three is not None:
            return {"path": target, **whose} if whose else target
    return None


def _common(target: str, path: str) -> int:
    """Return how many segments two paths have in common from the beginning."""
    pairs = zip(target.partition("?")[0].split("/"), path.split("/"), strict=False)
    return len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)))


def _form(survey: Survey) -> Iterator[Finding]:
    """Yield a form that new apps answer with JSON, and the field whose text that shows."""
    tried: set[str] = set()
    for each in submissions(survey):
        path = each.exchange.path
        fits = each.accepted and each.exchange.response.mimetype == "application/json"
        if not fits or not each.exchange.fields or each.exchange.files or path in tried:
            continue
        if len(tried) == _TRIES:
            return
        tried.add(path)
        field = attempt(survey, _echoed, survey, each)
        if field is not None:
            told = f"{each.source}; sent twice to a new app, it was answered with JSON"
            yield Finding(SLUG, "form", each.route(without=field), told)
            yield Finding(SLUG, "form_field", field, "the answer had each text that was there")
            return


def _echoed(survey: Survey, heard: Submission) -> str | None:
    """Return a field of a form whose text is in the JSON that answers it."""
    app = survey.new_app() or survey.app
    for field in list(heard.texts())[:3]:
        answers = [
            send(survey, survey.visitor(app), heard.route(without=field), {field: text})
            for text in (TEXT, ANY_LINE)
        ]
        if all(
            answer.status == heard.exchange.status
            and answer.mimetype == "application/json"
            and _says(answer.json(), text)
            for answer, text in zip(answers, (TEXT, ANY_LINE), strict=True)
        ):
            return field
    return None


def _says(value: object, text: str) -> bool:
    """Check whether a text is in one of those in JSON."""
    if isinstance(value, str):
        return text in value
    if isinstance(value, dict):
        value = list(value.values())
    return isinstance(value, list) and any(_says(each, text) for each in value)


def _roles(survey: Survey, heard: Submission) -> dict[str, Any] | None:
    """Return which names of an object must be there, take a text, and take a number."""
    app = survey.new_app()
    if app is None:
        return None
    client = survey.visitor(app)
    route, sent = heard.route(), heard.exchange.json

    def answer(value: Any) -> tuple[int, Any]:
        response = send(survey, client, {**route, "json": value})
        try:
            return response.status, response.json()
        except ValueError:
            return response.status, None

    for _ in range(2):
        status, value = answer(sent)
        if status != heard.exchange.status or value is None:
            return None
    required = [
        name
        for name in sent
        if answer({key: each for key, each in sent.items() if key != name})[0] >= 400
    ]
    texts = [name for name in sent if isinstance(sent[name], str)]
    numbers = [name for name in sent if type(sent[name]) in (int, float)]
    text = next(
        (
            name
            for name in texts
            if all(_says(answer({**sent, name: line})[1], line) for line in (TEXT, ANY_LINE))
        ),
        None,
    )
    number = next((n for n in numbers if answer({**sent, n: sent[n] + 1})[0] < 400), None)
    return {"required": required, "text": text, "number": number}
