"""Allotment swaps. Messages are kept in the database, so the cookie stays small."""
import os
import secrets
import sqlite3

from flask import Flask, abort, g, jsonify, redirect, render_template, request, session, url_for

SCHEMA = """
create table if not exists message (
    id integer primary key, visitor text not null, kind text not null, body text not null,
    at text not null default current_timestamp);
create index if not exists message_visitor on message (visitor);
"""
GARDENERS = {"flora": "compost"}


def db():
    if "db" not in g:
        from flask import current_app
        g.db = sqlite3.connect(current_app.config["DATABASE"], timeout=10)
        g.db.executescript(SCHEMA)
    return g.db


def tell(body, kind="info"):
    visitor = session.setdefault("visitor", secrets.token_urlsafe(16))
    with db():
        db().execute("delete from message where at < datetime('now', '-1 day')")
        db().execute("insert into message (visitor, kind, body) values (?, ?, ?)", (visitor, kind, body))


def told():
    if "told" not in g:
        g.told = []
        if "visitor" in session:
            with db():
                rows = db().execute("delete from message where visitor = ? returning id, kind, body", (session["visitor"],)).fetchall()
            g.told = [row[1:] for row in sorted(rows)]
    return g.told


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY=os.environ.get("SECRET_KEY", "allotment-dev"), SESSION_COOKIE_SAMESITE="Lax",
                            DATABASE=os.path.join(app.instance_path, "swaps.db"), MAX_CONTENT_LENGTH=100_000)
    app.config.from_mapping(config or {})
    os.makedirs(os.path.dirname(app.config["DATABASE"]), exist_ok=True)
    app.jinja_env.globals["told"] = told

    @app.teardown_appcontext
    def close(exc):
        if "db" in g:
            g.pop("db").close()

    @app.after_request
    def private(response):
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.get("/")
    def swaps():
        return render_template("swaps.html")

    @app.get("/api/ping")
    def ping():
        return jsonify(ok=True)

    @app.post("/offers")
    def offer():
        body = request.form.get("body", "")
        if not body.strip():
            abort(400, "An offer needs a text.")
        tell(body, "offer")
        return redirect(url_for("swaps"), 303)

    @app.get("/gate")
    def gate():
        return render_template("gate.html")

    @app.post("/gate")
    def enter():
        if GARDENERS.get(request.form.get("who"), object()) != request.form.get("secret"):
            return render_template("gate.html", error="The gate is locked for you."), 401
        session["who"] = request.form["who"]
        tell("Come in and mind the beans.")
        return redirect(url_for("swaps"), 303)

    return app
