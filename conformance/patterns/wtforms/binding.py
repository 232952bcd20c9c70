"""How a subject exposes a form, and the rules of its fields."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ...subject.config import Binding, Component, Route

#: What a form sends: the values of each field, none for a field that is left out.
Values = dict[str, list[str]]

#: Longer values than this are not made to try a rule.
LONGEST = 100_000


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

    instead = {"login": 'page = { path = "...", as = "NAME" }, with [people.NAME]'}  # noqa: RUF012

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
    """Deprecated: `page` may say `as`. A request that logs a visitor in who may use the form."""
    edit: Route | None = None
    """A page with a form that changes a record, filled in with what the record has: one that the
    app has from the start, or, with a field of `valid` in braces, one that was submitted."""
    add_choice: Route | None = None
    """A request that adds a choice to `choice`; its text goes into `add_choice_field`."""
    add_choice_field: str = "name"
    """The field of `add_choice`."""
    choice: str | None = None
    """The field of `valid` that offers those choices; the first that has any unless named."""
    search: Route | None = None
    """A page with a form that is submitted with GET, which finds submissions by the mark."""
    search_field: str = "q"
    """The field of `search`."""
