"""Laundry room of a house: bookings with PUT that answers 204."""
import sqlite3
from contextlib import closing

from flask import Flask, abort, current_app, jsonify, render_template, request


def connect():
    db = sqlite3.connect(current_app.config["LAUNDRY_DB"], timeout=10)
    db.row_factory = sqlite3.Row
    return closing(db)


def parse(data):
    if not isinstance(data, dict):
        abort(400)
    who, minutes = data.get("who"), data.get("minutes")
    if not isinstance(who, str) or not who or len(who) > 5000:
        abort(400)
    try:
        who.encode()
    except UnicodeEncodeError:
        abort(400)
    if type(minutes) not in (int, float) or not -(10**12) < minutes < 10**12:
        abort(400)
    return who, minutes


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(LAUNDRY_DB="laundry.db")
    app.config.from_mapping(config or {})
    with app.app_context(), connect() as db, db:
        db.execute("create table if not exists machine (id text primary key, who text, minutes real)")
        db.execute("insert or ignore into machine values ('a', 'nobody', 0), ('b', 'nobody', 0)")

    def find(id):
        with connect() as db:
            row = db.execute("select * from machine where id = ?", (id,)).fetchone()
        if row is None:
            abort(404)
        return dict(row)

    @app.get("/")
    def board():
        with connect() as db:
            rows = [dict(r) for r in db.execute("select * from machine order by id")]
        return render_template("board.html", machines=rows, root=request.root_path)

    @app.get("/machines/")
    def machines():
        with connect() as db:
            return jsonify([r["id"] for r in db.execute("select id from machine order by id")])

    @app.get("/machines/<string(maxlength=30):id>")
    def machine(id):
        return find(id)

    @app.put("/machines/<string(maxlength=30):id>")
    def book(id):
        find(id)
        who, minutes = parse(request.json)
        with connect() as db, db:
            db.execute("update machine set who = ?, minutes = ? where id = ?", (who, minutes, id))
        return "", 204

    @app.post("/notes")
    def note():
        text = request.form.get("text", "")
        if not text:
            abort(400)
        return render_template("note.html", text=text), 201

    return app
