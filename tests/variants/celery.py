"""Background tasks, done right in other ways than the reference's."""

from __future__ import annotations

import secrets
import sqlite3
import uuid
from collections.abc import Mapping
from typing import Any

import flask
from celery import Celery, Task, shared_task
from celery.signals import task_postrun, task_prerun
from itsdangerous import BadSignature, URLSafeSerializer
from kombu.exceptions import OperationalError

from conformance import Subject
from tests.proof import variant

Config = Mapping[str, Any]

#: What result backends raise that do not answer.
try:
    from redis.exceptions import RedisError
except ImportError:
    AWAY: tuple[type[Exception], ...] = (OSError,)
else:
    AWAY = (OSError, RedisError)


@variant
def flat_keys_and_signals() -> Subject:
    """Keys with a prefix; a signal pushes the context; each request makes its Celery app current."""

    def init(app: flask.Flask) -> Celery:
        celery_app = Celery(app.import_name, set_as_current=False)
        celery_app.config_from_object(
            {k: v for k, v in app.config.items() if k.startswith("CELERY_")}, namespace="CELERY"
        )
        celery_app.set_default()

        def push(task: Task, **values: Any) -> None:
            if task.app is celery_app:
                task.request.flask_context = context = app.app_context()
                context.push()

        def pop(task: Task, **values: Any) -> None:
            if task.app is celery_app:
                task.request.flask_context.pop()

        task_prerun.connect(push)
        task_postrun.connect(pop)
        # Signals keep no receiver alive.
        celery_app.receivers = push, pop
        app.before_request(celery_app.set_current)
        app.extensions["celery"] = celery_app
        return celery_app

    return Subject(patterns={"celery": {"celery_init_app": init}})


@variant
def keeps_a_log() -> Subject:
    """Each task ends with a line in a file that a setting of the app names."""

    def init(app: flask.Flask) -> Celery:
        class Logged(Task):
            abstract = True

            def __call__(self, *args: Any, **kwargs: Any) -> Any:
                with app.app_context():
                    return self.run(*args, **kwargs)

            def after_return(self, status: str, *rest: Any) -> None:
                with app.app_context(), open(flask.current_app.config["TASK_LOG"], "a") as log:
                    log.write(f"{self.name} {status}\n")

        celery_app = Celery(app.name, task_cls=Logged, set_as_current=False)
        celery_app.config_from_object(app.config["CELERY"])
        celery_app.set_default()
        app.before_request(celery_app.set_current)
        app.extensions["celery"] = celery_app
        return celery_app

    def create_app(config: Config) -> flask.Flask:
        app = flask.Flask("keeps_a_log")
        app.config.from_mapping(config)
        app.config.setdefault(
            "CELERY", {"broker_url": "memory://", "result_backend": "cache+memory://"}
        )
        init(app)
        return app

    config = {"TASK_LOG": "{tmp}/tasks.log"}
    return Subject(app=create_app, config=config, patterns={"celery": {"celery_init_app": init}})


class FlaskCelery(Celery):
    """A Celery app that belongs to a Flask app and wraps the functions, not the task class."""

    def __init__(self, app: flask.Flask) -> None:
        super().__init__(app.name, set_as_current=False)
        self.flask_app = app
        self.conf.update(app.config["CELERY"])
        app.extensions["celery"] = self

    class Task(Task):
        abstract = True

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            with self.app.flask_app.app_context():
                return super().__call__(*args, **kwargs)


@variant
def subclass_of_celery() -> Subject:
    """A subclass of Celery with its own task class; a middleware makes it current."""

    def init(app: flask.Flask) -> None:
        celery_app = FlaskCelery(app)
        celery_app.set_default()
        inner = app.wsgi_app

        def middleware(environ: Any, start_response: Any) -> Any:
            celery_app.set_current()
            return inner(environ, start_response)

        app.wsgi_app = middleware  # type: ignore[method-assign]

    return Subject(patterns={"celery": {"celery_init_app": init}})


@variant
def state_behind_a_location() -> Subject:
    """Tasks of the factory's own, JSON in, a Location with a signed id out, a state in the answer."""

    def create_app(config: Config | None = None) -> flask.Flask:
        app = flask.Flask("shop")
        app.config.update(config or {}, CELERY={"result_extended": True})
        celery_app = FlaskCelery(app)
        celery_app.set_default()
        signer = URLSafeSerializer("secret", salt="tasks")

        @celery_app.task(name="multiply", acks_late=True, shared=False)
        def multiply(*, factors: list[int]) -> int:
            product = 1
            for factor in factors:
                product *= factor
            return product

        @app.before_request
        def visitor() -> None:
            flask.g.visitor = flask.request.cookies.get("visitor") or secrets.token_hex()

        @app.post("/products")
        def start() -> Any:
            data = flask.request.get_json()
            factors = [data.get("x"), data.get("y")]
            if not all(type(factor) is int for factor in factors):
                return {"message": "x and y are numbers"}, 422
            try:
                task = multiply.apply_async(kwargs={"factors": factors}, retry=False)
            except OperationalError:
                return {"message": "later"}, 503
            token = signer.dumps([flask.g.visitor, task.id])
            response = flask.make_response({}, 202)
            response.headers["Location"] = flask.url_for("status", token=token)
            response.set_cookie("visitor", flask.g.visitor)
            return response

        @app.get("/tasks/<token>")
        def status(token: str) -> Any:
            try:
                owner, task_id = signer.loads(token)
            except BadSignature:
                return {"message": "unknown"}, 404
            if owner != flask.request.cookies.get("visitor"):
                return {"message": "not yours"}, 403
            found = multiply.AsyncResult(task_id)
            try:
                state, outcome = found.state, found.result
            except AWAY:
                return {"message": "later"}, 503
            if state == "SUCCESS":
                return {"status": state, "result": outcome}
            if state == "FAILURE":
                app.logger.warning("task %s: %r", task_id, outcome)
                return {"status": state, "message": "this did not work"}
            return {"status": state}, 202

        return app

    binding = {
        "start": {"method": "POST", "path": "/products", "json": {}},
        "numbers": ["x", "y"],
        "expected": "operator:mul",
        "state": "status",
        "value": "result",
        "error": "message",
    }
    return Subject(app=create_app, patterns={"celery": binding})


@shared_task(name="tests.length", ignore_result=False)
def length(note_id: int) -> int:
    with database() as db:
        (text,) = db.execute("SELECT text FROM notes WHERE id = ?", [note_id]).fetchone()
        # The condition and the change are one statement: of two, one finds a row.
        db.execute(
            "UPDATE notes SET length = ? WHERE id = ? AND length IS NULL", [len(text), note_id]
        )
        return len(text)


def database() -> sqlite3.Connection:
    """A connection for each context, in the context."""
    if "db" not in flask.g:
        flask.g.db = sqlite3.connect(flask.current_app.config["NOTES"])
        flask.g.db.execute(
            "CREATE TABLE IF NOT EXISTS notes"
            " (id INTEGER PRIMARY KEY, text TEXT UNIQUE, length INTEGER)"
        )
    return flask.g.db


def note_exists(note_id: int) -> bool:
    return bool(database().execute("SELECT 1 FROM notes WHERE id = ?", [note_id]).fetchall())


def measured() -> list[Any]:
    return database().execute("SELECT id FROM notes WHERE length IS NOT NULL").fetchall()


@variant
def sent_by_name() -> Subject:
    """The task is sent by its name, and a teardown function closes the connection."""

    def create_app(config: Config) -> flask.Flask:
        app = flask.Flask("notes")
        app.secret_key = "secret"
        app.config.update(config, CELERY={"task_default_priority": 3})
        celery_app = FlaskCelery(app)
        celery_app.set_default()

        @app.teardown_appcontext
        def close(error: BaseException | None) -> None:
            db = flask.g.pop("db", None)
            if db is not None:
                db.close()

        @app.post("/notes")
        def create() -> Any:
            text = flask.request.form.get("text", "")
            try:
                with database() as db:
                    note_id = db.execute("INSERT INTO notes (text) VALUES (?)", [text]).lastrowid
            except sqlite3.IntegrityError:
                return {"detail": "there is one"}, 409
            try:
                sent = celery_app.send_task("tests.length", [note_id])
            except OperationalError:
                with database() as db:
                    db.execute("DELETE FROM notes WHERE id = ?", [note_id])
                return {"detail": "later"}, 503
            flask.session["mine"] = [*flask.session.get("mine", []), sent.id]
            return {"task_id": sent.id}

        @app.get("/notes/status")
        def status() -> Any:
            task_id = flask.request.args["task"]
            if task_id not in flask.session.get("mine", []):
                flask.abort(404)
            found = celery_app.AsyncResult(task_id)
            try:
                done, ok = found.ready(), found.successful()
            except AWAY:
                flask.abort(503)
            answer: dict[str, Any] = {"done": done, "ok": ok}
            if done:
                answer["length" if ok else "problem"] = found.result if ok else "it did not work"
            return answer

        return app

    binding = {
        "start": {"method": "POST", "path": "/notes", "form": {"text": "note {n}"}},
        "submit": {"method": "POST", "path": "/notes", "form": {}},
        "submit_fail": {"method": "POST", "path": "/notes", "form": {}},
        "result": "/notes/status?task={id}",
        "id": "task_id",
        "ready": "done",
        "successful": "ok",
        "value": "length",
        "error": "problem",
        "field": "text",
        "stored": note_exists,
        "effects": measured,
    }
    return Subject(app=create_app, config={"NOTES": "{tmp}/n.db"}, patterns={"celery": binding})


@variant
def one_app_object() -> Subject:
    """An app without a factory that knows no clients, and lets the broker's error be a 500."""
    app = flask.Flask("powers")
    app.config["CELERY"] = {
        "broker_url": "memory://", "result_backend": "cache+memory://", "task_ignore_result": True,
    }  # fmt: skip
    celery_app = FlaskCelery(app)
    celery_app.config_from_object(app.config["CELERY"])
    celery_app.set_default()
    issued: set[str] = set()

    @celery_app.task(name="power", ignore_result=False, shared=False)
    def power(base: int, exponent: int) -> int:
        return pow(base, abs(exponent), 1_000_000_007)

    @app.post("/power")
    async def start() -> Any:
        try:
            numbers = [int(flask.request.form[name]) for name in ("base", "exponent")]
        except ValueError:
            flask.abort(400)
        result = power.delay(*numbers)
        issued.add(result.id)
        return {"id": result.id}, 202

    @app.get("/power/<uuid:name>")
    async def look(name: uuid.UUID) -> Any:
        if str(name) not in issued:
            flask.abort(404)
        result = celery_app.AsyncResult(str(name))
        ready, good = result.ready(), result.successful()
        error = "it did not work" if ready and not good else None
        value = result.result if good else None
        return {"ready": ready, "successful": good, "value": value, "error": error}

    binding = {
        "celery_app": celery_app,
        "start": {"method": "POST", "path": "/power"},
        "numbers": ["base", "exponent"],
        "expected": lambda base, exponent: pow(base, abs(exponent), 1_000_000_007),
        "result": "/power/{id}",
        "id": "id",
        "error": "error",
    }
    return Subject(app=app, patterns={"celery": binding})
