"""What the clauses do with the database, however it is bound."""

from __future__ import annotations

import abc
import builtins
import contextlib
import dataclasses
import functools
import io
import itertools
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from unittest import mock

import flask

from ...core.errors import Broken, Deviation, Untested
from ...transports import Client, Response
from ..harness import Ability, Harness
from ..sqlalchemy import Shown
from .binding import SQLite3
from .watch import (
    Watch,
    connect,
    file_of,
    is_made,
    is_own,
    note_made,
    own_calls,
    quoted,
    same_file,
    watching,
)

if TYPE_CHECKING:
    from ...transports import WSGIApp

#: How `open` decodes text by default, in a locale that is not UTF-8.
LOCALE = "utf-8" if sys.version_info >= (3, 15) else "ascii"

#: A folder that is kept in memory, on Linux.
RAM = "/dev/shm"

jobs = itertools.count()


class Planned(Exception):
    """What a clause's own view raises."""


class Handled(Planned):
    """What it raises if the app has an error handler for it."""


#: What statements are called that `refusing` lets through: they store nothing.
UNCOUNTED = ("BEGIN", "ROLLBACK")


def statement(action: int, first: str | None) -> str | None:
    """Return what a database is asked: a transaction's begin or end, or a write; else None."""
    if action == sqlite3.SQLITE_TRANSACTION:
        return first
    names = {
        sqlite3.SQLITE_INSERT: "INSERT into",
        sqlite3.SQLITE_UPDATE: "UPDATE of",
        sqlite3.SQLITE_DELETE: "DELETE from",
    }
    return f"{names[action]} {first}" if action in names else None


@dataclasses.dataclass
class Statements:
    """The transactions and writes that a database was asked for, in order."""

    names: list[str] = dataclasses.field(default_factory=list)
    #: What of the subject's last committed.
    committed_by: str = ""
    #: Whether what follows does not count.
    ended: bool = False

    def note(self, name: str) -> None:
        """Note a statement."""
        if self.ended:
            return
        self.names.append(name)
        if name == "COMMIT":
            self.committed_by = own_calls()

    @property
    def cause(self) -> str:
        """Say what has stored the writes so far; empty if nothing has."""
        writes = [place for place, name in enumerate(self.names) if " " in name]
        if not writes:
            return ""
        if "BEGIN" not in self.names[: writes[0]]:
            return "no transaction is begun, so the database stores each statement at once."
        if "COMMIT" in self.names[writes[0] :]:
            by = f" by {self.committed_by}" if self.committed_by else ""
            return f"the first part, {self.names[writes[0]]}, is committed{by}."
        return ""


class SQLite3Harness(Harness[SQLite3], abc.ABC):
    """What the clauses do with a database, however it is bound."""

    def begin_example(self, values: Mapping[str, object] | None = None) -> None:
        """Start an example with the database as it was when the app was created."""
        super().begin_example(values)
        if self._app is not None:
            try:
                self.restore(self._saved)
            except Deviation:
                # A lock that an earlier example left is not a finding of this one.
                self.renew()

    def renew(self) -> None:
        """Drop the app and its database, so that the next use creates new ones."""
        super().renew()
        self.__dict__.pop("path", None)
        self.watch.database = None

    # The database.

    @functools.cached_property
    def watch(self) -> Watch:
        """What is known of connections and contexts from now on."""
        return self.bench.enter(watching())

    def start_watching(self) -> Watch:
        """Watch connections and contexts from now on, and return the watch."""
        return self.watch

    @functools.cached_property
    def path(self) -> str:
        """The path of the database that the app is configured with."""
        # In memory, if the system has a folder for that: nothing has to survive a power cut.
        folder = tempfile.TemporaryDirectory(
            prefix="conformance-", dir=RAM if os.access(RAM, os.W_OK) else None
        )
        path = os.path.join(self.bench.enter(folder), "conformance.db")
        note_made(path)
        return path

    @property
    def database(self) -> str:
        """The app's database; the clause is `untested` if no other program can read it."""
        used = self.watch.database
        if used is None:
            return self.path
        if not file_of(used) or ":memory:" in used or "mode=memory" in used:
            raise Untested("the database is in memory: no other program can read it")
        return used

    @property
    def owned(self) -> bool:
        """Whether the app uses the database that it is configured with."""
        return self.watch.database is not None and same_file(self.watch.database, self.path)

    @contextlib.contextmanager
    def outside(self, database: str | None = None) -> Iterator[sqlite3.Connection]:
        """Connect to the database as another program would, and close the connection afterwards.

        A lock that the app still holds is a deviation; any other error of the database means that
        it cannot be driven.
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
                "the database is locked: a transaction of the app is still open",
            ) from None
        finally:
            connection.close()

    def restore(self, saved: sqlite3.Connection | None) -> None:
        """Restore the database from a copy in memory, if the clause created the database."""
        if self.owned and saved is not None:
            with self.outside(self.path) as connection:
                # Restoring waits forever if it does not get the lock.
                connection.execute("BEGIN EXCLUSIVE")
                connection.execute("ROLLBACK")
                saved.backup(connection)

    def empty(self) -> None:
        """Remove all tables; ends the clause as `untested` if it did not create the database."""
        self.need_app()  # shows which database it uses
        if not self.owned:
            raise Untested("the app does not read its database path from database_config")
        with contextlib.closing(connect(":memory:")) as nothing:
            self.restore(nothing)

    def create_schema(self, app: Any, *, context: bool = True) -> None:
        """Call the bound `init_db`, if any, on the clause's own database only."""
        if self.binding.init_db is None:
            return
        self.watch.only = self.path
        try:
            with app.app_context() if context else contextlib.nullcontext():
                self.call("init_db()", self.component("init_db"))
        finally:
            self.watch.only = None

    def make_app(self) -> WSGIApp:
        """Create an app on the clause's own database, with its tables."""
        self.start_watching()  # before the app is created
        app = self.build_app()
        if not self._is_prepared():
            self.create_schema(app)
        self.set_up(app)
        self._saved: sqlite3.Connection | None = None
        if self.owned:
            self._saved = self.bench.enter(contextlib.closing(connect(":memory:")))
            with self.outside() as connection:
                connection.backup(self._saved)
        return app

    def _is_prepared(self) -> bool:
        """Check whether a fixture has made the tables, and filled them as the tests want them."""
        subject = self.bench.subject
        if subject.app is None or not subject.target().fixture or not os.path.exists(self.path):
            return False
        with self.outside(self.path) as connection:
            return bool(connection.execute("SELECT 1 FROM sqlite_master").fetchone())

    def build_app(self) -> WSGIApp:
        """Create the app."""
        return self.bench.build(**{self.binding.database_config: self.path})

    def another_apps_database(self) -> str | None:
        """Create a new app on its own database; return the one it uses if that is another app's.

        None if it uses its own. Ends the clause as `untested` if it uses none that the kit created.
        """
        subject = self.bench.subject
        if subject.app is not None and not subject.target().factory:
            raise Untested("needs a factory, to create a second app")
        self.inside()
        self.renew()
        self.watch.tried = None
        try:
            self.need_app()
            self.connect_once()
        except (Untested, Deviation):
            # The connection was refused, or led to a deleted folder: its owner is known anyway.
            if self.watch.tried is None:
                raise
        used = self.watch.tried
        if used is None or same_file(used, self.path):
            return None
        if not is_made(used):
            raise Untested("the app does not read its database path from database_config")
        return used

    @abc.abstractmethod
    def connect_once(self) -> None:
        """Make the app connect to its database, in one context or request."""

    def restart(self) -> bool:
        """Create the app again on the same database; return False if that is impossible."""
        subject = self.bench.subject
        if subject.app is None or not self.owned or not subject.target().factory:
            return False
        if subject.target().fixture:
            # A fixture recreates the tables, as the tests need them.
            return False
        self.ledger.call("the app is created again on the same database")
        # Without `setup`, which may recreate the tables: it prepares each app for the kit.
        alone = dataclasses.replace(subject, setup=None)
        alone.build(self.bench.folder, **{self.binding.database_config: self.path})
        return True

    @contextlib.contextmanager
    def context(self) -> Iterator[None]:
        """Push an app context for the block; an exception at its end is a deviation."""
        block = self.flask_app.app_context()
        block.__enter__()
        try:
            yield
        except BaseException:
            # What the block found takes precedence over an exception at its end.
            with contextlib.suppress(Exception):
                block.__exit__(*sys.exc_info())
            raise
        self.call("the end of an app context", block.__exit__, None, None, None)

    def set_up(self, app: object) -> None:
        """Create what else a kind needs in the database."""

    def tables(self) -> dict[str, str]:
        """Return the tables that another program sees, each with its CREATE statement."""
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL"
        with self.outside() as connection:
            return dict(connection.execute(query).fetchall())

    def counts(self) -> dict[str, int]:
        """Return how many rows another program sees in each table."""
        names = self.tables()
        with self.outside() as connection:
            return {
                name: connection.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone()[0]
                for name in names
                if not name.startswith("sqlite_")
            }

    def stored(self) -> list[str]:
        """Return the texts of all rows that another program sees, sorted."""
        table, column = self.place()
        with self.outside() as connection:
            rows = connection.execute(f"SELECT {quoted(column)} FROM {quoted(table)}").fetchall()
        return sorted(str(row[0]) for row in rows)

    def place(self) -> tuple[str, str]:
        """Return the table and the column of the texts."""
        return self.need("table"), self.binding.column or self.binding.field

    # Connections.

    @contextlib.contextmanager
    def connections(self) -> Iterator[Sequence[tuple[object, sqlite3.Connection]]]:
        """Keep the connections that are opened in the block, each with the `g` of its context.

        Keeping a reference leaves a forgotten connection open, which Python would close.
        """
        self.inside()
        self.need_app()  # creating it may connect, which does not count
        kept = self.watch.kept = []
        try:
            yield kept
        finally:
            self.watch.kept = None
            for _, connection in kept:
                # Only possible in its own thread, and just for cleanup.
                with contextlib.suppress(sqlite3.Error):
                    connection.close()

    def settle(self) -> None:
        """Wait for contexts to end: a server tears down after its client has read the response."""
        if self.bench.transport.name != "wsgi":
            self.watch.settle(5)

    @contextlib.contextmanager
    def prepared(self, change: Callable[[sqlite3.Connection], object]) -> Iterator[None]:
        """Change each connection that `sqlite3.connect` returns to the app in the block."""
        self.inside()
        original = sqlite3.connect

        def connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = original(*args, **kwargs)
            if not is_own():
                change(connection)
            return connection

        with mock.patch.object(sqlite3, "connect", connect):
            yield

    @contextlib.contextmanager
    def refusing(self, number: int) -> Iterator[Statements]:
        """Make the database reject one write, or commit, in the block, by its number.

        Yields what it was asked until then.
        """
        numbers = itertools.count()
        before = Statements()

        def authorize(action: int, first: str | None, *rest: str | None) -> int:
            name = statement(action, first)
            if name is None:
                return sqlite3.SQLITE_OK
            if name not in UNCOUNTED and next(numbers) == number:
                before.ended = True
                self.ledger.note(
                    f"the kit makes the database reject statement {number + 1} of the write, "
                    f"{name} (DatabaseError: not authorized)"
                )
                return sqlite3.SQLITE_DENY
            before.note(name)
            return sqlite3.SQLITE_OK

        with self.prepared(lambda connection: connection.set_authorizer(authorize)):
            yield before

    @contextlib.contextmanager
    def noting(self) -> Iterator[Statements]:
        """Note what the database is asked to write in the block, and who commits it."""
        noted = Statements()

        def authorize(action: int, first: str | None, *rest: str | None) -> int:
            if (name := statement(action, first)) is not None:
                noted.note(name)
            return sqlite3.SQLITE_OK

        with self.prepared(lambda connection: connection.set_authorizer(authorize)):
            yield noted

    @contextlib.contextmanager
    def locked(self) -> Iterator[Callable[[], float]]:
        """Lock the database as another program; yields how many seconds the app has waited for it.

        In process, each new connection's own timeout is noted, shortened, and counted as waited.
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
        """Add a statement to each `.sql` file that is read in the block; yields the files' names.

        Text is decoded as in a locale other than UTF-8, unless an encoding is passed.
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

    @abc.abstractmethod
    def value(self, text: str) -> str:
        """Return a text that can be stored and is in no row yet, as close to `text` as possible."""

    @abc.abstractmethod
    def create(self, text: str, client: Client | None = None) -> Response:
        """Store a row in a request."""

    @abc.abstractmethod
    def fail(self, text: str, how: str) -> Response:
        """Write a row in a request that then fails, as one of `BAD` says."""

    @abc.abstractmethod
    def shown(self) -> Shown:
        """Read all rows in a request."""

    @abc.abstractmethod
    def found(self, text: str) -> Shown:
        """Read the rows with exactly that text in a request."""

    @abc.abstractmethod
    def visit(self, ending: str) -> str | None:
        """Run a context that ends as one of `GOOD`, `BAD` or `IDLE` says.

        Returns what went wrong other than as planned; None if nothing did.
        """

    def writes(self) -> None:
        """Require what stores rows."""
        self.need("get_db" if isinstance(self, Direct) else "create")

    def views(self, *keys: str) -> None:
        """Require the app's own views, with the keys that are to be bound."""
        for key in keys:
            self.need(key)
        if isinstance(self, Direct):
            raise Untested("tests the app's own views")

    def unknown_page(self) -> Response:
        """Request a page that does not exist."""
        response = self.client().get(f"/conformance-{next(jobs)}")
        self.settle()
        return response


class Direct(SQLite3Harness, Ability, given_by=("get_db",)):
    """Clauses use the connection itself."""

    @abc.abstractmethod
    def get_db(self) -> Any:
        """Call the component."""

    @abc.abstractmethod
    def query_db(self, *arguments: object, **named: object) -> Any:
        """Call the component."""

    @abc.abstractmethod
    def during(self, work: Callable[[], object], *, before: bool = False) -> Response:
        """Send a request with `work` as its view, or with `before` as a before-request function."""

    @abc.abstractmethod
    def write(self, text: str, *, commit: bool) -> None:
        """Store a row in a transaction of the current context's connection."""

    @abc.abstractmethod
    def read(self) -> list[str]:
        """Return the texts of all rows, through the current context's connection."""


def end(ending: str) -> None:
    """Fail as the name of an ending says; do nothing for the others."""
    if ending.endswith(("error", "before")):
        raise Planned("the view failed")
    if ending == "handled":
        raise Handled("the view failed")
    if ending.endswith("abort"):
        flask.abort(409)


def trouble(response: Response, ending: str) -> str | None:
    """Return what is wrong with the response to a request that ends so, or None."""
    if isinstance(response.error, Planned):
        return None
    planned = response.status < 500 or ending.endswith(("error", "before", "handled"))
    return None if response.error is None and planned else str(response)
