"""Class-based tasks, registered by each Celery app; nested blueprints; a sitting of sqlite3."""
import sqlite3

from celery import Celery, Task
from flask import Blueprint, Flask, current_app, g, request

SCHEMA = "create table if not exists note (name text unique); create table if not exists printed (name text);"
apps = []


class FlaskTask(Task):
    abstract = True

    def __call__(self, *args, **kwargs):
        with self.app.flask_app.app_context():
            return self.run(*args, **kwargs)


class Add(FlaskTask):
    name = "add"
    ignore_result = False

    def run(self, a, b):
        return {"sum": a + b}["sum"]


class Print(FlaskTask):
    name = "print"

    def run(self, *, name):
        if db().execute("select 1 from note where name = ?", [name]).fetchone() is None:
            raise LookupError(name)
        with db():
            db().execute("insert into printed values (?)", [name])


def integrate(app):
    celery = Celery(app.name, task_cls=FlaskTask)
    celery.flask_app = app
    celery.conf.update(app.config["CELERY"])
    for task in (Add, Print):  # a class of its own for each app: a task's app belongs to its class
        celery.register_task(type(task.__name__, (task,), {})())
    celery.set_default()
    app.extensions["celery"] = celery
    return celery


def db():
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["DATABASE"])
    return g.db


def tasks():
    return current_app.extensions["celery"].tasks


api = Blueprint("api", __name__, url_prefix="/api")
jobs = Blueprint("jobs", __name__, url_prefix="/jobs")
notes = Blueprint("notes", __name__, url_prefix="/notes")


@jobs.put("/sum")
def begin():
    a, b = (int(request.form[field], 10) for field in ("a", "b"))
    return {"data": {}, "result_id": tasks()["add"].apply_async((a,), {"b": b}, countdown=0).id}, 202


@jobs.errorhandler(ValueError)
def no_number(error):
    return {"message": str(error)}, 400


@jobs.get("/<id>")
def job(id):
    result = current_app.extensions["celery"].AsyncResult(id)
    answer = {"ready": result.ready(), "successful": result.successful()}
    if answer["successful"]:
        answer["value"] = result.get()
    elif answer["ready"]:
        answer["message"] = "".join(map(str, result.get(propagate=False).args))
    return answer


@notes.put("/")
def write():
    name = request.form["name"]
    try:
        with db():
            db().execute("insert into note values (?)", [name])
    except sqlite3.IntegrityError:
        return {"message": "there already"}, 409
    tasks()["print"].apply_async(kwargs={"name": name})
    return {"name": name}, 201


api.register_blueprint(jobs)
api.register_blueprint(notes)


def create_app(config=None):
    app = Flask(__name__)
    app.config["CELERY"] = dict(broker_url="memory://", result_backend="cache+memory://", task_ignore_result=True)
    app.config.update(config or {})
    app.register_blueprint(api)

    @app.teardown_appcontext
    def close(exc):
        if "db" in g:
            g.pop("db").close()

    integrate(app)
    with app.app_context():
        db().executescript(SCHEMA)
    apps.append(app)
    return app


def noted(name):
    with apps[-1].app_context():
        return db().execute("select 1 from note where name = ?", [name]).fetchone() is not None


def printed():
    with apps[-1].app_context():
        return [name for (name,) in db().execute("select name from printed")]
