"""What was sent to change something: by whom, with what, and whether the app took it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

import flask

from ..core.errors import ConformanceError, NotObserved
from ..instruments.html import Element, Page
from ..patterns.people import People, prepared
from ..subject.config import Binding, Route
from ..transports import Client, Response
from . import PATIENCE_MORE, Survey
from .exchanges import Exchange

#: Keys of a session that say nothing of who has logged in.
_NOBODYS = re.compile(r"^_flashes$|csrf|^_fresh$|^_permanent$|next", re.I)

#: What stands in the place of a test where a person has clicked, or the survey submitted.
RECORDED, SUBMITTED = "conformance record", "--submit"

#: Fields in which no text of one's own goes.
_SECRET = re.compile(r"pass|pwd|secret|token|csrf|captcha", re.I)


@dataclasses.dataclass(frozen=True)
class Submission:
    """An exchange that was heard, and that may have changed something."""

    exchange: Exchange
    #: Who was logged in; empty for nobody.
    person: str
    #: Whether the app took it; None where that was not to be seen.
    accepted: bool | None

    @property
    def path(self) -> str:
        """The path, with its query."""
        return self.exchange.target

    @property
    def source(self) -> str:
        """Who sent it, for evidence."""
        return {RECORDED: "somebody sent it", SUBMITTED: "it was filled in"}.get(
            self.exchange.test, "the tests send it"
        )

    def texts(self) -> Iterator[str]:
        """Yield the fields that may take any text, the likeliest first."""
        fields = self.exchange.fields
        found = [
            name
            for name, values in fields.items()
            if len(values) == 1 and not _SECRET.search(name) and not _is_special(values[0])
        ]
        yield from sorted(found, key=lambda name: not fields[name][0])

    def addresses(self) -> Iterator[str]:
        """Yield the fields with an address, of a person or on the web: any other may do."""
        for name, values in self.exchange.fields.items():
            if len(values) == 1 and re.fullmatch(r"\S+@\S+|https?:.+", values[0]):
                yield name

    def route(self, *, without: str = "", **values: str) -> dict[str, Any]:
        """Return what a configuration says of it, without a field, or with other values."""
        form = {
            name: values.get(name, sent[0])
            for name, sent in self.exchange.fields.items()
            if name != without
        }
        route: dict[str, Any] = {"path": self.path}
        if self.exchange.method != "POST":
            route["method"] = self.exchange.method
        if isinstance(self.exchange.json, dict):
            route["json"] = {**self.exchange.json, **values}
        else:
            route["form"] = form
        if self.person:
            route["as"] = self.person
        return route


def submissions(survey: Survey) -> list[Submission]:
    """Return what was heard of forms and JSON that were sent, in order, each kind once."""
    found: dict[Any, Submission] = {}
    for number, exchange in enumerate(survey.heard):
        if exchange.method in ("GET", "HEAD", "OPTIONS") or not (
            exchange.fields or exchange.json is not None or exchange.files
        ):
            continue
        person = person_of(survey, number)
        if person is None:
            # Nobody could send it again as them.
            continue
        accepted = was_accepted(exchange)
        if accepted and not person and _asks_to_log_in(survey, exchange):
            accepted = None
        key = (exchange.method, exchange.target, repr(exchange.fields), repr(exchange.json))
        found.setdefault((key, person, accepted), Submission(exchange, person, accepted))
    return list(found.values())


def _asks_to_log_in(survey: Survey, exchange: Exchange) -> bool:
    """Check whether an answer leads to the login of somebody, from elsewhere."""
    target = (exchange.leads_to() or "").partition("?")[0]
    logins = {person.login.path.partition("?")[0] for person in survey.people.values()}
    return target in logins and exchange.path not in logins


def person_of(survey: Survey, number: int) -> str | None:
    """Return who was logged in: empty for nobody, None for somebody who has no name yet."""
    if number in survey.whose:
        return survey.whose[number]
    keys = marks(survey.heard[number].session_before)
    return None if keys else ""


def marks(keys: frozenset[str]) -> frozenset[str]:
    """Return those keys of a session that may say who has logged in."""
    return frozenset(key for key in keys if not _NOBODYS.search(key))


def was_accepted(exchange: Exchange) -> bool | None:
    """Check whether an app took what was sent to it; None where the answer does not tell."""
    if exchange.status >= 400 or exchange.error:
        return False
    if exchange.response.is_redirect:
        # Back to where it came from, with a message: either may be.
        back = (exchange.leads_to() or "").partition("?")[0] == exchange.path
        if back and any(_SECRET.search(name) for name in exchange.fields):
            # A login that leads to itself has let nobody in.
            return None if marks(exchange.session_after - exchange.session_before) else False
        return None if back else True
    sent = set(exchange.fields)
    if sent and any(sent <= names_of(form) for form in exchange.forms()):
        return False
    return None if exchange.is_html and exchange.messages else True


def names_of(form: Element) -> set[str]:
    """Return the names of a form's controls."""
    return {
        each.attributes["name"]
        for each in form.walk()
        if each.tag in ("input", "select", "textarea", "button") and each.attributes.get("name")
    }


def _is_special(value: str) -> bool:
    """Check whether a value is of a kind of its own: a number, a date, an address, a tick."""
    return bool(re.fullmatch(r"[\d.:/ T-]+|on|off|y|n|yes|no|true|false|\S+@\S+|https?:.*", value))


# Sending.


def send(
    survey: Survey,
    client: Client,
    route: Mapping[str, Any],
    fields: Mapping[str, str] | None = None,
) -> Response:
    """Send a route, as whom it says, with fields in addition."""
    bound = Route.model_validate(route)
    if bound.person is not None and client.person != bound.person:
        log_in(survey, client, bound.person)
    return client.send(prepared(client, bound, fields=fields))


def log_in(survey: Survey, client: Client, name: str) -> None:
    """Log a client in as somebody; raises `Broken` where that is refused."""
    People(survey.people, Binding()).log_in(client, name)


def with_form_page(survey: Survey, app: flask.Flask, route: dict[str, Any]) -> dict[str, Any]:
    """Return a route with the page of its form, where that has hidden inputs of its own."""
    path = str(route["path"])
    pages = [path, *(each.target for each in survey.pages if _sends_to(each, path))]
    for page in dict.fromkeys(pages):
        client = survey.visitor(app)

        def ask(client: Client = client, page: str = page) -> Response:
            return send(survey, client, {"path": page, **_as(route)})

        shown = survey.trial(ask, seconds=PATIENCE_MORE)
        if shown is None or shown.status != 200 or shown.mimetype != "text/html":
            continue
        for form in Page(shown.text).find("form"):
            if not set(route.get("form") or ()) <= names_of(form):
                continue
            hidden = {
                each.attributes.get("name", "")
                for each in form.walk()
                if each.tag == "input" and each.attributes.get("type") == "hidden"
            } - {""}
            if hidden:
                kept = {k: v for k, v in (route.get("form") or {}).items() if k not in hidden}
                return {**route, "form_page": page, "form": kept}
            return route
    return route


def _as(route: Mapping[str, Any]) -> dict[str, str]:
    return {"as": route["as"]} if "as" in route else {}


def _sends_to(exchange: Exchange, path: str) -> bool:
    return any(
        exchange.local(form.attributes.get("action") or exchange.target) == path
        for form in exchange.forms()
    )


def is_taken(response: Response, like: Exchange) -> bool:
    """Check whether an answer of a trial says that what was sent was taken, as it once was.

    A redirect may also lead to a login, or away from what is not there.
    """
    answer = Exchange(response.request, response)
    return (
        was_accepted(answer) is True
        and answer.status == like.status
        and _shape(answer.leads_to()) == _shape(like.leads_to())
    )


def _shape(target: str | None) -> str:
    """Return a path without what differs from row to row."""
    return re.sub(r"\d+|[\w-]{20,}", "", (target or "").partition("?")[0])


def attempt(survey: Survey, function: Any, *args: Any) -> Any:
    """Return what a trial that sends something gives; None where it may not, or fails."""
    if not (survey.submits or survey.logins):
        return None

    def run() -> Any:
        try:
            return function(*args)
        except (NotObserved, ConformanceError):
            return None

    return survey.trial(run, seconds=PATIENCE_MORE)
