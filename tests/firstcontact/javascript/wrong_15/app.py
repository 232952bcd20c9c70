import os
import sqlite3
import tempfile

from flask import Flask, abort, current_app, g, jsonify, render_template, request

SCHEMA = """
create table if not exists rooms (id integer primary key, name text, description text, capacity integer);
insert or ignore into rooms values (1, 'Blue room', 'First floor', 12), (2, 'Attic', 'Mind your head', 4);
"""


def get_db():
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["DATABASE"], isolation_level=None)
        g.db.row_factory = sqlite3.Row
    return g.db


def room_or_404(id):
    if id >= 2 ** 63:
        abort(404)
    row = get_db().execute("select * from rooms where id = ?", (id,)).fetchone()
    return dict(row) if row else abort(404)


def is_text(value):
    if not isinstance(value, str) or not 0 < len(value) < 5000:
        return False
    return value.encode("utf-8", "ignore").decode() == value


def is_capacity(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10_000


CHECKS = {"name": is_text, "description": is_text, "capacity": is_capacity}


def create_app(database=None):
    app = Flask(__name__)
    app.config["DATABASE"] = database or os.path.join(tempfile.mkdtemp(), "rooms.db")
    with app.app_context():
        get_db().executescript(SCHEMA)

    @app.teardown_appcontext
    def close(error):
        db = g.pop("db", None)
        if db is not None:
            db.close()

    @app.get("/")
    def index():
        return render_template("rooms.html", floor=request.args.get("floor", "1"))

    @app.get("/rooms")
    def rooms():
        return jsonify([dict(r) for r in get_db().execute("select * from rooms order by id")])

    @app.get("/rooms/<int:id>")
    def room(id):
        return room_or_404(id)

    @app.put("/rooms/<int:id>")
    def update(id):
        room_or_404(id)
        data = request.json
        if not isinstance(data, dict) or not data.keys() >= CHECKS.keys():
            return {"error": "name, description and capacity, please"}, 400
        for field, check in CHECKS.items():
            if not check(data[field]):
                return {"error": f"{field} is not right"}, 400
            get_db().execute(f"update rooms set {field} = ? where id = ?", (data[field], id))
        return room_or_404(id)

    return app
