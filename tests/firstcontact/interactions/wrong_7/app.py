"""Orders of a bakery: stored in SQLite, and a task prints the label."""
import sqlite3
from contextlib import closing
from queue import SimpleQueue

from flask import Flask, abort, current_app, g, jsonify, redirect, render_template, request, url_for

labels = SimpleQueue()
SCHEMA = """
create table if not exists stock (id integer primary key check (id = 1), left integer not null check (left >= 0));
create table if not exists orders (id integer primary key, name text not null, quantity integer not null);
insert or ignore into stock values (1, 500);
"""


def enqueue(order):
    labels.put(order)


def database():
    if "database" not in g:
        g.database = sqlite3.connect(current_app.config["BAKERY_DB"], timeout=10)
    return g.database


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(BAKERY_DB="bakery.db")
    app.config.from_mapping(config or {})
    with closing(sqlite3.connect(app.config["BAKERY_DB"])) as db:
        db.executescript(SCHEMA)

    @app.teardown_appcontext
    def close(error):
        if "database" in g:
            g.pop("database").close()

    @app.get("/")
    def shop():
        (left,) = database().execute("select left from stock").fetchone()
        return render_template("page.html", title="Bakery", items=[f"{left} loaves"])

    @app.get("/orders")
    def orders():
        return jsonify([name for (name,) in database().execute("select name from orders order by id")])

    @app.post("/orders")
    def order():
        name = request.form.get("text", "").strip()
        quantity = request.form.get("quantity", 1, type=int)
        if not name or not 0 < quantity < 10**9:
            abort(400)
        db = database()
        try:
            with db:
                cursor = db.execute("insert into orders (name, quantity) values (?, ?)", (name, quantity))
                enqueue(cursor.lastrowid)
                db.execute("update stock set left = left - ?", (quantity,))
        except sqlite3.IntegrityError:
            return render_template("page.html", title="Sold out", items=[]), 409
        return redirect(url_for("shop"), 303)

    return app
