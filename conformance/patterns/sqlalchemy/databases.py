"""What is known of databases: SQLAlchemy's events, rows, and schemas on servers."""

from __future__ import annotations

import contextlib
import datetime
import sqlite3
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from unittest import mock

from ...core.errors import Broken, Deviation, NotObserved, Untested
from ...core.told import Location

if TYPE_CHECKING:
    from sqlalchemy import Column, Connection, Engine, Table


class Watch:
    """What SQLAlchemy's events report about every pool, engine and session in this process."""

    def __init__(self) -> None:
        #: Connections that are checked out, each with the thread that took it.
        self.held: dict[int, str] = {}
        #: Sessions that began a transaction, with their thread. Kept, so that no other object
        #: gets the identity of a deleted one.
        self.sessions: list[tuple[int, object]] = []
        #: Statements, each with the engine that received it.
        self.statements: list[tuple[Engine, str]] = []
        #: Called with each statement before it is executed.
        self.before: Callable[[str], None] | None = None
        self._changed = threading.Condition()

    def checked_out(self, connection: object, record: object, proxy: object) -> None:
        """Note a connection that is checked out (an event)."""
        with self._changed:
            self.held[id(record)] = threading.current_thread().name

    def checked_in(self, connection: object, record: object) -> None:
        """Note a connection that is returned (an event)."""
        with self._changed:
            self.held.pop(id(record), None)
            self._changed.notify_all()

    def executed(
        self,
        conn: Connection,
        cursor: object,
        statement: str,
        params: object,
        context: object,
        many: bool,
    ) -> None:
        """Note a statement (an event)."""
        self.statements.append((conn.engine, statement))
        if self.before is not None:
            self.before(statement)

    def began(self, session: object, transaction: object, connection: object) -> None:
        """Note a session that gets a connection (an event)."""
        self.sessions.append((threading.get_ident(), session))

    def still_held(self, seconds: float) -> int:
        """Return how many connections are still checked out after `seconds` to be returned."""
        with self._changed:
            self._changed.wait_for(lambda: not self.held, seconds)
            return len(self.held)


@contextlib.contextmanager
def watching() -> Iterator[Watch]:
    """Listen to SQLAlchemy's events while the block runs."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine
    from sqlalchemy.orm import Session
    from sqlalchemy.pool import Pool

    watch = Watch()
    listeners: list[tuple[object, str, Callable[..., object]]] = [
        (Pool, "checkout", watch.checked_out),
        (Pool, "checkin", watch.checked_in),
        (Engine, "before_cursor_execute", watch.executed),
        (Session, "after_begin", watch.began),
    ]
    for target, name, function in listeners:
        event.listen(target, name, function)
    try:
        yield watch
    finally:
        for target, name, function in listeners:
            event.remove(target, name, function)


class Store:
    """The database as another program sees it: through its driver, without the app's engine."""

    def __init__(self, url: str, table: str, column: Column[Any]) -> None:
        from sqlalchemy.engine import make_url

        self.url = url
        self.quote = "`" if url.startswith(("mysql", "mariadb")) else '"'
        self.table = self._quoted(table)
        self.column = self._quoted(column.name)
        dialect = make_url(url).get_dialect()()
        #: Only the column's type knows how a text is spelled in the database.
        self._meaning = column.type.dialect_impl(dialect).result_processor(dialect, None)

    def texts(self) -> list[str]:
        """Return the texts of all committed rows, sorted."""
        rows = self._run(f"SELECT {self.column} FROM {self.table}", answers=True)
        return sorted(str(self._meaning(row[0]) if self._meaning else row[0]) for row in rows)

    def clear(self, tables: Sequence[str]) -> None:
        """Delete all rows of the tables, in that order."""
        self._run(*(f"DELETE FROM {self._quoted(table)}" for table in tables))

    def _quoted(self, name: str) -> str:
        return self.quote + name.replace(self.quote, self.quote * 2) + self.quote

    def _run(self, *statements: str, answers: bool = False) -> list[tuple[object, ...]]:
        try:
            with contextlib.closing(connect(self.url)) as connection:
                cursor = connection.cursor()
                for statement in statements:
                    cursor.execute(statement)
                rows = list(cursor.fetchall()) if answers else []
                connection.commit()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise Broken(f"{self.url}: {error}") from None
            raise Deviation(
                "another program to reach the database between requests",
                "the database is locked: a transaction of the app is still open",
            ) from None
        return rows


def table_of(model: object) -> Table:
    """Return the table of a model, which may be mapped imperatively; a table is its own."""
    import sqlalchemy

    return model if isinstance(model, sqlalchemy.Table) else sqlalchemy.inspect(model).local_table


def scalar_defaults(metadata: Any) -> dict[str, object]:
    """Return the column defaults of all tables that are one value for every row."""
    return {
        f"{column} ({kind})": default.arg
        for table in metadata.sorted_tables
        for column in table.columns
        for kind, default in (("default", column.default), ("onupdate", column.onupdate))
        if default is not None and getattr(default, "is_scalar", False)
    }


def made_lately(value: object) -> bool:
    """Check whether a value is a time within the last day, by any clock; no constant is."""
    if not isinstance(value, datetime.datetime):
        return False
    clocks = (datetime.timezone.utc, None) if value.tzinfo is None else (value.tzinfo,)
    moments = (value.replace(tzinfo=each).timestamp() for each in clocks)
    return any(0 <= time.time() - moment <= 86400 for moment in moments)


def same_database(one: str, other: str) -> bool:
    """Check whether two URLs name the same database, whatever their other connection options."""
    from sqlalchemy.engine import make_url

    def place(url: str) -> tuple[object, ...]:
        parts = make_url(url)
        schema = parts.query.get("options")
        return parts.get_backend_name(), parts.host, parts.port, parts.database, schema

    return place(one) == place(other)


def connect(url: str) -> Any:
    """Return a connection of the database's driver, or end the clause if it is not installed."""
    from sqlalchemy.engine import make_url

    parts = make_url(url)
    backend = parts.get_backend_name()
    if backend == "sqlite":
        if not parts.database or parts.database == ":memory:":
            raise Untested("the database is in memory: no other program can read it")
        return sqlite3.connect(parts.database, timeout=1)
    where = {"host": parts.host, "user": parts.username, "password": parts.password or ""}
    if parts.port:
        where["port"] = cast(Any, parts.port)
    try:
        if backend == "postgresql":
            import psycopg

            options = cast(Any, parts.query.get("options"))
            return psycopg.connect(dbname=parts.database, options=options, **cast(Any, where))
        if backend in ("mysql", "mariadb"):
            import pymysql

            return pymysql.connect(database=parts.database, charset="utf8mb4", **cast(Any, where))
    except ImportError:
        extra = "postgresql" if backend == "postgresql" else "mariadb"
        raise Untested.for_package("a driver", f"flask-conformance[{extra}]") from None
    raise Untested(f"the kit has no driver to read {backend}")


def refers(table: Table, target: Table) -> bool:
    """Check whether a table is the target or has a foreign key that leads to it."""
    if table is target:
        return True
    keys = [key.column.table for key in table.foreign_keys]
    return any(refers(each, target) for each in keys if each is not table)


@contextlib.contextmanager
def schema_of_its_own(service: str, url: str) -> Iterator[str]:
    """Create an empty schema (PostgreSQL) or database (MariaDB), yield its URL, and drop it."""
    from sqlalchemy.engine import create_engine, make_url

    name = f"conformance_{uuid.uuid4().hex[:12]}"
    try:
        parts = make_url(url)
        create_engine(parts)  # imports the driver that the subject will use, without connecting
    except Exception as error:
        raise Untested.for_service_away(service, f"{type(error).__name__}: {error}") from None
    if service == "postgresql":
        query = {"options": f"-csearch_path={name}", "application_name": name}
        own = parts.update_query_dict(query)
        make, drop = (
            [f"CREATE SCHEMA {name}"],
            [
                # A connection that the subject leaked would keep its locks.
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                f"WHERE application_name = '{name}'",
                f"DROP SCHEMA {name} CASCADE",
            ],
        )
    else:
        own = parts.set(database=name)
        # Compares strings by their characters, as Python does.
        make = [f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"]
        drop = [f"DROP DATABASE {name}"]
    try:
        _administer(url, make)
    except NotObserved:
        raise
    except Exception as error:
        # An error of the database's driver: it rejects the user or the statement.
        raise Untested.for_service_away(service, f"{type(error).__name__}: {error}") from None
    try:
        yield own.render_as_string(hide_password=False)
    finally:
        if service != "postgresql":
            with contextlib.closing(connect(url)) as connection, connection.cursor() as cursor:
                cursor.execute(
                    "SELECT id FROM information_schema.processlist WHERE db = %s", (name,)
                )
                drop = [*(f"KILL {row[0]}" for row in cursor.fetchall()), *drop]
        _administer(url, drop)


def _administer(url: str, statements: Sequence[str]) -> None:
    with contextlib.closing(connect(url)) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        connection.commit()


@contextlib.contextmanager
def deprecations() -> Iterator[list[str]]:
    """Record SQLAlchemy's warnings about what version 2 deprecates or removes.

    Version 1.4 emits most of them only on request.
    """
    from sqlalchemy import exc
    from sqlalchemy.util import deprecations as module

    found: list[str] = []
    with contextlib.ExitStack() as stack:
        if hasattr(module, "SQLALCHEMY_WARN_20"):
            stack.enter_context(mock.patch.object(module, "SQLALCHEMY_WARN_20", True))
        caught = stack.enter_context(warnings.catch_warnings(record=True))
        warnings.simplefilter("always")
        yield found
    for warning in caught:
        # The extension's own calls are not the subject's.
        if issubclass(warning.category, exc.SADeprecationWarning) and (
            "flask_sqlalchemy" not in Path(warning.filename).parts
        ):
            place = Location.of(warning.filename, warning.lineno)
            # What follows is when that was, and where to read of it.
            text = str(warning.message).partition(" (deprecated since")[0]
            text = text.partition(" (Background on")[0]
            found.append(f"{place}: {warning.category.__name__}: {text[:300]}")
