"""A swap shop in one module: SQLite, a queue, method overrides by X-Method and a visitor's cookie."""
import sqlite3
import uuid
from contextlib import closing
from queue import Queue

from flask import Flask, Request, abort, after_this_request, current_app, g, json, jsonify, make_response, render_template
from flask import request, session
from werkzeug.exceptions import HTTPException

jobs = Queue()
KEYS = {"mo": "swap", "bea": "deal"}
app = Flask(__name__)
app.config.update(SECRET_KEY=uuid.uuid4().hex, SWAP_DB="swap.db", SESSION_COOKIE_SAMESITE="Lax")


class OverridableRequest(Request):
    """Lets a POST be another method, named by X-Method."""

    def __init__(self, environ, *args, **kwargs):
        wanted = environ.get("HTTP_X_METHOD", "").upper()
        if environ["REQUEST_METHOD"] == "POST" and wanted in ("PUT", "PATCH", "DELETE"):
            environ["REQUEST_METHOD"] = wanted
        super().__init__(environ, *args, **kwargs)


app.request_class = OverridableRequest


def enqueue(kind, name):
    jobs.put((kind, name))


def connection():
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["SWAP_DB"], timeout=15, isolation_level=None)
        g.db.execute("create table if not exists thing (id integer primary key, name text not null, amount integer)")
    return g.db


@app.teardown_appcontext
def disconnect(error):
    if db := g.pop("db", None):
        db.close()


@app.before_request
def visitor():
    if "visitor" not in request.cookies:

        @after_this_request
        def remember(response):
            response.set_cookie("visitor", uuid.uuid4().hex, httponly=True, samesite="Lax")
            return response


@app.errorhandler(HTTPException)
def as_json(error):
    response = error.get_response()
    response.data = json.dumps({"error": error.name})
    response.content_type = "application/json"
    return response


@app.get("/")
def shop():
    return render_template("shop.html", user=session.get("user"))


@app.get("/things")
def things():
    with closing(connection().execute("select name from thing order by id")) as rows:
        return jsonify([name for (name,) in rows])


@app.post("/things")
def add():
    name, amount = request.form.get("text", ""), request.form.get("amount", 1, type=int)
    if not name or abs(amount) > 10**6:
        abort(400)
    db = connection()
    db.execute("begin immediate")
    try:
        db.execute("insert into thing (name, amount) values (?, ?)", (name, amount))
        if not 0 < amount < 100:
            abort(409)
    except BaseException:
        db.execute("rollback")
        raise
    db.execute("commit")
    enqueue("added", name)
    return make_response(jsonify(name=name), 202)


@app.delete("/things/<path:name>")
def remove(name):
    if session.get("user") not in KEYS:
        abort(401)
    if not connection().execute("delete from thing where name = ?", (name,)).rowcount:
        abort(404)
    return jsonify(removed=name)


@app.get("/things/<path:name>")
def thing(name):
    row = connection().execute("select name from thing where name = ?", (name,)).fetchone() or abort(404)
    return jsonify(name=row[0])


@app.route("/session", methods=["POST", "DELETE"])
def log_in_or_out():
    session.clear()
    user = request.form.get("user", "")
    if request.method == "POST":
        if user not in KEYS or KEYS[user] != request.form.get("key"):
            abort(401)
        session["user"] = user
    return render_template("shop.html", user=session.get("user"))
