"""The bound session in requests whose view is the clause's."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from unittest import mock

import flask

from ...core.errors import Broken, Deviation, NotObserved, Untested
from ...subject import Subject, guest
from ...subject.locate import resolve
from ...transports import MARK, Client, Request, Response
from .binding import EXTENSION_KEY, SQLAlchemy
from .databases import deprecations, scalar_defaults, table_of
from .harness import Direct, Fresh, Shown

if TYPE_CHECKING:
    from ...instruments.bench import Bench
    from ...transports import WSGIApp

_jobs = itertools.count()

#: What new processes saw that created the tables, or what they said last, by what they were told.
_seen: dict[str, Fresh | str] = {}


class SQLAlchemyComponent(Direct):
    """The bound session in requests whose view is the clause's.

    A Flask-SQLAlchemy object gets a host app; a scoped session is used in the subject's app, or
    in a host app with the bound teardown function.
    """

    kind = "component"
    keys = ("db", "db_session")

    def __init__(self, slug: str, binding: SQLAlchemy, bench: Bench) -> None:
        super().__init__(slug, binding, bench)
        self._work: dict[str, Callable[[], object]] = {}

    def build(self, url: str) -> WSGIApp:
        """Create the app and let it take views from the clause."""
        if self.binding.db is None and self.bench.subject.app is not None:
            app = super().build(url)
        else:
            app = self._host(url)
        if not isinstance(app, flask.Flask):
            raise Untested("needs a Flask app: the subject is another WSGI callable")
        dispatch = app.dispatch_request

        def dispatch_request(*args: object) -> object:
            work = self._work.pop(flask.request.headers.get(MARK, ""), None)
            return dispatch(*args) if work is None else work()

        # Patched on the object rather than added as a rule: a shared app accepts no new rules.
        self.bench.enter(mock.patch.object(app, "dispatch_request", dispatch_request))
        return app

    def _host(self, url: str) -> flask.Flask:
        self.start_watching()  # before the app is created
        app = flask.Flask(__name__)
        app.config["PROPAGATE_EXCEPTIONS"] = True
        if self.binding.db is not None:
            app.config[EXTENSION_KEY] = url
            self.call("db.init_app(app)", self.component("db").init_app, app)
        elif self.on is not None or self.binding.shutdown_session is None:
            raise Untested("needs an app, which removes the session")
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

    def new(self, text: str) -> object:
        """Return a new object of the model."""
        attribute = self.attribute
        model = self.component("model")
        return self.call(
            f"{model.__name__}({attribute}={text!r})", model, **{attribute: text, **self.others()}
        )

    def during(self, work: Callable[[], object], client: Client | None = None) -> Response:
        """Send a request with `work` as its view, which returns what a view returns, or None."""
        self.inside()
        mark = f"sqlalchemy-{next(_jobs)}"
        client = client or self.client()
        ended: list[BaseException] = []

        def view() -> object:
            try:
                return work() or "done"
            except (NotObserved, AssertionError) as error:
                # Not an error of the application's, which would turn it into a page.
                ended.append(error)
                raise

        self._work[mark] = view
        response = client.send(Request.build("POST", "/conformance", headers=[(MARK, mark)]))
        if ended:
            raise ended[0]
        if self._work.pop(mark, None) is not None:
            raise Broken(f"the app returned {response} before the view could run")
        return response

    def create(self, text: str, client: Client | None = None) -> Response:
        """Add an object and commit."""

        def work() -> None:
            self.session.add(self.new(text))
            self.session.commit()

        return self.during(work, client)

    def duplicate(self, text: str) -> Response:
        """Add an object with a primary key that another row already has."""
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
        """Return the texts of all rows, through the session of the current context."""
        import sqlalchemy

        column = self.table.c[self.binding.column]
        return sorted(self.session.execute(sqlalchemy.select(column)).scalars())

    def shown(self) -> Shown:
        """Read the rows in a request."""
        found: list[str] = []
        response = self.during(lambda: found.extend(self.read()))
        return Shown(response, found)

    def visit(self, ending: str) -> None:
        """Run it in a request, and what needs no request also in a bare app context."""
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
                self.call("a bare app context, as in a command", uncommitted)
        elif ending == "database error":
            self.create(text)
            self.duplicate(text)
        else:
            self.fail(text, ending)

    def fresh(self) -> Fresh:
        """Create the tables twice in a new process, and return what it saw."""
        names = {key: self._name(key) for key in ("db", "db_session", "init_db")}
        with contextlib.suppress(Untested):
            names["model"] = self._name("model")
        app = self._importable("app", self.bench.subject.app)
        if names["init_db"] is None and (names["db"] is None or app is None):
            raise Untested.for_keys(self.slug, "init_db", hint=", or db and an app")
        order = {
            "app": app,
            "config": dict(self.bench.subject.config) if app else {},
            "url_config": self.url_config,
            **names,
        }
        # Several clauses look at what one process saw: starting it takes longest.
        key = repr((self.on, order, sys.path))
        if key in _seen:
            self.ledger.call("a new process creates the tables (that of an earlier clause)")
        else:
            self.ledger.call("a new process creates the tables")
            _seen[key] = self._create_twice({**order, "url": self.new_url()})
        if isinstance(seen := _seen[key], Fresh):
            return seen
        raise Deviation("a new process to import the modules and create the tables", seen)

    @staticmethod
    def _create_twice(order: dict[str, object]) -> Fresh | str:
        """Return what a new process saw, or what it said last."""
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
            return (done.stderr.strip().splitlines() or ["it printed nothing"])[-1]
        return Fresh(**json.loads(done.stdout.splitlines()[-1]))

    def _name(self, key: str) -> str | None:
        return self._importable(key, getattr(self.binding, key))

    def _importable(self, key: str, value: object) -> str | None:
        if value is None or isinstance(value, str):
            return value
        name = f"{getattr(value, '__module__', '')}:{getattr(value, '__qualname__', '')}"
        # Ignoring whatever importing it again raises: it then has no name to be found by.
        with contextlib.suppress(Exception):
            if resolve(name, key) is value:
                return name
        raise Untested(f"needs {key} as module:attribute, so that another process can import it")


class ComponentOnPostgreSQL(SQLAlchemyComponent):
    """The bound session on PostgreSQL."""

    kind = "component on PostgreSQL"
    on = "postgresql"


class ComponentOnMariaDB(SQLAlchemyComponent):
    """The bound session on MariaDB."""

    kind = "component on MariaDB"
    on = "mariadb"


def _fresh() -> None:
    """Create the tables twice in a new process, and print what it saw (see `fresh`)."""
    import sqlalchemy

    guest.join()
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
        defaults: dict[str, object] = {}
        if order.get("model"):
            table = table_of(resolve(order["model"], "model"))
            defaults = scalar_defaults(table.metadata)
    texts = {name: repr(value) for name, value in defaults.items()}
    print(json.dumps({"tables": tables, "deprecations": found, "defaults": texts}))
