import itertools

import mongoengine as me
from flask import Flask, abort, current_app, jsonify, request, url_for
from mongoengine.connection import get_db
from werkzeug.utils import import_string

numbers = itertools.count(1)
latest = None


class AppDocument(me.Document):
    """A document of the database of the app that is active, else of the latest app."""

    meta = {"abstract": True}

    @classmethod
    def _get_db(cls):
        return get_db(current_app.extensions["mongo"] if current_app else latest)

    @classmethod
    def _get_collection(cls):
        return cls._get_db()[cls._get_collection_name()]


class Imdb(me.EmbeddedDocument):
    imdb_id = me.StringField()
    rating = me.DecimalField()
    votes = me.IntField()


class Movie(AppDocument):
    meta = {"collection": "movies"}
    title = me.StringField(required=True, max_length=200)
    year = me.IntField()
    actors = me.ListField(me.StringField())
    imdb = me.EmbeddedDocumentField(Imdb)


FIELDS = {"title", "year", "actors", "imdb"}


def as_json(movie):
    nested = movie.imdb and {
        "imdb_id": movie.imdb.imdb_id,
        "rating": None if movie.imdb.rating is None else float(movie.imdb.rating),
        "votes": movie.imdb.votes,
    }
    return {"id": str(movie.id), "title": movie.title, "year": movie.year, "actors": list(movie.actors), "imdb": nested}


def payload():
    data = request.get_json()
    if not isinstance(data, dict) or not FIELDS.issuperset(data):
        abort(400)
    data = dict(data)
    if data.get("imdb") is not None:
        if not isinstance(data["imdb"], dict) or not set(data["imdb"]) <= {"imdb_id", "rating", "votes"}:
            abort(400)
        data["imdb"] = Imdb(**data["imdb"])
    return data


def get_movie(id):
    try:
        return Movie.objects.get(id=id)
    except (Movie.DoesNotExist, me.ValidationError):
        abort(404)


def connect(app):
    global latest
    settings = dict(app.config["MONGODB_SETTINGS"])
    if isinstance(settings.get("mongo_client_class"), str):
        settings["mongo_client_class"] = import_string(settings["mongo_client_class"])
    settings["alias"] = latest = app.extensions["mongo"] = f"movies-{next(numbers)}"
    me.connect(**settings)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(MONGODB_SETTINGS={"db": "movies"})
    app.config.from_mapping(config or {})
    connect(app)

    @app.errorhandler(me.ValidationError)
    def invalid(error):
        return jsonify(errors=error.to_dict() or str(error)), 400

    @app.errorhandler(OverflowError)
    def too_large(error):
        return jsonify(errors=str(error)), 400

    @app.get("/about")
    def about():
        return "<p>All about films.</p>"

    @app.get("/movies")
    def movies():
        query = Movie.objects
        if "title" in request.args:
            query = query.filter(__raw__={"title": {"$regex": f"^{request.args['title']}$"}})
        for argument, condition in {"since": "year__gte", "until": "year__lte"}.items():
            if argument in request.args:
                try:
                    query = query.filter(**{condition: int(request.args[argument])})
                except ValueError:
                    abort(400)
        if "actor" in request.args:
            query = query.filter(actors__in=request.args.getlist("actor"))
        return jsonify([as_json(movie) for movie in query])

    @app.post("/movies")
    def create():
        movie = Movie(**payload()).save()
        return as_json(movie), 201, {"Location": url_for("item", id=movie.id)}

    @app.get("/movies/<id>")
    def item(id):
        return as_json(get_movie(id))

    @app.patch("/movies/<id>")
    def update(id):
        movie = get_movie(id)
        for name, value in payload().items():
            setattr(movie, name, value)
        movie.save()
        return as_json(movie)

    @app.delete("/movies/<id>")
    def delete(id):
        get_movie(id).delete()
        return "", 204

    return app
