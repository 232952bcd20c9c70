"""Documents in MongoDB, each with one believable mistake."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import flask
import mongoengine as me

from conformance import Subject
from reference import mongoengine as right
from tests.proof import mutant

BINDING = {
    "create": {"method": "POST", "path": "/mongoengine/"},
    "item": "/mongoengine/{id}",
    "update": {"method": "PATCH", "path": "/mongoengine/{id}"},
    "delete": {"method": "DELETE", "path": "/mongoengine/{id}"},
    "list": "/mongoengine/",
    "search": {"method": "POST", "path": "/mongoengine/search"},
    "filters": {
        "title": "title",
        "title__icontains": "search",
        "year__gte": "since",
        "actors__in": "actor",
    },
}


def changed(change: Callable[[flask.Flask], object]) -> Subject:
    """The reference's routes in an app of their own, after a change of the app."""

    def create_app(config: dict[str, Any] | None = None) -> flask.Flask:
        app = flask.Flask("reference")
        app.config.update(config or {})
        app.logger.disabled = True
        right.init_app(app)
        change(app)
        return app

    return Subject(app=create_app, patterns={"mongoengine": BINDING})


def view(endpoint: str, function: Callable[..., Any]) -> Subject:
    """The reference, with another view."""
    return changed(lambda app: app.view_functions.update({f"mongoengine.{endpoint}": function}))


def changed_views(**views: Callable[..., Any]) -> Subject:
    """The reference, with other views."""
    names = {f"mongoengine.{endpoint}": function for endpoint, function in views.items()}
    return changed(lambda app: app.view_functions.update(names))


def document(cls: Any) -> Subject:
    return Subject(patterns={"mongoengine": {"document": cls}})


def listed(found: Any) -> dict[str, Any]:
    return {"movies": [right.shown(movie) for movie in found]}


class Loose(me.Document):
    """No field is required."""

    title = me.StringField()
    year = me.IntField()
    actors = me.ListField(me.StringField())
    meta = {"collection": "loose", "strict": False}  # noqa: RUF012


class Anything(me.Document):
    """The number may be of any type."""

    title = me.StringField(required=True)
    year = me.DynamicField()
    actors = me.ListField(me.StringField())
    meta = {"collection": "anything", "strict": False}  # noqa: RUF012


class Strict(me.Document):
    """Fields that the class does not have are an error, as by default."""

    title = me.StringField(required=True)
    year = me.IntField()
    actors = me.ListField(me.StringField())
    meta = {"collection": "strict"}  # noqa: RUF012


@mutant("roundtrip", says="the response that stored the document has actors")
def field_left_out() -> Subject:
    """The view passes on all fields but one."""

    def create() -> Any:
        data = right.fields()
        words = data.pop("actors", None)
        movie = right.Movie(**data, actors=words[:1] if words else [])
        movie.validate()
        key = right.movies().insert(movie, load_bulk=False)
        return right.shown(right.get_or_404(key)), 201

    return view("create", create)


@mutant("required", says="a ValidationError for {'year': 1900}")
def not_required() -> Subject:
    """The title is not marked as required."""
    return document(Loose)


@mutant("types", says="a ValidationError for year=['abc']")
def any_type() -> Subject:
    """The year's field takes anything."""
    return document(Anything)


@mutant("404", says="404 for the id")
def first_or_none() -> Subject:
    """What is not there is answered as null."""

    def read(key: str) -> Any:
        try:
            found = right.movies().filter(id=key).first()
        except me.errors.ValidationError:
            flask.abort(404)
        return flask.jsonify(right.shown(found) if found else None)

    return view("read", read)


@mutant("bad-id-404", says="an id that has the form but no document")
def only_missing_ids() -> Subject:
    """Only an id that could be one is expected."""

    def read(key: str) -> Any:
        try:
            return right.shown(right.movies().get(id=key))
        except right.DoesNotExist:
            flask.abort(404)
        except me.errors.ValidationError as error:
            raise RuntimeError("no id") from error

    return view("read", read)


@mutant("query-ops", says="documents for {'year__gte'")
def greater_only() -> Subject:
    """The filter for a year and above leaves the year itself out."""

    def index() -> Any:
        if "since" in flask.request.args:
            since = flask.request.args.get("since", type=int)
            return listed(right.movies().filter(year__gt=since))
        return right.index()

    return view("index", index)


@mutant("no-operator-injection", says="for the query")
def query_in_json() -> Subject:
    """What looks like JSON in the query is read as such, and used as a raw condition."""

    def index() -> Any:
        title = flask.request.args.get("title", "")
        if title.startswith("{"):
            return listed(right.movies().filter(__raw__={"title": json.loads(title)}))
        return right.index()

    return view("index", index)


@mutant("no-kwargs-splat", says="__ne=alpha")
def keywords_from_the_query() -> Subject:
    """The query's fields become MongoEngine's keywords."""

    def index() -> Any:
        known = {"title", "search", "since", "actor"}
        other = {key: value for key, value in flask.request.args.items() if key not in known}
        if other and not any(key.endswith("]") for key in other):
            try:
                return listed(right.movies().filter(**other))
            except Exception:
                flask.abort(400)
        return right.index()

    return view("index", index)


@mutant("regex-literal", says="for a search of")
def pattern_of_the_text() -> Subject:
    """The text that is searched for is a regular expression."""

    def index() -> Any:
        if search := flask.request.args.get("search"):
            return listed(right.movies().filter(__raw__={"title": {"$regex": search}}))
        return right.index()

    return view("index", index)


@mutant("json-shape", says="only the document's own fields")
def everything_shown() -> Subject:
    """The answer is what is stored."""

    def index() -> Any:
        shown = right.index()
        for movie in shown["movies"]:
            movie["_cls"] = "Movie"
        return shown

    return view("index", index)


@mutant("id-not-client-set", says="the first document to still exist")
def saved_as_sent() -> Subject:
    """All that the client sends is passed on, its id too."""

    def create() -> Any:
        data = flask.request.get_json()
        key = data.pop("id", None)
        if isinstance(key, str):
            right.movies().filter(id=key).update(set__title=data["title"])
            return right.shown(right.get_or_404(key)), 200
        if not data.keys() <= set(right.FIELDS):
            flask.abort(400)
        return right.create()

    return view("create", create)


@mutant("config-per-app", says="stored by the first app")
def one_for_the_process() -> Subject:
    """The connection is made once, with the first app's settings."""
    first: list[str] = []

    def change(app: flask.Flask) -> None:
        alias = app.extensions["mongoengine"]
        known = me.connection._connections.keys() | me.connection._connection_settings.keys()
        if not first or first[0] not in known:
            first[:] = [alias]
        app.extensions["mongoengine"] = first[0]

    return changed(change)


@mutant("lazy-connect", says="503 for the list")
def error_not_handled() -> Subject:
    """Nobody expects that the database does not answer."""

    def index() -> Any:
        try:
            return right.index()
        except right.PyMongoError as error:
            raise RuntimeError("no database") from error

    return view("index", index)


@mutant("extra-stored-field", says="FieldDoesNotExist")
def strict_class() -> Subject:
    """The class is strict: one old document makes every list an error."""
    return document(Strict)


@mutant("lost-update", says="at once, one undoes the other")
def whole_document_written() -> Subject:
    """The whole document is written back with what was read before."""

    def update(key: str) -> Any:
        changed = right.fields()
        movie = right.get_or_404(key)
        values = {name: getattr(movie, name) for name in ("title", "year", "actors")}
        values.update(changed)
        right.movies().filter(id=key).update_one(
            **{f"set__{name}": value for name, value in values.items()}
        )
        return right.shown(right.get_or_404(key))

    return view("update", update)


@mutant("update-keeps", says="after an update of", also=["lost-update"])
def others_emptied() -> Subject:
    """A change sets the fields that were not sent to nothing."""

    def update(key: str) -> Any:
        changed = right.fields()
        movie = right.get_or_404(key)
        title = changed.get("title", movie.title)
        values = {**dict.fromkeys(("year", "actors", "imdb")), **changed, "title": title}
        right.movies().filter(id=key).update_one(
            **{f"set__{name}": value for name, value in values.items()}
        )
        return right.shown(right.get_or_404(key))

    return view("update", update)


@mutant("update-keeps", says="to stay as it is while")
def updates_the_first() -> Subject:
    """The update says what to set, and not of which document."""

    def update(key: str) -> Any:
        changed = right.fields()
        movie = right.get_or_404(key)
        for name, value in changed.items():
            setattr(movie, name, value)
        movie.validate()
        right.movies().update_one(**{f"set__{name}": value for name, value in changed.items()})
        return right.shown(movie)

    return view("update", update)


@mutant("update-checked", says="to still be 'before'")
def update_unchecked() -> Subject:
    """Only new documents are validated."""

    def update(key: str) -> Any:
        changed = flask.request.get_json()
        the = {"_id": right.get_or_404(key).id}
        right.movies()._collection.update_one(the, {"$set": changed})
        found = right.movies()._collection.find_one(the)
        return {**right.shown(right.Movie()), **changed, "id": str(found["_id"])}

    return changed_views(
        update=update,
        read=lambda key: {
            "id": key,
            "title": right.movies()._collection.find_one({"_id": right.get_or_404(key).id})[
                "title"
            ],
        },
    )


@mutant("lazy-connect", says="503 for a document while the database is down")
def any_error_is_404() -> Subject:
    """Every exception counts as a document that is not there."""

    def read(key: str) -> Any:
        try:
            return right.shown(right.movies().get(id=key))
        except Exception:
            flask.abort(404)

    return view("read", read)


@mutant("no-operator-injection", says="no results, or a 4xx")
def object_in_the_search() -> Subject:
    """A value of the search's JSON goes into the query as it is."""

    def search() -> Any:
        title = flask.request.get_json().get("title")
        return listed(right.movies().filter(__raw__={"title": title}))

    return view("search", search)


@mutant("no-kwargs-splat", says="__ne='alpha' in JSON")
def keywords_from_json() -> Subject:
    """The fields of the search's JSON become MongoEngine's keywords."""

    def search() -> Any:
        asked = flask.request.get_json()
        if not all(isinstance(value, str) for value in asked.values()):
            flask.abort(400)
        try:
            return listed(right.movies().filter(**asked))
        except Exception:
            flask.abort(400)

    return view("search", search)


@mutant("update-checked", says="to still be 'before'")
def null_takes_away() -> Subject:
    """A change to null takes the field away, a required one too."""

    def update(key: str) -> Any:
        changed = right.fields()
        movie = right.get_or_404(key)
        given = {name: value for name, value in changed.items() if value is not None}
        for name, value in given.items():
            setattr(movie, name, value)
        movie.validate()
        what = {f"set__{name}": value for name, value in given.items()}
        what.update({f"unset__{name}": 1 for name in changed.keys() - given.keys()})
        right.movies().filter(id=key).update_one(**what)
        return right.shown(right.get_or_404(key))

    return view("update", update)


@mutant("lazy-connect", says="503 for the deletion of a document")
def nothing_to_delete() -> Subject:
    """Whatever goes wrong, there is nothing to delete."""

    def delete(key: str) -> Any:
        try:
            return right.delete(key)
        except Exception:
            flask.abort(404)

    return view("delete", delete)
