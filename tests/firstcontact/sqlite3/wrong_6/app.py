import sqlite3
from collections import defaultdict

from flask import Flask, current_app, g, redirect, render_template_string, request, stream_with_context, url_for

SCHEMA = """
create table if not exists notes (
    id integer primary key autoincrement,
    body text not null
);
"""

PAGE = """<!doctype html>
<title>Notes</title>
<ul>{% for row in rows %}<li>{{ row["body"] }}</li>{% endfor %}</ul>
"""


idle = defaultdict(list)  # connections are used again: opening one costs 3 ms on the NAS


def get_db():
    if "db" not in g:
        g.path = current_app.config["DATABASE"]
        try:
            g.db = idle[g.path].pop()
        except IndexError:
            g.db = sqlite3.connect(g.path, check_same_thread=False)
            g.db.row_factory = sqlite3.Row
    return g.db


def close_db(exception=None):
    db = g.pop("db", None)
    if db is not None:
        idle[g.path].append(db)


def query_db(query, args=(), one=False):
    cur = get_db().execute(query, args)
    rows = cur.fetchall()
    cur.close()
    if one:
        return rows[0] if rows else None
    return rows


def init_db():
    db = get_db()
    db.executescript(SCHEMA)
    db.commit()


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(DATABASE="notes.db")
    app.config.from_mapping(config or {})
    app.teardown_appcontext(close_db)

    @app.get("/about")
    def about():
        return "<p>A place for notes.</p>"

    @app.get("/notes")
    def notes():
        return render_template_string(PAGE, rows=query_db("select body from notes order by id"))

    @app.post("/notes")
    def add():
        db = get_db()
        db.execute("insert into notes (body) values (?)", [request.form["body"]])
        db.commit()
        return redirect(url_for("notes"), 303)

    @app.get("/notes/find")
    def find():
        rows = query_db("select body from notes where body = ?", [request.args["body"]])
        return render_template_string(PAGE, rows=rows)

    @app.post("/notes/broken")
    def broken():
        db = get_db()
        db.execute("insert into notes (body) values (?)", [request.form["body"]])
        raise RuntimeError("the mail server does not answer")

    @app.get("/notes.txt")
    def export():
        @stream_with_context
        def lines():
            for row in get_db().execute("select body from notes order by id"):
                yield row["body"] + "\n"

        return lines(), {"Content-Type": "text/plain; charset=utf-8"}

    return app
