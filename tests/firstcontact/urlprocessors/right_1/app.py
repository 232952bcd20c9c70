"""Wanderkarten: die Sprache ist ein eigener Konverter, die Ansichten sind Klassen."""
from flask import Flask, g, render_template, url_for
from flask.views import MethodView
from werkzeug.routing import BaseConverter, ValidationError

TEXTE = {"de": {"karten": "Karten", "touren": "Touren"}, "fr": {"karten": "Cartes", "touren": "Randonnées"},
         "rm": {"karten": "Cartas", "touren": "Turas"}}


class Sprache(BaseConverter):
    def to_python(self, value):
        if value not in TEXTE:
            raise ValidationError
        return value


class Seite(MethodView):
    init_every_request = False

    def __init__(self, was):
        self.was = was

    def get(self):
        return render_template("seite.html", was=self.was, t=TEXTE[g.sprache])


class Sprachen(MethodView):
    def get(self):
        return {sprache: url_for("karten", sprache=sprache) for sprache in TEXTE}


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.url_map.converters["sprache"] = Sprache

    @app.url_value_preprocessor
    def nimm(endpoint, values):
        g.sprache = values.pop("sprache", None) if values is not None else None

    @app.url_defaults
    def gib(endpoint, values):
        sprache = g.get("sprache")
        if sprache is not None and app.url_map.is_endpoint_expecting(endpoint, "sprache"):
            values.setdefault("sprache", sprache)

    for was in ("karten", "touren"):
        app.add_url_rule(f"/<sprache:sprache>/{was}", view_func=Seite.as_view(was, was))
    app.add_url_rule("/sprachen", view_func=Sprachen.as_view("sprachen"))

    @app.errorhandler(404)
    def fehlt(fehler):
        return render_template("fehlt.html", sprachen=list(TEXTE)), 404

    return app
