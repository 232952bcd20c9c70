"""What is known of connections: who makes them, in which context, and of which file."""

from __future__ import annotations

import contextlib
import functools
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import unquote

import flask

from ...core.errors import Deviation, Untested


class Watch:
    """What Python's audit events and Flask's signals tell of connections and contexts."""

    def __init__(self) -> None:
        #: The database that was connected to last, as `sqlite3.connect` was given it.
        self.database: str | None = None
        #: Where the connections of a block are kept, each with the `g` of its context.
        self.kept: list[tuple[Any, sqlite3.Connection]] | None = None
        #: The database of the last attempt to connect, also of one that was refused.
        self.tried: str | None = None
        #: The only database that may be connected to now.
        self.only: str | None = None
        self._contexts = 0
        self._changed = threading.Condition()

    def connecting(self, database: str) -> None:
        """Note a connect; ends the clause where it leads to what is not to be touched."""
        self.tried = database
        if self.only is not None and not same_file(database, self.only):
            if is_made(database):
                raise Untested(
                    "the app uses the database of another app of the process: see "
                    "sqlite3.own-database"
                )
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

    def pushed(self, sender: object, **values: object) -> None:
        """Note a context that begins (a signal)."""
        with self._changed:
            self._contexts += 1

    def torn_down(self, sender: object, **values: object) -> None:
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

#: The databases that the kit made for apps in this process, also those that are gone again.
_made: set[str] = set()


def note_made(database: str) -> None:
    """Note a database that is made for an app."""
    _made.add(os.path.realpath(database))


def is_made(database: str) -> bool:
    """Check whether a database was made for an app of this process."""
    return os.path.realpath(file_of(database)) in _made


_connecting = threading.local()


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not event.startswith("sqlite3.connect") or not _watches or is_own():
        return
    if event == "sqlite3.connect":
        _connecting.database = os.fsdecode(arguments[0])
        for watch in _watches:
            watch.connecting(_connecting.database)
    else:
        for watch in _watches:
            watch.connected(_connecting.database, arguments[0])


def is_own() -> bool:
    """Check whether the kit itself makes the connection that is made now."""
    return getattr(_connecting, "own", False)


def connect(database: str) -> sqlite3.Connection:
    """Return a connection of the kit's own, which no watch sees; nothing begins by itself in it."""
    _connecting.own = True
    try:
        return sqlite3.connect(
            database, timeout=0.1, uri=database.startswith("file:"), isolation_level=None
        )
    finally:
        _connecting.own = False


@functools.cache
def _listen() -> None:
    # Unlike a patched `sqlite3.connect`, this sees who imported the name, too. It cannot
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


def current_g() -> object:
    """Return the `g` of the current context itself: there is one for each context."""
    return cast(Any, flask.g)._get_current_object()


def is_closed(connection: sqlite3.Connection) -> bool:
    """Check whether a connection is closed; may be asked in any thread."""
    try:
        cast(Any, sqlite3.Connection).total_changes.__get__(connection)
    except sqlite3.ProgrammingError:
        return True
    return False


def file_of(database: str) -> str:
    """Return the path of the file that a path or a `file:` URI names."""
    if database.startswith("file:"):
        database = unquote(database.removeprefix("file:").partition("?")[0])
        database = "/" + database.lstrip("/") if database.startswith("/") else database
    return database


def same_file(one: str, other: str) -> bool:
    """Check whether two names of databases lead to one file."""
    return os.path.realpath(file_of(one)) == os.path.realpath(file_of(other))


def by_name(row: Any, name: str) -> Any:
    """Return a row's column by its name: as a key, or as an attribute, as named tuples have it.

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
    """Return the only column of a row, whatever rows are made of."""
    return next(iter(row.values())) if isinstance(row, Mapping) else row[0]


def quoted(name: str) -> str:
    """Return a name as SQL writes one that may be any text."""
    return '"' + name.replace('"', '""') + '"'
