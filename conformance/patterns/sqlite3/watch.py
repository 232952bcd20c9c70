"""What is known of connections: who opens them, in which context, and to which file."""

from __future__ import annotations

import contextlib
import functools
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any, cast
from urllib.parse import unquote

import flask

from ...core.errors import Deviation, Untested
from ...core.own import is_own as is_subjects
from ...core.told import Location


class Watch:
    """What Python's audit events and Flask's signals report about connections and contexts."""

    def __init__(self) -> None:
        #: The database of the last connection, as it was passed to `sqlite3.connect`.
        self.database: str | None = None
        #: The connections of a block, each with the `g` of its context.
        self.kept: list[tuple[Any, sqlite3.Connection]] | None = None
        #: What of the subject's opened the last of them.
        self.opened_by = ""
        #: The database of the last attempt to connect, even if it was refused.
        self.tried: str | None = None
        #: The only database that may be connected to at the moment.
        self.only: str | None = None
        self._contexts = 0
        self._changed = threading.Condition()

    def connecting(self, database: str) -> None:
        """Note an attempt to connect; ends the clause if the database must not be touched."""
        self.tried = database
        if self.only is not None and not same_file(database, self.only):
            if is_made(database):
                raise Untested(
                    "the app uses the database of another app in this process: see "
                    "sqlite3.own-database"
                )
            raise Untested(
                f"the app connects to {database} instead of its configured database: name "
                "the key as database_config, or its tables could be wiped"
            )

    def connected(self, database: str, connection: sqlite3.Connection) -> None:
        """Note a new connection."""
        self.database = database
        if self.kept is not None:
            context = flask.has_app_context() and current_g()
            self.kept.append((context or None, connection))
            self.opened_by = own_calls()

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
        """Wait until every context has been torn down, for at most `seconds`."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._contexts <= 0, seconds):
                self._contexts = 0


_watches: list[Watch] = []

#: The databases that the kit created for apps in this process, including deleted ones.
_made: set[str] = set()


def note_made(database: str) -> None:
    """Note a database that is created for an app."""
    _made.add(os.path.realpath(database))


def is_made(database: str) -> bool:
    """Check whether a database was created for an app in this process."""
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
    """Check whether the connection being opened is the kit's own."""
    return getattr(_connecting, "own", False)


def connect(database: str) -> sqlite3.Connection:
    """Return a connection of the kit's own, unseen by watches and without implicit transactions."""
    _connecting.own = True
    try:
        return sqlite3.connect(
            database, timeout=0.1, uri=database.startswith("file:"), isolation_level=None
        )
    finally:
        _connecting.own = False


@functools.cache
def _listen() -> None:
    # Unlike a patched `sqlite3.connect`, this also sees code that imported the name. It cannot be
    # removed again.
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


def own_calls() -> str:
    """Return the subject's functions that led to the current call, outermost first."""
    found: list[str] = []
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if is_subjects(frame.f_code.co_filename):
            place = Location.of(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
            found.insert(0, str(place))
        frame = frame.f_back
    return ", which calls ".join(found[-3:])


def current_g() -> object:
    """Return the `g` of the current context itself: each context has its own."""
    return cast(Any, flask.g)._get_current_object()


def is_closed(connection: sqlite3.Connection) -> bool:
    """Check whether a connection is closed; works in any thread."""
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
    """Check whether two database names refer to one file."""
    return os.path.realpath(file_of(one)) == os.path.realpath(file_of(other))


def by_name(row: Any, name: str) -> Any:
    """Return a row's column by its name, as a key or, for named tuples, as an attribute.

    Raises `Deviation` if the row supports neither.
    """
    try:
        return row[name]
    except (KeyError, IndexError, TypeError) as error:
        if hasattr(row, name):
            return getattr(row, name)
        raise Deviation(
            f"a row that exposes its column as {name!r}",
            f"{row!r:.200} ({type(error).__name__}: {error})",
        ) from None


def value_of(row: Any) -> Any:
    """Return the only column of a row, whatever type the row is."""
    return next(iter(row.values())) if isinstance(row, Mapping) else row[0]


def quoted(name: str) -> str:
    """Return a name quoted for SQL, whatever its characters."""
    return '"' + name.replace('"', '""') + '"'
