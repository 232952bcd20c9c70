"""Documents in MongoDB, done right in other ways than the reference's."""

from __future__ import annotations

from typing import Any

import flask
import mongoengine as me
from bson import ObjectId
from bson.errors import InvalidId
from pymongo.errors import PyMongoError

from conformance import Subject
from tests.proof import variant


class Book(me.Document):
    """A document of another shape, with its own alias."""

    name = me.StringField(required=True, max_length=200)
    pages = me.IntField()
    tags = me.ListField(me.StringField())
    publisher = me.StringField(required=True)
    meta = {"db_alias": "library", "strict": False}  # noqa: RUF012


@variant
def another_alias() -> Subject:
    """A class alone: other names, another required field, a connection with an alias."""
    binding = {
        "document": Book,
        "text": "name",
        "number": "pages",
        "words": "tags",
        "values": {"publisher": "unknown"},
    }
    return Subject(patterns={"mongoengine": binding})


class Note(me.DynamicDocument):
    """A class without a fixed shape: what else is stored is kept."""

    title = me.StringField(required=True)
    year = me.IntField()
    actors = me.ListField(me.StringField())


@variant
def dynamic_document() -> Subject:
    """A dynamic class alone, with no number or list in the binding's way."""
    return Subject(patterns={"mongoengine": {"document": Note}})


class Bread(me.Document):
    """A document with a price, which is no text when it comes back."""

    title = me.StringField(required=True)
    baked = me.DateTimeField()
    price = me.DecimalField(required=True, min_value=0, precision=2)
    meta = {"strict": False}  # noqa: RUF012


@variant
def decimal_and_date() -> Subject:
    """A class alone whose other fields take texts and keep what these name."""
    values = {"price": "2.50", "baked": "2024-05-06"}
    return Subject(patterns={"mongoengine": {"document": Bread, "values": values}})


@variant
def the_driver_beneath() -> Subject:
    """Routes on the driver, with a client in the app: an array of documents, PUT for changes."""
    import mongoengine.connection

    def create_app(config: dict[str, Any] | None = None) -> flask.Flask:
        app = flask.Flask("library")
        app.config.update(config or {})
        settings = app.config.get("MONGODB_SETTINGS", {})
        client = mongoengine.connection.MongoClient(
            settings.get("host", "localhost"), connect=False, serverSelectionTimeoutMS=500
        )
        books = client[settings.get("db", "library")].books

        def shown(book: dict[str, Any]) -> dict[str, Any]:
            return {"id": str(book["_id"]), **{key: book.get(key) for key in ("name", "pages")}}

        def checked(partial: bool) -> dict[str, Any]:
            data = flask.request.get_json()
            found = {key: data[key] for key in ("name", "pages") if key in data}
            name, pages = found.get("name", "-" if partial else None), found.get("pages", 0)
            if not isinstance(name, str) or not name or not isinstance(pages, int):
                flask.abort(422)
            return found

        def the(key: str) -> dict[str, Any]:
            try:
                return {"_id": ObjectId(key)}
            except InvalidId:
                flask.abort(404)

        @app.get("/books")
        def index() -> Any:
            asked: dict[str, Any] = {}
            if "name" in flask.request.args:
                asked["name"] = {"$eq": flask.request.args["name"]}
            if "from" in flask.request.args:
                asked["pages"] = {"$gte": flask.request.args.get("from", 0, type=int)}
            return flask.jsonify([shown(book) for book in books.find(asked)])

        @app.post("/books/find")
        def find() -> Any:
            # An object is compared as the object that it is.
            asked = {"name": {"$eq": flask.request.get_json()["called"]}}
            return flask.jsonify([shown(book) for book in books.find(asked)])

        @app.post("/books")
        def create() -> Any:
            book = checked(partial=False)
            books.insert_one(book)
            return shown(book), 201

        @app.get("/books/<key>")
        def read(key: str) -> Any:
            return shown(books.find_one(the(key)) or flask.abort(404))

        @app.put("/books/<key>")
        def update(key: str) -> Any:
            books.update_one(the(key), {"$set": checked(partial=True)})
            return read(key)

        @app.errorhandler(PyMongoError)
        def down(error: Exception) -> Any:
            return {"error": "try again later"}, 503

        return app

    binding = {
        "create": {"method": "POST", "path": "/books"},
        "list": "/books",
        "item": "/books/{id}",
        "update": {"method": "PUT", "path": "/books/{id}"},
        "search": {"method": "POST", "path": "/books/find"},
        "search_field": "called",
        "filters": {"name": "name", "pages__gte": "from"},
        "text": "name",
        "number": "pages",
        "words": None,
    }
    return Subject(app=create_app, patterns={"mongoengine": binding})


class Station(me.Document):
    """A document whose connection is that of the current app."""

    title = me.StringField(required=True)
    year = me.IntField()
    actors = me.ListField(me.StringField())
    meta = {"strict": False}  # noqa: RUF012

    @classmethod
    def _get_db(cls) -> Any:
        return me.get_db(flask.current_app.extensions["stations"])

    @classmethod
    def _get_collection(cls) -> Any:
        return cls._get_db()["stations"]


@variant
def connection_of_the_current_app() -> Subject:
    """Each app registers a connection under an alias of its own, which the document looks up."""

    def create_app(config: dict[str, Any]) -> flask.Flask:
        app = flask.Flask(__name__)
        settings = {"uuidRepresentation": "standard", **config["MONGODB_SETTINGS"]}
        alias = app.extensions["stations"] = f"stations-{settings['db']}"
        me.connect(alias=alias, **settings)
        return app

    return Subject(
        app=create_app,
        config={"MONGODB_SETTINGS": {"db": "stations"}},
        patterns={"mongoengine": {"document": Station}},
    )
