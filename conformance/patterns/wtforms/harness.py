"""Form Validation with WTForms: what a form accepts is stored once, the rest is shown again."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import json
import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, cast
from urllib.parse import urljoin

import flask
from pydantic import Field
from werkzeug.datastructures import MultiDict

from ...core.errors import Deviation, Untested
from ...core.told import told
from ...instruments.html import Element, Page
from ...subject.config import Binding, Component, Route, numbered
from ...transports import Client, Request, Response
from .. import Pattern
from ..harness import Harness

if TYPE_CHECKING:
    pass

#: What a form sends: the values of each field, none for a field that is left out.
Values = dict[str, list[str]]

#: Inputs that are no fields to fill in.
_BUTTONS = frozenset(("submit", "button", "image", "reset"))

#: Elements whose text is not said of a field.
_SILENT = frozenset(("script", "style", "option", "select", "textarea", "button", "datalist"))

#: Longer values than this are not made to try a rule.
LONGEST = 100_000

#: Text that would add an element or an attribute of these names, were it not escaped.
INTRUDER = "kqx"

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

# From somewhere: a store that outlives the run may hold what an earlier one left.
_numbers = itertools.count(secrets.randbelow(36**4))


class Rule(Binding):
    """What the values of a field must keep."""

    required: bool = False
    """An empty value is refused, and a box that is not ticked."""
    optional: bool = False
    """An empty value is accepted, whatever the other rules say."""
    min: int | None = None
    """The fewest characters."""
    max: int | None = None
    """The most characters."""
    equal: str | None = None
    """The field whose value it repeats."""
    choices: list[str] | None = None
    """The only values."""


class WTForms(Binding):
    """How a subject exposes a form."""

    form: Component = None
    """The form class, called with `(formdata)`."""
    page: Route | None = None
    """The page with the form, which is sent to where it says."""
    submit: Route | None = None
    """Where a script sends the form instead; the page's hidden inputs are sent along."""
    valid: Annotated[dict[str, str | list[str]], Field(min_length=1)] | None = None
    """Data that the form accepts: for each field a value or a list of values."""
    marked: str | None = None
    """The text field of `valid` that `effects` shows; the first unless named. Each submission
    gets a mark of seven characters before its value."""
    unique: str | Annotated[list[str], Field(min_length=1)] | None = None
    """The field, or fields, of which each value is accepted only once."""
    rules: dict[str, Rule] | None = None
    """The rules of the fields, completely; else those that `form` declares."""
    effects: Route | None = None
    """A page, or JSON, that shows the marked field of each accepted submission once, and
    changes with these only."""
    records: Component = None
    """What gives the records of the accepted submissions instead, called with `()` in an app
    context."""
    login: Route | None = None
    """A request that logs a visitor in who may use the form."""
    search: Route | None = None
    """A page with a form that is submitted with GET, which finds submissions by the mark."""
    search_field: str = "q"
    """The field of `search`."""


@dataclasses.dataclass(frozen=True)
class Breakage:
    """A change that makes valid data invalid, and the fields one of which gets the error."""

    what: str
    at: tuple[str, ...]
    changes: Mapping[str, list[str]]
    #: It leaves out a field that every browser sends.
    partial: bool = False

    @property
    def touched(self) -> set[str]:
        """The fields that it has to do with."""
        return {*self.at, *self.changes}


@dataclasses.dataclass(frozen=True)
class Entry:
    """Valid data that no other submission has; `mark` is a part of its marked field."""

    mark: str
    values: Values
    uniques: tuple[str, ...] = ()

    def but(self, changes: Mapping[str, list[str]]) -> Values:
        """Give the values with some of them changed."""
        return {**self.values, **changes}

    def broken(self, *breakages: Breakage) -> Values:
        """Give the values with breakages; nothing but these is wrong with them."""
        changes = {name: values for each in breakages for name, values in each.changes.items()}
        for name, values in changes.items():
            if name in self.uniques:
                # As long as before, and unlike any other.
                changes[name] = [(_token() + text)[: len(text)] for text in values]
        return self.but(changes)


@dataclasses.dataclass(frozen=True)
class Attempt:
    """A submission: its answer, and whether the subject accepted it."""

    response: Response
    accepted: bool
    #: What is stored has changed; never where nothing bound tells.
    effect: bool

    def __str__(self) -> str:
        effect = ", and what is stored changed" if self.effect else ""
        return f"{'accepted' if self.accepted else 'refused'} with {self.response}{effect}"


class FormPage:
    """A page, and the form on it that has the most of the given fields."""

    def __init__(self, response: Response, names: Collection[str]) -> None:
        self.page = Page(response.text)
        wanted = set(names)
        forms = [(len(wanted & set(_controls(form))), form) for form in self.page.find("form")]
        overlap, self.form = max(forms, key=lambda pair: pair[0], default=(0, Element("form", {})))
        self.is_there = overlap > 0
        self.controls = _controls(self.form) if self.is_there else {}
        self.target = urljoin(response.request.target, self.form.attributes.get("action", ""))

    @functools.cached_property
    def _parents(self) -> dict[int, Element]:
        return {
            id(child): element
            for element in self.page.root.walk()
            for child in element.children
            if isinstance(child, Element)
        }

    @property
    def hidden(self) -> dict[str, str]:
        """The hidden inputs of the form, a token among them."""
        return {
            element.attributes["name"]: element.attributes.get("value", "")
            for element in self.form.walk()
            if element.tag == "input"
            and element.attributes.get("type", "").lower() == "hidden"
            and "name" in element.attributes
        }

    def kind(self, name: str) -> str:
        """Give what a field is: its input's type, `select` or `textarea`; empty for none."""
        first = next(iter(self.controls.get(name, ())), None)
        if first is None or first.tag != "input":
            return first.tag if first else ""
        return first.attributes.get("type", "text").lower()

    def values(self, name: str) -> list[str]:
        """Give the values of a field that a browser would send."""
        return [value for control in self.controls.get(name, ()) for value in _sent(control)]

    def offered(self, name: str) -> list[str]:
        """Give the values that a field lets a visitor choose from; empty for text."""
        if self.kind(name) == "select":
            return [
                element.attributes.get("value", element.text.strip())
                for control in self.controls[name]
                for element in control.walk()
                if element.tag == "option"
            ]
        if self.kind(name) == "radio" or len(self.controls.get(name, ())) > 1:
            return [control.attributes.get("value", "on") for control in self.controls[name]]
        return []

    def own(self, name: str) -> Element | None:
        """Give the largest element in the form that holds this field and no other."""
        controls = self.controls.get(name)
        if not controls:
            return None
        inside = {id(control) for control in controls}
        element = controls[0]
        while True:
            parent = self._parents[id(element)]
            if parent is self.form or parent is self.page.root:
                return element
            others = {id(each) for group in _controls(parent).values() for each in group}
            if not others <= inside:
                return element
            element = parent

    def said_in(self, name: str) -> list[str]:
        """Give the texts in the element that is the field's own."""
        own = self.own(name)
        return [] if own is None else list(_texts(own))

    def said_near(self, name: str) -> list[str]:
        """Give the texts that a reader takes to be about a field.

        Those in its own element, those between it and the fields before and after, and
        those that refer to it or that it refers to.
        """
        own = self.own(name)
        if own is None:
            return []
        siblings = self._parents[id(own)].children
        place = next(index for index, child in enumerate(siblings) if child is own)
        near: list[Element | str] = [own]
        for side in (reversed(siblings[:place]), siblings[place + 1 :]):
            near += itertools.takewhile(lambda child: not _holds_control(child), side)
        ids = {control.attributes.get("id", "") for control in self.controls[name]} - {""}
        named = {
            word
            for control in self.controls[name]
            for key in ("aria-describedby", "aria-errormessage")
            for word in control.attributes.get(key, "").split()
        }
        for element in self.page.find():
            refers = element.attributes.get("href", "")[1:], element.attributes.get("for", "")
            if element.attributes.get("id") in named or ids & set(refers):
                near.append(element)
        unlike = {id(child): child for child in near}
        return [text for child in unlike.values() for text in _texts(child)]

    def label(self, control: Element) -> str:
        """Give the text that names a control for a reader; empty where nothing does."""
        own_id = control.attributes.get("id")
        texts = [control.attributes.get("aria-label", ""), control.attributes.get("title", "")]
        for word in control.attributes.get("aria-labelledby", "").split():
            texts += [element.text for element in self.page.find(id=word)]
        if own_id and self.page.find(id=own_id)[0] is control:
            texts += [label.text for label in self.page.find("label", **{"for": own_id})]
        around = self._parents.get(id(control))
        while around is not None:
            if around.tag == "label" and around.attributes.get("for", own_id) == own_id:
                texts.append(around.text)
            around = self._parents.get(id(around))
        return " ".join(" ".join(texts).split())

    def rules(self) -> dict[str, Rule]:
        """Give the rules that the form's attributes state to a browser."""
        return {name: self._rule(name) for name in self.controls}

    def _rule(self, name: str) -> Rule:
        attributes = self.controls[name][0].attributes
        most, fewest = (attributes.get(key, "") for key in ("maxlength", "minlength"))
        single = self.kind(name) in ("select", "radio") and self.offered(name)
        return Rule(
            required="required" in attributes,
            # A browser lets an empty value pass that has too few characters.
            optional="required" not in attributes,
            min=int(fewest) if fewest.isdecimal() else None,
            max=int(most) if most.isdecimal() else None,
            choices=self.offered(name) if single else None,
        )


class WTFormsHarness(Harness[WTForms]):
    """Fills a form in as visitors and others do, and looks at what comes of it."""

    #: What was stored after the last attempt: what changes later is an effect of the next.
    _seen: str | None = None

    # What the form is.

    @property
    def page(self) -> Route:
        """The page with the form."""
        return cast(Route, self.need("page"))

    @functools.cached_property
    def valid(self) -> Values:
        """The bound valid data."""
        valid: dict[str, str | list[str]] = self.need("valid")
        return {name: [v] if isinstance(v, str) else list(v) for name, v in valid.items()}

    @property
    def marked(self) -> str:
        """The field that gets a mark."""
        return self.binding.marked or next(iter(self.valid))

    @property
    def uniques(self) -> tuple[str, ...]:
        """The fields of which each value is accepted only once."""
        unique = self.binding.unique or ()
        return (unique,) if isinstance(unique, str) else tuple(unique)

    def entry(self) -> Entry:
        """Give valid data that no other submission has."""
        token = _token()
        mark = f"kq{token}z"
        values = dict(self.valid)
        for unique in self.uniques:
            if unique in values:
                values[unique] = [f"ku{token}z" + values[unique][0]]
        values[self.marked] = [mark + self.valid[self.marked][0]]
        return Entry(mark, values, self.uniques)

    def linked(self, name: str) -> set[str]:
        """Give the fields that repeat a field's value, or that it repeats."""
        return {other for other in self.valid if other != name and self._repeats(name, other)}

    def _repeats(self, name: str, other: str) -> bool:
        equal = {each: self.declared[each].equal for each in (name, other) if each in self.declared}
        if equal.get(name) == other or equal.get(other) == name:
            return True
        return {name, other} <= set(self.passwords) and self.valid[name] == self.valid[other]

    @property
    def passwords(self) -> list[str]:
        """The fields of valid data that are shown as passwords."""
        return [name for name in self.valid if self.clean.kind(name) == "password"]

    @functools.cached_property
    def clean(self) -> FormPage:
        """The form as somebody sees it who has not sent it yet."""
        return self.open(self.visitor())

    @functools.cached_property
    def _read(self) -> tuple[dict[str, Rule], frozenset[str]]:
        """The declared rules, and the fields whose rules they are completely."""
        if self.binding.rules is not None:
            return dict(self.binding.rules), frozenset(self.binding.rules)
        if self.binding.form is None:
            return {}, frozenset()
        with self.flask_app.test_request_context("/", method="POST"):
            form = self.call("form(formdata)", self.component("form"), MultiDict())
            return read_rules(form)

    @property
    def declared(self) -> dict[str, Rule]:
        """The rules that are bound, or that the bound form class declares; by field."""
        return self._read[0]

    @property
    def complete(self) -> frozenset[str]:
        """The fields that have no rules beside the declared ones."""
        return self._read[1]

    def broken_by_page(self) -> list[Breakage]:
        """Give what breaks the rules that the page tells a browser."""
        rules = {name: rule for name, rule in self.clean.rules().items() if name in self.valid}
        found = list(self._breakages(rules))
        for name in rules:
            if self.clean.kind(name) == "number":
                found.append(Breakage(f"{name} is no number", (name,), {name: ["many"]}))
        return found

    @functools.cached_property
    def breakages(self) -> list[Breakage]:
        """Everything that is known to make the valid data invalid; `untested` where nothing is."""
        found = [*self._breakages(self.declared), *self.broken_by_page()]
        for name, other in itertools.combinations(self.passwords, 2):
            if self.valid[name] == self.valid[other]:
                changes = {other: [self.valid[other][0] + "x"]}
                found.append(Breakage(f"{other} is not {name}", (name, other), changes))
        unlike = {str(breakage.changes): breakage for breakage in reversed(found)}
        if not unlike:
            raise Untested.for_keys(self.slug, "rules", hint=": neither form nor page has any")
        return list(reversed(unlike.values()))

    def _breakages(self, rules: Mapping[str, Rule]) -> Iterator[Breakage]:
        for name, rule in rules.items():
            if name not in self.valid:
                continue
            linked = self.linked(name)
            ticked = self.clean.kind(name) in ("checkbox", "radio")

            def change(
                what: str, *values: str, _name: str = name, _linked: set[str] = linked
            ) -> Breakage:
                changes = {each: list(values) for each in (_name, *sorted(_linked))}
                partial = not values and self.clean.kind(_name) not in ("checkbox", "radio")
                return Breakage(f"{_name} {what}", (_name,), changes, partial)

            if rule.required:
                yield change("is left out")
                if not ticked:
                    yield change("is empty", "")
            text = self.valid[name][0] if self.valid[name] else ""
            if rule.min is not None and rule.min > (1 if rule.optional else 0):
                yield change(f"has {rule.min - 1} of {rule.min} characters", text[: rule.min - 1])
            if rule.max is not None and rule.max < LONGEST:
                long = text + "x" * (rule.max + 1 - len(text))
                yield change(f"has {rule.max + 1} characters, where {rule.max} are most", long)
            if rule.choices is not None:
                yield change("is none of the choices", "conformance-none")
            if rule.equal is not None and rule.equal in self.valid:
                other = {rule.equal: [self.valid[rule.equal][0] + "x"]}
                yield Breakage(f"{rule.equal} is not {name}", (name,), other)

    def breakage_beside(self, *names: str) -> Breakage | None:
        """Give a breakage that has nothing to do with some fields, or None."""
        return next((each for each in self.breakages if not each.touched & set(names)), None)

    # Filling it in.

    def visitor(self) -> Client:
        """Give a new visitor, logged in where `login` is bound."""
        client = self.client()
        if self.binding.login is not None:
            self.send(client, self.binding.login)
        return client

    def open(self, client: Client, query: Mapping[str, str] | None = None) -> FormPage:
        """Ask for the page with the form; raises `Deviation` where it has none."""
        response = client.follow(client.send(self.page.request(fields=query, host=client.host)))
        form = FormPage(response, self.valid)
        if response.status >= 400 or not form.is_there:
            names = ", ".join(self.valid)
            target = response.request.target
            raise Deviation(f"a form with the fields {names} at {target}", str(response))
        return form

    def request(
        self,
        shown: FormPage,
        values: Mapping[str, Iterable[str]],
        *,
        hidden: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        **parts: Any,
    ) -> Request:
        """Give the request that sends values with a form, and its hidden inputs or others."""
        inputs = shown.hidden if hidden is None else hidden
        pairs = [(name, value) for name, value in inputs.items() if name not in values]
        pairs += [(name, value) for name, given in values.items() for value in given]
        route = self.binding.submit
        if route is None:
            method, target = shown.form.attributes.get("method", "get").upper(), shown.target
            parts = {"form": pairs, **parts}
            if "multipart" in shown.form.attributes.get("enctype", "") and "data" not in parts:
                parts.setdefault("files", [])
        else:
            method, target = route.method, route.path
            constant = [
                pair for pair in numbered(route.form or {}).items() if pair[0] not in values
            ]
            parts = {"form": [*constant, *pairs], **parts}
            query = {**route.query, **(query or {})}
            headers = (*route.headers.items(), *headers)
        return Request.build(method, target, query=query, headers=headers, **parts)

    def submit(
        self,
        client: Client,
        values: Mapping[str, Iterable[str]],
        shown: FormPage | None = None,
        **parts: Any,
    ) -> Attempt:
        """Send values with a form, or with the page's as it is now (see `request`)."""
        return self.attempt(client, self.request(shown or self.open(client), values, **parts))

    def attempt(self, client: Client, request: Request) -> Attempt:
        """Send a request and see whether it has an effect."""
        before = self.look() if self._seen is None else self._seen
        response = client.send(request)
        after = self._seen = self.look()
        if before is None:
            return Attempt(response, self.looks_accepted(response), False)
        return Attempt(response, before != after, before != after)

    def looks_accepted(self, response: Response) -> bool:
        """Whether an answer says that a submission was accepted."""
        if response.status >= 400 or "json" in response.mimetype:
            return response.status < 400
        return response.is_redirect or not FormPage(response, self.valid).is_there

    # Looking.

    def look(self, client: Client | None = None) -> str | None:
        """Give what is stored, as text, for another visitor or this one; None where unbound."""
        raise NotImplementedError

    def stored(self, client: Client | None = None) -> str:
        """Give what is stored; ends the clause as `untested` where nothing bound tells."""
        text = self.look(client)
        return self.need("effects") if text is None else text

    def show(self, client: Client, route: Route, **parts: Any) -> str:
        """Give what a page shows, or JSON says, as text."""
        response = client.follow(self.send(client, route, **parts))
        if response.status >= 400:
            raise Deviation(f"an answer at {route.path}", str(response))
        if "json" in response.mimetype:
            return json.dumps(response.json(), ensure_ascii=False)
        if response.mimetype == "text/html":
            return " ".join(Page(response.text).text.split())
        return response.text

    def again(self, response: Response) -> FormPage | None:
        """Give the form that an answer shows again; None for a redirect, and what is no page."""
        if response.mimetype != "text/html" or response.is_redirect:
            return None
        form = FormPage(response, self.valid)
        if not form.is_there:
            raise Deviation("the page with the form again", str(response))
        return form

    @staticmethod
    def turned_away(attempt: Attempt, breakages: Iterable[Breakage]) -> bool:
        """Whether a submission is refused as a bad request that no browser sends."""
        partial = any(each.partial for each in breakages)
        return partial and attempt.response.status == 400 and not attempt.accepted

    def errors(self, response: Response, name: str) -> list[str]:
        """Give what an answer says of a field that the form did not say before it was sent."""
        form = self.again(response)
        if form is None:
            return list(_json_about(response.json(), name)) if response.body else []
        return _added(form.said_near(name), self.clean.said_near(name))

    def host_only(self, what: str) -> None:
        """Say that the clause is about the app's own page, not about a form class; and why."""
        if self.kind == "component":
            raise Untested.for_keys(self.slug, "page", hint=f": {what}")


class WTFormsComponent(WTFormsHarness):
    """A form class in a host app that treats it as the page says."""

    kind = "component"
    keys = ("form",)

    @property
    def page(self) -> Route:
        """The page of the host app."""
        return Route(path="/")

    def make_app(self) -> Any:
        """Give the host app with the bound class.

        Ends the clause as `untested` where the class can not do without an app of its own.
        """
        form_class = self.component("form")
        app = host_app(form_class)
        # With a token missing, a check that asks the app's database might never be reached.
        app.config["WTF_CSRF_ENABLED"] = False
        values: MultiDict[str, str] = MultiDict(self.entry().values if self.binding.valid else {})
        try:
            with app.test_request_context("/", method="POST"):
                form_class(values).validate()
        except Exception as error:
            raise Untested.for_keys(
                self.slug, "page", hint=f": without its own app the form raises {told(error)}"
            ) from None
        del app.config["WTF_CSRF_ENABLED"]
        return app

    def look(self, client: Client | None = None) -> str | None:
        """Give what the host app stored."""
        return self.show(client or self.client(), Route(path="/records"))

    def request(self, shown: FormPage, values: Any, **parts: Any) -> Request:
        """Send to the host app, wherever the subject's own form goes."""
        if self.binding.submit is not None:
            self.binding = self.binding.model_copy(update={"submit": None})
        return super().request(shown, values, **parts)


class WTFormsRoutes(WTFormsHarness):
    """A page of the app with a form on it."""

    kind = "routes"
    keys = ("page",)

    def look(self, client: Client | None = None) -> str | None:
        """Read the bound records, from inside, or the bound effects."""
        if self.binding.records is not None and self.bench.transport.same_process:
            with self.flask_app.app_context():
                found = self.call("records()", self.component("records"))
                return json.dumps(found, default=_plain, ensure_ascii=False)
        if self.binding.effects is None:
            return None
        return self.show(client or self.visitor(), self.binding.effects)


def host_app(form_class: Any) -> flask.Flask:
    """Give an app with the page of a form class; `/records` tells what it accepted.

    Every field gets an attribute that would intrude if the field did not escape it.
    """
    app = flask.Flask(__name__)
    app.secret_key = secrets.token_bytes()
    app.config["PROPAGATE_EXCEPTIONS"] = True
    page = app.jinja_env.from_string(_HOST_PAGE)
    records: list[dict[str, Any]] = []

    @app.route("/", methods=["GET", "POST"])
    def view() -> Any:
        sent = flask.request.method == "POST"
        form = form_class(None)
        if sent:
            # A file that is sent for a text field is none of the form's data.
            files = [
                (field.name, flask.request.files.get(field.name))
                for field in form
                if getattr(field.widget, "input_type", "") == "file"
            ]
            form = form_class(MultiDict([*flask.request.form.items(multi=True), *files]))
        if sent and form.validate():
            records.append(form.data)
            return flask.redirect(flask.url_for("done"))
        return page.render(form=form, hostile=f'"><{INTRUDER} a="')

    @app.get("/done")
    def done() -> str:
        return "accepted"

    @app.get("/records")
    def show() -> flask.Response:
        text = json.dumps(records, default=str, ensure_ascii=False)
        return flask.Response(text, mimetype="application/json")

    return app


_HOST_PAGE = """<!doctype html><title>form</title>
<form method=post {% if form._fields.values()|selectattr("widget.input_type", "eq", "file")|list
  %}enctype="multipart/form-data"{% endif %}>
{% for field in form %}
  {% if field.widget.input_type == "hidden" %}{{ field() }}{% else %}
  <div>{{ field.label }} {{ field(title=hostile) }}
    {% if field.errors %}<ul>{% for error in field.errors %}<li>{{ error }}{% endfor %}</ul>
    {% endif %}</div>
  {% endif %}
{% endfor %}
<button>Send</button></form>"""


def read_rules(form: Any) -> tuple[dict[str, Rule], frozenset[str]]:
    """Read the rules that a WTForms form declares, and which fields have no others."""
    from wtforms import BooleanField, Form, SelectField, StringField, validators

    free = type(form).validate.__module__.partition(".")[0] in ("wtforms", "flask_wtf")
    rules: dict[str, Rule] = {}
    complete = set()
    for field in form:
        found: dict[str, Any] = {}
        known = isinstance(field, BooleanField | StringField) and not field.filters
        for validator in field.validators:
            kind = type(validator)
            if kind in (validators.DataRequired, validators.InputRequired):
                found["required"] = True
            elif kind is validators.Optional:
                found["optional"] = True
            # What a filter makes of the text is what is measured.
            elif kind is validators.Length and not field.filters:
                bounds = {"min": validator.min, "max": validator.max}
                found |= {key: bound for key, bound in bounds.items() if bound >= 0}
            elif kind is validators.EqualTo:
                found["equal"] = validator.fieldname
            else:
                known = False
        if type(field) is SelectField and field.choices and field.validate_choice:
            found["choices"] = [str(choice[0]) for choice in field.iter_choices()]
        rules[field.name] = Rule(**found)
        own_check = hasattr(form, f"validate_{field.short_name}")
        standard = type(field).__module__.partition(".")[0] == "wtforms"
        if known and standard and free and not own_check and isinstance(form, Form):
            complete.add(field.name)
    return rules, frozenset(complete)


def keeps(rules: Mapping[str, Rule], values: Mapping[str, list[str]]) -> bool:
    """Whether values keep rules: the model of what a form accepts."""
    for name, rule in rules.items():
        given = values.get(name, [])
        text = given[0] if given else ""
        if rule.optional and not text:
            continue
        if rule.required and not text:
            return False
        if rule.min is not None and len(text) < rule.min:
            return False
        if rule.max is not None and len(text) > rule.max:
            return False
        if rule.choices is not None and not set(given) <= set(rule.choices):
            return False
        if rule.equal is not None and given != values.get(rule.equal, []):
            return False
    return True


def of_length(length: int, fill: str) -> str:
    """Give text of so many characters that ends unlike any other, as far as there is room."""
    token = _token()[-length:] if length else ""
    return (fill * length)[: length - len(token)] + token


def lines_of(text: str) -> str:
    """Give text with line breaks that compare: browsers send CRLF, pages may hold either."""
    return text.replace("\r\n", "\n")


def intruders(page: Page) -> list[str]:
    """Give the elements and attributes on a page that a value with `INTRUDER` in it added."""
    found = [f"<{element.tag}>" for element in page.find() if element.tag.startswith(INTRUDER)]
    for element in page.find():
        names = [name for name in element.attributes if name.startswith(INTRUDER)]
        found += [f"<{element.tag} {name}>" for name in names]
    return found


def _token() -> str:
    number, digits = next(_numbers), ""
    for _ in range(4):
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits


def _controls(element: Element) -> dict[str, list[Element]]:
    """Give the fields to fill in below an element, by name and in order."""
    found: dict[str, list[Element]] = {}
    for each in element.walk():
        kind = each.attributes.get("type", "").lower()
        fillable = each.tag == "input" and kind != "hidden" and kind not in _BUTTONS
        name = each.attributes.get("name")
        if name and (fillable or each.tag in ("select", "textarea")):
            found.setdefault(name, []).append(each)
    return found


def _holds_control(child: Element | str) -> bool:
    return isinstance(child, Element) and bool(_controls(child))


def _sent(control: Element) -> list[str]:
    if control.tag == "textarea":
        return [lines_of(control.text).removeprefix("\n")]
    if control.tag == "select":
        options = [element for element in control.walk() if element.tag == "option"]
        chosen = [option for option in options if "selected" in option.attributes]
        if not chosen and "multiple" not in control.attributes:
            chosen = options[:1]
        return [option.attributes.get("value", option.text.strip()) for option in chosen]
    if control.attributes.get("type", "").lower() in ("checkbox", "radio"):
        ticked = "checked" in control.attributes
        return [control.attributes.get("value", "on")] if ticked else []
    return [control.attributes.get("value", "")]


def _texts(child: Element | str) -> Iterator[str]:
    """Give the pieces of text below an element that say something to a reader."""
    if isinstance(child, str):
        if text := " ".join(child.split()):
            yield text
    elif child.tag not in _SILENT:
        for each in child.children:
            yield from _texts(each)


def _added(texts: Iterable[str], before: Iterable[str]) -> list[str]:
    return list((Counter(texts) - Counter(before)).elements())


def _json_about(value: Any, name: str) -> Iterator[str]:
    """Give the texts in JSON that are under a name, or beside it."""
    if isinstance(value, list):
        for item in value:
            yield from _json_about(item, name)
    elif isinstance(value, dict):
        if name in value.values():
            yield from (text for text in value.values() if isinstance(text, str) and text != name)
        for key, item in value.items():
            if key == name:
                yield from _strings(item)
            else:
                yield from _json_about(item, name)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)


def _plain(record: Any) -> Any:
    """Give an object of a store as JSON can say it: its public attributes, or its text."""
    attributes = getattr(record, "__dict__", {})
    return {key: attributes[key] for key in attributes if key[:1] != "_"} or str(record)


pattern = Pattern(
    slug="wtforms",
    title="Form Validation with WTForms",
    sections={
        "": "Form Validation with WTForms",
        "the-forms": "The Forms",
        "in-the-view": "In the View",
        "forms-in-templates": "Forms in Templates",
    },
    binding=WTForms,
    harnesses=(WTFormsRoutes, WTFormsComponent),
)
