"""MongoDB with MongoEngine.

Each application has a connection of its own, so that two of them can live in one
process. What a client sends is checked field by field and never becomes part of a
query's operators. What is answered is written down field by field, too.
"""

from __future__ import annotations

import threading
import uuid
from typing import Any

import mongoengine as me
from flask import Blueprint, Flask, abort, current_app, request
from mongoengine.errors import DoesNotExist, ValidationError
from mongoengine.queryset import QuerySet
from pymongo.errors import PyMongoError
from werkzeug.utils import import_string

bp = Blueprint("mongoengine", __name__, url_prefix="/mongoengine")


class Imdb(me.EmbeddedDocument):  # type: ignore[misc]
    """What the Internet Movie Database says."""

    imdb_id = me.StringField()
    votes = me.IntField()


class Movie(me.Document):  # type: ignore[misc]
    """A movie; what an older version stored beside its fields is left alone."""

    title = me.StringField(required=True, min_length=1)
    year = me.IntField()
    actors = me.ListField(me.StringField())
    imdb = me.EmbeddedDocumentField(Imdb)
    meta = {"collection": "movies", "strict": False}  # noqa: RUF012


connecting = threading.Lock()

FIELDS = ("title", "year", "actors", "imdb")


def movies() -> Any:
    """Return the movies of the current application's database; `Movie.objects` has one for all."""
    database = me.get_db(current_app.extensions["mongoengine"])
    return QuerySet(Movie, database[Movie._get_collection_name()])


def get_or_404(key: object) -> Any:
    try:
        return movies().get(id=key)
    except (DoesNotExist, ValidationError):
        abort(404)


def shown(movie: Movie) -> dict[str, Any]:
    """Return what clients may see of a movie."""
    imdb = movie.imdb and {"imdb_id": movie.imdb.imdb_id, "votes": movie.imdb.votes}
    return {
        "id": str(movie.id),
        "title": movie.title,
        "year": movie.year,
        "actors": list(movie.actors),
        "imdb": imdb,
    }


def fields() -> dict[str, Any]:
    """Return the fields that the request has; anything else, such as an id, is refused."""
    data = request.get_json()
    if not isinstance(data, dict) or not data.keys() <= set(FIELDS):
        abort(400)
    if data.get("imdb") is not None:
        try:
            data["imdb"] = Imdb(**data["imdb"])
        except (TypeError, me.errors.FieldDoesNotExist):
            abort(400)
    return data


@bp.get("/")
def index() -> dict[str, Any]:
    found = movies()
    if title := request.args.get("title"):
        found = found.filter(title=title)
    if search := request.args.get("search"):
        # MongoEngine escapes what it looks for inside of a text.
        found = found.filter(title__icontains=search)
    if actors := request.args.getlist("actor"):
        found = found.filter(actors__in=actors)
    if "since" in request.args:
        found = found.filter(year__gte=request.args.get("since", type=int))
    return {"movies": [shown(movie) for movie in found]}


@bp.post("/search")
def search() -> dict[str, Any]:
    title = request.get_json().get("title")
    # An object would be an operator: `{"$ne": null}` finds everything.
    if not isinstance(title, str):
        abort(400, "the title is no text")
    return {"movies": [shown(movie) for movie in movies().filter(title=title)]}


@bp.post("/")
def create() -> tuple[dict[str, Any], int]:
    movie = Movie(**fields())
    movie.validate()
    return shown(get_or_404(movies().insert(movie, load_bulk=False))), 201


@bp.get("/<key>")
def read(key: str) -> dict[str, Any]:
    return shown(get_or_404(key))


@bp.patch("/<key>")
def update(key: str) -> dict[str, Any]:
    # Only the fields that were sent: another request may change the others meanwhile.
    changed = fields()
    movie = get_or_404(key)
    for name, value in changed.items():
        setattr(movie, name, value)
    movie.validate()
    movies().filter(id=key).update_one(**{f"set__{name}": value for name, value in changed.items()})
    return shown(get_or_404(key))


@bp.delete("/<key>")
def delete(key: str) -> tuple[str, int]:
    movies().filter(id=get_or_404(key).id).delete()
    return "", 204


@bp.errorhandler(ValidationError)
@bp.errorhandler(ValueError)
@bp.errorhandler(TypeError)
def invalid(error: Exception) -> tuple[dict[str, str], int]:
    return {"error": "a field has a value that it cannot have"}, 400


@bp.errorhandler(PyMongoError)
def unreachable(error: PyMongoError) -> tuple[dict[str, str], int]:
    return {"error": "the database does not answer"}, 503


def init_app(app: Flask) -> None:
    """Connect with `MONGODB_SETTINGS`, what `mongoengine.connect` takes, when first needed."""
    settings = {"db": "reference", **app.config.get("MONGODB_SETTINGS", {})}
    # In a configuration file a class is named.
    if isinstance(settings.get("mongo_client_class"), str):
        settings["mongo_client_class"] = import_string(settings["mongo_client_class"])
    settings.setdefault("serverSelectionTimeoutMS", 1000)
    settings.setdefault("uuidRepresentation", "standard")
    alias = uuid.uuid4().hex
    # Neither a thread nor a socket before the first request, also behind a forking server.
    # MongoEngine looks through all connections there are, and other threads may add theirs.
    with connecting:
        me.connect(alias=alias, connect=False, **settings)
    app.extensions["mongoengine"] = alias
    app.register_blueprint(bp)
