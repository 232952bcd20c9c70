"""Scratch wikis: each team has its own space, named in the URL."""
import os
import sqlite3

from flask import Blueprint, Flask, abort, current_app, g, redirect, request, url_for
from markupsafe import escape

wiki = Blueprint("wiki", __name__, url_prefix="/<team>")
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Wiki</title></head>
<body><h1>Space of {team}</h1><a href="{home}">Notes</a> <a href="{about}">About</a>
{body}</body></html>"""


def db():
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["DATABASE"])
        g.db.execute("create table if not exists note (id integer primary key, team text not null, text text not null)")
    return g.db


def page(body):
    return PAGE.format(team=g.team, home=escape(url_for("wiki.notes")), about=escape(url_for("wiki.about")), body=body)


@wiki.url_value_preprocessor
def pull_team(endpoint, values):
    g.team = values.pop("team")
    if len(g.team) > 60:
        abort(404)


@wiki.url_defaults
def add_team(endpoint, values):
    if "team" in g:
        values.setdefault("team", g.team)


@wiki.get("/")
def notes():
    rows = db().execute("select text from note where team = ? order by id", (g.team,)).fetchall()
    items = "".join(f"<li>{escape(text)}</li>" for text, in rows)
    return page(f'<ul>{items}</ul><form method="post"><input name="text"><button>Note</button></form>')


@wiki.post("/")
def note():
    text = request.form.get("text", "").strip()
    if not text:
        abort(400)
    with db():
        db().execute("insert into note (team, text) values (?, ?)", (g.team, text))
    return redirect(url_for(".notes"), 303)


@wiki.get("/about")
def about():
    return page("<p>Anybody can open a space: just write its name into the URL.</p>")


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(DATABASE=os.path.join(app.root_path, "wiki.db"))
    app.config.from_mapping(config or {})
    app.register_blueprint(wiki)
    app.add_url_rule("/", "start", lambda: redirect(url_for("wiki.notes", team="everybody")))

    @app.teardown_appcontext
    def close(exc):
        if "db" in g:
            g.pop("db").close()

    return app
