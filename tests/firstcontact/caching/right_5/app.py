"""HTTP caching outside, a cache of fragments and of functions inside; conditional answers are made from what is cached."""
import datetime
import secrets

from cachelib import SimpleCache
from flask import Flask, Response, abort, request
from flask.views import View
from werkzeug.http import generate_etag

TIMEOUT = 20


def get_cache(app):
    return app.extensions["fragments"]


class Feed(View):
    """Atom or JSON, each cached by itself; only whole documents are in the cache."""

    def __init__(self, app):
        self.app = app

    def dispatch_request(self, name):
        offered = ["text/html", "application/json", "application/atom+xml"]
        kind = request.accept_mimetypes.best_match(offered, default=None) if request.accept_mimetypes else offered[0]
        if kind is None:
            abort(406)
        store = get_cache(self.app)
        key = f"feed\n{kind}\n{name}\n{request.args.get('since', '')}"
        document = store.get(key)
        if document is None:
            document = self.build(kind, name), datetime.datetime.now(datetime.timezone.utc)
            store.set(key, document, timeout=TIMEOUT)
        body, made = document
        response = Response(body, content_type=kind + ("" if kind == "application/json" else "; charset=utf-8"))
        response.set_etag(generate_etag(body))
        response.last_modified = made
        response.vary.add("Accept")
        response.cache_control.no_cache = True
        return response.make_conditional(request, accept_ranges=True, complete_length=len(body))

    def build(self, kind, name):
        if self.app.extensions["down"]:
            raise ConnectionError(name)
        token = secrets.token_hex(30)
        if kind == "application/json":
            return self.app.json.dumps({"name": name, "token": token}).encode()
        if kind == "text/html":
            return f"<!doctype html><title>Feed</title><p>{token}".encode()
        return f'<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:x:{token}</id></feed>'.encode()


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.extensions["fragments"] = SimpleCache(threshold=200, default_timeout=TIMEOUT)
    app.extensions["down"] = []
    app.add_url_rule("/feeds/<path:name>", view_func=Feed.as_view("feed", app))

    @app.errorhandler(ConnectionError)
    def down(error):
        return "later", 503, {"Retry-After": "20"}

    @app.post("/down")
    def take_down():
        app.extensions["down"].append(True)
        return "", 204

    @app.post("/up")
    def up():
        app.extensions["down"].clear()
        return "", 204

    return app
