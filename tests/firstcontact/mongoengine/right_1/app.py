"""Nested blueprints and class based views; errors are problem documents with 422."""
from itertools import count

import mongoengine as me
from flask import Blueprint, Flask, abort, current_app, jsonify, request
from flask.views import MethodView
from mongoengine.connection import get_db
from werkzeug.utils import import_string

aliases = (f"library{n}" for n in count())
last = None


class Publisher(me.EmbeddedDocument):
    name = me.StringField(required=True)
    city = me.StringField()


class Book(me.Document):
    name = me.StringField(required=True, db_field="n", min_length=1)
    pages = me.LongField(db_field="p", min_value=0)
    tags = me.ListField(me.StringField(), db_field="t")
    publisher = me.EmbeddedDocumentField(Publisher, db_field="pub")
    meta = {"ordering": ["name", "id"], "strict": False}

    @classmethod
    def _get_db(cls):
        return get_db(current_app.extensions["library"] if current_app else last)

    @classmethod
    def _get_collection(cls):
        return cls._get_db()["books"]

    def dump(self):
        return {
            "id": str(self.pk), "name": self.name, "pages": self.pages, "tags": list(self.tags),
            "publisher": self.publisher.to_mongo().to_dict() if self.publisher else None,
        }


def problem(status, detail):
    response = jsonify(title="Not accepted", status=status, detail=detail)
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


class Base(MethodView):
    init_every_request = False

    def fill(self, book):
        data = request.get_json()
        if not isinstance(data, dict):
            abort(problem(422, "an object is needed"))
        for key in data:
            if key not in ("name", "pages", "tags", "publisher"):
                abort(problem(422, f"unknown: {key}"))
        try:
            for key, value in data.items():
                if key == "publisher" and value is not None:
                    value = Publisher(**value)
                setattr(book, key, value)
            return book.save()
        except (me.ValidationError, me.errors.FieldDoesNotExist, TypeError, OverflowError) as error:
            abort(problem(422, str(error)))

    def find(self, pk):
        book = Book.objects(pk=pk).first()
        return book or abort(404)


class Books(Base):
    def get(self):
        books = Book.objects
        if (tags := request.args.getlist("tag")):
            books = books(tags__in=tags)
        if (longer := request.args.get("longer")) is not None:
            if not longer.lstrip("-").isdecimal():
                return problem(422, "longer is no number")
            books = books(pages__gt=int(longer))
        return {"count": books.count(), "items": [book.dump() for book in books]}

    def post(self):
        return self.fill(Book()).dump(), 201


class OneBook(Base):
    def get(self, pk):
        return self.find(pk).dump()

    def put(self, pk):
        return self.fill(self.find(pk)).dump()

    def delete(self, pk):
        book = self.find(pk)
        book.delete()
        return book.dump()


shelf = Blueprint("shelf", __name__, url_prefix="/books")
shelf.add_url_rule("/", view_func=Books.as_view("books"))
shelf.add_url_rule("/<regex:pk>", view_func=OneBook.as_view("book"))
v1 = Blueprint("v1", __name__, url_prefix="/v1")
v1.register_blueprint(shelf)


@v1.errorhandler(404)
def missing(error):
    return problem(404, "no such book")


def create_app(config=None):
    global last
    from werkzeug.routing import BaseConverter

    class ObjectIdConverter(BaseConverter):
        regex = "[0-9a-fA-F]{24}"

    app = Flask(__name__)
    app.url_map.converters["regex"] = ObjectIdConverter
    app.config["MONGODB_SETTINGS"] = {"db": "library"}
    app.config.update(config or {})
    settings = {**app.config["MONGODB_SETTINGS"]}
    if isinstance(settings.get("mongo_client_class"), str):
        settings["mongo_client_class"] = import_string(settings["mongo_client_class"])
    last = app.extensions["library"] = settings["alias"] = next(aliases)
    me.connect(**settings)
    api = Blueprint("api", __name__, url_prefix="/api")
    api.register_blueprint(v1)
    app.register_blueprint(api)
    app.add_url_rule("/healthz", view_func=lambda: {"ok": True}, endpoint="healthz")
    return app
