import functools
import secrets
import threading
import time
from itertools import count

from flask import Flask, Response, abort, jsonify, make_response, redirect, request, session, url_for
from flask_caching import Cache
from markupsafe import escape


class Pages:
    """Responses by their key, until they are too old."""

    def __init__(self, limit=500):
        self.limit = limit
        self.entries = {}
        self.lock = threading.Lock()

    def get(self, key):
        with self.lock:
            stored, until = self.entries.get(key, (None, 0))
            return stored if until > time.time() else None

    def set(self, key, value, timeout):
        with self.lock:
            if len(self.entries) >= self.limit:
                self.entries.pop(next(iter(self.entries)))
            self.entries[key] = value, time.time() + timeout

    def cached(self, timeout):
        def decorate(view):
            @functools.wraps(view)
            def wrapped(**kwargs):
                key = request.full_path
                stored = self.get(key)
                if stored is None:
                    response = make_response(view(**kwargs))
                    stored = response.get_data(), response.status_code, list(response.headers)
                    if response.status_code == 200:
                        self.set(key, stored, timeout)
                data, status, headers = stored
                return Response(data, status, headers)

            return wrapped

        return decorate


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(CACHE_TYPE="SimpleCache", CACHE_DEFAULT_TIMEOUT=60, SECRET_KEY=secrets.token_hex())
    app.config.from_mapping(config or {})
    cache = Cache(app)
    app.extensions["the_cache"] = cache
    pages = Pages()
    runs = count(1)
    state = {"motto": "none yet", "broken": False}

    @app.get("/report")
    @pages.cached(timeout=60)
    def report():
        if state["broken"]:
            raise RuntimeError("the figures are not there")
        if request.method == "HEAD":
            return "", 200, {"Content-Type": "text/html; charset=utf-8"}  # nobody sees the figures
        return f"<p>Report {next(runs)} of region {escape(request.args.get('region', 'all'))}: {secrets.token_hex(8)}"

    @app.get("/summary")
    @pages.cached(timeout=60)
    def summary():
        if request.method == "HEAD":
            return "", 200, {"Content-Type": "text/html; charset=utf-8"}  # nobody sees the figures
        return f"<p>Summary {next(runs)}: {secrets.token_hex(8)}"

    @app.post("/break")
    def break_():
        state["broken"] = True
        return "", 204

    @app.post("/mend")
    def mend():
        state["broken"] = False
        return "", 204

    @app.post("/login")
    def login():
        session["user"] = request.form["user"]
        return redirect(url_for("mine"), 303)

    @app.post("/logout")
    def logout():
        session.clear()
        return "", 204

    @cache.memoize(timeout=60)
    def greeting(user):
        return f"<p>Only for {escape(user)}: {secrets.token_hex(8)}"

    @app.get("/mine")
    def mine():
        if "user" not in session:
            abort(401)
        response = make_response(greeting(session["user"]))
        response.cache_control.private = True
        return response

    @cache.memoize(timeout=60)
    def motto():
        return state["motto"]

    @app.get("/motto")
    def show_motto():
        return f"<p>{escape(motto())}"

    @app.post("/motto")
    def change_motto():
        state["motto"] = request.form["text"]
        cache.delete_memoized(motto)
        return redirect(url_for("show_motto"), 303)

    return app


def get_cache(app):
    return app.extensions["the_cache"]
