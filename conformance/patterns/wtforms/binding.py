"""A subject's form, and the rules of its fields."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ...subject.config import Binding, Component, Route

#: What a form submits: the values of each field, none for a field that is left out.
Values = dict[str, list[str]]

#: Values longer than this are not generated to test a rule.
LONGEST = 100_000


class Rule(Binding):
    """What the values of a field must satisfy."""

    required: bool = False
    """An empty value is rejected, or an unticked checkbox."""
    optional: bool = False
    """An empty value is accepted, whatever the other rules."""
    min: int | None = None
    """The minimum number of characters."""
    max: int | None = None
    """The maximum number of characters."""
    equal: str | None = None
    """The field whose value it repeats."""
    choices: list[str] | None = None
    """The only values accepted."""


class WTForms(Binding):
    """How a subject exposes a form."""

    instead = {"login": 'page = { path = "...", as = "NAME" }, with [people.NAME]'}  # noqa: RUF012

    form: Component = None
    """The form class, called with `(formdata)`."""
    page: Route | None = None
    """The page with the form, which is submitted to its own action."""
    submit: Route | None = None
    """Where a script submits the form instead, together with the page's hidden inputs."""
    valid: Annotated[dict[str, str | list[str]], Field(min_length=1)] | None = None
    """Data that the form accepts: for each field a value or a list of values."""
    marked: str | None = None
    """The text field of `valid` that `effects` shows; by default the first. The value of each
    submission is prefixed with a mark of seven characters."""
    unique: str | Annotated[list[str], Field(min_length=1)] | None = None
    """The field, or fields, in which each value is accepted only once."""
    rules: dict[str, Rule] | None = None
    """The complete rules of the fields; by default those that `form` declares."""
    effects: Route | None = None
    """A page, or JSON, that shows the marked field of each accepted submission once, and only
    changes with these."""
    records: Component = None
    """A function that returns the records of the accepted submissions instead, called with `()`
    in an app context."""
    login: Route | None = None
    """Deprecated: `page` may say `as`. A request that logs in a visitor who may use the form."""
    edit: Route | None = None
    """A page with a form that edits a record and is filled in with it: a record that the app has
    from the start, or, with a field of `valid` in braces, one that was submitted."""
    add_choice: Route | None = None
    """A request that adds a choice to `choice`; its text goes into `add_choice_field`."""
    add_choice_field: str = "name"
    """The field of `add_choice`."""
    choice: str | None = None
    """The field of `valid` that offers those choices; by default the first with any choices."""
    search: Route | None = None
    """A page with a form that is submitted with GET and finds submissions by their mark."""
    search_field: str = "q"
    """The field of `search`."""
