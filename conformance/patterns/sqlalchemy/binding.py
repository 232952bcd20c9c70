"""How a subject exposes its database, and what a request may do in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...subject.config import Binding, Component, Route

#: The configuration key of Flask-SQLAlchemy.
EXTENSION_KEY = "SQLALCHEMY_DATABASE_URI"

#: Texts are cut to this many characters where the column names no length.
LENGTH = 40

#: What a request does in it, and how it then ends (see `SQLAlchemyHarness.visit`).
ENDINGS = ("read", "write", "untouched", "error", "abort", "database error", "uncommitted")


class SQLAlchemy(Binding):
    """How a subject exposes its database."""

    db: Component = None
    """The Flask-SQLAlchemy object."""
    db_session: Component = None
    """The scoped session of an app without the extension."""
    init_db: Component = None
    """What creates the tables, called with `()` in an app context."""
    shutdown_session: Component = None
    """The teardown function, called with `(exception)`; only where no app is bound."""
    model: Component = None
    """A mapped class, or a table, that rows are written to."""
    snapshot: Component = None
    """What gives data for a cache or a task, called with `()` in an app context."""
    create: Route | None = None
    """A route that stores a row with the text in `field`."""
    list: Route | None = None
    """A page that shows the text of every row."""
    find: Route | None = None
    """A page that shows the rows whose text is exactly that in `field`."""
    fail: Route | None = None
    """A route that writes a row with the text in `field` and then fails."""
    stream: Route | None = None
    """A page that streams the text of every row."""
    core_create: Route | None = None
    """A route that stores a row with a connection and no session."""
    column: str = "name"
    """The text column of the model that clauses write to, best a unique one."""
    field: str | None = None
    """The form field of that text; named as the column unless told otherwise."""
    values: Mapping[str, Any] = {}
    """Values of other columns that a row needs; `{n}` becomes a number of its own for each row."""
    url_config: str | None = None
    """The configuration key with the database's URL; Flask-SQLAlchemy's own where `db` is bound."""
