"""Uses of Celery, each with one believable mistake."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import flask
from celery import Celery, Task, shared_task
from celery.exceptions import TimeoutError as WaitedTooLong
from celery.result import AsyncResult
from flask import abort, appcontext_pushed, current_app, request, session
from werkzeug.exceptions import ServiceUnavailable

import reference.celery as good
from conformance import Subject
from conformance.subject.config import load_config
from tests.proof import mutant

#: How the reference's routes are bound.
BOUND = load_config(Path(__file__).parents[2] / "pyproject.toml")["patterns"]["celery"]
ROUTES = {key: value for key, value in BOUND.items() if key not in ("celery_init_app", "worker")}

Config = Mapping[str, Any]


# The init function.


def component(init: Callable[[flask.Flask], Any]) -> Subject:
    return Subject(patterns={"celery": {"celery_init_app": init}})


class ContextTask(Task):
    """What the reference's tasks do, for any app that has itself in its Celery app."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        with self.app.flask_app.app_context():
            return self.run(*args, **kwargs)


def integrate(
    app: flask.Flask,
    *,
    task: type = ContextTask,
    default: bool = True,
    current: bool = True,
    extension: bool = True,
    **options: Any,
) -> Celery:
    """The reference's init function, a part of which can be left out."""
    celery_app = Celery(app.name, task_cls=task, **options)
    celery_app.flask_app = app
    if not options:
        celery_app.config_from_object(app.config["CELERY"])
    if default:
        celery_app.set_default()
    if extension:
        app.extensions["celery"] = celery_app
    if current:

        def make_current(sender: flask.Flask) -> None:
            celery_app.set_current()

        appcontext_pushed.connect(make_current, app)
        app.extensions["make_current"] = make_current
    return celery_app


@mutant("configured", says="as in CELERY", also=["two-apps"])
def urls_handed_over() -> Subject:
    """Only the broker and the backend are handed over."""

    def init(app: flask.Flask) -> Celery:
        settings = app.config["CELERY"]
        return integrate(app, broker=settings["broker_url"], backend=settings["result_backend"])

    return component(init)


@mutant("registered-everywhere", says="to be the registered one")
def not_the_default() -> Subject:
    """Nobody calls `set_default()`."""
    return component(lambda app: integrate(app, default=False))


@mutant("registered-everywhere", says='a Celery app in app.extensions["celery"]')
def not_in_the_extensions() -> Subject:
    """The Celery app is returned and not registered."""
    return component(lambda app: integrate(app, extension=False))


@mutant("app-context", says="no app context is active")
def no_context() -> Subject:
    """The tasks are Celery's own."""
    return component(lambda app: integrate(app, task=Task))


@mutant("app-context", says="0 teardowns")
def context_left_on_error() -> Subject:
    """The context is popped where the task ends, and not where it raises."""

    class PushingTask(Task):
        def __call__(self, *args: object, **kwargs: object) -> object:
            context = self.app.flask_app.app_context()
            context.push()
            value = self.run(*args, **kwargs)
            context.pop()
            return value

    return component(lambda app: integrate(app, task=PushingTask))


@mutant("app-context", says="0 teardowns")
def one_context_for_all() -> Subject:
    """The worker pushes one context, and all of its tasks run in that."""

    class LazyTask(Task):
        def __call__(self, *args: object, **kwargs: object) -> object:
            if not flask.has_app_context():
                self.app.flask_app.app_context().push()
            return self.run(*args, **kwargs)

    return component(lambda app: integrate(app, task=LazyTask))


@mutant("app-context", says="another app")
def another_app() -> Subject:
    """The tasks run in the context of an app that was made for them alone."""

    class OtherTask(Task):
        def __call__(self, *args: object, **kwargs: object) -> object:
            with flask.Flask("tasks").app_context():
                return self.run(*args, **kwargs)

    return component(lambda app: integrate(app, task=OtherTask))


@mutant("no-request-context", says="a request that nobody sent")
def made_up_request() -> Subject:
    """The tasks run in a test request context, so that url_for works."""

    class RequestTask(Task):
        def __call__(self, *args: object, **kwargs: object) -> object:
            with self.app.flask_app.test_request_context():
                return self.run(*args, **kwargs)

    return component(lambda app: integrate(app, task=RequestTask))


@mutant("app-context", says="another app", also=["two-apps"])
def app_of_the_class() -> Subject:
    """The task class keeps its app in an attribute, which the next app replaces."""

    class KeptTask(Task):
        flask_app: Any = None

        def __call__(self, *args: object, **kwargs: object) -> object:
            with KeptTask.flask_app.app_context():
                return self.run(*args, **kwargs)

    def init(app: flask.Flask) -> Celery:
        KeptTask.flask_app = app
        return integrate(app, task=KeptTask, current=False)

    return component(init)


@mutant("app-context", says="after_return, not to raise")
def after_return_outside() -> Subject:
    """What is to happen after the task wants the context that has ended with it."""

    class NotingTask(ContextTask):
        def after_return(self, *args: object) -> None:
            flask.current_app.extensions.setdefault("done", []).append(self.name)

    return component(lambda app: integrate(app, task=NotingTask))


@mutant("two-apps", says="it went to 'conformance-two'")
def last_app_wins() -> Subject:
    """The Celery app is the default, and nothing more."""
    return component(lambda app: integrate(app, current=False))


@mutant("json-only", says="the worker unpickled it")
def pickle_accepted() -> Subject:
    """Pickle is accepted, beside JSON."""

    def init(app: flask.Flask) -> Celery:
        celery_app = integrate(app)
        celery_app.conf.update(accept_content=["json", "pickle"])
        return celery_app

    return component(init)


# The routes.


def build(config: Config | None, change: Callable[[flask.Flask], object]) -> flask.Flask:
    """The reference's routes in an app of their own, after a change of the app."""
    app = flask.Flask("reference")
    app.secret_key = "secret"
    app.config.update(config or {})
    good.init_app(app)
    change(app)
    return app


def changed(change: Callable[[flask.Flask], object], **binding: Any) -> Subject:
    """A subject of that."""

    def create_app(config: Config | None = None) -> flask.Flask:
        return build(config, change)

    return bound(create_app, **binding)


def bound(app: Any, **binding: Any) -> Subject:
    """A subject with the reference's binding."""
    return Subject(
        app=app,
        config={"ARCHIVES": "{tmp}/archives.db"},
        patterns={"celery": {**ROUTES, **binding}},
    )


def view(name: str, function: Callable[..., Any], **binding: Any) -> Subject:
    """The reference's routes, one of them with another view."""
    return changed(lambda app: app.view_functions.update({f"celery.{name}": function}), **binding)


def add(start: Callable[[int, int], str]) -> Callable[[], Any]:
    """The reference's view, with another way to start the task."""

    def start_add() -> Any:
        a, b = request.form.get("a", type=int), request.form.get("b", type=int)
        if a is None or b is None:
            abort(400)
        return {"result_id": start(a, b)}, 202

    return start_add


def result(answer: Callable[[AsyncResult], dict[str, Any]]) -> Callable[..., Any]:
    """The reference's view, with another answer."""

    def task_result(result_id: str) -> Any:
        if result_id not in session.get("celery_results", ()):
            abort(404)
        try:
            return answer(AsyncResult(result_id))
        except OSError:
            abort(503)
        except Exception as error:
            if type(error).__module__.startswith("redis"):
                abort(503)
            raise

    return task_result


def told(found: AsyncResult, **other: Any) -> dict[str, Any]:
    """A right answer, with other values in it."""
    successful = found.successful()
    answer = {
        "ready": found.ready(),
        "successful": successful,
        "value": found.result if successful else None,
        "error": "failed" if found.failed() else None,
    }
    return {**answer, **other}


@mutant("worker-entry", says="it knows no tasks of the application")
def entry_without_tasks() -> Subject:
    """The module for the worker does not import the one with the tasks."""
    return changed(lambda app: None, worker="tests.mutants.celery_worker")


def __getattr__(name: str) -> Any:
    if name == "entry":
        raise KeyError("SECRET_KEY")
    raise AttributeError(name)


@mutant("worker-entry", says="SECRET_KEY")
def entry_needs_the_web() -> Subject:
    """The module for the worker wants what only the web process's environment has."""
    return changed(lambda app: None, worker="tests.mutants.celery:entry")


@mutant("returns-at-once", says="it calls get()")
def waits_a_moment() -> Subject:
    """The view waits a little, as the task may be quick."""

    def start(a: int, b: int) -> str:
        result_id = good.start(good.add_together, a, b)
        with contextlib.suppress(WaitedTooLong):
            AsyncResult(result_id).get(timeout=0.01, interval=0.01, propagate=False)
        return result_id

    return view("start_add", add(start))


@mutant("input-validated", says="a 4xx for a form")
def none_passed_on() -> Subject:
    """What is no number reaches the task as None."""

    def start_add() -> Any:
        a, b = request.form.get("a", type=int), request.form.get("b", type=int)
        return {"result_id": good.start(good.add_together, a, b)}

    return view("start_add", start_add)


@mutant("input-validated", says="to queue no task")
def validated_too_late() -> Subject:
    """The numbers are looked at when the task is queued."""

    def start_add() -> Any:
        a, b = request.form.get("a", type=int), request.form.get("b", type=int)
        result_id = good.start(good.add_together, a, b)
        if a is None or b is None:
            abort(400)
        return {"result_id": result_id}

    return view("start_add", start_add)


@mutant("broker-down", says="a server error while the broker is down")
def broker_error_swallowed() -> Subject:
    """What `delay()` raises is dropped, and the client gets an id as if there were a task."""

    def start(a: int, b: int) -> str:
        try:
            return good.start(good.add_together, a, b)
        except ServiceUnavailable:
            return str(uuid.uuid4())

    return view("start_add", add(start))


@mutant("broker-down", says="nothing was left half-done")
def row_left_behind() -> Subject:
    """What was stored for a task that could not be queued stays."""

    def start_archive() -> Any:
        return {"result_id": good.start(good.generate_archive, stored_archive())}, 202

    return view("start_archive", start_archive)


def stored_archive() -> int:
    """What the reference's view stores."""
    try:
        with good.database() as db:
            row = db.execute("INSERT INTO archives (name) VALUES (?)", [request.form["name"]])
            return row.lastrowid or 0
    except good.sqlite3.IntegrityError:
        abort(409)


@shared_task(ignore_result=False)
def add_as_floats(a: int, b: int) -> int:
    return int(float(a) + float(b))


@mutant("result-roundtrip", says="the value")
def large_numbers_rounded() -> Subject:
    """The task computes with floats."""
    return view("start_add", add(lambda a, b: good.start(add_as_floats, a, b)))


@shared_task
def add_ignored(a: int, b: int) -> int:
    return a + b


@mutant("result-roundtrip", says="a result within", also=["failed-reported"])
def result_ignored() -> Subject:
    """The task does not ask for its result, and results are ignored."""
    return view("start_add", add(lambda a, b: good.start(add_ignored, a, b)))


@mutant("pending-shape", says="a pending task not to be successful")
def not_failed_is_successful() -> Subject:
    """Every state but a failure counts as success."""
    return view("task_result", result(lambda found: told(found, successful=not found.failed())))


@mutant("pending-shape", says="a pending task to have no value")
def state_as_value() -> Subject:
    """While there is no value, the state is in its place."""
    return view(
        "task_result",
        result(lambda found: told(found, **({} if found.ready() else {"value": found.state}))),
    )


@mutant("failed-reported", says="a report of a task that raised")
def exception_as_value() -> Subject:
    """The exception is put into the JSON, as the docs do it."""
    return view(
        "task_result",
        result(lambda found: told(found, error=found.result if found.failed() else None)),
    )


@mutant("failed-reported", says="a text about the error")
def error_without_text() -> Subject:
    """A failure is reported, and not what failed."""
    return view("task_result", result(lambda found: told(found, error=None)))


@mutant("error-not-leaky", says="hunter2")
def exception_shown() -> Subject:
    """The exception's message is shown to whoever asks."""
    return view(
        "task_result",
        result(lambda found: told(found, error=repr(found.result) if found.failed() else None)),
    )


@mutant("error-not-leaky", says="hunter2")
def traceback_shown() -> Subject:
    """The traceback is shown to whoever asks."""
    return view("task_result", result(lambda found: told(found, error=found.traceback)))


def anyone(refused: Callable[[str], bool]) -> Subject:
    """The reference's views, which note in the app whose an id is and then ask `refused`."""

    def task_result(result_id: str) -> Any:
        if refused(result_id):
            abort(404)
        with_id = [*session.get("celery_results", ()), result_id]
        session["celery_results"] = with_id
        return good.task_result(result_id)

    def start(a: int, b: int) -> str:
        result_id = good.start(good.add_together, a, b)
        current_app.extensions.setdefault("started", set()).add(result_id)
        return result_id

    def change(app: flask.Flask) -> None:
        app.view_functions["celery.task_result"] = task_result
        app.view_functions["celery.start_add"] = add(start)

    return changed(change)


@mutant("unknown-id", says="which was never issued")
def unknown_pending() -> Subject:
    """Only what somebody else started is refused; what nobody did is pending."""

    def refused(result_id: str) -> bool:
        mine = result_id in session.get("celery_results", ())
        return not mine and result_id in current_app.extensions.get("started", ())

    return anyone(refused)


@mutant("owner-only", says="the result to be refused to another client")
def known_to_all() -> Subject:
    """Any id that was given out is answered, whoever asks."""
    return anyone(lambda result_id: result_id not in current_app.extensions.get("started", ()))


@shared_task(ignore_result=False, acks_late=True)
def total(amounts: dict[int, int]) -> int:
    return sum(amounts.values())


@mutant("args-plain", says="to arrive as they were sent")
def numbers_as_keys() -> Subject:
    """The task takes a mapping whose keys are numbers."""
    return view("start_add", add(lambda a, b: good.start(total, {1: a, 2: b})))


@shared_task(ignore_result=False, acks_late=True)
def deliver_unseen(archive_id: int) -> None:
    """Does not look for the archive, which a quick worker would not find."""
    with good.database() as db:
        db.execute(
            "INSERT OR IGNORE INTO deliveries (archive_id, text) VALUES (?, 'ready')", [archive_id]
        )


@mutant("after-commit", says="it is not committed")
def queued_before_the_commit() -> Subject:
    """The task is queued within the transaction."""

    def start_archive() -> Any:
        try:
            with good.database() as db:
                row = db.execute("INSERT INTO archives (name) VALUES (?)", [request.form["name"]])
                return {"result_id": good.start(deliver_unseen, row.lastrowid)}, 202
        except good.sqlite3.IntegrityError:
            abort(409)

    return view("start_archive", start_archive)


@mutant("after-commit", says="to queue no task")
def queued_though_refused() -> Subject:
    """The task is queued whether or not there was something to store."""

    def start_archive() -> Any:
        archive_id = None
        try:
            with good.database() as db:
                row = db.execute("INSERT INTO archives (name) VALUES (?)", [request.form["name"]])
                archive_id = row.lastrowid
        except good.sqlite3.IntegrityError:
            pass
        try:
            result_id = good.start(good.generate_archive, archive_id)
        except ServiceUnavailable:
            with good.database() as db:
                db.execute("DELETE FROM archives WHERE id = ?", [archive_id])
            raise
        if archive_id is None:
            abort(409)
        return {"result_id": result_id}, 202

    return view("start_archive", start_archive)


@mutant("after-commit", says="kept for the next request")
def kept_for_the_next_request() -> Subject:
    """What is to be queued waits in a list for the commit, where a request that fails leaves it."""
    pending: list[str] = []

    def start_archive() -> Any:
        pending.append(request.form["name"])
        try:
            with good.database() as db:
                db.execute("INSERT INTO archives (name) VALUES (?)", pending[-1:])
        except good.sqlite3.IntegrityError:
            abort(409)
        query = "SELECT id FROM archives WHERE name = ?"
        with good.database() as db:
            archive_ids = [db.execute(query, [name]).fetchone()[0] for name in pending]
        pending.clear()
        try:
            results = [good.start(good.generate_archive, each) for each in archive_ids]
        except ServiceUnavailable:
            with good.database() as db:
                db.execute("DELETE FROM archives WHERE id = ?", archive_ids[-1:])
            raise
        return {"result_id": results[-1]}, 202

    return view("start_archive", start_archive)


def archive(task: Task) -> Callable[[], Any]:
    """The reference's view, with another task."""

    def start_archive() -> Any:
        archive_id = stored_archive()
        try:
            return {"result_id": good.start(task, archive_id)}, 202
        except ServiceUnavailable:
            with good.database() as db:
                db.execute("DELETE FROM archives WHERE id = ?", [archive_id])
            raise

    return start_archive


@shared_task(acks_late=True, reject_on_worker_lost=True)
def deliver_again(archive_id: int) -> None:
    with good.database() as db:
        db.execute("INSERT INTO deliveries (text) VALUES ('ready')")


@mutant("idempotent", says="one effect")
def acts_each_time() -> Subject:
    """The task does its work each time that it is called."""
    return view("start_archive", archive(deliver_again))


#: Lets two come between looking and acting at one moment.
meeting = threading.Barrier(2)


@shared_task
def look_then_deliver(archive_id: int) -> None:
    text = f"archive {archive_id}"
    with good.database() as db:
        done = db.execute("SELECT 1 FROM deliveries WHERE text = ?", [text]).fetchone()
    try:
        meeting.wait(0.2)
    except threading.BrokenBarrierError:
        meeting.reset()
    if done is None:
        with good.database() as db:
            db.execute("INSERT INTO deliveries (text) VALUES (?)", [text])


@mutant("idempotent", says="two workers run concurrently")
def looks_first() -> Subject:
    """The task looks whether it was done, and two of them look at one moment."""
    return view("start_archive", archive(look_then_deliver))


@mutant("backend-down", says="a 503 while the result backend is down")
def backend_error_uncaught() -> Subject:
    """What the result backend raises goes through."""

    def task_result(result_id: str) -> Any:
        if result_id not in session.get("celery_results", ()):
            abort(404)
        return told(AsyncResult(result_id))

    return view("task_result", task_result)


# With real workers: another process makes the same app.

#: The numbers of tasks that wait, in the memory of this process.
waiting: dict[str, tuple[int, int]] = {}


@shared_task(ignore_result=False, acks_late=True)
def add_waiting(key: str) -> int:
    a, b = waiting[key]
    return a + b


def web_with_memory(config: Config | None = None) -> flask.Flask:
    def start(a: int, b: int) -> str:
        key = f"{a}+{b}"
        waiting[key] = (a, b)
        return good.start(add_waiting, key)

    return build(config, lambda app: app.view_functions.update({"celery.start_add": add(start)}))


@mutant("real-worker", says="a task that succeeded", also=["broker-back"])
def memory_shared() -> Subject:
    """The task looks for its numbers in the memory of the web process."""
    return bound("tests.mutants.celery:web_with_memory")


@shared_task(ignore_result=False)
def add_early(a: int, b: int) -> int:
    return a + b


def web_with_early_task(config: Config | None = None) -> flask.Flask:
    start = add(lambda a, b: good.start(add_early, a, b))
    return build(config, lambda app: app.view_functions.update({"celery.start_add": start}))


@mutant("worker-killed", says="the task to be run again")
def acknowledged_early() -> Subject:
    """The task is acknowledged when it begins."""
    return bound("tests.mutants.celery:web_with_early_task")


def web_that_acts_again(config: Config | None = None) -> flask.Flask:
    start = archive(deliver_again)
    return build(config, lambda app: app.view_functions.update({"celery.start_archive": start}))


@mutant("killed-after-effect", says="it was done again", also=["idempotent"])
def done_again() -> Subject:
    """The task is acknowledged late, and does its work each time that it is called."""
    return bound("tests.mutants.celery:web_that_acts_again")


def web_that_remembers(config: Config | None = None) -> flask.Flask:
    right = add(lambda a, b: good.start(good.add_together, a, b))

    def start_add() -> Any:
        if current_app.extensions.get("broken"):
            abort(503)
        try:
            return right()
        except Exception as error:
            current_app.extensions["broken"] = getattr(error, "code", 500) == 503
            raise

    return build(config, lambda app: app.view_functions.update({"celery.start_add": start_add}))


@mutant("broker-back", says="503")
def broken_for_ever() -> Subject:
    """That the broker was away once is remembered until the process ends."""
    return bound("tests.mutants.celery:web_that_remembers")
