"""What the clauses do with a database, however it is bound."""

from __future__ import annotations

import abc
import dataclasses
import functools
import importlib.util
import itertools
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...core.errors import Untested
from ...instruments.values import shows
from ...transports import Client, Response
from ..harness import Ability, Harness
from .binding import EXTENSION_KEY, LENGTH, SQLAlchemy
from .databases import (
    Store,
    Watch,
    refers,
    same_database,
    schema_of_its_own,
    table_of,
    watching,
)

if TYPE_CHECKING:
    from sqlalchemy import Table

    from ...transports import WSGIApp


class SQLAlchemyHarness(Harness[SQLAlchemy], abc.ABC):
    """What the clauses do with a database, however it is bound."""

    def begin_example(self, values: Mapping[str, object] | None = None) -> None:
        """Start an example with an empty table, if the clause created the database."""
        super().begin_example(values)
        if self.bench.subject.setup is not None:
            # The routes may need what it has stored.
            return
        if self._app is not None and self.owned and self.binding.model is not None:
            # Tables that refer to the table come first, since their rows could not stay.
            tables = [
                each for each in self.table.metadata.sorted_tables if refers(each, self.table)
            ]
            self.store.clear([each.name for each in reversed(tables)])

    # The database.

    @functools.cached_property
    def watch(self) -> Watch:
        """What SQLAlchemy's events report from now on."""
        if importlib.util.find_spec("sqlalchemy") is None:
            raise Untested.for_package("SQLAlchemy", "flask-conformance[sqlalchemy]")
        return self.bench.enter(watching())

    def start_watching(self) -> Watch:
        """Listen to SQLAlchemy from now on, and return what it reports."""
        return self.watch

    @functools.cached_property
    def url(self) -> str:
        """The URL of this clause's own database."""
        return self.new_url()

    def renew(self) -> None:
        """Drop the app, and also its database if `setup` fills it for each app."""
        super().renew()
        if self.bench.subject.setup is not None:
            self.__dict__.pop("url", None)

    def new_url(self) -> str:
        """Return the URL of a new, empty database."""
        if self.on is None:
            return f"sqlite:///{self.bench.folder() / 'conformance.db'}"
        return self.bench.enter(schema_of_its_own(self.on, self.service(self.on)))

    @property
    def url_config(self) -> str | None:
        """The configuration key of the database URL, or None."""
        if self.binding.url_config is None and self.binding.db is not None:
            return EXTENSION_KEY
        return self.binding.url_config

    def build(self, url: str) -> WSGIApp:
        """Create an app of the subject on a database, with its tables."""
        self.start_watching()  # before the app is created
        if self.on is not None and self.url_config is None:
            raise Untested.for_keys("sqlalchemy", "url_config")
        app = self.bench.build(**({self.url_config: url} if self.url_config else {}))
        self.create_schema(app)
        return app

    def create_schema(self, app: Any) -> None:
        """Create the tables with the subject's own function, if one is bound."""
        if self.binding.init_db is not None:
            with app.app_context():
                self.call("init_db()", self.component("init_db"))
        elif self.binding.db is not None:
            with app.app_context():
                self.call("db.create_all()", self.component("db").create_all)

    def make_app(self) -> WSGIApp:
        """Create an app on the clause's own database."""
        return self.build(self.url)

    @functools.cached_property
    def table(self) -> Table:
        """The table of the bound model."""
        return table_of(self.component("model"))

    @property
    def used_url(self) -> str:
        """The URL of the database that received the subject's statements on the table."""
        for engine, statement in reversed(self.watch.statements):
            if self.table.name in statement:
                return str(engine.url.render_as_string(hide_password=False))
        return self.url

    @property
    def owned(self) -> bool:
        """Whether the subject uses the database that the clause gave it."""
        return self.binding.model is not None and same_database(self.used_url, self.url)

    @property
    def store(self) -> Store:
        """The database as another program sees it."""
        url = self.used_url
        if self.on is not None and not same_database(url, self.url):
            raise Untested(f"the app does not read its database URL from {self.url_config}")
        return Store(url, self.table.name, self.table.c[self.binding.column])

    def held(self) -> int:
        """Return how many connections remain checked out now that the requests have ended."""
        self.inside()
        # A server may still be closing a connection that its client has read to the end.
        return self.watch.still_held(0 if self.bench.transport.name == "wsgi" else 5)

    @functools.cached_property
    def _numbers(self) -> Iterator[int]:
        # A database that the clause did not create has rows of earlier clauses and runs.
        self.need_app()  # creating its tables shows which database it uses
        return itertools.count(1 if self.owned else secrets.randbelow(10**12))

    def unique(self, text: str) -> str:
        """Return a text that no row has, starting with as much of `text` as fits the column."""
        length = LENGTH
        if self.binding.model is not None:
            length = getattr(self.table.c[self.binding.column].type, "length", None) or LENGTH
        end = f".{next(self._numbers)}"
        return text[: length - len(end)] + end

    # Actions.

    @abc.abstractmethod
    def create(self, text: str, client: Client | None = None) -> Response:
        """Store a row in a request."""

    @abc.abstractmethod
    def duplicate(self, text: str) -> Response:
        """Store a row that the database rejects, because its text (or its key) is taken."""

    @abc.abstractmethod
    def fail(self, text: str, how: str) -> Response:
        """Write a row in a request that then fails; `how` is "error" or "abort"."""

    @abc.abstractmethod
    def shown(self) -> Shown:
        """Read all rows in a request."""

    @abc.abstractmethod
    def visit(self, ending: str) -> None:
        """Run a context of the app that ends as one of `ENDINGS` says."""

    def views(self, *keys: str) -> None:
        """Require the app's own views, with the keys that are to be bound."""
        for key in keys:
            self.need(key)
        if isinstance(self, Direct):
            raise Untested("tests the app's own views")

    def fields(self, text: str) -> dict[str, str]:
        """Return the form fields of a row with a text."""
        return {self.binding.field or self.binding.column: text, **self.others()}

    def others(self) -> dict[str, Any]:
        """Return the values of the other columns that a row requires."""
        number = str(next(self._numbers))
        return {
            name: value.replace("{n}", number) if isinstance(value, str) else value
            for name, value in self.binding.values.items()
        }

    def route(self, key: str, text: str | None = None, client: Client | None = None) -> Response:
        """Send a bound route, with a text in its field."""
        fields = None if text is None else self.fields(text)
        return self.send(client or self.client(), self.need(key), fields=fields)


class Direct(SQLAlchemyHarness, Ability, given_by=("db", "db_session")):
    """Clauses use the session itself."""

    @property
    @abc.abstractmethod
    def session(self) -> Any:
        """The bound scoped session."""

    @property
    @abc.abstractmethod
    def attribute(self) -> str:
        """The attribute of the model's text column."""

    @abc.abstractmethod
    def new(self, text: str) -> object:
        """Return a new object of the model."""

    @abc.abstractmethod
    def during(self, work: Callable[[], object], client: Client | None = None) -> Response:
        """Send a request with `work` as its view, which returns what a view returns, or None."""

    @abc.abstractmethod
    def read(self) -> list[str]:
        """Return the texts of all rows, through the session of the current context."""

    @abc.abstractmethod
    def rename(self, old: str, new: str) -> Response:
        """Change the text of a row in a request, and commit."""

    @abc.abstractmethod
    def delete(self, text: str) -> Response:
        """Delete a row in a request, and commit."""

    @abc.abstractmethod
    def fresh(self) -> Fresh:
        """Create the tables twice in a new process, and return what it saw."""


@dataclasses.dataclass(frozen=True)
class Shown:
    """What a request read: its response, and the texts of the rows if known."""

    response: Response
    texts: Sequence[str] | None = None

    def has(self, text: str) -> bool:
        """Check whether a row with that text was read."""
        if self.texts is not None:
            return text in self.texts
        return shows(self.response.body, text)


@dataclasses.dataclass(frozen=True)
class Fresh:
    """What a new process saw."""

    #: The tables in the database after calling the schema function twice.
    tables: list[str]
    #: SQLAlchemy's warnings about what version 2 deprecates or removes.
    deprecations: list[str]
    #: The column defaults of the bound model that are one value for every row.
    defaults: dict[str, str]
