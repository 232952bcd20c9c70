"""The bound functions in requests whose view is the clause's."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from unittest import mock

import flask

from ...core.errors import Broken, Deviation, Untested
from ...transports import MARK, Client, Request, Response
from ..sqlalchemy import Shown
from .binding import COLUMN, TABLE, SQLite3
from .harness import Direct, Handled, Planned, end, jobs, trouble
from .watch import value_of

if TYPE_CHECKING:
    from ...instruments.bench import Bench
    from ...transports import WSGIApp


class SQLite3Component(Direct):
    """The bound functions in requests whose view is the clause's.

    They run in the subject's app, or in a host app that has the teardown function.
    """

    kind = "component"
    keys = ("get_db", "query_db", "init_db")

    def __init__(self, slug: str, binding: SQLite3, bench: Bench) -> None:
        super().__init__(slug, binding, bench)
        self._work: dict[tuple[str, str], Callable[[], object]] = {}

    def build_app(self) -> WSGIApp:
        """Create the app and let it take views from the clause."""
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

        def replaced(*args: object) -> object:
            work = self._work.pop((method, flask.request.headers.get(MARK, "")), None)
            return original(*args) if work is None else work()

        # Patched on the object rather than added as rules and hooks: a shared app accepts no new
        # ones.
        self.bench.enter(mock.patch.object(app, method, replaced))

    def _host(self) -> flask.Flask:
        key = next(key for key in self.keys if getattr(self.binding, key) is not None)
        # The schema file is next to the module.
        app = flask.Flask(getattr(self.component(key), "__module__", __name__))
        app.config.update(PROPAGATE_EXCEPTIONS=False)
        app.config[self.binding.database_config] = self.path
        app.logger.disabled = True
        if self.binding.init_app is not None:
            self.call("init_app(app)", self.component("init_app"), app)
        elif self.binding.close_connection is not None:
            app.teardown_appcontext(self.component("close_connection"))
        else:
            raise Untested("needs an app, init_app or close_connection, which closes connections")
        return app

    def set_up(self, app: Any) -> None:
        """Create the clauses' own table in the database that the functions use."""
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
        """Return the clauses' own table and column."""
        return TABLE, COLUMN

    def get_db(self) -> Any:
        """Call the component."""
        return self.call("get_db()", self.component("get_db"))

    def query_db(self, *arguments: object, **named: object) -> Any:
        """Call the component."""
        shown = [*(f"{each!r:.80}" for each in arguments), *(f"{k}={v}" for k, v in named.items())]
        what = f"query_db({', '.join(shown)})"
        return self.call(what, self.component("query_db"), *arguments, **named)

    def connect_once(self) -> None:
        """Require `get_db`; `set_up` has already connected with it."""
        self.need("get_db")

    def during(self, work: Callable[[], object], *, before: bool = False) -> Response:
        """Send a request with `work` as its view, or with `before` as a before-request function."""
        self.inside()
        mark = f"sqlite3-{next(jobs)}"
        client = self.client()
        place = "preprocess_request" if before else "dispatch_request", mark
        self._work[place] = lambda: work() or "done"
        response = client.send(Request.build("GET", "/conformance", headers=[(MARK, mark)]))
        self.settle()
        if self._work.pop(place, None) is not None:
            raise Broken(f"the app returned {response} before the view could run")
        return response

    def write(self, text: str, *, commit: bool) -> None:
        """Insert a row in a transaction, whatever mode the connection is in."""
        db = self.get_db()
        if not db.in_transaction:
            db.execute("BEGIN")
        db.execute(f"INSERT INTO {TABLE} ({COLUMN}) VALUES (?)", (text,))
        if commit:
            db.commit()

    def read(self) -> list[str]:
        """Select the texts of all rows."""
        rows = self.get_db().execute(f"SELECT {COLUMN} FROM {TABLE}").fetchall()
        return sorted(value_of(row) for row in rows)

    def value(self, text: str) -> str:
        """Return the text itself: any text can be stored, any number of times."""
        return text

    def create(self, text: str, client: Client | None = None) -> Response:
        """Insert a row and commit."""
        return self.during(lambda: self.write(text, commit=True))

    def fail(self, text: str, how: str) -> Response:
        """Insert a row, and end without a commit."""

        def work() -> None:
            self.write(text, commit=False)
            end(how)

        return self.during(work, before=how == "before")

    def shown(self) -> Shown:
        """Select the rows in a request."""
        texts: list[str] = []
        response = self.during(lambda: texts.extend(self.read()))
        return Shown(response, texts)

    def found(self, text: str) -> Shown:
        """Query for the rows in a request."""
        texts: list[str] = []
        query = f"SELECT {COLUMN} FROM {TABLE} WHERE {COLUMN} = ?"
        response = self.during(
            lambda: texts.extend(value_of(row) for row in self.query_db(query, [text]))
        )
        return Shown(response, texts)

    def visit(self, ending: str) -> str | None:
        """Run it in a request, or in a context as in a command."""
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
