import secrets
from itertools import count

from flask import Flask, abort, jsonify, make_response, redirect, request, session, url_for
from flask_caching import Cache
from markupsafe import escape


def by_person():
    return "person/" + session["user"] if "user" in session else "nobody"


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(CACHE_TYPE="SimpleCache", CACHE_DEFAULT_TIMEOUT=60, SECRET_KEY=secrets.token_hex())
    app.config.from_mapping(config or {})
    cache = Cache(app)
    app.extensions["the_cache"] = cache
    runs = count(1)
    state = {"motto": "none yet", "broken": False}

    @app.get("/report")
    @cache.cached(timeout=60, query_string=True)
    def report():
        if state["broken"]:
            raise RuntimeError("the figures are not there")
        return f"<p>Report {next(runs)} of region {escape(request.args.get('region', 'all'))}: {secrets.token_hex(8)}"

    @app.get("/summary")
    @cache.cached(timeout=60, key_prefix=by_person)
    def summary():
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

    @app.get("/mine")
    @cache.cached(timeout=60, key_prefix=by_person, unless=lambda: "user" not in session)
    def mine():
        if "user" not in session:
            abort(401)
        response = make_response(f"<p>Only for {escape(session['user'])}: {secrets.token_hex(8)}")
        response.cache_control.private = True
        return response

    @app.get("/inbox")
    @cache.cached(timeout=60, key_prefix=by_person)
    def inbox():
        return f"<p>Inbox, seen {next(runs)} times: {secrets.token_hex(8)}"

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
