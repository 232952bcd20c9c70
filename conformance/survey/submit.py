"""Submits the forms that pages have, where that is allowed: filled in, and once left empty.

What views read without such a form, those of an API, is sent once.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter, deque
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import flask

from ..core.errors import ConfigError
from ..instruments.html import Element, Page
from ..transports import Client, Request, Response
from . import PATIENCE_MORE, Survey
from .crawl import does_something
from .exchanges import Exchange, Listener
from .facts import RuleFact, calls_in, form_fields, json_names, parameters_of, reads_json, unwrapped
from .submissions import SUBMITTED, names_of

#: How many forms are submitted.
MOST = 20

#: How many requests are sent to views for which no page has a form.
MOST_BARE = 60

#: What is in the place of a client where a request belongs to no page.
BARE = -1

#: To how many forms somebody's login is sent.
MOST_LOGINS = 4

#: How many pages of somebody are looked at for forms.
MOST_PAGES = 30

#: What is typed into an input, by its type.
_BY_TYPE = {
    "email": "kq7@example.org",
    "url": "https://example.org/kq7",
    "number": "7",
    "range": "7",
    "date": "2030-01-31",
    "time": "10:30",
    "datetime-local": "2030-01-31T10:30",
    "month": "2030-01",
    "week": "2030-W05",
    "color": "#336699",
    "tel": "+12025550123",
    "password": "Conformance-2030",
    "search": "kq7",
}

#: What is typed into an input of text, by what its name says.
_BY_NAME = (
    (re.compile(r"e-?mail", re.I), "kq7@example.org"),
    (re.compile(r"url|link|website", re.I), "https://example.org/kq7"),
    (re.compile(r"pass|pwd", re.I), "Conformance-2030"),
    (re.compile(r"date|^day$", re.I), "2030-01-31"),
    (re.compile(r"phone|tel", re.I), "+12025550123"),
    (re.compile(r"age|amount|number|price|count|year|quantity", re.I), "7"),
)

_SENDS_ITSELF = ("submit", "image", "reset", "button", "file")


def submitted(survey: Survey, logins: Mapping[str, Mapping[str, str]]) -> list[Exchange]:
    """Return what came of the forms that the survey found, sent to a new app.

    `logins` are the fields with which somebody logs in, by name: of those, only the form with
    the password is sent, unless the survey submits anyway. Raises `ConfigError` where no page
    has a form with the fields of one.
    """
    app = survey.new_app() or survey.app
    if survey.submits and app is not survey.app:
        _with_tables(survey, app)
    sender = _Sender(survey, app)
    forms = list(_forms(survey))
    for name, fields in logins.items():
        found = [each for each in forms if set(fields) <= names_of(each[1])]
        if not found:
            raise ConfigError(
                f"--login {name}: no page that a visitor reaches has a form with the fields "
                f"{', '.join(fields)}"
            )
        # That of the login, and perhaps others that are like it.
        for page, form in found[:MOST_LOGINS]:
            sender.send(page, form, fields)
            wrong = {
                field: f"not {value}" if field in _secret(form) else value
                for field, value in fields.items()
            }
            if wrong != fields:
                sender.send(page, form, wrong)
    for page, form in forms[:MOST] if survey.submits else ():
        sender.try_out(page, form)
    if survey.submits:
        known = {survey.facts.endpoint_of(_action(*each) or "", "POST") for each in forms}
        for request in list(_bare(survey, known))[:MOST_BARE]:
            sender.send_bare(request)
    return sender.exchanges


def _with_tables(survey: Survey, app: flask.Flask) -> None:
    """Let the app's own functions create the tables of a new app, as its command would."""
    for thing in survey.facts.functions():
        called = {each.rpartition(".")[2] for each in calls_in(thing.value)}
        if parameters_of(thing.value) != [] or called & {"drop_all", "remove", "unlink", "rmtree"}:
            continue
        if called & {"executescript", "create_all", "create_tables"}:

            def creates(function: Callable[[], object] = thing.value) -> None:
                with app.app_context():
                    function()

            survey.trial(creates, seconds=PATIENCE_MORE)


def submitted_as(survey: Survey, log_in: Callable[[Client], object]) -> list[Exchange]:
    """Return what came of the forms on the pages of somebody who logs in, sent to a new app."""
    app = survey.new_app() or survey.app
    sender = _Sender(survey, app, log_in)
    known = {
        (page.local(form.attributes.get("action") or page.target)) for page, form in _forms(survey)
    }
    pages = sender.visit([each.target for each in survey.pages if "static" not in each.target])
    for page, form in list(_forms_of(survey, pages))[:MOST]:
        if _action(page, form) not in known:
            sender.try_out(page, form)
    for exchange in [each for each in survey.heard if each.client == BARE]:
        if exchange.status in (401, 403) or exchange.response.is_redirect:
            sender.send_bare(exchange.request)
    return sender.exchanges


def _bare(survey: Survey, known: Container[str | None]) -> Iterator[Request]:
    """Yield requests to the views for which no page has a form, with what their sources read.

    `known` are the endpoints that have one.
    """
    seen: set[tuple[str, str]] = set()
    for rule in survey.facts.rules:
        calm = not does_something(rule.path) and not does_something(rule.endpoint)
        for method in ("POST", "PUT", "PATCH") if calm and rule.endpoint not in known else ():
            target = _target(survey, rule)
            if method not in rule.methods or target is None or (method, target) in seen:
                continue
            seen.add((method, target))
            view = _view(rule.view, method)
            if form := _values(form_fields(view)):
                fields = {name: str(value) for name, value in form.items()}
                yield Request.build(method, target, form=fields)
            elif sent := _values(json_names(view)) or (
                _shown(survey, method, target) if reads_json(view) else {}
            ):
                yield Request.build(method, target, json=sent)


def _target(survey: Survey, rule: RuleFact) -> str | None:
    """Return a path of a rule, with a value that was seen in the place of its only argument."""
    if rule.rule.subdomain or rule.rule.host or rule.rule.websocket:
        return None
    if "<" not in rule.path:
        return rule.path
    if len(rule.arguments) != 1 or rule.path.count("<") != 1:
        return None
    (name,) = rule.arguments
    kind = rule.converters.get(name)
    values = [
        str(each.values[name])
        for each in survey.pages
        if name in each.values
        and each.status == 200
        and any(
            other.endpoint == each.endpoint and other.converters.get(name) == kind
            for other in survey.facts.rules
        )
    ]
    if kind == "IntegerConverter":
        values.append("1")
    before, _, rest = rule.path.partition("<")
    return next((before + quote(each) + rest.partition(">")[2] for each in values), None)


def _view(view: object, method: str) -> object:
    """Return the function of a view that answers a method."""
    function = unwrapped(view)[-1]
    return getattr(getattr(function, "view_class", None), method.lower(), function)


def _shown(survey: Survey, method: str, target: str) -> Mapping[str, Any]:
    """Return the object that a path shows: what is put there is of the same kind."""
    exchange = survey.crawl.get(target) if method != "POST" else None
    if exchange is None or exchange.status != 200:
        return {}
    with contextlib.suppress(ValueError):
        value = exchange.response.json()
        return value if isinstance(value, dict) else {}
    return {}


def _values(names: Mapping[str, str]) -> dict[str, Any]:
    """Return what is sent by some names, each with the function that takes it."""
    return {
        name: 7 if taker in ("int", "float", "Decimal") else _usual(name)
        for name, taker in names.items()
    }


def _action(page: Exchange, form: Element) -> str | None:
    """Return where a form of a page is sent."""
    return page.local(form.attributes.get("action") or page.target)


def _secret(form: Element) -> set[str]:
    """Return the fields that a form hides while they are typed."""
    return {
        each.attributes.get("name", "")
        for each in form.walk()
        if each.attributes.get("type", "").lower() == "password"
    }


def _forms(survey: Survey) -> Iterator[tuple[Exchange, Element]]:
    """Yield the forms that are sent with POST and delete nothing, each action once."""
    pages = dict.fromkeys(page.path for page in survey.pages if "?" in page.target)
    # What a page was asked with on the way there is not needed to get it.
    plain = (survey.crawl.get(path) for path in pages)
    others = [page for page in plain if page is not None and page.status == 200]
    return _forms_of(survey, [*survey.pages, *others])


def _forms_of(survey: Survey, pages: Iterable[Exchange]) -> Iterator[tuple[Exchange, Element]]:
    seen: set[str] = set()
    for page in sorted(pages, key=lambda each: "?" in each.target):
        for form in page.forms():
            target = _action(page, form)
            endpoint = survey.facts.endpoint_of(target, "POST") if target else None
            path = (target or "").partition("?")[0]
            if target is None or endpoint is None or path in seen:
                continue
            seen.add(path)
            if not does_something(target) and not does_something(endpoint):
                yield page, form


class _Sender:
    """Sends forms to one app, each as a browser that has just opened the page."""

    def __init__(
        self,
        survey: Survey,
        app: flask.Flask,
        log_in: Callable[[Client], object] = lambda client: None,
    ) -> None:
        self.survey = survey
        self.app = app
        self.log_in = log_in
        self.exchanges: list[Exchange] = []
        self._listener = Listener(app)
        self._clients = 0

    def visit(self, targets: Iterable[str]) -> list[Exchange]:
        """Return the pages that somebody gets at some targets, and at what those link."""
        client = self.survey.visitor(self.app)
        self.survey.trial(self.log_in, client, seconds=PATIENCE_MORE)
        waiting = deque(dict.fromkeys(targets))
        seen = set(waiting)
        asked: Counter[str | None] = Counter()
        while waiting and len(seen) < 3 * MOST_PAGES and self.survey.left > 0:
            target = waiting.popleft()
            self.survey.trial(self._heard, client, Request.build("GET", target))
            exchange = self.exchanges[-1] if self.exchanges else None
            if exchange is None or exchange.target != target:
                continue
            for link in exchange.links():
                found = exchange.local(link)
                endpoint = self.survey.facts.endpoint_of(found) if found else None
                if found is None or found in seen or endpoint is None:
                    continue
                asked[endpoint] += 1
                calm = not does_something(found) and not does_something(endpoint)
                if calm and asked[endpoint] <= 2 and not endpoint.endswith("static"):
                    seen.add(found)
                    waiting.append(found)
        return [each for each in self.exchanges if each.status == 200]

    def try_out(self, page: Exchange, form: Element) -> None:
        """Send a form filled in, and with nothing typed."""
        values = filled(form)
        self.send(page, form, values)
        empty = {name: "" if _is_typed(form, name) else value for name, value in values.items()}
        if empty != values:
            self.send(page, form, empty)

    def send(self, page: Exchange, form: Element, values: Mapping[str, str]) -> None:
        """Open the page, and send its form with some values and its own hidden ones."""
        client = self.survey.visitor(self.app)
        self._clients += 1

        def run() -> None:
            self.log_in(client)
            shown = self._heard(client, Request.build("GET", page.target))
            target = _action(page, form) or page.target
            fields = {**_hidden(shown, set(values)), **values}
            self._heard(client, Request.build("POST", target, form=fields))

        self.survey.trial(run, seconds=PATIENCE_MORE)

    def send_bare(self, request: Request) -> None:
        """Send a request that belongs to no page."""
        client = self.survey.visitor(self.app)

        def run() -> None:
            self.log_in(client)
            self._heard(client, request, BARE)

        self.survey.trial(run, seconds=PATIENCE_MORE)

    def _heard(self, client: Client, request: Request, number: int | None = None) -> Response:
        exchange = Exchange(
            request,
            Response(0, (), b"", request),
            client=self._clients if number is None else number,
            test=SUBMITTED,
        )
        with self._listener.hearing(exchange):
            exchange.response = client.send(request)
        self.exchanges.append(exchange)
        return exchange.response


def _hidden(shown: Response, names: set[str]) -> dict[str, str]:
    """Return the hidden inputs of the form that has some names, as the page shows them now."""
    for form in Page(shown.text).find("form"):
        if names <= names_of(form):
            return {
                each.attributes["name"]: each.attributes.get("value", "")
                for each in form.walk()
                if each.attributes.get("type") == "hidden" and each.attributes.get("name")
            }
    return {}


def filled(form: Element) -> dict[str, str]:
    """Return values of a form's controls that fit their types; what a browser would send."""
    values: dict[str, str] = {}
    for control in form.walk():
        name = control.attributes.get("name")
        if not name or name in values or "disabled" in control.attributes:
            continue
        value = _value(control)
        if value is not None:
            values[name] = value
    return values


def _value(control: Element) -> str | None:
    kind = control.attributes.get("type", "text").lower()
    if control.tag == "select":
        options = [
            each.attributes.get("value", each.text.strip())
            for each in control.walk()
            if each.tag == "option"
        ]
        return next(filter(None, options), "")
    if control.tag == "textarea":
        return _fitting("A text of conformance", control)
    if control.tag != "input" or kind == "hidden" or kind in _SENDS_ITSELF:
        return None
    if kind == "checkbox":
        return control.attributes.get("value", "on") if "required" in control.attributes else None
    if kind == "radio":
        return control.attributes.get("value", "on")
    if kind in ("number", "range"):
        return control.attributes.get("min") or _BY_TYPE[kind]
    if kind in _BY_TYPE:
        return _BY_TYPE[kind]
    return _fitting(_usual(control.attributes["name"]), control)


def _usual(name: str) -> str:
    """Return a text that fits what a field is called."""
    return next((text for words, text in _BY_NAME if words.search(name)), "conformance")


def _fitting(text: str, control: Element) -> str:
    most = control.attributes.get("maxlength", "")
    least = control.attributes.get("minlength", "")
    text = text.ljust(int(least), "x") if least.isdigit() else text
    return text[: int(most)] if most.isdigit() else text


def _is_typed(form: Element, name: str) -> bool:
    """Check whether somebody types the value of a control."""
    for control in form.walk():
        if control.attributes.get("name") == name:
            kind = control.attributes.get("type", "text").lower()
            return control.tag == "textarea" or (
                control.tag == "input" and kind not in ("hidden", "checkbox", "radio")
            )
    return False


def read_login(text: str) -> tuple[str, dict[str, str]]:
    """Read `NAME:FIELD=VALUE,...`; raises `ConfigError` for another text."""
    name, colon, rest = text.partition(":")
    pairs: list[Any] = [each.partition("=") for each in rest.split(",")]
    if (
        not colon
        or not re.fullmatch(r"[\w-]+", name)
        or not all(key and eq for key, eq, _ in pairs)
    ):
        raise ConfigError(
            f"--login: {text!r} is not NAME:FIELD=VALUE,..., such as ada:username=ada,password=x"
        )
    return name, {key: value for key, _, value in pairs}
