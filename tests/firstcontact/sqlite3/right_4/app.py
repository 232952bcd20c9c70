import sqlite3
from pathlib import Path

from flask import Blueprint, Flask, current_app, g, request, stream_with_context


class Upstream(Exception):
    pass


def make_dicts(cursor, row):
    return {column[0]: value for column, value in zip(cursor.description, row)}


def get_db():
    db = getattr(g, "_todo_db", None)
    if db is None:
        db = g._todo_db = sqlite3.connect(Path(current_app.config["DATABASE"]).absolute().as_uri() + "?mode=rwc", uri=True)
        db.row_factory = make_dicts
    return db


def query_db(query, args=(), one=False):
    found = get_db().execute(query, args)
    try:
        return found.fetchone() if one else list(found)
    finally:
        found.close()


def init_db():
    """Creates the tables; works in a context or without one is needed by nobody here."""
    with get_db() as db:
        db.execute("create table todo (id integer primary key, owner text not null default 'me', task text not null)")
        db.execute("create index by_task on todo (task)")


items = Blueprint("items", __name__, url_prefix="/items")
v1 = Blueprint("v1", __name__, url_prefix="/v1")
api = Blueprint("api", __name__, url_prefix="/api")


@api.record_once
def setup(state):
    @state.app.teardown_appcontext
    def close(error=None):
        db = getattr(g, "_todo_db", None)
        if db is not None:
            g._todo_db = None
            db.close()


@api.errorhandler(Upstream)
def upstream(error):
    return {"error": str(error)}, 502


@api.before_request
def only_known_types():
    if request.method == "POST" and not request.form:
        return {"error": "a form is needed"}, 415


@v1.get("/version")
def version():
    return {"version": 1}


@items.get("")
def index():
    return {"items": query_db("select id, task from todo order by id")}


@items.post("")
def add():
    task = request.form.get("task", "")
    if not task:
        return {"error": "task is empty"}, 400
    with get_db() as db:
        db.execute("insert into todo (task) values (:task)", {"task": task})
    return "", 204


@items.get("/search")
def search():
    return {"items": query_db("select id, task from todo where task = :task", {"task": request.args.get("task", "")})}


@items.post("/sync")
def sync():
    get_db().execute("insert into todo (task) values (?)", [request.form["task"]])
    raise Upstream("the calendar is down")


@items.get("/stream")
@stream_with_context
def stream():
    yield "["
    comma = ""
    for row in get_db().execute("select task from todo order by id"):
        yield comma + current_app.json.dumps(row["task"])
        comma = ","
    yield "]\n"


v1.register_blueprint(items)
api.register_blueprint(v1)


def create_app(config=None):
    app = Flask(__name__, static_folder=None)
    app.config.from_mapping(config)
    app.register_blueprint(api)
    return app
