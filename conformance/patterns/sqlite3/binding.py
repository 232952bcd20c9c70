"""A subject's SQLite database, and how contexts that use it end."""

from __future__ import annotations

from ...subject.config import Binding, Component, Route

#: Ways in which a context that uses the database ends normally.
GOOD = ("read", "write", "uncommitted", "command")

#: Ways in which such a context fails.
BAD = ("error", "handled", "abort", "before", "failing command")

#: Ways in which a context ends that does not use the database.
IDLE = ("nothing", "unknown page", "idle error", "idle abort", "idle before", "idle command")

#: The table that clauses write to if they can use the connection itself.
TABLE, COLUMN = "conformance_rows", "text"


class SQLite3(Binding):
    """How a subject exposes its database."""

    get_db: Component = None
    """`()`: returns the connection of the current context."""
    query_db: Component = None
    """`(query, args=(), one=False)`: returns all rows, or with `one` the first row or None."""
    init_db: Component = None
    """`()`: creates the tables; called in an app context, on a new database only."""
    init_app: Component = None
    """`(app)`: prepares an app, as extensions do; only used if no app is bound."""
    close_connection: Component = None
    """`(exception)`: the teardown function; only used if neither an app nor init_app is bound."""
    database_config: str = "DATABASE"
    """The configuration key of the database's path."""
    plain: Route | None = None
    """A page that does not use the database."""
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
    field: str = "text"
    """The form field of that text."""
    table: str | None = None
    """The table of the rows."""
    column: str | None = None
    """The column of the text; by default named like the field."""
