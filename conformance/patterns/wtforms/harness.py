"""What the clauses do with a form, however it is bound."""

from __future__ import annotations

import abc
import dataclasses
import functools
import itertools
import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast
from urllib.parse import quote

from werkzeug.datastructures import MultiDict

from ...core.errors import Broken, Deviation, Untested
from ...instruments.html import Page, normal
from ...subject.config import Route, numbered
from ...transports import Client, Request, Response
from ..harness import Harness
from .binding import LONGEST, Rule, Values, WTForms
from .page import FormPage, added, controls_of, json_about

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

# From a random start: a store that outlives the run may contain values of an earlier one.
_numbers = itertools.count(secrets.randbelow(36**4))


@dataclasses.dataclass(frozen=True)
class Breakage:
    """A change that makes valid data invalid, and the fields one of which gets the error."""

    what: str
    at: tuple[str, ...]
    changes: Mapping[str, list[str]]
    #: Whether it omits a field that every browser sends.
    partial: bool = False

    @property
    def touched(self) -> set[str]:
        """The fields that it involves."""
        return {*self.at, *self.changes}


@dataclasses.dataclass(frozen=True)
class Entry:
    """Valid data that no other submission has; `mark` is part of its marked field."""

    mark: str
    values: Values
    uniques: tuple[str, ...] = ()

    def but(self, changes: Mapping[str, list[str]]) -> Values:
        """Return the values with some of them changed."""
        return {**self.values, **changes}

    def broken(self, *breakages: Breakage) -> Values:
        """Return the values with only these breakages applied."""
        changes = {name: values for each in breakages for name, values in each.changes.items()}
        for name, values in changes.items():
            if name in self.uniques:
                # As long as before, and unlike any other.
                changes[name] = [(token_of_its_own() + text)[: len(text)] for text in values]
        return self.but(changes)


@dataclasses.dataclass(frozen=True)
class Attempt:
    """A submission: the response, and whether the subject accepted it."""

    response: Response
    accepted: bool
    #: Whether the stored data has changed; always false if it cannot be observed.
    effect: bool

    def __str__(self) -> str:
        effect = ", and the stored data changed" if self.effect else ""
        return f"{'accepted' if self.accepted else 'rejected'} with {self.response}{effect}"


class WTFormsHarness(Harness[WTForms], abc.ABC):
    """Fills in a form as visitors and others would, and observes the result."""

    #: Whether the form has been accepted: a later rejection of such values is the binding's
    #: fault.
    taken_once = False

    #: Whether the form was seen: if it never was, the binding names fields that it does not have.
    _opened = False

    #: What was stored after the last attempt: a later change is an effect of the next.
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

    @functools.cached_property
    def marked(self) -> str:
        """The field that gets a mark."""
        if self.binding.marked is not None:
            return self.binding.marked
        texts = (name for name in self.valid if self.clean.is_text(name))
        # No page shows a password.
        return next((name for name in texts if name not in self.passwords), next(iter(self.valid)))

    @property
    def uniques(self) -> tuple[str, ...]:
        """The fields in which each value is accepted only once."""
        unique = self.binding.unique or ()
        return (unique,) if isinstance(unique, str) else tuple(unique)

    def entry(self) -> Entry:
        """Return valid data that no other submission has."""
        token = token_of_its_own()
        mark = f"kq{token}z"
        values = dict(self.valid)
        for unique in self.uniques:
            if unique in values:
                values[unique] = [f"ku{token}z" + values[unique][0]]
        values[self.marked] = [mark + self.valid[self.marked][0]]
        return Entry(mark, values, self.uniques)

    def linked(self, name: str) -> set[str]:
        """Return the fields that repeat a field's value, or that it repeats."""
        return {other for other in self.valid if other != name and self._repeats(name, other)}

    def _repeats(self, name: str, other: str) -> bool:
        equal = {each: self.declared[each].equal for each in (name, other) if each in self.declared}
        if equal.get(name) == other or equal.get(other) == name:
            return True
        return {name, other} <= set(self.passwords) and self.valid[name] == self.valid[other]

    @property
    def passwords(self) -> list[str]:
        """The fields of valid data that are rendered as passwords."""
        return [name for name in self.valid if self.clean.kind(name) == "password"]

    @functools.cached_property
    def clean(self) -> FormPage:
        """The form before it is submitted."""
        return self.open(self.visitor())

    @functools.cached_property
    def _read(self) -> tuple[dict[str, Rule], frozenset[str]]:
        """The declared rules, and the fields whose rules are complete."""
        if self.binding.rules is not None:
            return dict(self.binding.rules), frozenset(self.binding.rules)
        if self.binding.form is None:
            return {}, frozenset()
        with self.flask_app.test_request_context("/", method="POST"):
            form = self.call("form(formdata)", self.component("form"), MultiDict())
            return read_rules(form)

    @property
    def declared(self) -> dict[str, Rule]:
        """The rules that are bound, or that the bound form class declares, by field."""
        return self._read[0]

    @property
    def complete(self) -> frozenset[str]:
        """The fields that have no rules other than the declared ones."""
        return self._read[1]

    def broken_by_page(self) -> list[Breakage]:
        """Return what violates the rules that the page states to a browser."""
        rules = {name: rule for name, rule in self.clean.rules().items() if name in self.valid}
        found = list(self._breakages(rules))
        for name in rules:
            if self.clean.kind(name) == "number":
                found.append(Breakage(f"{name} is not a number", (name,), {name: ["many"]}))
        return found

    @functools.cached_property
    def breakages(self) -> list[Breakage]:
        """What is known to make the valid data invalid; the clause is `untested` if nothing is."""
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
                if not is_entry(name):
                    yield change("is left out")
                if not ticked:
                    yield change("is empty", "")
            text = self.valid[name][0] if self.valid[name] else ""
            if rule.min is not None and rule.min > (1 if rule.optional else 0):
                yield change(f"has {rule.min - 1} of {rule.min} characters", text[: rule.min - 1])
            if rule.max is not None and rule.max < LONGEST:
                long = text + "x" * (rule.max + 1 - len(text))
                yield change(f"has {rule.max + 1} characters instead of at most {rule.max}", long)
            if rule.choices is not None:
                yield change("is not one of the choices", "conformance-none")
            if rule.equal is not None and rule.equal in self.valid:
                other = {rule.equal: [self.valid[rule.equal][0] + "x"]}
                yield Breakage(f"{rule.equal} is not {name}", (name,), other)

    def breakage_beside(self, *names: str) -> Breakage | None:
        """Return a breakage that does not involve the given fields, or None."""
        return next((each for each in self.breakages if not each.touched & set(names)), None)

    # Filling it in.

    def visitor(self) -> Client:
        """Return a new visitor, logged in if `login` is bound."""
        client = self.client()
        if self.binding.login is not None:
            self.send(client, self.binding.login)
        return client

    def open(
        self, client: Client, query: Mapping[str, str] | None = None, page: Route | None = None
    ) -> FormPage:
        """Request the page with the form, or another one; raises `Deviation` if it has none."""
        route = page or self.page
        response = client.follow(client.send(route.request(fields=query, host=client.host)))
        form = FormPage(response, self.valid)
        if response.status >= 400 or not form.is_there:
            names = ", ".join(self.valid)
            target = response.request.target
            others = ", ".join(
                name for each in form.page.find("form") for name in controls_of(each)
            )
            if response.status < 400 and others and not self._opened:
                has = f"no form at {target} has the fields {names}; it has {others}"
                raise Broken.for_key(self.slug, "valid", has)
            raise Deviation(f"a form with the fields {names} at {target}", str(response))
        self._opened = True
        return form

    def request(
        self,
        shown: FormPage,
        values: Mapping[str, Iterable[str]],
        *,
        hidden: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        scripted: bool = True,
        **parts: Any,
    ) -> Request:
        """Return the request that submits values with a form, with its hidden inputs or others.

        It is sent to `submit`, if that is bound and the form is `scripted`.
        """
        inputs = shown.hidden if hidden is None else hidden
        pairs = [(name, value) for name, value in inputs.items() if name not in values]
        pairs += [(name, value) for name, given in values.items() for value in given]
        route = self.binding.submit if scripted else None
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
        """Submit values with a form, or with the page's current one (see `request`)."""
        return self.attempt(client, self.request(shown or self.open(client), values, **parts))

    def attempt(self, client: Client, request: Request) -> Attempt:
        """Send a request and observe whether it has an effect."""
        before = self.look() if self._seen is None else self._seen
        response = client.send(request)
        after = self._seen = self.look()
        if before is None:
            return Attempt(response, self.looks_accepted(response), False)
        return Attempt(response, before != after, before != after)

    def looks_accepted(self, response: Response) -> bool:
        """Check whether a response indicates that a submission was accepted."""
        if response.status >= 400 or "json" in response.mimetype:
            return response.status < 400
        return response.is_redirect or not FormPage(response, self.valid).is_there

    def editing(self, client: Client) -> Route:
        """Return the bound edit page; store a record first if the path names one of its fields.

        Ends the clause as `broken` if that is rejected.
        """
        route = cast(Route, self.need("edit"))
        named = [name for name in self.valid if f"{{{name}}}" in route.path]
        if not named:
            return route
        entry, path = self.entry(), route.path
        attempt = self.submit(client, entry.values)
        if not attempt.accepted:
            raise Broken.for_key(self.slug, "valid", f"it is rejected: {attempt}")
        for name in named:
            path = path.replace(f"{{{name}}}", quote(entry.values[name][0], safe=""))
        return route.model_copy(update={"path": path})

    @property
    def changes_record(self) -> bool:
        """Whether the page with the form edits a record rather than creating one."""
        return self.binding.edit is not None and self.binding.edit.path == self.page.path

    @property
    def choosing(self) -> str:
        """The field that offers choices; the clause is `untested` if none does."""
        found = (name for name in self.valid if self.clean.offered(name))
        return self.binding.choice or next(found, None) or cast(str, self.need("choice"))

    # Looking.

    @abc.abstractmethod
    def look(self, client: Client | None = None) -> str | None:
        """Return the stored data as text, for another visitor or this one; None if unbound."""

    def stored(self, client: Client | None = None) -> str:
        """Return the stored data, or end the clause as `untested` if it cannot be observed."""
        text = self.look(client)
        return self.need("effects") if text is None else text

    def shows_once(self, entry: Entry) -> None:
        """End the clause as `broken` if what was submitted a moment ago is shown several times.

        A page that shows a text in a link and in a heading would make one submission look like
        two.
        """
        count = self.stored().count(entry.mark)
        if count > 1:
            key = "effects" if self.binding.records is None else "records"
            has = (
                f"after one submission it shows the value of {self.marked} {count} times, not once"
            )
            raise Broken.for_key(self.slug, key, has)

    def show(self, client: Client, route: Route, **parts: object) -> str:
        """Return what a page shows, or JSON contains, as text."""
        response = client.follow(self.send(client, route, **parts))
        if response.status >= 400:
            raise Deviation(f"a response without an error at {route.path}", str(response))
        if "json" in response.mimetype:
            return json.dumps(response.json(), ensure_ascii=False)
        if response.mimetype == "text/html":
            return normal(Page(response.text).text)
        return response.text

    def again(self, response: Response) -> FormPage | None:
        """Return the form that a response shows again; None for a redirect or a non-page."""
        if response.mimetype != "text/html" or response.is_redirect:
            return None
        form = FormPage(response, self.valid)
        if not form.is_there:
            raise Deviation("the page with the form again", str(response))
        return form

    @staticmethod
    def turned_away(attempt: Attempt, breakages: Iterable[Breakage]) -> bool:
        """Check whether a submission is rejected as a bad request that no browser would send."""
        partial = any(each.partial for each in breakages)
        return partial and attempt.response.status == 400 and not attempt.accepted

    def errors(self, response: Response, name: str) -> list[str]:
        """Return what a response says of a field that the form does not say without the error."""
        form = self.again(response)
        if form is None:
            return list(json_about(response.json(), name)) if response.body else []
        return added(form.said_near(name), self.without_error(name).said_near(name))

    def without_error(self, name: str) -> FormPage:
        """Return the form with a field that has no error.

        A list may have no entries before the form is submitted: then it is the form that is shown
        again for an error elsewhere.
        """
        is_there = name in {*self.clean.controls, *self.clean.hidden}
        other = None if is_there else self.breakage_beside(name)
        if other is None:
            return self.clean
        if name not in self._shown_again:
            attempt = self.submit(self.visitor(), self.entry().broken(other))
            refused = not attempt.accepted and not self.turned_away(attempt, [other])
            form = self.again(attempt.response) if refused else None
            self._shown_again[name] = form or self.clean
        return self._shown_again[name]

    @functools.cached_property
    def _shown_again(self) -> dict[str, FormPage]:
        return {}

    def host_only(self, what: str) -> None:
        """End the clause as `untested` for a form class, which has no page; `what` is why."""
        if self.kind == "component":
            raise Untested.for_keys(self.slug, "page", hint=f": {what}")


def is_entry(name: str) -> bool:
    """Check whether a field belongs to an entry of a list, such as `name-0` or `name-0-field`.

    Without it the list is shorter, which is another right submission.
    """
    return re.search(r"-\d+(-|$)", name) is not None


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
            # What counts is the text after the filters.
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
    """Check whether values satisfy rules: the model of what a form accepts."""
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
    """Return a text of the given length with a unique ending, as far as it has room."""
    token = token_of_its_own()[-length:] if length else ""
    return (fill * length)[: length - len(token)] + token


def token_of_its_own() -> str:
    """Return four characters that no other call returns."""
    number, digits = next(_numbers), ""
    for _ in range(4):
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits


def plain(record: object) -> Any:
    """Return a stored object for JSON: its public attributes, or its text."""
    attributes = getattr(record, "__dict__", {})
    return {key: attributes[key] for key in attributes if key[:1] != "_"} or str(record)
