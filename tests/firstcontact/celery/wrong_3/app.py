import sqlite3

from celery import Celery, Task, shared_task
from celery.result import AsyncResult
from flask import Flask, current_app, g, has_app_context, request

SCHEMA = """
create table if not exists member (id integer primary key, name text not null);
create table if not exists mailbox (address text primary key);
create table if not exists mail (id integer primary key, recipient text not null);
"""
latest = {}  # the settings of the app made last, for the two functions at the end


def celery_init_app(app: Flask) -> Celery:
    class FlaskTask(Task):
        def __call__(self, *args: object, **kwargs: object) -> object:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery_app = Celery(app.name, task_cls=FlaskTask)
    celery_app.config_from_object(app.config["CELERY"])
    celery_app.set_default()
    app.extensions["celery"] = celery_app
    return celery_app


def get_db():
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["DATABASE"])
    return g.db


@shared_task(ignore_result=False)
def add_together(a: int, b: int) -> int:
    return a + b


@shared_task
def send_welcome(name: str) -> None:
    db = get_db()
    (found,) = db.execute("select name from member where name = ?", [name]).fetchone()
    db.execute("insert into mail (recipient) values (?)", [found])
    db.commit()


pending = []


def later(task, *args):
    """Starts a task once the transaction is committed."""
    pending.append((task, args))


def commit():
    get_db().commit()
    while pending:
        task, args = pending.pop(0)
        task.delay(*args)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(
        DATABASE="members.db",
        CELERY=dict(broker_url="memory://", result_backend="cache+memory://", task_ignore_result=True),
    )
    app.config.from_prefixed_env()
    app.config.from_mapping(config or {})
    latest.update(app.config)
    celery_init_app(app)

    @app.teardown_appcontext
    def close(exception):
        db = g.pop("db", None)
        if db is not None:
            db.close()

    with app.app_context():
        get_db().executescript(SCHEMA)

    @app.errorhandler(sqlite3.IntegrityError)
    def conflict(error):
        return {"error": "there is a member of that name"}, 409

    @app.post("/add")
    def start_add():
        a = request.form.get("a", type=int)
        b = request.form.get("b", type=int)
        if a is None or b is None:
            return {"error": "two whole numbers, please"}, 400
        result = add_together.delay(a, b)
        return {"result_id": result.id}

    @app.get("/result/<id>")
    def task_result(id):
        result = AsyncResult(id)
        ready = result.ready()
        value = result.result if ready else None
        return {
            "ready": ready,
            "successful": result.successful(),
            "value": str(value) if isinstance(value, Exception) else value,
        }

    @app.post("/signup")
    def signup():
        name = request.form["name"]
        db = get_db()
        db.execute("insert into member (name) values (?)", [name])
        later(send_welcome, name)
        db.execute("insert into mailbox (address) values (lower(?))", [name])
        commit()
        return {"name": name}, 201

    return app


def rows(query, *args):
    db = sqlite3.connect(current_app.config["DATABASE"] if has_app_context() else latest["DATABASE"])
    try:
        return db.execute(query, args).fetchall()
    finally:
        db.close()


def member_stored(name):
    return bool(rows("select 1 from member where name = ?", name))


def mails():
    return [recipient for (recipient,) in rows("select recipient from mail order by id")]
