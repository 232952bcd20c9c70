"""Finds a form class, data that it accepts, and the page that shows it."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import secrets
import sys
from collections.abc import Iterator
from typing import Any

import flask

from ..instruments.html import Page
from ..patterns.wtforms.component import host_app
from ..patterns.wtforms.page import controls_of
from ..survey import Exchange, Survey
from ..survey.facts import Thing
from ..survey.submissions import (
    Submission,
    attempt,
    is_taken,
    marks,
    names_of,
    send,
    submissions,
    with_form_page,
)
from . import Finding, place_names

SLUG = "wtforms"

#: Texts to try for a field, starting with those that most rules accept.
TEXTS = (
    *("conformance", "conformance@example.org", "https://example.org/", "12", "2030-01-31"),
    *("Conformance-2030", "10:30", "2030-01-31 10:30:00", "2030-01-31T10:30", "+1 202 555 0123"),
)

#: Fields whose values the form generates itself.
_OWN = ("CSRFTokenField", "SubmitField", "HiddenField")


def find(survey: Survey) -> Iterator[Finding]:
    """Yield a form with data that it was found to accept, preferring the most fields."""
    if "wtforms" not in sys.modules:
        return
    from wtforms import Form

    with survey.share(1 / 2):
        submitted = list(_submitted(survey))
    if submitted:
        names = place_names([each.endpoint for each in submitted])
        for place, each in zip(names, submitted, strict=True):
            yield from each.findings(place)
        return
    accepted: list[tuple[Thing, dict[str, Any]]] = []
    for thing in survey.facts.classes():
        if issubclass(thing.value, Form) and not _is_for_scripts(thing.value):
            valid = survey.trial(valid_data, thing.value)
            if valid and survey.trial(_is_shown, thing.value):
                accepted.append((thing, valid))
    shown = [(thing, valid, _page(survey, valid)) for thing, valid in accepted]
    # A form that a visitor can see, and with more to get wrong, shows more.
    shown.sort(key=lambda each: (each[2] is None, -len(each[1]), each[0].reference))
    for thing, valid, page in shown[:1]:
        yield Finding(SLUG, "form", thing.reference, "in a separate app it accepted some data")
        yield Finding(SLUG, "valid", valid, "what it accepted")
        if page is not None:
            text = "its form has these fields; only a POST can tell whether its view accepts them"
            yield Finding(SLUG, "page", page.path, text, confirmed=False)


def _is_for_scripts(form_class: Any) -> bool:
    """Check whether a form class does without a token by itself, as one of an API does."""
    metas = (vars(each).get("Meta") for each in form_class.__mro__)
    own = (each for each in metas if each is not None and not _is_of_library(each))
    return next((vars(each)["csrf"] for each in own if "csrf" in vars(each)), None) is False


def _is_of_library(kind: Any) -> bool:
    return str(kind.__module__).partition(".")[0] in ("wtforms", "flask_wtf")


#: How many forms are tried.
_TRIES = 8


@dataclasses.dataclass
class _Submitted:
    """A form that was heard, and taken by new apps."""

    page: Any
    valid: dict[str, Any]
    unique: list[str]
    form: Thing
    endpoint: str
    #: The text field that a page shows afterwards, and that page; None where none does.
    shown: tuple[str, Any] | None

    def findings(self, place: str) -> Iterator[Finding]:
        """Yield its keys."""

        def found(key: str, value: Any, evidence: str) -> Finding:
            return Finding(SLUG, key, value, evidence, place=place)

        yield found("page", self.page, f"it shows a form of {self.form.name}, which was sent")
        yield found("valid", self.valid, "sent twice to a new app, it was taken")
        yield found("form", self.form.reference, "the class of the form on the page")
        if self.unique:
            value = self.unique[0] if len(self.unique) == 1 else self.unique
            yield found("unique", value, "sent once more with the same there, it was refused")
        if self.shown is not None:
            marked, effects = self.shown
            yield found("effects", effects, f"it showed the {marked} of each form that was taken")
            yield found("marked", marked, "the page showed it once")


def _submitted(survey: Survey) -> Iterator[_Submitted]:
    """Yield the forms of WTForms that were heard, each page once."""
    from wtforms import Form

    classes = {
        f"{thing.value.__module__}.{thing.value.__qualname__}": thing
        for thing in survey.facts.classes()
        if issubclass(thing.value, Form)
    }
    tried: set[str] = set()
    for each in submissions(survey):
        # One page for each row is the same form.
        endpoint = each.exchange.endpoint or each.exchange.path
        if each.accepted is not True or not each.exchange.fields or endpoint in tried:
            continue
        if _logs_in(survey, each):
            # It has nothing to get right but the password.
            continue
        if len(tried) == _TRIES:
            return
        page, form = _page_of(survey, each, classes)
        if page is None or form is None:
            continue
        tried.add(endpoint)
        if (found := _taken(survey, each, page)) is not None:
            valid, unique = found
            asked = {"path": page, "as": each.person} if each.person else page
            shown = attempt(survey, _shown, survey, each, valid)
            yield _Submitted(asked, valid, unique, form, endpoint, shown)


def _logs_in(survey: Survey, submission: Submission) -> bool:
    """Check whether what was sent is a login."""
    logins = {person.login.path for person in survey.people.values()}
    exchange = submission.exchange
    marked = marks(exchange.session_after - exchange.session_before)
    return exchange.target in logins or (bool(marked) and len(list(submission.texts())) <= 1)


def _page_of(
    survey: Survey, submission: Submission, classes: dict[str, Thing]
) -> tuple[str | None, Thing | None]:
    """Return the page with the form that was sent, and the class of that form."""
    sent = set(submission.exchange.fields)
    path = submission.path.partition("?")[0]
    # The page that is shown again when the form is refused, before others that have it too.
    for shown in sorted((*survey.heard, *survey.pages), key=lambda each: each.path != path):
        if shown.method != "GET" or shown.status != 200:
            continue
        for form in shown.forms():
            target = shown.local(form.attributes.get("action") or shown.target)
            if target != submission.path or not sent <= names_of(form):
                continue
            kinds = {kind for _, types in shown.templates for kind in types.values()}
            things = [classes[kind] for kind in kinds & classes.keys()]
            things = [each for each in things if _has_fields(each.value, sent)]
            return shown.target, things[0] if things else None
    return None, None


def _has_fields(form_class: Any, names: set[str]) -> bool:
    """Check whether a form class declares some of the fields that were sent."""
    return any(hasattr(form_class, name) for name in names)


def _taken(
    survey: Survey, submission: Submission, page: str
) -> tuple[dict[str, Any], list[str]] | None:
    """Return data that new apps took twice, and the fields that must differ each time."""
    texts = [*submission.texts(), *submission.addresses()]
    first = attempt(survey, _sends, survey, submission, page, [])
    if first:
        return first[0], []
    for names in [*([each] for each in texts), texts]:
        if names and (found := attempt(survey, _sends, survey, submission, page, names)):
            return found[0], names if len(names) == 1 else []
    return None


def _sends(survey: Survey, submission: Submission, page: str, numbered: list[str]) -> Any:
    """Send a form twice to a new app, some fields numbered; return the data if both were taken."""
    app = survey.new_app()
    if app is None:
        return None
    route = with_form_page(survey, app, submission.route())
    sent = submission.exchange.fields
    valid = {
        name: values[0] if len(values) == 1 else values
        for name, values in sent.items()
        if name in route["form"]
    }
    for name in numbered:
        valid[name] = _numbered(str(valid[name]))
    route = {**route, "form": {k: v for k, v in valid.items() if isinstance(v, str)}}
    for _ in range(2):
        # Each from a visitor of its own: a form that signs somebody up may log them in as well.
        client = survey.visitor(app)
        whose = {"as": route["as"]} if "as" in route else {}
        shown = send(survey, client, {"path": page, **whose})
        there = any(set(valid) <= names_of(form) for form in Page(shown.text).find("form"))
        if not there or not is_taken(send(survey, client, route), submission.exchange):
            return None
    return (valid,) if valid else None


#: How many pages are looked at for what was sent.
_PAGES = 10


def _shown(survey: Survey, submission: Submission, valid: dict[str, Any]) -> tuple[str, Any] | None:
    """Return a text field and a page that shows it once, for each form that is taken.

    The page is the same as long as none is.
    """
    paths = [each.target for each in survey.pages if each.status == 200 and not each.cut]
    heard = [each.target for each in survey.heard if each.method == "GET" and each.status == 200]
    # What is near the form in the URLs is so in the app.
    near = submission.path.split("/")[:2]
    paths.sort(key=lambda path: path.split("/")[:2] != near)
    people = dict.fromkeys([None, submission.person or None])
    pages = [
        {"path": path, **({"as": person} if person else {})}
        for path in list(dict.fromkeys([*paths, *heard]))[:_PAGES]
        for person in people
    ]
    for field in list(submission.texts())[:2]:
        app = survey.new_app()
        if app is None:
            return None
        route = with_form_page(survey, app, submission.route())
        plain = str(valid.get(field, "")).replace("{n}", "")
        texts = [f"kq7shown{number}kq{plain}" for number in (1, 2)]
        looks = [[_text(survey, app, page) for page in pages] for _ in range(2)]
        for number, text in enumerate(texts):
            fields = {
                key: value.replace("{n}", str(number + 1))
                for key, value in valid.items()
                if isinstance(value, str)
            }
            sent = {**route, "form": {**fields, field: text}}
            if not is_taken(send(survey, survey.visitor(app), sent), submission.exchange):
                break
            looks.append([_text(survey, app, page) for page in pages])
        else:
            for page, (one, two, after, last) in zip(pages, zip(*looks, strict=True), strict=True):
                if (
                    one == two != after
                    and [after.count(text) for text in texts] == [1, 0]
                    and [last.count(text) for text in texts] == [1, 1]
                ):
                    return field, page if "as" in page else page["path"]
    return None


def _text(survey: Survey, app: flask.Flask, page: dict[str, Any]) -> str:
    """Return the text that a page shows, or the JSON that it is."""
    response = send(survey, survey.visitor(app), page)
    if response.status != 200:
        return ""
    return Page(response.text).text if response.mimetype == "text/html" else response.text


def _numbered(text: str) -> str:
    """Return a text with a place for a number, before the domain of an address."""
    name, at, domain = text.partition("@")
    return f"{name}{{n}}{at}{domain}"


def _page(survey: Survey, valid: dict[str, Any]) -> Exchange | None:
    for exchange in survey.pages:
        if any(set(valid) <= set(controls_of(form)) for form in exchange.forms()):
            return exchange
    return None


def _is_shown(form_class: object) -> bool:
    """Check whether a page of the kit's own host app renders the form with its labels."""
    return bool(host_app(form_class).test_client().get("/").status_code == 200)


def host() -> flask.Flask:
    """Return an app for just a form, without tokens."""
    app = flask.Flask("conformance_host")
    app.config.update(SECRET_KEY=secrets.token_hex(), WTF_CSRF_ENABLED=False)
    return app


def valid_data(form_class: Any) -> dict[str, Any] | None:
    """Return values for all of a form's fields that it accepts; None if none were found."""
    from werkzeug.datastructures import MultiDict

    with host().test_request_context("/", method="POST"):
        form = form_class(MultiDict())
        options = {name: _options(field) for name, field in form._fields.items()}
        names = [
            name
            for name, field in form._fields.items()
            if type(field).__name__ not in _OWN and options[name]
        ]
        chosen: dict[str, list[str]] = {name: options[name][0] for name in names}
        for _ in range(3):
            made = form_class(MultiDict(_pairs(chosen)))
            if made.validate():
                return {n: v[0] if len(v) == 1 else v for n, v in chosen.items()} or None
            wrong = [name for name in names if made.errors.get(name)]
            if not wrong:
                return None
            for name in wrong:
                _repair(form_class, chosen, name, options[name], form._fields[name])
    return None


def _pairs(chosen: dict[str, list[str]]) -> list[tuple[str, str]]:
    return list(itertools.chain.from_iterable(((n, v) for v in vs) for n, vs in chosen.items()))


def _repair(
    form_class: Any, chosen: dict[str, list[str]], name: str, options: list[list[str]], field: Any
) -> None:
    """Choose the first value of a field that causes no error of its own."""
    from werkzeug.datastructures import MultiDict

    for validator in field.validators:
        if (other := getattr(validator, "fieldname", None)) in chosen:
            chosen[name] = chosen[other]
    for values in [chosen[name], *options]:
        made = form_class(MultiDict(_pairs({**chosen, name: values})))
        made.validate()
        if name not in made.errors:
            chosen[name] = values
            return


def _options(field: Any) -> list[list[str]]:
    """Return values that may be valid for a field; none if the form does not require it."""
    kind = getattr(field.widget, "input_type", "")
    if kind in ("submit", "hidden", "file") or hasattr(field, "entries"):
        return []
    if kind == "checkbox" and not getattr(field, "choices", None):
        return [["y"]]
    choices: list[str] = []
    if hasattr(field, "iter_choices"):
        with contextlib.suppress(TypeError):
            choices = [str(choice[0]) for choice in field.iter_choices()]
        if getattr(field.widget, "multiple", False) and len(choices) > 1:
            return [choices[:2]]
        return [[each] for each in choices if each]
    lengths = [
        (each.min, each.max)
        for each in field.validators
        if isinstance(getattr(each, "min", None), int) and isinstance(getattr(each, "max", 0), int)
    ]
    texts = list(TEXTS)
    for least, most in lengths:
        texts = [t for t in texts if least <= len(t) and (most < 0 or len(t) <= most)] + [
            "x" * max(least, 1) if most < 0 or most >= 1 else ""
        ]
    return [[each] for each in texts]
