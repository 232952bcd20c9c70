"""MongoDB with MongoEngine: documents that are read back as stored and found as queried."""

from __future__ import annotations

import abc
import contextlib
import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast
from unittest import mock

from ..core.errors import Broken, Untested
from ..instruments.bench import Bench
from ..subject import Subject
from ..subject.config import Binding, Component, Route, numbered
from ..transports import Request, Response
from . import Pattern
from .harness import Ability, Harness, Probe

if TYPE_CHECKING:
    from ..transports import WSGIApp

#: An address where nothing listens.
UNREACHABLE = "mongodb://127.0.0.1:9/conformance"

_databases = itertools.count()


class MongoEngine(Binding):
    """How a subject exposes its documents."""

    document: Component = None
    """A MongoEngine document class."""
    create: Route | None = None
    """A route that takes a document as JSON and returns the stored document with its id."""
    item: str | None = None
    """The path of one document, with `{id}`, for GET requests."""
    update: Route | None = None
    """A route, with `{id}` in its path, that updates the fields in its JSON."""
    delete: Route | None = None
    """A route, with `{id}` in its path, that deletes a document."""
    list: Route | None = None
    """A route that returns all documents as JSON: an array, or an object that contains one."""
    filters: Mapping[str, str] = {}
    """The list's query fields, by the condition they stand for: `{ "year__gte" = "since" }`."""
    search: Route | None = None
    """A route that takes a JSON object and returns, in the list's format, the documents whose
    `text` equals the value of `search_field`."""
    search_field: str | None = None
    """The name of that field; by default that of `text`."""
    text: str = "title"
    """A required string field."""
    number: str | None = "year"
    """An integer field."""
    words: str | None = "actors"
    """A field with a list of strings."""
    nested: str | None = None
    """A field of an embedded document."""
    nested_values: Mapping[str, object] = {}
    """The values of the embedded document in an example."""
    values: Mapping[str, Any] = {}
    """Values of other fields that a document requires."""
    settings: str = "MONGODB_SETTINGS"
    """The configuration key for the connection settings."""
    other_page: Route | None = None
    """A page that does not use the database."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """The result of an action: a status as in HTTP, and the documents returned."""

    status: int
    documents: tuple[Mapping[str, object], ...] = ()
    shown: str = ""

    @property
    def document(self) -> Mapping[str, object]:
        """The one document of the answer; the clause is `broken` if there is none."""
        if len(self.documents) != 1:
            raise Broken(f"no document in {self.shown or self.status}")
        return self.documents[0]

    def __str__(self) -> str:
        return self.shown or str(self.status)


class MongoEngineHarness(Harness[MongoEngine], abc.ABC):
    """Stores, reads and queries documents; `mongomock` stands in for the server."""

    #: How a document that is not valid is rejected.
    rejection: ClassVar[str] = "a 4xx"
    #: The service that a kind needs; None for mongomock.
    real: ClassVar[str | None] = None

    def __init__(self, slug: str, binding: MongoEngine, bench: Bench) -> None:
        super().__init__(slug, binding, bench)
        bench.enter(self._connections())

    @classmethod
    def bound(cls, binding: Binding, subject: Subject) -> bool:
        """Check whether one of its keys is bound and its service is named."""
        return super().bound(binding, subject) and cls.real in (None, *subject.services)

    @contextlib.contextmanager
    def _connections(self) -> Iterator[None]:
        try:
            import mongoengine.connection
            import mongomock
        except ImportError as error:
            raise Untested.for_package(
                error.name or "mongoengine", "flask-conformance[mongoengine]"
            ) from None
        #: What a module of the subject, or an app made earlier, had registered before.
        self._registered = dict(mongoengine.connection._connection_settings)
        with contextlib.ExitStack() as stack:
            # MongoEngine shares clients between aliases: an earlier one would serve for all.
            self._disconnect()
            stack.callback(self._disconnect)
            if self.real is None:
                stack.enter_context(
                    mock.patch.object(mongoengine.connection, "MongoClient", mongomock.MongoClient)
                )
            yield

    def _disconnect(self) -> None:
        from mongoengine.connection import _connection_settings, disconnect_all

        disconnect_all()
        _connection_settings.clear()
        _connection_settings.update(self._registered)

    def begin_example(self, values: Mapping[str, object] | None = None) -> None:
        """Start with an empty database."""
        super().begin_example(values)
        if not self._emptied():
            self.renew()
            self._disconnect()

    def _emptied(self) -> bool:
        # Faster than a new app; a driver that the app creates itself is not noticed here.
        import mongomock
        from mongoengine.connection import _connections

        clients = list(_connections.values())
        if (
            not self.bench.transport.same_process
            or not clients
            or not all(isinstance(each, mongomock.MongoClient) for each in clients)
        ):
            return False
        for client in clients:
            for name in client.list_database_names():
                for collection in client[name].list_collection_names():
                    # Not dropped: MongoEngine makes indexes once.
                    client[name][collection].delete_many({})
        return True

    def data(
        self, text: str, number: int = 1985, words: list[str] | None = None
    ) -> dict[str, object]:
        """Return the fields of a document, as far as they are bound."""
        found = {**self.binding.values, self.binding.text: text}
        for key, value in {"number": number, "words": words}.items():
            name = self.field_of(key)
            if name is not None and value is not None:
                found[name] = value
        return found

    def field_of(self, key: str) -> str | None:
        """Return the name of a field; a default counts only if the bound class declares it."""
        name = cast("str | None", getattr(self.binding, key))
        return name if key in self.binding.model_fields_set or self.declares(name) else None

    def field(self, key: str) -> str:
        """Return the name of such a field, or end the clause as `untested` if there is none."""
        name = self.field_of(key)
        if name is None:
            raise Untested.for_keys(self.slug, key)
        return name

    def declares(self, name: str | None) -> bool:
        """Check whether the bound class declares a field; True if no class is bound."""
        if self.binding.document is None:
            return True
        return name in self.component("document")._fields

    @contextlib.contextmanager
    def current(self) -> Iterator[None]:
        """Push an app context of the subject's app, if it has one.

        A document class may look its connection up on the current app.
        """
        import flask

        if self.bench.subject.app is None or not isinstance(self.app, flask.Flask):
            yield
            return
        with self.app.app_context():
            yield

    def make_app(self) -> WSGIApp:
        """Return the subject's app with a database of its own."""
        key = self.binding.settings
        given = self.bench.subject.config.get(key)
        settings = {**given} if isinstance(given, Mapping) else {}
        connection = self.connection()
        #: The database of the app, as its configuration has it.
        self.configured = f"{key}['db'] = {connection['db']!r}"
        return self.bench.build(**{key: {**settings, **connection}})

    def connection(self) -> dict[str, object]:
        """Return the connection settings in Flask-MongoEngine's format."""
        return {"db": f"conformance{next(_databases)}"}

    # What each kind implements in its own way.

    @abc.abstractmethod
    def create(self, data: object) -> Answer:
        """Store a document."""

    @abc.abstractmethod
    def read(self, key: str) -> Answer:
        """Read the document with the given id."""

    @abc.abstractmethod
    def find(self, **asked: object) -> Answer:
        """Query for documents with MongoEngine's keywords, such as `year__gte`."""

    @abc.abstractmethod
    def remove(self, key: str) -> Answer:
        """Delete the document with the given id."""

    def stored(self) -> list[Mapping[str, object]]:
        """Return all documents."""
        return list(self.find().documents)

    def texts(self) -> list[str]:
        """Return the texts of all documents, sorted."""
        return sorted(str(each[self.binding.text]) for each in self.stored())

    def store_raw(self, data: Mapping[str, object]) -> None:
        """Store a document without MongoEngine, as an older version of the app would have."""
        self.ledger.call("insert_one, without MongoEngine")
        with self.current():
            self._collection(self.component("document")).insert_one(dict(data))

    def _collection(self, document: Any) -> Any:
        return document._get_collection()


class DocumentComponent(MongoEngineHarness, Ability, given_by=("document",)):
    """The document class itself."""

    kind = "component"
    rejection = "a ValidationError"
    keys = ("document",)

    @property
    def document(self) -> Any:
        """The class, with its connection made."""
        import mongoengine

        document = self.component("document")
        alias = document._meta.get("db_alias", "default")
        if alias not in mongoengine.connection._connections:
            settings = {"uuidRepresentation": "standard", **self.connection()}
            mongoengine.connect(alias=alias, **settings)
        return document

    def _collection(self, document: object) -> Any:
        return self.document._get_collection()

    def _values(self, found: Any) -> dict[str, Any]:
        values = dict(found.to_mongo())
        return {**values, "id": str(found.pk)}

    def create(self, data: Any) -> Answer:
        """Create a document from the values and save it."""
        import mongoengine

        self.ledger.call(f"document(**{data}).save()")
        try:
            with self.current():
                found = self.document(**data)
                found.save()
                return Answer(201, (self._values(found),), "the document is saved")
        except (mongoengine.errors.ValidationError, mongoengine.errors.FieldDoesNotExist) as error:
            return Answer(400, (), f"{type(error).__name__}: {error}")
        except (TypeError, ValueError) as error:
            return Answer(400, (), f"{type(error).__name__}: {error}")

    def read(self, key: str) -> Answer:
        """Look the document up by its id."""
        import mongoengine

        self.ledger.call(f"document.objects(pk={key!r}).get()")
        try:
            with self.current():
                return Answer(200, (self._values(self.document.objects(pk=key).get()),))
        except mongoengine.errors.DoesNotExist:
            return Answer(404)

    def find(self, **asked: object) -> Answer:
        """Query the class."""
        shown = ", ".join(f"{key}={value!r}" for key, value in asked.items())
        with self.current():
            found = self.call(
                f"document.objects({shown})", lambda: list(self.document.objects(**asked))
            )
            return Answer(200, tuple(map(self._values, found)))

    def remove(self, key: str) -> Answer:
        """Delete the document."""
        self.ledger.call(f"document.objects(pk={key!r}).delete()")
        with self.current():
            return Answer(200 if self.document.objects(pk=key).delete() else 404)


class RealComponent(DocumentComponent):
    """The document class on a real server."""

    kind = "component on mongodb"
    real = "mongodb"

    def connection(self) -> dict[str, object]:
        """Return how to connect to the named server, with a database of its own."""
        return {"host": self.service("mongodb"), **super().connection()}

    def begin_example(self, values: Mapping[str, object] | None = None) -> None:
        """Start with an empty database, and leave none behind."""
        import mongoengine

        for alias in list(mongoengine.connection._dbs):
            database = mongoengine.connection.get_db(alias)
            if database.name.startswith("conformance"):
                database.client.drop_database(database.name)
        super().begin_example(values)


class MongoEngineRoutes(MongoEngineHarness, Ability, given_by=("list",), because=", and create"):
    """Routes of the subject's app that speak JSON."""

    kind = "routes"
    keys = ("list", "create")

    def answer(self, response: Response) -> Answer:
        """Return the answer that a response stands for."""
        try:
            data = response.json()
        except ValueError:
            data = None
        if isinstance(data, dict) and "id" not in data:
            # The array may be inside an object.
            data = next((each for each in data.values() if isinstance(each, list)), data)
        found = data if isinstance(data, list) else [data] if isinstance(data, dict) else []
        documents = found if response.status < 300 else []
        return Answer(
            response.status,
            tuple(each for each in documents if isinstance(each, dict)),
            str(response),
        )

    def create(self, data: object) -> Answer:
        """Send the document to the bound route."""
        route: Route = self.need("create")
        return self.answer(self.send(self.client(), route, json=data))

    def read(self, key: str) -> Answer:
        """Request the document's path."""
        return self.answer(self.client().get(self.item(key)))

    def item(self, key: str) -> str:
        """Return the path of a document."""
        from urllib.parse import quote

        return cast(str, self.need("item")).replace("{id}", quote(key, safe=""))

    def find(self, **asked: object) -> Answer:
        """Query the list with the fields that the filters are bound to."""
        pairs = []
        for key, value in asked.items():
            if key not in self.binding.filters:
                raise Untested(f"needs {key} in patterns.{self.slug}.filters")
            several = value if isinstance(value, list) else [value]
            pairs += [(self.binding.filters[key], str(each)) for each in several]
        return self.search(pairs)

    @contextlib.contextmanager
    def server_down(self) -> Iterator[None]:
        """Make connections fail for want of a server, rather than reach mongomock."""
        import mongoengine.connection
        import pymongo

        with mock.patch.object(mongoengine.connection, "MongoClient", pymongo.MongoClient):
            yield

    def search(self, pairs: list[tuple[str, str]]) -> Answer:
        """Request the list with a query string."""
        route: Route = self.need("list")
        query = [*route.query.items(), *pairs]
        return self.answer(self.client().send(Request.build("GET", route.path, query=query)))

    @property
    def search_field(self) -> str:
        """The field of the JSON object that holds the text to search for."""
        return self.binding.search_field or self.binding.text

    def search_json(self, **asked: object) -> Answer:
        """Send an object to the bound search, together with the binding's own fields."""
        route: Route = self.need("search")
        body = route.json_body if isinstance(route.json_body, Mapping) else {}
        return self.answer(self.send(self.client(), route, json={**numbered(body), **asked}))

    def change(self, key: str, data: Mapping[str, object]) -> Answer:
        """Update fields of a document."""
        return self._send_to("update", key, json=dict(data))

    def remove(self, key: str) -> Answer:
        """Delete the document."""
        return self._send_to("delete", key)

    def _send_to(self, name: str, key: str, **parts: object) -> Answer:
        route: Route = self.need(name)
        target = route.path.replace("{id}", key)
        return self.answer(self.send(self.client(), route, target=target, **parts))

    def probes(self) -> list[Probe]:
        """Return no probes: the preflight has no database."""
        return []


class RealRoutes(MongoEngineRoutes):
    """The same routes, on a real server."""

    kind = "routes on mongodb"
    real = "mongodb"

    def connection(self) -> dict[str, object]:
        """Return how to connect to the named server, with a database of its own."""
        return {"host": self.service("mongodb"), **super().connection()}


pattern = Pattern(
    slug="mongoengine",
    title="MongoDB with MongoEngine",
    sections={
        "": "MongoDB with MongoEngine",
        "configuration": "Configuration",
        "mapping-documents": "Mapping Documents",
        "creating-data": "Creating Data",
        "queries": "Queries",
    },
    binding=MongoEngine,
    harnesses=(DocumentComponent, RealComponent, MongoEngineRoutes, RealRoutes),
)
