"""Background Tasks with Celery.

A view puts a task into a queue and answers at once; a worker, which is another
process, runs it in the context of the same app. Who started a task, and nobody
else, can ask for its result.

Start a worker with `celery -A reference.make_celery worker`.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from typing import Any

from celery import Celery, Task, shared_task
from celery.result import AsyncResult
from flask import Blueprint, Flask, abort, appcontext_pushed, current_app, request, session
from kombu.exceptions import OperationalError
from werkzeug.exceptions import ServiceUnavailable

bp = Blueprint("celery", __name__, url_prefix="/celery")


def celery_init_app(app: Flask) -> Celery:
    """Make a Celery app of the `CELERY` settings, whose tasks run in the app's context."""

    class FlaskTask(Task):
        def __call__(self, *args: object, **kwargs: object) -> object:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery_app = Celery(app.name, task_cls=FlaskTask)
    celery_app.config_from_object(app.config["CELERY"])
    celery_app.set_default()

    def make_current(sender: Flask) -> None:
        celery_app.set_current()

    # The default is the app that was made last. Where there are several, a shared task
    # belongs to the one whose context it is used in.
    appcontext_pushed.connect(make_current, app)
    # Signals keep no receiver alive: the app does.
    app.extensions["celery.make_current"] = make_current
    app.extensions["celery"] = celery_app
    return celery_app


# Defining tasks.


# Acknowledged when it is done, a task that a worker died of is given to the next worker.
# That is for tasks that may run twice: this one, and the next, which looks before it acts.
@shared_task(ignore_result=False, acks_late=True, reject_on_worker_lost=True)
def add_together(a: int, b: int) -> int:
    return a + b


@shared_task(ignore_result=False, acks_late=True, reject_on_worker_lost=True)
def generate_archive(archive_id: int) -> None:
    """Take the id, and look in the database for what it stands for."""
    with database() as db:
        (name,) = db.execute("SELECT name FROM archives WHERE id = ?", [archive_id]).fetchone()
        db.execute(
            "INSERT OR IGNORE INTO deliveries (archive_id, text) VALUES (?, ?)",
            [archive_id, f"Dear {name}, your archive is ready."],
        )


# Calling tasks.


@bp.post("/add")
def start_add() -> tuple[dict[str, str], int]:
    a = request.form.get("a", type=int)
    b = request.form.get("b", type=int)
    if a is None or b is None:
        # Before anything is queued: the worker has nobody whom it could tell.
        abort(400, "a and b must be whole numbers")
    return {"result_id": start(add_together, a, b)}, 202


@bp.post("/archives")
def start_archive() -> tuple[dict[str, str], int]:
    name = request.form.get("name", "")
    if not name:
        abort(400, "a name is missing")
    try:
        with database() as db:
            archive_id = db.execute("INSERT INTO archives (name) VALUES (?)", [name]).lastrowid
    except sqlite3.IntegrityError:
        abort(409, "there is an archive of that name")
    # Committed: a worker may be quicker than the end of this request.
    try:
        return {"result_id": start(generate_archive, archive_id)}, 202
    except ServiceUnavailable:
        with database() as db:
            db.execute("DELETE FROM archives WHERE id = ?", [archive_id])
        raise


def start(task: Task, *args: object) -> str:
    """Put a task into the queue and note in the session whose it is; give the result's id."""
    try:
        result_id: str = task.delay(*args).id
    except (OperationalError, RuntimeError) as error:
        # The one where the broker is away, the other where the result backend is.
        raise ServiceUnavailable("no tasks are taken at the moment") from error
    session["celery_results"] = [*session.get("celery_results", ()), result_id][-20:]
    return result_id


# Getting results.


@bp.get("/result/<result_id>")
def task_result(result_id: str) -> dict[str, object]:
    # To the backend an id that nobody ever started is one that is pending, for ever.
    if result_id not in session.get("celery_results", ()):
        abort(404)
    result = AsyncResult(result_id)
    try:
        ready, outcome = result.ready(), result.result
    except Exception:
        # Each backend has errors of its own.
        current_app.logger.exception("the result backend does not answer")
        abort(503, "results are not available at the moment")
    if ready and not result.successful():
        # The exception is no JSON, and its message was written for the log.
        name = type(outcome).__name__
        return {"ready": True, "successful": False, "value": None, "error": f"failed: {name}"}
    return {"ready": ready, "successful": ready, "value": outcome if ready else None}


# What the archives are kept in.


@contextlib.contextmanager
def database() -> Iterator[sqlite3.Connection]:
    """Open the database and commit at the end, or roll back."""
    path = current_app.config["ARCHIVES"]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE IF NOT EXISTS archives (id INTEGER PRIMARY KEY, name TEXT UNIQUE)")
        db.execute(
            "CREATE TABLE IF NOT EXISTS deliveries (archive_id INTEGER PRIMARY KEY, text TEXT)"
        )
        yield db


def archive_exists(archive_id: int) -> bool:
    """Check whether an archive is stored."""
    with database() as db:
        found = db.execute("SELECT 1 FROM archives WHERE id = ?", [archive_id]).fetchone()
    return found is not None


def deliveries() -> list[Any]:
    """Return what was delivered so far."""
    with database() as db:
        return db.execute("SELECT text FROM deliveries").fetchall()


def init_app(app: Flask) -> None:
    """Register the views and make the Celery app.

    `CELERY` in the configuration goes before these settings; `FLASK_CELERY__broker_url`
    in the environment names the broker.
    """
    app.config["CELERY"] = {
        "broker_url": "redis://localhost",
        "result_backend": "redis://localhost",
        # Seconds for which a request waits for a result backend that is away; 20 by default.
        "result_backend_transport_options": {"retry_policy": {"timeout": 1}},
        "task_ignore_result": True,
        "broker_connection_retry_on_startup": True,
        **app.config.get("CELERY", {}),
    }
    app.config.setdefault("ARCHIVES", os.path.join(app.instance_path, "archives.db"))
    celery_init_app(app)
    app.register_blueprint(bp)
