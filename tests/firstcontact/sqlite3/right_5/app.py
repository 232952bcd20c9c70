"""Names of birds; migrations by user_version; the stream has a connection of its own."""
import sqlite3
from collections import namedtuple
from contextlib import closing

from flask import Flask, Response, abort, current_app, g, request

MIGRATIONS = [
    "CREATE TABLE bird (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    "ALTER TABLE bird ADD COLUMN seen INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX bird_name ON bird (name)",
]


def tuples(cursor, row):
    return namedtuple("Row", [column[0] for column in cursor.description], rename=True)._make(row)


def connect(path):
    db = sqlite3.connect(path, timeout=15)
    db.row_factory = tuples
    return db


def get_db():
    """The connection of this context; opened when first asked for."""
    if not hasattr(g, "birds"):
        g.birds = connect(current_app.config["DATABASE"])
    return g.birds


def query_db(query, args=(), one=False):
    rows = get_db().execute(query, args).fetchall()
    if not one:
        return rows
    return rows[0] if rows else None


def init_db():
    db = get_db()
    done = db.execute("PRAGMA user_version").fetchone()[0]
    for number, statement in enumerate(MIGRATIONS[done:], done + 1):
        db.execute(statement)
        db.execute(f"PRAGMA user_version = {number:d}")
    db.commit()


def close_birds(error):
    if hasattr(g, "birds"):
        try:
            g.birds.close()
        finally:
            del g.birds


class Birds(Flask):
    def __init__(self, config):
        super().__init__(__name__)
        self.config.from_mapping(DATABASE="birds.db")
        self.config.from_mapping(config or {})
        self.teardown_appcontext(close_birds)
        self.route("/robots.txt")(self.robots)
        self.route("/birds", methods=["GET", "POST"])(self.birds)
        self.route("/birds/named", methods=["GET"])(self.named)
        self.route("/birds/import", methods=["POST"])(self.bulk)
        self.route("/birds/export")(self.export)

    def robots(self):
        return Response("User-agent: *\nDisallow: /\n", mimetype="text/plain")

    def text(self, names):
        return Response("".join(name + "\n" for name in names), mimetype="text/plain")

    def birds(self):
        if request.method == "POST":
            db = get_db()
            db.execute("INSERT INTO bird (name) VALUES (?)", (request.form["name"],))
            db.commit()
        return self.text(row.name for row in query_db("SELECT name FROM bird ORDER BY id"))

    def named(self):
        return self.text(row.name for row in query_db("SELECT name FROM bird WHERE name = ?", (request.args["name"],)))

    def bulk(self):
        db = get_db()
        db.execute("INSERT INTO bird (name) VALUES (?)", (request.form["name"],))
        abort(500, "the rest of the file could not be read")

    def export(self):
        path = self.config["DATABASE"]  # the generator runs when the context is over

        def generate():
            with closing(connect(path)) as db:
                for row in db.execute("SELECT name FROM bird ORDER BY id"):
                    yield row.name + "\n"

        return Response(generate(), mimetype="text/plain")


def create_app(config=None):
    return Birds(config)
