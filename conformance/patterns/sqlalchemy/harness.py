"""SQLAlchemy in Flask: a session for each context; what is committed stays, nothing else."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import importlib.util
import itertools
import json
import os
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import threading
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, NoReturn, cast
from unittest import mock

import flask

from ...core.errors import Broken, Deviation, Untested
from ...instruments.html import Page
from ...subject import Subject
from ...subject.config import Binding, Component, Route
from ...subject.locate import resolve
from ...transports import MARK, Client, Request, Response
from .. import Pattern
from ..harness import Harness, Probe

#: The configuration key of Flask-SQLAlchemy.
EXTENSION_KEY = "SQLALCHEMY_DATABASE_URI"

#: Texts are cut to this many characters where the column names no length.
LENGTH = 40

#: What a request does in it, and how it then ends (see `SQLAlchemyHarness.visit`).
ENDINGS = ("read", "write", "untouched", "error", "abort", "database error", "uncommitted")

_jobs = itertools.count()


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


class Watch:
    """What SQLAlchemy's events tell of every pool, engine and session of this process."""

    def __init__(self) -> None:
        #: Connections that are checked out, each with the thread that took it.
        self.held: dict[int, str] = {}
        #: Sessions that began a transaction, with their thread. Kept, so that none takes
        #: the identity of one that is gone.
        self.sessions: list[tuple[int, Any]] = []
        #: Statements, each with the engine that it went to.
        self.statements: list[tuple[Any, str]] = []
        #: Called with each statement before it is executed.
        self.before: Callable[[str], None] | None = None
        self._changed = threading.Condition()

    def checked_out(self, connection: Any, record: Any, proxy: Any) -> None:
        """Note a connection that leaves its pool (an event)."""
        with self._changed:
            self.held[id(record)] = threading.current_thread().name

    def checked_in(self, connection: Any, record: Any) -> None:
        """Note a connection that is back (an event)."""
        with self._changed:
            self.held.pop(id(record), None)
            self._changed.notify_all()

    def executed(
        self, conn: Any, cursor: Any, statement: str, params: Any, context: Any, many: bool
    ) -> None:
        """Note a statement (an event)."""
        self.statements.append((conn.engine, statement))
        if self.before is not None:
            self.before(statement)

    def began(self, session: Any, transaction: Any, connection: Any) -> None:
        """Note a session that takes a connection (an event)."""
        self.sessions.append((threading.get_ident(), session))

    def still_held(self, seconds: float) -> int:
        """Give how many connections are checked out, once they have had that time to come back."""
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
    listeners: list[tuple[Any, str, Any]] = [
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
    """The database, as another program sees it: through its driver, without SQLAlchemy."""

    def __init__(self, url: str, table: str, column: str) -> None:
        self.url = url
        self.quote = "`" if url.startswith(("mysql", "mariadb")) else '"'
        self.table = self._quoted(table)
        self.column = self._quoted(column)

    def texts(self) -> list[str]:
        """Give the texts of all committed rows, sorted."""
        rows = self._run(f"SELECT {self.column} FROM {self.table}", answers=True)
        return sorted(str(row[0]) for row in rows)

    def clear(self, tables: Sequence[str]) -> None:
        """Delete all rows of the tables, in that order."""
        self._run(*(f"DELETE FROM {self._quoted(table)}" for table in tables))

    def _quoted(self, name: str) -> str:
        return self.quote + name.replace(self.quote, self.quote * 2) + self.quote

    def _run(self, *statements: str, answers: bool = False) -> list[Any]:
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
                "it is locked: a transaction of the app is still open",
            ) from None
        return rows


def same_database(one: str, other: str) -> bool:
    """Whether two URLs lead to the same place, whatever else they say of the connection."""
    from sqlalchemy.engine import make_url

    def place(url: str) -> tuple[Any, ...]:
        parts = make_url(url)
        schema = parts.query.get("options")
        return parts.get_backend_name(), parts.host, parts.port, parts.database, schema

    return place(one) == place(other)


def connect(url: str) -> Any:
    """Give a connection of the database's own driver; ends the clause where there is none."""
    from sqlalchemy.engine import make_url

    parts = make_url(url)
    backend = parts.get_backend_name()
    if backend == "sqlite":
        if not parts.database or parts.database == ":memory:":
            raise Untested("the database is in memory: no other program can look into it")
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
    raise Untested(f"the kit has no driver to look into {backend} with")


def _refers(table: Any, target: Any) -> bool:
    """Whether a table is the target or has a foreign key that leads to it."""
    if table is target:
        return True
    keys = [key.column.table for key in table.foreign_keys]
    return any(_refers(each, target) for each in keys if each is not table)


@contextlib.contextmanager
def schema_of_its_own(service: str, url: str) -> Iterator[str]:
    """Make an empty schema (PostgreSQL) or database (MariaDB) and give its URL; drop it after."""
    from sqlalchemy.engine import make_url

    name = f"conformance_{uuid.uuid4().hex[:12]}"
    parts = make_url(url)
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
        # Compares texts by their characters, as Python does.
        make = [f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"]
        drop = [f"DROP DATABASE {name}"]
    _administer(url, make)
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


class SQLAlchemyHarness(Harness[SQLAlchemy]):
    """What the clauses do with a database, whichever way it is bound."""

    #: The service that the database is on; None for an SQLite file.
    on: ClassVar[str | None] = None
    #: Whether clauses have the session in their own hands.
    direct = False

    @classmethod
    def bound(cls, binding: Binding, subject: Subject) -> bool:
        """Whether the keys are bound and the service is named."""
        return super().bound(binding, subject) and (cls.on is None or cls.on in subject.services)

    def begin_example(self, values: Mapping[str, Any] | None = None) -> None:
        """Start an example with an empty table, where the database is the clause's own."""
        super().begin_example(values)
        if self._app is not None and self.owned and self.binding.model is not None:
            # Those that refer to the table go first, as their rows could not stay.
            tables = [
                each for each in self.table.metadata.sorted_tables if _refers(each, self.table)
            ]
            self.store.clear([each.name for each in reversed(tables)])

    # The database.

    @functools.cached_property
    def watch(self) -> Watch:
        """What SQLAlchemy's events tell from now on."""
        if importlib.util.find_spec("sqlalchemy") is None:
            raise Untested.for_package("SQLAlchemy", "flask-conformance[sqlalchemy]")
        return self.bench.enter(watching())

    def start_watching(self) -> Watch:
        """Listen to SQLAlchemy from now on, unless this is done, and return what it tells."""
        return self.watch

    @functools.cached_property
    def url(self) -> str:
        """The URL of the database that this clause has for itself."""
        return self.new_url()

    def renew(self) -> None:
        """Drop the app, and its database where `setup` fills it for each app."""
        super().renew()
        if self.bench.subject.setup is not None:
            self.__dict__.pop("url", None)

    def new_url(self) -> str:
        """Give the URL of a new, empty database."""
        if self.on is None:
            return f"sqlite:///{self.bench.folder() / 'conformance.db'}"
        return self.bench.enter(schema_of_its_own(self.on, self.service(self.on)))

    @property
    def url_config(self) -> str | None:
        """The configuration key with the database's URL, or None."""
        if self.binding.url_config is None and self.binding.db is not None:
            return EXTENSION_KEY
        return self.binding.url_config

    def build(self, url: str) -> Any:
        """Make an app of the subject on a database; the tables are there."""
        self.start_watching()  # from before the app is made
        if self.on is not None and self.url_config is None:
            raise Untested.for_keys("sqlalchemy", "url_config")
        app = self.bench.build(**({self.url_config: url} if self.url_config else {}))
        self.create_schema(app)
        return app

    def create_schema(self, app: Any) -> None:
        """Create the tables with what the subject has for it, if it is bound."""
        if self.binding.init_db is not None:
            with app.app_context():
                self.call("init_db()", self.component("init_db"))
        elif self.binding.db is not None:
            with app.app_context():
                self.call("db.create_all()", self.component("db").create_all)

    def make_app(self) -> Any:
        """Make an app on the clause's own database."""
        return self.build(self.url)

    @functools.cached_property
    def table(self) -> Any:
        """The table of the bound model."""
        import sqlalchemy

        model = self.component("model")
        return (
            model if isinstance(model, sqlalchemy.Table) else sqlalchemy.inspect(model).local_table
        )

    @property
    def used_url(self) -> str:
        """The URL of the database that the subject's statements on the table went to."""
        for engine, statement in reversed(self.watch.statements):
            if self.table.name in statement:
                return str(engine.url.render_as_string(hide_password=False))
        return self.url

    @property
    def owned(self) -> bool:
        """Whether the subject uses the database that it was given."""
        return self.binding.model is not None and same_database(self.used_url, self.url)

    @property
    def store(self) -> Store:
        """The database as another program sees it."""
        url = self.used_url
        if self.on is not None and not same_database(url, self.url):
            raise Untested(f"the app does not take its database from {self.url_config}")
        return Store(url, self.table.name, self.table.c[self.binding.column].name)

    def held(self) -> int:
        """Give how many connections stay checked out now that requests have ended."""
        self.inside()
        # A server may still be closing what its client has read to the end.
        return self.watch.still_held(0 if self.bench.transport.name == "wsgi" else 5)

    @functools.cached_property
    def _numbers(self) -> Iterator[int]:
        # Rows of earlier clauses, and runs, stay in a database that is not the clause's own.
        self.need_app()  # with its tables it shows which database it uses
        return itertools.count(1 if self.owned else secrets.randbelow(10**12))

    def unique(self, text: str) -> str:
        """Give a text that no row has, beginning with `text` as far as the column is wide."""
        length = LENGTH
        if self.binding.model is not None:
            length = getattr(self.table.c[self.binding.column].type, "length", None) or LENGTH
        end = f".{next(self._numbers)}"
        return text[: length - len(end)] + end

    # Actions.

    def create(self, text: str, client: Client | None = None) -> Response:
        """Store a row in a request."""
        raise NotImplementedError

    def duplicate(self, text: str) -> Response:
        """Store a row that can not be, as its text (or its key) is taken."""
        raise NotImplementedError

    def fail(self, text: str, how: str) -> Response:
        """Write a row in a request that then fails; `how` is one of "error" and "abort"."""
        raise NotImplementedError

    def shown(self) -> Shown:
        """Read all rows in a request."""
        raise NotImplementedError

    def visit(self, ending: str) -> None:
        """Let a context of the app do and end as one of `ENDINGS` says."""
        raise NotImplementedError

    # With the session in hand: the component kind has these.

    def _without_session(self) -> NoReturn:
        raise Untested.for_keys("sqlalchemy", "db", "db_session")

    @property
    def session(self) -> Any:
        """The bound scoped session."""
        self._without_session()

    @property
    def attribute(self) -> str:
        """The attribute of the model's text column."""
        self._without_session()

    def new(self, text: str) -> Any:
        """Give a new object of the model."""
        self._without_session()

    def during(self, work: Callable[[], Any], client: Client | None = None) -> Response:
        """Send a request in which `work` is the view; it gives what a view gives, or None."""
        self._without_session()

    def read(self) -> list[str]:
        """Give the texts of all rows, through the session of the current context."""
        self._without_session()

    def rename(self, old: str, new: str) -> Response:
        """Change the text of a row in a request, and commit."""
        self._without_session()

    def delete(self, text: str) -> Response:
        """Delete a row in a request, and commit."""
        self._without_session()

    def fresh(self) -> Fresh:
        """Let a new process create the tables, twice, and give what it saw."""
        self._without_session()

    # With the app's own views: the routes kind has these.

    def views(self, *keys: str) -> None:
        """Say that the clause asks what the app's own views do, and which of them."""
        for key in keys:
            self.need(key)
        if self.direct:
            raise Untested("asks what the app's own views do")

    def fields(self, text: str) -> dict[str, str]:
        """Give the form fields of a row with a text."""
        return {self.binding.field or self.binding.column: text, **self.others()}

    def others(self) -> dict[str, Any]:
        """Give the values of the other columns that a row needs."""
        number = str(next(self._numbers))
        return {
            name: value.replace("{n}", number) if isinstance(value, str) else value
            for name, value in self.binding.values.items()
        }

    def route(self, key: str, text: str | None = None, client: Client | None = None) -> Response:
        """Send a bound route, with a text in its field."""
        fields = None if text is None else self.fields(text)
        return self.send(client or self.client(), self.need(key), fields=fields)


class SQLAlchemyComponent(SQLAlchemyHarness):
    """The bound session in requests whose view is the clause's.

    A Flask-SQLAlchemy object gets a host app; a scoped session lives in the
    subject's app, or in a host app with the bound teardown function.
    """

    kind = "component"
    keys = ("db", "db_session")
    direct = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._work: dict[str, Callable[[], Any]] = {}

    def build(self, url: str) -> Any:
        """Make the app and let it take views from the clause."""
        if self.binding.db is None and self.bench.subject.app is not None:
            app = super().build(url)
        else:
            app = self._host(url)
        if not isinstance(app, flask.Flask):
            raise Untested("needs a Flask app: the subject is another WSGI callable")
        dispatch = app.dispatch_request

        def dispatch_request(*args: Any) -> Any:
            work = self._work.pop(flask.request.headers.get(MARK, ""), None)
            return dispatch(*args) if work is None else work()

        # On the object, not a rule of its own: an app that is shared takes no new rules.
        self.bench.enter(mock.patch.object(app, "dispatch_request", dispatch_request))
        return app

    def _host(self, url: str) -> flask.Flask:
        self.start_watching()  # from before the app is made
        app = flask.Flask(__name__)
        app.config["PROPAGATE_EXCEPTIONS"] = True
        if self.binding.db is not None:
            app.config[EXTENSION_KEY] = url
            self.call("db.init_app(app)", self.component("db").init_app, app)
        elif self.on is not None or self.binding.shutdown_session is None:
            raise Untested("needs an app: in it the session is removed")
        else:
            app.teardown_appcontext(self.component("shutdown_session"))
        self.create_schema(app)
        return app

    @property
    def session(self) -> Any:
        """The bound scoped session."""
        if self.binding.db is not None:
            return self.component("db").session
        return self.component("db_session")

    @property
    def attribute(self) -> str:
        """The attribute of the model's text column."""
        import sqlalchemy

        model = self.component("model")
        mapper = sqlalchemy.inspect(model, raiseerr=False)
        if not getattr(mapper, "is_mapper", False):
            raise Untested.for_keys(self.slug, "model", hint=" that is a mapped class")
        column = self.table.c[self.binding.column]
        return str(cast(Any, mapper).get_property_by_column(column).key)

    def new(self, text: str) -> Any:
        """Give a new object of the model."""
        attribute = self.attribute
        model = self.component("model")
        return self.call(
            f"{model.__name__}({attribute}={text!r})", model, **{attribute: text, **self.others()}
        )

    def during(self, work: Callable[[], Any], client: Client | None = None) -> Response:
        """Send a request in which `work` is the view; it gives what a view gives, or None."""
        self.inside()
        mark = f"sqlalchemy-{next(_jobs)}"
        client = client or self.client()
        self._work[mark] = lambda: work() or "done"
        response = client.send(Request.build("POST", "/conformance", headers=[(MARK, mark)]))
        if self._work.pop(mark, None) is not None:
            raise Broken(f"the app answered {response} before the view could run")
        return response

    def create(self, text: str, client: Client | None = None) -> Response:
        """Add an object and commit."""

        def work() -> None:
            self.session.add(self.new(text))
            self.session.commit()

        return self.during(work, client)

    def duplicate(self, text: str) -> Response:
        """Add an object with a primary key that another row has."""
        import sqlalchemy

        def work() -> None:
            mapper = sqlalchemy.inspect(self.component("model"))
            first = self.session.execute(sqlalchemy.select(*self.table.primary_key)).first()
            again = self.new(self.unique(text))
            for column, value in zip(self.table.primary_key, first, strict=True):
                setattr(again, mapper.get_property_by_column(column).key, value)
            self.session.add(again)
            self.session.commit()

        return self.during(work)

    def fail(self, text: str, how: str) -> Response:
        """Add an object, flush, and raise or abort."""

        def work() -> None:
            self.session.add(self.new(text))
            self.session.flush()
            if how == "abort":
                flask.abort(409)
            raise RuntimeError("the view failed")

        return self.during(work)

    def rename(self, old: str, new: str) -> Response:
        """Change the text of a row and commit."""

        def work() -> None:
            setattr(self._one(old), self.attribute, new)
            self.session.commit()

        return self.during(work)

    def delete(self, text: str) -> Response:
        """Delete a row and commit."""

        def work() -> None:
            self.session.delete(self._one(text))
            self.session.commit()

        return self.during(work)

    def _one(self, text: str) -> Any:
        import sqlalchemy

        model = self.component("model")
        where = self.table.c[self.binding.column] == text
        return self.session.execute(sqlalchemy.select(model).where(where)).scalars().one()

    def read(self) -> list[str]:
        """Give the texts of all rows, through the session of the current context."""
        import sqlalchemy

        column = self.table.c[self.binding.column]
        return sorted(self.session.execute(sqlalchemy.select(column)).scalars())

    def shown(self) -> Shown:
        """Read the rows in a request."""
        found: list[str] = []
        response = self.during(lambda: found.extend(self.read()))
        return Shown(response, found)

    def visit(self, ending: str) -> None:
        """Do it in a request, and what ends without one in a bare app context too."""
        text = self.unique("visit")

        def uncommitted() -> None:
            self.session.add(self.new(self.unique("visit")))
            self.session.flush()

        if ending == "read":
            self.shown()
        elif ending == "write":
            self.create(text)
        elif ending == "untouched":
            self.during(lambda: None)
        elif ending == "uncommitted":
            self.during(uncommitted)
            with self.flask_app.app_context():
                self.call("an app context of its own, as a command has", uncommitted)
        elif ending == "database error":
            self.create(text)
            self.duplicate(text)
        else:
            self.fail(text, ending)

    def fresh(self) -> Fresh:
        """Let a new process create the tables, twice, and give what it saw."""
        names = {key: self._name(key) for key in ("db", "db_session", "init_db")}
        with contextlib.suppress(Untested):
            names["model"] = self._name("model")
        app = self._importable("app", self.bench.subject.app)
        if names["init_db"] is None and (names["db"] is None or app is None):
            raise Untested.for_keys(self.slug, "init_db", hint=", or db and an app")
        order = {
            "app": app,
            "config": dict(self.bench.subject.config) if app else {},
            "url": self.new_url(),
            "url_config": self.url_config,
            **names,
        }
        self.ledger.call("a new process creates the tables")
        done = subprocess.run(
            [sys.executable, "-c", f"from {__name__} import _fresh; _fresh()"],
            input=json.dumps(order, default=str),
            capture_output=True,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([path or os.getcwd() for path in sys.path]),
                "SQLALCHEMY_WARN_20": "1",
            },
        )
        if done.returncode:
            raise Deviation(
                "a new process to import the modules and create the tables",
                (done.stderr.strip().splitlines() or ["it ended without a word"])[-1],
            )
        return Fresh(**json.loads(done.stdout.splitlines()[-1]))

    def _name(self, key: str) -> str | None:
        return self._importable(key, getattr(self.binding, key))

    def _importable(self, key: str, value: Any) -> str | None:
        if value is None or isinstance(value, str):
            return value
        name = f"{getattr(value, '__module__', '')}:{getattr(value, '__qualname__', '')}"
        # Whatever importing it once more raises: it has no name to be found by.
        with contextlib.suppress(Exception):
            if resolve(name, key) is value:
                return name
        raise Untested(f"needs {key} as module:attribute, for another process to import it")


class SQLAlchemyRoutes(SQLAlchemyHarness):
    """The routes of an app that stores rows."""

    kind = "routes"
    keys = ("create", "list", "find", "fail", "stream", "core_create")

    def create(self, text: str, client: Client | None = None) -> Response:
        """Send the route that stores a row."""
        return self.route("create", text, client)

    def duplicate(self, text: str) -> Response:
        """Store a text that a row has."""
        response = self.create(text)
        if response.status < 400 and self.store.texts().count(text) > 1:
            raise Untested(f"{self.binding.column} is not unique: no row is refused")
        return response

    def fail(self, text: str, how: str) -> Response:
        """Send the route that fails; how it does so is the app's business."""
        return self.route("fail", text)

    def shown(self) -> Shown:
        """Read the page with all rows."""
        return Shown(self.route("list"))

    def visit(self, ending: str) -> None:
        """Do it with the routes that are bound, and nothing where none is."""
        text = self.unique("visit")
        if ending == "read" and self.binding.list is not None:
            self.shown()
        elif ending == "write":
            self.create(text)
        elif ending == "untouched":
            self.client().get(f"/conformance-{text}")
        elif ending == "database error":
            self.create(text)
            self.create(text)
        elif ending in ("error", "abort") and self.binding.fail is not None:
            self.fail(text, ending)

    def probes(self) -> Sequence[Probe]:
        """Give a request for each route but the one that is to fail, with a text in its field."""
        return [
            Probe(key, value, parts={"fields": self.fields(self.unique("probe"))})
            for key, value in self._routes()
            if key != "fail"
        ]


class ComponentOnPostgreSQL(SQLAlchemyComponent):
    """The bound session on PostgreSQL."""

    kind = "component on PostgreSQL"
    on = "postgresql"


class RoutesOnPostgreSQL(SQLAlchemyRoutes):
    """The routes of an app on PostgreSQL."""

    kind = "routes on PostgreSQL"
    on = "postgresql"


class ComponentOnMariaDB(SQLAlchemyComponent):
    """The bound session on MariaDB."""

    kind = "component on MariaDB"
    on = "mariadb"


class RoutesOnMariaDB(SQLAlchemyRoutes):
    """The routes of an app on MariaDB."""

    kind = "routes on MariaDB"
    on = "mariadb"


@dataclasses.dataclass(frozen=True)
class Shown:
    """What a request read: its answer, and the texts of the rows where they are known."""

    response: Response
    texts: Sequence[str] | None = None

    def has(self, text: str) -> bool:
        """Whether a row with that text was read."""
        if self.texts is not None:
            return text in self.texts
        return shows(self.response.body, text)


def shows(body: bytes, text: str) -> bool:
    """Whether a page, as HTML, JSON or plain text, shows a text."""
    page = body.decode("utf-8", "replace")
    return text in page or text in Page(page).text or json.dumps(text)[1:-1] in page


@dataclasses.dataclass(frozen=True)
class Fresh:
    """What a new process saw."""

    #: The tables in the database after the schema function has run twice.
    tables: list[str]
    #: SQLAlchemy's warnings on what version 2 deprecates or no longer has.
    deprecations: list[str]


@contextlib.contextmanager
def deprecations() -> Iterator[list[str]]:
    """Record SQLAlchemy's warnings on what version 2 deprecates or no longer has.

    Version 1.4 gives most of them only where it is asked to.
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
        # The extension's own calls are no business of the subject's.
        if issubclass(warning.category, exc.SADeprecationWarning) and (
            "flask_sqlalchemy" not in Path(warning.filename).parts
        ):
            place = f"{Path(warning.filename).name}:{warning.lineno}"
            found.append(f"{warning.category.__name__}: {str(warning.message)[:200]} ({place})")


def _fresh() -> None:
    """Create the tables twice in a new process and print what it saw (see `fresh`)."""
    import sqlalchemy

    order = json.load(sys.stdin)
    with deprecations() as found, contextlib.ExitStack() as stack:
        app = flask.Flask(__name__)
        db = order["db"] and resolve(order["db"], "db")
        init_db = order["init_db"] and resolve(order["init_db"], "init_db")
        if order["app"]:
            subject = Subject(app=order["app"], config=order["config"])
            config = {order["url_config"]: order["url"]} if order["url_config"] else {}
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            app = subject.build(lambda: Path(folder), **config)
        elif db is not None:
            app.config[EXTENSION_KEY] = order["url"]
            db.init_app(app)
        with app.app_context():
            session = db.session if db is not None else resolve(order["db_session"], "db_session")
            for _ in range(2):
                (init_db or db.create_all)()
            tables = sqlalchemy.inspect(session.get_bind()).get_table_names()
            session.remove()
        if order.get("model"):
            resolve(order["model"], "model")
    print(json.dumps({"tables": tables, "deprecations": found}))


pattern = Pattern(
    slug="sqlalchemy",
    title="SQLAlchemy in Flask",
    sections={
        "": "SQLAlchemy in Flask",
        "flask-sqlalchemy-extension": "Flask-SQLAlchemy Extension",
        "declarative": "Declarative",
        "manual-object-relational-mapping": "Manual Object Relational Mapping",
        "sql-abstraction-layer": "SQL Abstraction Layer",
    },
    binding=SQLAlchemy,
    harnesses=(
        SQLAlchemyComponent,
        SQLAlchemyRoutes,
        ComponentOnPostgreSQL,
        RoutesOnPostgreSQL,
        ComponentOnMariaDB,
        RoutesOnMariaDB,
    ),
)
