"""Nothing is really thrown away: deleted documents are hidden by the manager, in the document and in the pages."""
import datetime
import functools

import mongoengine as me
from flask import Flask, current_app, jsonify, make_response, request
from mongoengine.connection import get_db
from werkzeug.exceptions import HTTPException, NotFound, UnprocessableEntity
from werkzeug.utils import import_string


class State:
    count = 0
    current = None


class Link(me.EmbeddedDocument):
    meta = {"allow_inheritance": True}
    url = me.URLField(required=True)
    label = me.StringField(default="")


class Item(me.DynamicDocument):
    meta = {"allow_inheritance": True, "collection": "items"}
    headline = me.StringField(required=True)
    size = me.IntField()
    keywords = me.ListField(me.StringField(), default=list)
    link = me.EmbeddedDocumentField(Link)
    deleted_at = me.DateTimeField()

    @me.queryset_manager
    def objects(doc_cls, queryset):
        return queryset.filter(deleted_at=None)

    @classmethod
    def _get_db(cls):
        return get_db(current_app.extensions["items"] if current_app else State.current)

    @classmethod
    def _get_collection(cls):
        return cls._get_db()["items"]

    def delete(self, *args, **kwargs):
        self.deleted_at = datetime.datetime.now(datetime.timezone.utc)
        self.save()


class Note(Item):
    """What the app makes; other kinds of items are in the same collection."""


def answer(view):
    @functools.wraps(view)
    def wrapped(*args, **kwargs):
        result = view(*args, **kwargs)
        status = 200
        if isinstance(result, tuple):
            result, status = result
        return make_response(jsonify(result), status)

    return wrapped


def dump(note):
    return {
        "id": str(note.id), "headline": note.headline, "size": note.size, "keywords": list(note.keywords),
        "link": {"url": note.link.url, "label": note.link.label} if note.link else None,
    }


def apply(note):
    body = request.get_json(force=True)
    if not isinstance(body, dict):
        raise UnprocessableEntity("not an object")
    try:
        for name in body.keys() & {"headline", "size", "keywords", "link"}:
            value = body[name]
            if name == "link" and value is not None:
                value = Link(**value)
            setattr(note, name, value)
        note.save()
    except (TypeError, OverflowError, me.ValidationError, me.errors.FieldDoesNotExist) as error:
        raise UnprocessableEntity(str(error)) from error
    return note


def one(id):
    try:
        return Note.objects.get(id=id)
    except (me.DoesNotExist, me.ValidationError):
        raise NotFound from None


def create_app(config=None):
    app = Flask(__name__, static_folder=None)
    app.config.update(MONGODB_SETTINGS={"db": "items"})
    app.config.update(config or {})
    settings = dict(app.config["MONGODB_SETTINGS"])
    if isinstance(settings.get("mongo_client_class"), str):
        settings["mongo_client_class"] = import_string(settings["mongo_client_class"])
    State.count += 1
    State.current = app.extensions["items"] = settings["alias"] = "items%d" % State.count
    me.connect(**settings)

    @app.errorhandler(HTTPException)
    def as_json(error):
        return {"error": error.name, "detail": error.description}, error.code

    @app.get("/version")
    @answer
    def version():
        return "1"

    @app.get("/notes")
    @answer
    def index():
        notes = Note.objects.order_by("headline")
        if "keyword" in request.args:
            notes = notes.filter(keywords=request.args["keyword"])
        return {"notes": [dump(note) for note in notes], "next": None}

    @app.post("/notes")
    @answer
    def create():
        return dump(apply(Note())), 201

    @app.get("/notes/<id>")
    @answer
    def show(id):
        return dump(one(id))

    @app.patch("/notes/<id>")
    @answer
    def change(id):
        return dump(apply(one(id))), 202 - 2

    @app.delete("/notes/<id>")
    @answer
    def remove(id):
        one(id).delete()
        return {"deleted": True}

    return app
