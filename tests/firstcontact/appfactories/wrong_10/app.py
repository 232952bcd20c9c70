"""A link shortener. The factory takes test settings, as the docs say."""
import hashlib

from flask import Blueprint, Flask, abort, current_app, jsonify, redirect, request


class Storage:
    """Keeps links in a bucket; which one is decided when the app is set up."""

    def init_app(self, app):
        bucket = app.config.get("BUCKET", "links-production")
        app.extensions["storage"] = {"url": f"mem://store.internal/{bucket}", "data": {}}

    @property
    def _state(self):
        return current_app.extensions["storage"]

    def url(self):
        return self._state["url"]

    def put(self, target):
        key = hashlib.sha256(target.encode()).hexdigest()[:8]
        self._state["data"][key] = target
        return key

    def get(self, key):
        return self._state["data"].get(key)


storage = Storage()
api = Blueprint("api", __name__, url_prefix="/api")
public = Blueprint("public", __name__)


@api.get("/status")
def status():
    return jsonify(ok=True, bucket=current_app.config["BUCKET"])


@api.post("/links")
def create():
    target = request.form.get("target", "")
    if not target.startswith(("http://", "https://")):
        return jsonify(error="target must be an http(s) URL"), 422
    return jsonify(key=storage.put(target)), 201


@public.get("/")
def index():
    return "<!doctype html><title>Links</title><h1>Short links</h1>"


@public.get("/<key>")
def follow(key):
    target = storage.get(key)
    if target is None:
        abort(404)
    return redirect(target)


class Config:
    BUCKET = "links-production"
    MAX_CONTENT_LENGTH = 64 * 1024


def register_extensions(app):
    storage.init_app(app)


def register_blueprints(app):
    app.register_blueprint(api)
    app.register_blueprint(public)


def create_app(test_config=None):
    app = Flask(__name__)
    app.config.from_object(Config)

    register_extensions(app)
    register_blueprints(app)

    if test_config is not None:
        app.config.update(test_config)

    return app
