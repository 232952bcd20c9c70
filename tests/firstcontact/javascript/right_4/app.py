"""Catalogue of a seed library: JSON API with its own provider of errors."""
import threading
from decimal import Decimal

from flask import Blueprint, Flask, jsonify, make_response, render_template, request, url_for
from werkzeug.exceptions import BadRequest, HTTPException, NotFound


def make_api():
    api = Blueprint("api", __name__)
    seeds, lock = {}, threading.Lock()

    def shape(key):
        title, grams = seeds[key]
        return {"id": key, "title": title, "grams": grams, "self": url_for("api.seed", key=key)}

    @api.errorhandler(HTTPException)
    def problem(error):
        return jsonify(error=error.name), error.code

    @api.get("/seeds")
    def listing():
        return jsonify([shape(key) for key in list(seeds)])

    @api.post("/seeds")
    def create():
        data = request.get_json()
        match data:
            case {"title": str(title), "grams": int() | float() as grams} if title and not isinstance(grams, bool) and -1e9 < grams < 1e9:
                pass
            case _:
                raise BadRequest()
        with lock:
            key = f"s{len(seeds) + 1}"
            seeds[key] = (title, grams)
        response = make_response(shape(key), 201)
        response.headers["Location"] = url_for("api.seed", key=key)
        return response

    @api.get("/seeds/<key>")
    def seed(key):
        if key not in seeds:
            raise NotFound()
        return shape(key)

    seeds["s1"] = ("Marrowfat pea", 30)
    return api


def make_app(**settings):
    app = Flask("app")
    app.config.update(settings)
    app.register_blueprint(make_api(), url_prefix="/v1")

    @app.get("/")
    def shelf():
        label = {"text": request.args.get("label", "")}
        return render_template("shelf.html", label=label, price=Decimal("1.20"))

    return app


def create_app(config=None):
    return make_app(**(config or {}))
