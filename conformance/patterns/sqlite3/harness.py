"""Using SQLite 3 with Flask: a connection for each context that asks for one, closed at its end."""

from __future__ import annotations

import builtins
import contextlib
import functools
import io
import itertools
import os
import sqlite3
import sys
import tempfile
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn, cast
from unittest import mock
from urllib.parse import unquote

import flask

from ...core.errors import Broken, Deviation, Untested
from ...subject.config import Binding, Component, Route
from ...transports import MARK, Client, Request, Response
from .. import Pattern
from ..harness import Harness, Probe
from ..sqlalchemy import Shown

#: Ways in which a context that uses the database ends well.
GOOD = ("read", "write", "uncommitted", "command")
#: Ways in which one fails.
BAD = ("error", "handled", "abort", "before", "failing command")
#: Ways in which a context ends that never asks for the database.
IDLE = ("nothing", "unknown page", "idle error", "idle abort", "idle before", "idle command")

#: The table that clauses with a connection in hand write to.
TABLE, COLUMN = "conformance_rows", "text"

#: What `open` decodes text with where it is told nothing, in a locale that is not UTF-8.
LOCALE = "utf-8" if sys.version_info >= (3, 15) else "ascii"

#: A folder that is kept in memory, on Linux.
RAM = "/dev/shm"

_jobs = itertools.count()


class SQLite3(Binding):
    """How a subject exposes its database."""

    get_db: Component = None
    """`()`: gives the connection of the current context."""
    query_db: Component = None
    """`(query, args=(), one=False)`: gives all rows, or with `one` the first row or None."""
    init_db: Component = None
    """`()`: creates the tables; called in an app context, on a new database only."""
    init_app: Component = None
    """`(app)`: prepares an app, as extensions do; only where no app is bound."""
    close_connection: Component = None
    """`(exception)`: the teardown function; only where neither app nor init_app is bound."""
    database_config: str = "DATABASE"
    """The configuration key with the database's path."""
    plain: Route | None = None
    """A page that does not use the database."""
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
    field: str = "text"
    """The form field of that text."""
    table: str | None = None
    """The table that the rows are in."""
    column: str | None = None
    """The column of the text; named as the field unless told otherwise."""


class Planned(Exception):
    """What a clause's own view raises."""


class Handled(Planned):
    """What it raises where the app has an error handler for it."""


class Watch:
    """What Python's audit events and Flask's signals tell of connections and contexts."""

    def __init__(self) -> None:
        #: The database that was connected to last, as `sqlite3.connect` was given it.
        self.database: str | None = None
        #: Where the connections of a block are kept, each with the `g` of its context.
        self.kept: list[tuple[Any, sqlite3.Connection]] | None = None
        #: The only database that may be connected to now.
        self.only: str | None = None
        self._contexts = 0
        self._changed = threading.Condition()

    def connecting(self, database: str) -> None:
        """Note a connect; ends the clause where it leads to what is not to be touched."""
        if self.only is not None and not same_file(database, self.only):
            raise Untested(
                f"the app connects to {database}, not to what it is configured with: name "
                "the key as database_config, as its tables could be wiped"
            )

    def connected(self, database: str, connection: sqlite3.Connection) -> None:
        """Note a new connection."""
        self.database = database
        if self.kept is not None:
            context = flask.has_app_context() and current_g()
            self.kept.append((context or None, connection))

    def pushed(self, sender: Any, **values: Any) -> None:
        """Note a context that begins (a signal)."""
        with self._changed:
            self._contexts += 1

    def torn_down(self, sender: Any, **values: Any) -> None:
        """Note a context whose teardown functions have run (a signal)."""
        with self._changed:
            self._contexts -= 1
            self._changed.notify_all()

    def settle(self, seconds: float) -> None:
        """Wait until every context has been torn down, at most so long."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._contexts <= 0, seconds):
                self._contexts = 0


_watches: list[Watch] = []
_connecting = threading.local()


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not event.startswith("sqlite3.connect") or not _watches or _is_own():
        return
    if event == "sqlite3.connect":
        _connecting.database = os.fsdecode(arguments[0])
        for watch in _watches:
            watch.connecting(_connecting.database)
    else:
        for watch in _watches:
            watch.connected(_connecting.database, arguments[0])


def _is_own() -> bool:
    return getattr(_connecting, "own", False)


def connect(database: str) -> sqlite3.Connection:
    """Give a connection of the kit's own, which no watch sees; nothing begins by itself in it."""
    _connecting.own = True
    try:
        return sqlite3.connect(
            database, timeout=0.1, uri=database.startswith("file:"), isolation_level=None
        )
    finally:
        _connecting.own = False


@functools.cache
def _listen() -> None:
    # Unlike a patched `sqlite3.connect`, this sees who imported the name, too. It can not
    # be taken away again.
    sys.addaudithook(_audit)


@contextlib.contextmanager
def watching() -> Iterator[Watch]:
    """Watch connections and contexts while the block runs."""
    _listen()
    watch = Watch()
    _watches.append(watch)
    with (
        flask.appcontext_pushed.connected_to(watch.pushed),
        flask.appcontext_tearing_down.connected_to(watch.torn_down),
    ):
        try:
            yield watch
        finally:
            _watches.remove(watch)


def current_g() -> Any:
    """Give the `g` of the current context itself: there is one for each context."""
    return cast(Any, flask.g)._get_current_object()


def is_closed(connection: sqlite3.Connection) -> bool:
    """Whether a connection is closed; may be asked in any thread."""
    try:
        cast(Any, sqlite3.Connection).total_changes.__get__(connection)
    except sqlite3.ProgrammingError:
        return True
    return False


def file_of(database: str) -> str:
    """Give the path of the file that a path or a `file:` URI names."""
    if database.startswith("file:"):
        database = unquote(database.removeprefix("file:").partition("?")[0])
        database = "/" + database.lstrip("/") if database.startswith("/") else database
    return database


def same_file(one: str, other: str) -> bool:
    """Whether two names of databases lead to one file."""
    return os.path.realpath(file_of(one)) == os.path.realpath(file_of(other))


def by_name(row: Any, name: str) -> Any:
    """Give a row's column by its name: as a key, or as an attribute, as named tuples have it.

    Raises `Deviation` where the row has neither.
    """
    try:
        return row[name]
    except (KeyError, IndexError, TypeError) as error:
        if hasattr(row, name):
            return getattr(row, name)
        raise Deviation(
            f"a row that gives its column by the name, {name!r}",
            f"{row!r:.200} ({type(error).__name__}: {error})",
        ) from None


def value_of(row: Any) -> Any:
    """Give the only column of a row, whatever rows are made of."""
    return next(iter(row.values())) if isinstance(row, Mapping) else row[0]


class SQLite3Harness(Harness[SQLite3]):
    """What the clauses do with a database, whichever way it is bound."""

    #: Whether clauses have the connection in their own hands.
    direct = False

    def begin_example(self, values: Mapping[str, Any] | None = None) -> None:
        """Start an example with the database as it was when the app was made."""
        super().begin_example(values)
        if self._app is not None:
            try:
                self.restore(self._saved)
            except Deviation:
                # What an earlier example left locked is no finding of this one.
                self.renew()

    def renew(self) -> None:
        """Drop the app and its database, so that the next use makes new ones."""
        super().renew()
        self.__dict__.pop("path", None)
        self.watch.database = None

    # The database.

    @functools.cached_property
    def watch(self) -> Watch:
        """What is known of connections and contexts from now on."""
        return self.bench.enter(watching())

    def start_watching(self) -> Watch:
        """Watch connections and contexts from now on, unless this is done, and return them."""
        return self.watch

    @functools.cached_property
    def path(self) -> str:
        """The path of the database that the app is configured with."""
        # In memory where the system has that as a folder: nothing has to outlast a power cut.
        folder = tempfile.TemporaryDirectory(
            prefix="conformance-", dir=RAM if os.access(RAM, os.W_OK) else None
        )
        return os.path.join(self.bench.enter(folder), "conformance.db")

    @property
    def database(self) -> str:
        """The database that the app uses; ends the clause where no other program can see it."""
        used = self.watch.database
        if used is None:
            return self.path
        if not file_of(used) or ":memory:" in used or "mode=memory" in used:
            raise Untested("the database is in memory: no other program can look into it")
        return used

    @property
    def owned(self) -> bool:
        """Whether the app uses the database that it is configured with."""
        return self.watch.database is not None and same_file(self.watch.database, self.path)

    @contextlib.contextmanager
    def outside(self, database: str | None = None) -> Iterator[sqlite3.Connection]:
        """Connect to the database as another program does, and close it after the block.

        A lock that the app still holds is a deviation; another error of the database
        means that it can not be driven.
        """
        database = database or self.database
        connection = connect(database)
        try:
            connection.execute("PRAGMA synchronous = OFF")
            yield connection
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise Broken(f"{database}: {error}") from None
            raise Deviation(
                "another program to reach the database between requests",
                "it is locked: a transaction of the app is still open",
            ) from None
        finally:
            connection.close()

    def restore(self, saved: sqlite3.Connection | None) -> None:
        """Make the database what a copy in memory is; only one that is the clause's own."""
        if self.owned and saved is not None:
            with self.outside(self.path) as connection:
                # Restoring waits without an end where it does not get the lock.
                connection.execute("BEGIN EXCLUSIVE")
                connection.execute("ROLLBACK")
                saved.backup(connection)

    def empty(self) -> None:
        """Make the database one with no tables; ends the clause where it is not its own."""
        self.need_app()  # shows which database it is
        if not self.owned:
            raise Untested("the app does not take its database from database_config")
        with contextlib.closing(connect(":memory:")) as nothing:
            self.restore(nothing)

    def create_schema(self, app: Any, *, context: bool = True) -> None:
        """Call the bound `init_db`, where there is one; on the clause's own database only."""
        if self.binding.init_db is None:
            return
        self.watch.only = self.path
        try:
            with app.app_context() if context else contextlib.nullcontext():
                self.call("init_db()", self.component("init_db"))
        finally:
            self.watch.only = None

    def make_app(self) -> Any:
        """Make an app on the clause's own database, with its tables."""
        self.start_watching()  # from before the app is made
        app = self.build_app()
        self.create_schema(app)
        self.set_up(app)
        self._saved: sqlite3.Connection | None = None
        if self.owned:
            self._saved = self.bench.enter(contextlib.closing(connect(":memory:")))
            with self.outside() as connection:
                connection.backup(self._saved)
        return app

    def build_app(self) -> Any:
        """Make the app."""
        return self.bench.build(**{self.binding.database_config: self.path})

    def set_up(self, app: Any) -> None:
        """Make what else a kind needs in the database."""

    def tables(self) -> dict[str, str]:
        """Give the tables that another program sees, each with the statement that made it."""
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL"
        with self.outside() as connection:
            return dict(connection.execute(query).fetchall())

    def counts(self) -> dict[str, int]:
        """Give how many rows another program sees in each table."""
        names = self.tables()
        with self.outside() as connection:
            return {
                name: connection.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone()[0]
                for name in names
                if not name.startswith("sqlite_")
            }

    def stored(self) -> list[str]:
        """Give the texts of all rows that another program sees, sorted."""
        table, column = self.place()
        with self.outside() as connection:
            rows = connection.execute(f"SELECT {quoted(column)} FROM {quoted(table)}").fetchall()
        return sorted(str(row[0]) for row in rows)

    def place(self) -> tuple[str, str]:
        """Give the table and the column that the texts are in."""
        return self.need("table"), self.binding.column or self.binding.field

    # Connections.

    @contextlib.contextmanager
    def connections(self) -> Iterator[Sequence[tuple[Any, sqlite3.Connection]]]:
        """Keep the connections that are made in the block, each with the `g` of its context.

        Kept, one that is forgotten stays open: Python closes what nobody holds.
        """
        self.inside()
        self.need_app()  # what making it connects is no part of the block
        kept = self.watch.kept = []
        try:
            yield kept
        finally:
            self.watch.kept = None
            for _, connection in kept:
                # In its own thread only, and no more than tidying up.
                with contextlib.suppress(sqlite3.Error):
                    connection.close()

    def settle(self) -> None:
        """Let contexts come to their end: a server tears down after its client has read."""
        if self.bench.transport.name != "wsgi":
            self.watch.settle(5)

    @contextlib.contextmanager
    def prepared(self, change: Callable[[sqlite3.Connection], object]) -> Iterator[None]:
        """Change each connection that `sqlite3.connect` gives to the app in the block."""
        self.inside()
        original = sqlite3.connect

        def connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = original(*args, **kwargs)
            if not _is_own():
                change(connection)
            return connection

        with mock.patch.object(sqlite3, "connect", connect):
            yield

    @contextlib.contextmanager
    def refusing(self, number: int) -> Iterator[None]:
        """Let the database refuse one write, or commit, in the block, by its number."""
        numbers = itertools.count()

        def authorize(action: int, first: str | None, *rest: str | None) -> int:
            if action == sqlite3.SQLITE_TRANSACTION:
                counts = first == "COMMIT"
            else:
                writes = (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE)
                counts = action in writes
            refuse = counts and next(numbers) == number
            return sqlite3.SQLITE_DENY if refuse else sqlite3.SQLITE_OK

        with self.prepared(lambda connection: connection.set_authorizer(authorize)):
            yield

    @contextlib.contextmanager
    def locked(self) -> Iterator[Callable[[], float]]:
        """Hold the database as another program; gives how many seconds the app has waited for it.

        In process, each new connection's own time to wait is noted and cut short, and
        counts as waited for.
        """
        waits = [0.0]

        def hurry(connection: sqlite3.Connection) -> None:
            milliseconds = connection.execute("PRAGMA busy_timeout").fetchone()[0]
            waits.append(milliseconds / 1000)
            connection.execute("PRAGMA busy_timeout = 20")

        with contextlib.ExitStack() as stack:
            if self.bench.transport.same_process:
                stack.enter_context(self.prepared(hurry))
            holder = stack.enter_context(self.outside())
            holder.execute("BEGIN EXCLUSIVE")
            started = time.monotonic()
            yield lambda: max(*waits, time.monotonic() - started)
            holder.execute("ROLLBACK")

    @contextlib.contextmanager
    def schema_with(self, statement: str) -> Iterator[list[str]]:
        """Add a statement to each `.sql` file that is read in the block; gives the files' names.

        Text is decoded as in a locale that is not UTF-8, unless an encoding is named.
        """
        self.inside()
        read: list[str] = []
        original = builtins.open
        folder = self.bench.folder()

        def opened(
            file: Any, mode: str = "r", buffering: int = -1, encoding: Any = None, *rest: Any,
            **named: Any,
        ) -> Any:  # fmt: skip
            if isinstance(file, str | os.PathLike) and os.fspath(file).endswith(".sql"):
                read.append(os.path.basename(file))
                with original(file, "rb") as stream:
                    source = stream.read().rstrip()
                end = b"\n" if source.endswith(b";") else b"\n;\n"
                file = folder / f"{len(read)}.copy"
                file.write_bytes(source + end + statement.encode() + b"\n")
                if "b" not in mode and encoding in (None, "locale"):
                    encoding = LOCALE
            return original(file, mode, buffering, encoding, *rest, **named)

        with mock.patch.object(builtins, "open", opened), mock.patch.object(io, "open", opened):
            yield read

    # Actions.

    def value(self, text: str) -> str:
        """Give a text that can be stored and is in no row yet, as near to `text` as that goes."""
        raise NotImplementedError

    def create(self, text: str, client: Client | None = None) -> Response:
        """Store a row in a request."""
        raise NotImplementedError

    def fail(self, text: str, how: str) -> Response:
        """Write a row in a request that then fails, as one of `BAD` says."""
        raise NotImplementedError

    def shown(self) -> Shown:
        """Read all rows in a request."""
        raise NotImplementedError

    def found(self, text: str) -> Shown:
        """Read the rows with exactly that text in a request."""
        raise NotImplementedError

    def visit(self, ending: str) -> str | None:
        """Let a context do and end as one of `GOOD`, `BAD` or `IDLE` says.

        Gives what went wrong, other than what was to; None where nothing did.
        """
        raise NotImplementedError

    def writes(self) -> None:
        """Say that the clause stores rows."""
        self.need("get_db" if self.direct else "create")

    def views(self, *keys: str) -> None:
        """Say that the clause asks what the app's own views do, and which of them."""
        for key in keys:
            self.need(key)
        if self.direct:
            raise Untested("asks what the app's own views do")

    def unknown_page(self) -> Response:
        """Ask for a page that is not there."""
        response = self.client().get(f"/conformance-{next(_jobs)}")
        self.settle()
        return response

    # With the connection in hand: the component kind has these.

    def _without_connection(self) -> NoReturn:
        raise Untested.for_keys("sqlite3", "get_db")

    def get_db(self) -> Any:
        """Call the component."""
        self._without_connection()

    def query_db(self, *arguments: Any, **named: Any) -> Any:
        """Call the component."""
        self._without_connection()

    def during(self, work: Callable[[], Any], *, before: bool = False) -> Response:
        """Send a request in which `work` is the view, or with `before` runs before each request."""
        self._without_connection()

    def write(self, text: str, *, commit: bool) -> None:
        """Store a row in a transaction of the current context's connection."""
        self._without_connection()

    def read(self) -> list[str]:
        """Give the texts of all rows, through the current context's connection."""
        self._without_connection()


class SQLite3Component(SQLite3Harness):
    """The bound functions in requests whose view is the clause's.

    They run in the subject's app, or in a host app that has the teardown function.
    """

    kind = "component"
    keys = ("get_db", "query_db", "init_db")
    direct = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._work: dict[tuple[str, str], Callable[[], Any]] = {}

    def build_app(self) -> Any:
        """Make the app and let it take views from the clause."""
        app = self._host() if self.bench.subject.app is None else super().build_app()
        if not isinstance(app, flask.Flask):
            raise Untested("needs a Flask app: the subject is another WSGI callable")
        self._take_work(app, "dispatch_request")
        self._take_work(app, "preprocess_request")
        handlers = app.error_handler_spec[None][None]
        handlers[Handled] = lambda error: ("handled", 500)
        self.bench.enter(contextlib.ExitStack()).callback(handlers.pop, Handled, None)
        return app

    def _take_work(self, app: flask.Flask, method: str) -> None:
        original = getattr(app, method)

        def replaced(*args: Any) -> Any:
            work = self._work.pop((method, flask.request.headers.get(MARK, "")), None)
            return original(*args) if work is None else work()

        # On the object, not rules and hooks of its own: an app that is shared takes no new ones.
        self.bench.enter(mock.patch.object(app, method, replaced))

    def _host(self) -> flask.Flask:
        key = next(key for key in self.keys if getattr(self.binding, key) is not None)
        # The schema's file lies beside the module.
        app = flask.Flask(getattr(self.component(key), "__module__", __name__))
        app.config.update(PROPAGATE_EXCEPTIONS=False)
        app.config[self.binding.database_config] = self.path
        app.logger.disabled = True
        if self.binding.init_app is not None:
            self.call("init_app(app)", self.component("init_app"), app)
        elif self.binding.close_connection is not None:
            app.teardown_appcontext(self.component("close_connection"))
        else:
            raise Untested("needs an app, init_app or close_connection: what closes connections")
        return app

    def set_up(self, app: Any) -> None:
        """Make the clauses' own table in the database that the functions use."""
        if self.binding.get_db is not None or self.binding.query_db is not None:
            with app.app_context():
                if self.binding.get_db is not None:
                    self.get_db()
                else:
                    self.query_db("SELECT 1")
        with self.outside() as connection:
            connection.execute(f"DROP TABLE IF EXISTS {TABLE}")
            connection.execute(f"CREATE TABLE {TABLE} (id INTEGER PRIMARY KEY, {COLUMN} TEXT)")
        if not self.owned:
            self.bench.enter(contextlib.ExitStack()).callback(self._drop)

    def _drop(self) -> None:
        with contextlib.suppress(Deviation, Broken), self.outside() as connection:
            connection.execute(f"DROP TABLE IF EXISTS {TABLE}")

    def place(self) -> tuple[str, str]:
        """The clauses' own."""
        return TABLE, COLUMN

    def get_db(self) -> Any:
        """Call the component."""
        return self.call("get_db()", self.component("get_db"))

    def query_db(self, *arguments: Any, **named: Any) -> Any:
        """Call the component."""
        shown = [*(f"{each!r:.80}" for each in arguments), *(f"{k}={v}" for k, v in named.items())]
        what = f"query_db({', '.join(shown)})"
        return self.call(what, self.component("query_db"), *arguments, **named)

    def during(self, work: Callable[[], Any], *, before: bool = False) -> Response:
        """Send a request in which `work` is the view, or with `before` runs before each request."""
        self.inside()
        mark = f"sqlite3-{next(_jobs)}"
        client = self.client()
        place = "preprocess_request" if before else "dispatch_request", mark
        self._work[place] = lambda: work() or "done"
        response = client.send(Request.build("GET", "/conformance", headers=[(MARK, mark)]))
        self.settle()
        if self._work.pop(place, None) is not None:
            raise Broken(f"the app answered {response} before the view could run")
        return response

    def write(self, text: str, *, commit: bool) -> None:
        """Insert in a transaction, whichever mode the connection is in."""
        db = self.get_db()
        if not db.in_transaction:
            db.execute("BEGIN")
        db.execute(f"INSERT INTO {TABLE} ({COLUMN}) VALUES (?)", (text,))
        if commit:
            db.commit()

    def read(self) -> list[str]:
        """Select the texts."""
        rows = self.get_db().execute(f"SELECT {COLUMN} FROM {TABLE}").fetchall()
        return sorted(value_of(row) for row in rows)

    def value(self, text: str) -> str:
        """Any text can be stored, as often as it comes."""
        return text

    def create(self, text: str, client: Client | None = None) -> Response:
        """Insert and commit."""
        return self.during(lambda: self.write(text, commit=True))

    def fail(self, text: str, how: str) -> Response:
        """Insert, and end with no commit."""

        def work() -> None:
            self.write(text, commit=False)
            end(how)

        return self.during(work, before=how == "before")

    def shown(self) -> Shown:
        """Select in a request."""
        texts: list[str] = []
        response = self.during(lambda: texts.extend(self.read()))
        return Shown(response, texts)

    def found(self, text: str) -> Shown:
        """Query in a request."""
        texts: list[str] = []
        query = f"SELECT {COLUMN} FROM {TABLE} WHERE {COLUMN} = ?"
        response = self.during(
            lambda: texts.extend(value_of(row) for row in self.query_db(query, [text]))
        )
        return Shown(response, texts)

    def visit(self, ending: str) -> str | None:
        """Do it in a request, or in a context as commands have."""
        if ending.endswith("command"):
            return self._command(ending)
        if ending == "unknown page":
            return trouble(self.unknown_page(), ending)
        work = functools.partial(self._do, ending)
        return trouble(self.during(work, before="before" in ending), ending)

    def _command(self, ending: str) -> str | None:
        self.ledger.call(f"with app.app_context(): ... ({ending})")
        try:
            with contextlib.suppress(Planned), self.flask_app.app_context():
                if not ending.startswith("idle"):
                    self.read()
                if ending.startswith("failing"):
                    raise Planned("the command failed")
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return None

    def _do(self, ending: str) -> None:
        if ending == "read":
            self.read()
        elif ending != "nothing" and not ending.startswith("idle"):
            self.write("visit", commit=ending == "write")
        end(ending)


class SQLite3Routes(SQLite3Harness):
    """The routes of an app that stores rows."""

    kind = "routes"
    keys = ("create", "list", "find", "fail", "stream", "plain")

    def value(self, text: str) -> str:
        """What a form's field can hold, with a number of its own at the end."""
        # Rows of earlier clauses, and runs, stay in a database that is not the clause's own.
        self.need_app()  # shows which database it is
        number = next(_jobs) if self.owned else time.time_ns()
        return f"{self.typed(text)[:30]}.{number}"

    def typed(self, text: str) -> str:
        """Give a text as careful forms make it of what is typed: one line, normalised."""
        kept = "".join(char if char.isprintable() else " " for char in text)
        return unicodedata.normalize("NFKC", kept).strip()

    def route(self, key: str, text: str | None = None, client: Client | None = None) -> Response:
        """Send a bound route, with a text in its field."""
        fields = None if text is None else {self.binding.field: text}
        response = self.send(client or self.client(), self.need(key), fields=fields)
        self.settle()
        return response

    def create(self, text: str, client: Client | None = None) -> Response:
        """Send the route that stores a row."""
        return self.route("create", text, client)

    def fail(self, text: str, how: str) -> Response:
        """Send the route that fails; how it does so is the app's business."""
        response = self.route("fail", text)
        if response.status < 400:
            raise Broken(f"fail answers {response.status}: it is to be a request that fails")
        return response

    def shown(self) -> Shown:
        """Read the page with all rows."""
        return Shown(self.route("list"))

    def found(self, text: str) -> Shown:
        """Read the page that looks for a text."""
        return Shown(self.route("find", self.typed(text)))

    def visit(self, ending: str) -> str | None:
        """Do it with the routes that are bound, and nothing where none is."""
        bound = self.binding
        response: Response | None = None
        if ending == "nothing" and bound.plain is not None:
            response = self.route("plain")
        elif ending in IDLE:
            response = self.unknown_page()
        elif ending == "write" and bound.create is not None:
            response = self.create(self.value("visit"))
        elif ending == "read" and bound.list is not None:
            response = self.shown().response
        elif ending in BAD and bound.fail is not None:
            self.fail(self.value("visit"), ending)
        return None if response is None else trouble(response, "")

    def probes(self) -> Sequence[Probe]:
        """Give a request for each route but the one that is to fail, with a text in its field."""
        return [
            Probe(key, value, parts={"fields": {self.binding.field: self.value("probe")}})
            for key, value in self._routes()
            if key != "fail"
        ]


def quoted(name: str) -> str:
    """Give a name as SQL writes one that may be any text."""
    return '"' + name.replace('"', '""') + '"'


def end(ending: str) -> None:
    """Fail as the name of an ending says; do nothing for one that is none of those."""
    if ending.endswith(("error", "before")):
        raise Planned("the view failed")
    if ending == "handled":
        raise Handled("the view failed")
    if ending.endswith("abort"):
        flask.abort(409)


def trouble(response: Response, ending: str) -> str | None:
    """Say what is wrong with the answer to a request that ends so, or None."""
    if isinstance(response.error, Planned):
        return None
    planned = response.status < 500 or ending.endswith(("error", "before", "handled"))
    return None if response.error is None and planned else str(response)


pattern = Pattern(
    slug="sqlite3",
    title="Using SQLite 3 with Flask",
    sections={
        "": "Using SQLite 3 with Flask",
        "connect-on-demand": "Connect on Demand",
        "easy-querying": "Easy Querying",
        "initial-schemas": "Initial Schemas",
    },
    binding=SQLite3,
    harnesses=(SQLite3Component, SQLite3Routes),
)
