"""A subject's database, and what a request may do in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...subject.config import Binding, Component, Route

#: The configuration key of Flask-SQLAlchemy.
EXTENSION_KEY = "SQLALCHEMY_DATABASE_URI"

#: The length that strings are truncated to if the column declares none.
LENGTH = 40

#: What a request does, and how it ends (see `SQLAlchemyHarness.visit`).
ENDINGS = ("read", "write", "untouched", "error", "abort", "database error", "uncommitted")


class SQLAlchemy(Binding):
    """How a subject exposes its database."""

    db: Component = None
    """The Flask-SQLAlchemy object."""
    db_session: Component = None
    """The scoped session of an app without the extension."""
    init_db: Component = None
    """The function that creates the tables, called with `()` in an app context."""
    shutdown_session: Component = None
    """The teardown function, called with `(exception)`; only used if no app is bound."""
    model: Component = None
    """A mapped class, or a table, that rows are written to."""
    snapshot: Component = None
    """A function that returns data for a cache or a task, called with `()` in an app context."""
    create: Route | None = None
    """A route that stores a row with the text in `field`."""
    list: Route | None = None
    """A page that shows the text of every row."""
    find: Route | None = None
    """A page that shows the rows whose text equals that in `field`."""
    fail: Route | None = None
    """A route that writes a row with the text in `field` and then fails."""
    stream: Route | None = None
    """A page that streams the text of every row."""
    core_create: Route | None = None
    """A route that stores a row on a connection, without a session."""
    column: str = "name"
    """The string column of the model that clauses write to, preferably a unique one."""
    field: str | None = None
    """The form field of that text; by default named like the column."""
    values: Mapping[str, Any] = {}
    """Values of other columns that a row requires; each row gets a different number for `{n}`."""
    url_config: str | None = None
    """The configuration key of the database URL; by default Flask-SQLAlchemy's if `db` is bound."""
