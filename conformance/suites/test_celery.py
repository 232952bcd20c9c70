"""The clauses of Background Tasks with Celery."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from hypothesis import strategies as st
from hypothesis.stateful import rule

from conformance.clause import example, expect, explore, given, harden, must, should, together
from conformance.core.errors import Broken, Untested
from conformance.instruments.strategies import Machine, lines
from conformance.patterns.celery import (
    BOUND,
    LONG,
    TRIES,
    Addressing,
    CeleryHarness,
    Configuring,
    Employing,
    Report,
    Reporting,
    Starting,
    Submitting,
)
from conformance.transports import Response

Harness = CeleryHarness


class Refused(Exception):
    """An exception of the application's own, that takes more than a message."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(code, text)


#: What a task may raise, each made of a text.
ERRORS: dict[str, Callable[[str], Exception]] = {
    "ValueError": ValueError,
    "KeyError": KeyError,
    "an error of the application's own": lambda text: Refused(7, text),
    "an error with an object in it": lambda text: RuntimeError(text, object()),
    "UnicodeDecodeError": lambda text: UnicodeDecodeError("utf-8", b"\xff", 0, 1, text),
    "an error without a message": lambda text: RuntimeError(),
}

#: Field values that no reading of a whole number takes.
WRONG = ("", " ", "x", "1.5", "1e3", "0x10", "None", "[1]", "١x", "1" * 5000)

#: What a user must not see: it stands in the message of what the task raises.
SECRET = "hunter2"

numbers = st.one_of(
    st.integers(-1000, 1000),
    st.integers(),
    st.sampled_from([2**31, 2**53 + 1, -(2**63), 2**64, 10**60]),
)
names = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)
settings = st.fixed_dictionaries(
    {},
    optional={
        "task_ignore_result": st.booleans(),
        "task_acks_late": st.booleans(),
        "task_default_queue": names,
        "task_annotations": st.dictionaries(names, st.just({"rate_limit": "10/s"}), max_size=2),
        "worker_prefetch_multiplier": st.integers(1, 9),
        "result_expires": st.integers(1, 10**6),
        "timezone": st.sampled_from(["Europe/Vienna", "UTC"]),
    },
)


def plain(value: object) -> Any:
    """Return a value with its tuples as lists, which is how messages carry them."""
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


# The integration.


@must("integrate-celery-with-flask", share=0.2)
@given(settings=settings)
@example(settings={"task_ignore_result": True, "task_default_queue": "mail"})
def test_configured(celery: Harness, settings: dict[str, Any]) -> None:
    """The Celery app has every setting of the Flask app's configuration.

    Source: Integrate Celery with Flask: the configuration is taken from the `CELERY` key.

    Usual cause: the broker and the result backend are handed over one by one, and
    every other setting is forgotten.
    """
    conf = Configuring.of(celery).configured(settings)
    for key, value in settings.items():
        expect(conf[key] == value, f"{key} to be {value!r} as in CELERY", repr(conf[key]))


@must("integrate-celery-with-flask")
def test_registered_everywhere(celery: Harness) -> None:
    """The Celery app is in `app.extensions["celery"]`, and the default in every thread.

    A shared task asks for the current app. In a thread that knows none it is an
    unconfigured one, which looks for a broker that is not there.

    Source: Integrate Celery with Flask: the Celery app is set as the default, so that it is seen
    during each request; Application Factory: it is in `app.extensions["celery"]`.

    Usual cause: `set_default()` is not called: the thread that made the app knows
    it, and the server's other threads do not.
    """
    celery.inside()
    app = celery.app
    registered = getattr(app, "extensions", {}).get("celery")
    expect(
        hasattr(registered, "conf"),
        'a Celery app in app.extensions["celery"]',
        repr(registered),
    )
    returned = celery.returned(app)
    expect(
        returned is None or returned is registered,
        "the Celery app that was returned to be the one in app.extensions",
        f"{returned!r} and {registered!r}",
    )
    celery.ledger.call("celery.current_app in other threads")
    for found in together(*[celery.nodes.current_app] * 3):
        expect(
            found is registered,
            "the current Celery app of another thread to be the registered one",
            f"another: {found.main!r} with the broker {found.conf.broker_url!r}",
        )


class Tasks(Machine):
    """Tasks that end and tasks that fail, one after the other in one worker."""

    harness: Harness

    def __init__(self, harness: Harness) -> None:
        # A new worker, so that a step that fails does so again when it is repeated.
        harness.renew()
        harness.make_another()
        super().__init__(harness)

    @rule(error=st.booleans())
    def run(self, error: bool) -> None:
        """Run a task and compare what it saw."""
        ran = self.harness.run_task(error)
        how = "a task that failed" if error else "a task"
        inside = ran.inside
        expect(
            inside.app is not None,
            "current_app to be there inside of a task",
            "no app context is active",
        )
        expect(
            inside.app is self.harness.app,
            "current_app to be the app that the Celery app was made for",
            f"another app: {inside.app!r}",
        )
        expect(not inside.stale, f"a fresh g in {how}", "what an earlier task left there")
        expect(
            ran.torn_down > 0,
            f"the context of {how} to be torn down",
            f"{ran.torn_down} teardowns",
        )
        expect(not ran.left, f"no context to be active after {how}", "one is")
        for each in self.harness.seen.around:
            expect(
                False,
                f"what is done after {how}, such as its after_return, to end without an error",
                f"{type(each).__name__}: {str(each).strip().splitlines()[0]}",
            )


@must("integrate-celery-with-flask", share=0.06)
def test_app_context(celery: Harness) -> None:
    """Each task runs in an app context of its own, which ends with it, also on an error.

    What an extension keeps for a context, such as a database session, is else
    missing, or is never closed and goes from one task to the next.

    Source: Integrate Celery with Flask: the `Task` subclass runs task functions with a Flask app
    context active.

    Usual cause: the tasks do not derive from a class that pushes the context
    (`task_cls`), or one context is pushed when the worker starts.
    """
    celery.inside()
    explore(lambda: Tasks(celery), steps=5)


@harden("integrate-celery-with-flask")
def test_no_request_context(celery: Harness) -> None:
    """A task runs without a request, and asks nothing of one.

    There is none in a worker. A made-up one hides that: the task then reads an
    empty form, and nobody's session.

    Source: beyond the chapter; it protects tasks from a form and a session that are nobody's.

    Usual cause: the task reads `request`, `session` or `current_user` instead of
    taking the data as an argument, or a test request context is pushed for it.
    """
    celery.with_own_work = True
    ran = celery.run_task(error=False)
    expect(
        not ran.inside.request,
        "no request context in a task",
        "one is active: flask.request is a request that nobody sent",
    )
    for error in celery.seen.errors:
        expect(
            "outside of request context" not in str(error),
            "the task to run without a request",
            f"{type(error).__name__}: {str(error).splitlines()[0]}",
        )


@harden("defining-tasks", share=0.1)
@given(order=st.lists(st.integers(0, 1), min_size=1, max_size=5))
@example(order=[0, 1, 0])
def test_two_apps(celery: Harness, order: list[int]) -> None:
    """Where two apps are made in one process, each sends its tasks with its own settings.

    So it is in every test suite that makes an app for each test: the tasks of the
    one then go to the broker of the other.

    Source: beyond the chapter; it protects each of two apps from the other's broker.

    Usual cause: shared tasks belong to the default Celery app, which is the one
    that was made last.
    """
    celery.inside()
    twins = celery.twins
    for index in order:
        app, queue = twins[index]
        message = celery.published_by(app)
        expect(
            message.routing_key == queue,
            f"a task of app {index + 1} of 2 in its own queue, {queue!r}",
            f"it went into {message.routing_key!r}",
        )


@must("application-factory")
def test_worker_entry(celery: Harness) -> None:
    """What the worker command is pointed at can be imported alone, and has the tasks.

    A worker rejects, and so loses, the messages of tasks that it does not know.

    Source: Application Factory: `make_celery.py`, which the `celery` command is pointed at.

    Usual cause: the module that makes the Celery app for the worker does not import
    the one with the tasks, or needs what only the web process has.
    """
    Starting.of(celery).need("start")
    entry = celery.need("worker")
    name = celery.published_by(celery.app).name
    found = celery.processes.tasks_of(celery.bench, entry)
    expect(
        not isinstance(found, str), f"`celery -A {entry}` to find a Celery app", f"it ends: {found}"
    )
    own = [task for task in found if not task.startswith(("celery.", "conformance."))]
    expect(
        name in found,
        f"the task {name} to be known to `celery -A {entry}`",
        f"it knows {', '.join(own) or 'no tasks of the application'}",
    )


# Calling tasks.


@must("calling-tasks")
def test_returns_at_once(celery: Harness) -> None:
    """The request that starts a task is answered while no worker has run it.

    Source: Calling Tasks: the route does not get the result immediately, which would block the
    response.

    Usual cause: the view waits with `get()`, or the task is called as a function or
    in eager mode, and so runs within the request.
    """
    client = celery.client()
    tasks = Reporting.of(celery)
    count = len(celery.seen.ran)
    with celery.no_waiting() as waits:
        response = celery.answers(partial(tasks.start, client), lambda: celery.working)
    expect(
        response is not None,
        "an answer while no worker runs",
        f"none within {BOUND:g} s: the request waits for the task",
    )
    assert response is not None
    expect(not waits, "no request to wait for a result", "it calls get()")
    expect(response.status < 400, "a task to be started", response)
    expect(len(celery.seen.ran) == count, "the task to wait for a worker", "it ran in the request")
    address = tasks.address_in(response)
    report = tasks.report(client, address)
    expect(not report.ready, "a result that is not there yet", report)


@harden("calling-tasks", share=0.5)
@given(
    value=st.one_of(st.sampled_from(WRONG), names.filter(str.isalpha)),
    which=st.integers(0, 1),
    absent=st.booleans(),
)
@example(value="", which=0, absent=True)
def test_input_validated(celery: Harness, value: str, which: int, absent: bool) -> None:
    """Where a number is missing or is none, the answer is a 4xx and no task is queued.

    The view is the last place where somebody can be told: the task fails in the
    worker, and whoever polls sees an error of the server.

    Source: beyond the chapter; it protects workers from tasks that cannot succeed.

    Usual cause: `request.form.get(..., type=int)` gives None for both, and None is
    passed on.
    """
    celery.inside()
    fields = celery.need("numbers")
    if not fields:
        raise Untested.for_keys("celery", "numbers")
    name = fields[which % len(fields)]
    count = len(celery.seen.published)
    what = f"without {name}" if absent else f"with {name}={value[:20]!r}"
    client = celery.client()
    response = Starting.of(celery).start_wrong(client, name, None if absent else value)
    expect(400 <= response.status < 500, f"a 4xx to a form {what}", response)
    expect(
        len(celery.seen.published) == count,
        f"no task to be queued by a form {what}",
        "one was",
    )


@harden("calling-tasks")
def test_broker_down(celery: Harness) -> None:
    """While the broker is away, a request ends in bounded time, with a 503 and nothing half done.

    Source: beyond the chapter; it protects requests from waiting for a broker that is away.

    Usual cause: `delay()` raises `kombu.exceptions.OperationalError`, which nobody
    catches; or the publishing is tried again without end.
    """
    celery.inside()
    client = celery.client()
    tasks = Starting.of(celery)
    back = celery.bench.enter(celery.nodes.broker_away())
    response = celery.answers(partial(tasks.start, client), back)
    expect(
        response is not None,
        f"an answer within {BOUND:g} s while the broker is away",
        "none: the request tries again and again",
    )
    assert response is not None
    expect(response.status == 503, "503 while the broker is away", response)
    if celery.binding.submit is None:
        back()
        return
    text = "conformance away"
    orders = Submitting.of(celery)
    failed = orders.submit(client, text)
    back()
    expect(failed.status == 503, "503 to what stores something, while the broker is away", failed)
    again = orders.submit(client, text)
    expect(
        again.status < 400,
        "the same request to succeed when the broker is back, as nothing was half done",
        again,
    )


# Getting results.


@must("getting-results", share=0.2)
@given(values=st.tuples(numbers, numbers))
@example(values=(2**53 + 1, -1))
@example(values=(0, 3))
def test_result_roundtrip(celery: Harness, values: tuple[int, int]) -> None:
    """When a worker has run the task, its result is ready, successful and has the value.

    Source: Getting Results: whether the task is finished, whether it succeeded, and its value.

    Usual cause: results are ignored (`task_ignore_result`) and the task does not
    ask for its own; or there is no result backend.
    """
    client = celery.client()
    tasks = Reporting.of(celery)
    given = tasks.spread(values)
    response = tasks.start(client, *given)
    if 400 <= response.status < 500:
        # Negative and huge numbers may be more than the application takes.
        expect(
            not all(0 <= each <= 1000 for each in given) or not tasks.takes_numbers(client),
            f"a task to be started with {', '.join(map(str, given))}",
            response,
        )
        return
    address = tasks.started_by(response)
    celery.start_worker()
    report = tasks.finished(client, address)
    expect(report.ready, f"a result within {BOUND:g} s of work", report)
    expect(report.successful, "a task that succeeded", report)
    if given:
        value = celery.component("expected")(*given)
        expect(report.value == value, f"the value {value}", report)


@must("getting-results")
def test_pending_shape(celery: Harness) -> None:
    """While the task has not run, its result is not ready, not successful and has no value.

    Source: Getting Results: the value is there if the task is finished.

    Usual cause: the view takes every state that is not a failure for success.
    """
    client = celery.client()
    tasks = Reporting.of(celery)
    report = tasks.report(client, tasks.started(client))
    expect(
        report.response.status < 400 and report.response.mimetype == "application/json",
        "an answer in JSON about a task that waits",
        report,
    )
    expect(not report.ready, "a task that waits not to be ready", report)
    expect(not report.successful, "a task that waits not to be successful", report)
    expect(report.value is None, "no value of a task that waits", report)


@must("getting-results", share=0.2)
@given(error=st.sampled_from(sorted(ERRORS)), text=lines(20).filter(str.strip))
@example(error="an error with an object in it", text="no")
@example(error="a value that is no JSON", text="no")
def test_failed_reported(celery: Harness, error: str, text: str) -> None:
    """A task that failed is reported as ready, not successful, with a text about the error.

    What the exception says need not stand in it: that is for the log. A server
    error is no report: whoever polls takes it for a fault of the page, and asks
    again.

    Source: Getting Results: whether the task finished successfully, and what the error was.

    Usual cause: the value of a failed task is an exception, which is no JSON.
    """
    celery.inside()

    def play() -> object:
        if error in ERRORS:
            raise ERRORS[error](text)
        return object()

    client = celery.client()
    tasks = Reporting.of(celery)
    report = tasks.report_after(client, play)
    what = f"a task that ended in {error}"
    expect(report.response.status < 500, f"a report of {what}", report)
    expect(report.ready, f"{what} to be ready", report)
    expect(not report.successful, f"{what} not to be successful", report)
    # An exception without a message may be reported as it is.
    told = bool(report.error) or error == "an error without a message"
    expect(told, f"a text about the error of {what}", report)


@harden("getting-results")
def test_error_not_leaky(celery: Harness) -> None:
    """The text about an error has no traceback, no path and no message that was meant for the log.

    Messages of exceptions carry what the code had in hand: addresses of databases
    with their passwords, rows, names of files.

    Source: beyond the chapter; it protects what exceptions carry from whoever polls.

    Usual cause: `str(result.result)` or `result.traceback` in the answer.
    """
    celery.inside()

    def play() -> NoReturn:
        raise RuntimeError(f"cannot connect to postgresql://app:{SECRET}@db/shop")

    client = celery.client()
    report = Reporting.of(celery).report_after(client, play)
    if report.response.status >= 500:
        raise Untested("the failed task is not reported: see celery.failed-reported")
    text = report.response.text
    for leak in (SECRET, "Traceback", "postgresql://", ".py"):
        expect(leak not in text, f"an answer about a failed task without {leak!r}", report)


@harden("getting-results", share=0.5)
# A router may merge slashes, and so lead to another page.
@given(task_id=lines(40).filter(lambda text: text.strip(".") and "/" not in text))
@example(task_id="5e0c5d3e-8d2e-4f0b-9c4e-0a3d1f6b7c8e")
@example(task_id="None")
def test_unknown_id(celery: Harness, task_id: str) -> None:
    """An id that nobody was given is not found, instead of pending for ever.

    To a result backend an id that it does not know is a task that waits: whoever
    polls with a wrong or an expired id never stops.

    Source: beyond the chapter; it protects whoever polls with a wrong id from waiting for ever.

    Usual cause: `AsyncResult(id)` takes any id; keep those that were given out.
    """
    client = celery.client()
    tasks = Addressing.of(celery)
    report = tasks.report(client, tasks.address(task_id))
    expect(report.response.status < 500, f"no server error for the id {task_id!r}", report)
    expect(
        400 <= report.response.status < 500 or report.ready,
        f"404 for the id {task_id!r}, which nobody was given",
        report,
    )


@harden("getting-results", share=0.1)
@given(owners=st.lists(st.integers(0, 1), min_size=1, max_size=4))
@example(owners=[0, 1])
def test_owner_only(celery: Harness, owners: list[int]) -> None:
    """Only who started a task can read its result.

    Ids stand in logs, in histories and in what people send each other.

    Source: beyond the chapter; it protects a result from those who only know its id.

    Usual cause: the view asks for the result of any id, and not whose it is.
    """
    clients = [celery.client(), celery.client()]
    tasks = Reporting.of(celery)
    started = [(owner, tasks.started(clients[owner])) for owner in owners]
    for owner, address in started:
        own = tasks.report(clients[owner], address)
        expect(own.response.status == 200 or own.response.status == 202, "one's own result", own)
        other = tasks.report(clients[1 - owner], address)
        expect(
            other.response.status >= 300,
            "another visitor to be refused the result",
            other,
        )


# Passing data.


@should("passing-data-to-tasks", share=0.3)
@given(values=st.tuples(numbers, numbers))
def test_args_plain(celery: Harness, values: tuple[int, int]) -> None:
    """A task's arguments mean the same when they have been through the serialiser.

    JSON makes texts of a mapping's keys, and refuses objects. What arrives is then not what
    was sent, and a test that calls the function does not see it.

    Source: Passing Data to Tasks: passing complex objects is not recommended.

    Usual cause: an object, or a mapping with numbers as keys, is passed; pass ids
    and plain values.
    """
    celery.inside()
    client = celery.client()
    count = len(celery.seen.published)
    if celery.binding.start is not None:
        tasks = Starting.of(celery)
        response = tasks.start(client, *tasks.spread(values))
        if len(celery.seen.published) > count:
            _arrives(celery, celery.published(count), response)
        else:
            expect(response.status >= 400, "a message with the task", response)
    count = len(celery.seen.published)
    if celery.binding.submit is not None or celery.binding.start is None:
        orders = Submitting.of(celery)
        response = orders.submit(client, orders.unique(["plain"])[0])
        _arrives(celery, celery.published(count), response)


def _arrives(celery: Harness, message: Any, response: Response) -> None:
    """Expect a task's arguments to be what they are after their way through the serialiser."""
    from kombu import serialization

    serializer = celery.celery_app.conf.task_serializer
    if serializer == "pickle":
        # It carries any object, with all that hangs on it: JSON shows whether it is plain.
        serializer = "json"
    sent = [message.arguments, message.keywords]
    try:
        kind, encoding, data = serialization.dumps(sent, serializer=serializer)
    except Exception as error:
        expect(
            False,
            f"arguments that {serializer} can carry",
            f"{message.arguments!r}: {type(error).__name__}, and the answer {response}",
        )
        return
    arrived = serialization.loads(data, kind, encoding, accept=[kind])
    expect(
        plain(arrived) == plain(sent),
        f"the arguments {message.arguments!r} {message.keywords or ''} to arrive as they were sent",
        f"{arrived[0]!r} {arrived[1] or ''}",
    )


@should("passing-data-to-tasks", share=0.1)
@given(texts=st.lists(lines(20).map(str.strip).filter(bool), min_size=1, max_size=3))
@example(texts=["one"])
def test_after_commit(celery: Harness, texts: list[str]) -> None:
    """A task is queued when what it needs is stored for everyone, and not if the request fails.

    A worker is quick: it looks for the row before the transaction is over, finds
    nothing and fails. And where the transaction is rolled back, the mail is sent.

    Source: Passing Data to Tasks: the task queries the database for the id, as the request did.

    Usual cause: `delay()` is called before the commit.
    """
    celery.inside()
    celery.need("stored")
    client = celery.client()
    orders = Submitting.of(celery)
    stored: list[bool] = []
    celery.seen.before = lambda message: stored.append(orders.is_stored(message))
    for text in orders.unique(texts):
        stored.clear()
        response = orders.submit(client, text)
        expect(response.status < 400, f"{text!r} to be stored and a task to be queued", response)
        expect(bool(stored), "a task to be queued", f"none was, with the answer {response}")
        expect(
            all(stored),
            "what the task needs to be stored when the task is queued",
            "another connection does not see it: it is not committed",
        )
        if celery.binding.submit_fail is None:
            continue
        stored.clear()
        failed = orders.submit(client, text, "submit_fail")
        if failed.status < 400:
            raise Broken(f"submit_fail was answered with {failed}, which is no failure")
        expect(
            not stored, f"no task to be queued by a request that fails with {failed.status}", "one"
        )


@harden("passing-data-to-tasks")
def test_idempotent(celery: Harness) -> None:
    """A message that is delivered twice has one effect.

    Every broker promises at least one delivery, not one: after a lost connection,
    a killed worker or the visibility timeout, the message comes again.

    Source: beyond the chapter; it protects an effect from the second delivery that every broker
    may make.

    Usual cause: the task acts without looking whether it has done so; note what is
    done under a key that the database keeps unique.
    """
    celery.inside()
    celery.need("effects")
    client = celery.client()
    orders = Submitting.of(celery)
    first, second = orders.unique(["once", "at one moment"])
    # Before there is a worker, so that two come upon the work undone.
    count = len(celery.seen.published)
    orders.submit(client, first)
    message = celery.published(count)
    celery.celery_app.control.purge()
    start = orders.effects()
    together(partial(orders.run_here, message), partial(orders.run_here, message))
    made = orders.effects() - start
    expect(made <= 1, "one effect of a message that two workers have at one moment", f"{made}")

    celery.start_worker()
    runs, start = len(celery.seen.ran), orders.effects()
    orders.submit(client, second)
    message = celery.published(count + 1)
    expect(celery.seen.runs(runs + 1), "the task to run", "it did not")
    once = orders.effects() - start
    orders.redeliver(message)
    expect(celery.seen.runs(runs + 2), "the task to run again", "it did not")
    twice = orders.effects() - start
    expect(once > 0, "a task of submit to have an effect", "it has none")
    expect(
        twice == once,
        f"{once} effect of a message that is delivered twice",
        f"{twice}: the task does its work again",
    )


@harden("passing-data-to-tasks")
def test_json_only(celery: Harness) -> None:
    """A worker does not unpickle messages.

    Whoever can write into the broker could else run any code in the worker.

    Source: beyond the chapter; it protects workers from code in a message.

    Usual cause: "pickle" is in `accept_content`, mostly because objects were passed
    to a task.
    """
    celery.inside()
    celery.rehearse()
    celery.send_pickle()
    celery.perform(lambda: None)
    expect(
        not celery.nodes.Trap.sprung,
        "a message in pickle to be refused",
        "the worker unpickled it",
    )


# Real processes.


@must("application-factory")
def test_real_worker(celery: Harness) -> None:
    """With a worker process and a real broker, a task that was started gives its value.

    Source: Calling Tasks: a worker runs the task.

    Usual cause: the worker's app and the web's read different settings, or only one
    of them has the task.
    """
    tasks = Employing.of(celery)
    for site in tasks.sites():
        client = celery.client()
        address = tasks.started(client)
        tasks.worker_process(site)
        _works(celery, tasks.finished(client, address, LONG), f"on {site.name}")


@harden("passing-data-to-tasks")
def test_worker_killed(celery: Harness) -> None:
    """A task whose worker is killed in its midst is run by the next worker, or reported.

    Deployments, and the kernel when memory runs out, kill workers. A task that was
    acknowledged when it began is lost, and its result pending for ever.

    Source: beyond the chapter; it protects a task from the end of its worker.

    Usual cause: `acks_late` is off, which is Celery's default; put it on for tasks
    that may run twice.
    """
    tasks = Employing.of(celery)
    for site in tasks.sites():
        client = celery.client()
        address = tasks.started(client)
        tasks.held(tasks.worker_process(site, hold="before"))
        tasks.worker_process(site)
        report = tasks.finished(client, address, LONG)
        expect(
            report.ready,
            f"the task to be run again, or reported, after its worker was killed on {site.name}",
            f"{report} after {LONG:g} s with another worker",
        )


@harden("passing-data-to-tasks")
def test_killed_after_effect(celery: Harness) -> None:
    """A task whose worker is killed when the work was done has one effect.

    It was not acknowledged, and so the next worker gets it.

    Source: beyond the chapter; it protects an effect from being made again when its worker was
    killed.

    Usual cause: `acks_late` is on for a task that acts without looking whether it
    has done so.
    """
    celery.need("effects")
    tasks, orders = Employing.of(celery), Submitting.of(celery)
    for site in tasks.sites():
        client = celery.client()
        start = orders.effects()
        (text,) = orders.unique(["killed"])
        response = orders.submit(client, text)
        expect(response.status < 400, "a task to be started", response)
        tasks.held(tasks.worker_process(site, hold="after"))
        once = orders.effects() - start
        expect(once > 0, "a task of submit to have an effect", "it has none")
        tasks.worker_process(site)
        # What comes again is before the first of these, and what that starts before the second.
        for _ in range(2):
            tasks.finished(client, tasks.started(client), LONG)
        twice = orders.effects() - start
        expect(twice == once, f"{once} effect on {site.name}", f"{twice}: it was done again")


@harden("calling-tasks")
def test_broker_back(celery: Harness) -> None:
    """When a broker comes back, tasks are taken and run again, with nothing restarted.

    Meanwhile a request ends in bounded time.

    Source: beyond the chapter; it protects those who run it from restarting everything after an
    outage.

    Usual cause: a connection, or the knowledge that there is none, is kept for the
    life of the process; or the worker gives up.
    """
    tasks = Employing.of(celery)
    site = tasks.own_redis()
    client = celery.client()
    tasks.worker_process(site)
    _works(celery, tasks.finished(client, tasks.started(client), LONG), "before")
    site.broker.kill()
    response = celery.answers(partial(tasks.start, client), site.broker.restart, TRIES)
    expect(
        response is not None,
        f"an answer within {TRIES:g} s while the broker is away",
        "none",
    )
    site.broker.restart()
    report = tasks.finished(client, tasks.started(client), LONG)
    _works(celery, report, "after the broker came back")


@harden("getting-results")
def test_backend_down(celery: Harness) -> None:
    """While the result backend is away, a result is answered in bounded time, with a 503.

    Source: beyond the chapter; it protects requests from waiting for a result backend that is
    away.

    Usual cause: each backend raises errors of its own, which no view catches; and
    some clients try again for minutes.
    """
    tasks = Employing.of(celery)
    site = tasks.own_redis()
    client = celery.client()
    address = tasks.started(client)
    site.broker.kill()
    begun = time.monotonic()

    def ask() -> Response:
        return tasks.report(client, address).response

    response = celery.answers(ask, site.broker.restart, TRIES)
    expect(
        response is not None,
        f"an answer within {TRIES:g} s while the result backend is away",
        f"none after {time.monotonic() - begun:.0f} s",
    )
    assert response is not None
    expect(response.status == 503, "503 while the result backend is away", response)


def _works(celery: Harness, report: Report, when: str) -> None:
    expect(report.ready and report.successful, f"a task that succeeded, {when}", report)
    count = len(celery.binding.numbers)
    if count:
        value = celery.component("expected")(*range(1, count + 1))
        expect(report.value == value, f"the value {value}, {when}", report)
