"""The clauses of Background Tasks with Celery."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from hypothesis import strategies as st
from hypothesis.stateful import rule

from conformance.clause import example, expect, explore, given, harden, must, should, together
from conformance.core.errors import Broken, Deviation, Untested
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
    """An exception of the application's own whose constructor takes more than a message."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(code, text)


#: The exceptions that a task may raise, each created with a text.
ERRORS: dict[str, Callable[[str], Exception]] = {
    "ValueError": ValueError,
    "KeyError": KeyError,
    "Refused(7, text), an exception of the application": lambda text: Refused(7, text),
    "RuntimeError(text, object())": lambda text: RuntimeError(text, object()),
    "UnicodeDecodeError": lambda text: UnicodeDecodeError("utf-8", b"\xff", 0, 1, text),
    "RuntimeError()": lambda text: RuntimeError(),
}

#: Field values that cannot be read as a whole number.
WRONG = ("", " ", "x", "1.5", "1e3", "0x10", "None", "[1]", "١x", "1" * 5000)

#: A secret in the message of the exception that a task raises; no user may see it.
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
    """Return a value with its tuples turned into lists, as messages carry them."""
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
    """The Celery app uses every setting in the Flask app's `CELERY` configuration.

    Source: Integrate Celery with Flask: the configuration is taken from the `CELERY` key.

    Usual cause: only the broker and the result backend are passed on, and all other settings
    are dropped.
    """
    conf = Configuring.of(celery).configured(settings)
    used = [key for key, value in {**celery.embedded, **settings}.items() if conf.get(key) == value]
    for key, value in settings.items():
        expect(
            conf[key] == value,
            f"{key} to be {value!r}, as in CELERY",
            f"{conf[key]!r}; only {', '.join(used) or 'no other setting'} came from CELERY",
        )


@must("integrate-celery-with-flask")
def test_registered_everywhere(celery: Harness) -> None:
    """The Celery app is in `app.extensions["celery"]` and is the default app in every thread.

    A shared task uses the current Celery app. In a thread without one, that is an unconfigured
    app, which connects to a default broker that does not exist.

    Source: Integrate Celery with Flask: the Celery app is set as the default, so that it is
    used during each request; Application Factory: it is in `app.extensions["celery"]`.

    Usual cause: `set_default()` is not called, so only the thread that created the app knows
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
        "the returned Celery app to be the one in app.extensions",
        f"{returned!r} and {registered!r}",
    )
    celery.ledger.call("celery.current_app in other threads")
    for found in together(*[celery.nodes.current_app] * 3):
        if found is registered:
            continue
        here = "is" if celery.nodes.current_app() is registered else "is not"
        raise Deviation(
            "the current Celery app of another thread to be the registered one",
            f"it is {found.main!r} with the broker {found.conf.broker_url!r}; that of the thread "
            f"which created the app {here} the registered one",
        )


class Tasks(Machine):
    """Tasks that succeed and tasks that fail, one after the other in one worker."""

    harness: Harness

    def __init__(self, harness: Harness) -> None:
        # A new worker, so that a failing step fails again when it is replayed.
        harness.renew()
        harness.make_another()
        super().__init__(harness)

    @rule(error=st.booleans())
    def run(self, error: bool) -> None:
        """Run a task and check what it saw."""
        ran = self.harness.run_task(error)
        how = "a task that failed" if error else "a task"
        inside = ran.inside
        expect(
            inside.app is not None,
            "current_app to be available inside a task",
            "no app context is active",
        )
        expect(
            inside.app is self.harness.app,
            "current_app to be the app that the Celery app was created for",
            f"it is another app: {inside.app!r}",
        )
        expect(not inside.stale, f"a fresh g in {how}", "g holds what an earlier task left there")
        expect(
            ran.torn_down > 0,
            f"the context of {how} to be torn down",
            f"{ran.torn_down} teardowns",
        )
        expect(not ran.left, f"no context to be active after {how}", "one is active")
        for each in self.harness.seen.around:
            expect(
                False,
                f"the steps after {how}, such as its after_return, not to raise",
                f"{type(each).__name__}: {str(each).strip().splitlines()[0]}",
            )


@must("integrate-celery-with-flask", share=0.06)
def test_app_context(celery: Harness) -> None:
    """Each task runs in its own app context, which is popped afterwards, even on errors.

    Otherwise, what an extension stores per context, such as a database session, is missing,
    or is never closed and is carried over from one task to the next.

    Source: Integrate Celery with Flask: the `Task` subclass runs task functions with a Flask
    app context active.

    Usual cause: the tasks do not derive from a class that pushes the context (`task_cls`), or
    one context is pushed when the worker starts.
    """
    celery.inside()
    explore(lambda: Tasks(celery), steps=5)


@harden("integrate-celery-with-flask")
def test_no_request_context(celery: Harness) -> None:
    """A task runs without a request context and does not use one.

    There is no request in a worker. A made-up one hides that: the task then reads an empty
    form and an empty session.

    Source: beyond the chapter; it protects tasks from reading an empty form or session.

    Usual cause: the task reads `request`, `session` or `current_user` instead of taking the
    data as an argument, or it runs in a test request context.
    """
    celery.with_own_work = True
    ran = celery.run_task(error=False)
    expect(
        not ran.inside.request,
        "no request context in a task",
        "one is active, for a request that nobody sent",
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
    """With two apps in one process, each sends tasks with its own settings.

    A test suite that creates an app for each test is such a process: otherwise one app's tasks
    go to the other's broker.

    Source: beyond the chapter; it protects each of two apps from the other's broker.

    Usual cause: shared tasks belong to the default Celery app, which is the one created last.
    """
    celery.inside()
    twins = celery.twins
    for index in order:
        app, queue = twins[index]
        message = celery.published_by(app)
        expect(
            message.routing_key == queue,
            f"a task of app {index + 1} of 2 to go to its own queue, {queue!r}",
            f"it went to {message.routing_key!r}"
            + (", that of the app created last" if message.routing_key == twins[-1][1] else ""),
        )


@must("application-factory")
def test_worker_entry(celery: Harness) -> None:
    """The module passed to `celery -A` can be imported on its own and has the tasks.

    A worker rejects, and so loses, the messages of tasks that it does not know.

    Source: Application Factory: the `celery` command is pointed at `make_celery.py`.

    Usual cause: the module that creates the Celery app for the worker does not import the one
    with the tasks, or it needs something that only the web process has.
    """
    Starting.of(celery).need("start")
    entry = celery.need("worker")
    name = celery.published_by(celery.app).name
    found = celery.processes.tasks_of(celery.bench, entry)
    expect(
        not isinstance(found, str), f"`celery -A {entry}` to find a Celery app", f"it ends: {found}"
    )
    own = [task for task in found if not task.startswith(("celery.", "conformance."))]
    task = celery.celery_app.tasks.get(name)
    module = getattr(task, "__module__", None)
    expect(
        name in found,
        f"`celery -A {entry}` to know the task {name}"
        + (f", which importing {module} registers" if module else ""),
        f"it knows {', '.join(own) or 'no tasks of the application'}",
    )


# Calling tasks.


@must("calling-tasks")
def test_returns_at_once(celery: Harness) -> None:
    """The request that starts a task returns without waiting for a worker.

    Source: Calling Tasks: the view does not wait for the result, which would block the
    response.

    Usual cause: the view waits with `get()`, or the task is called as a function or in eager
    mode, so that it runs within the request.
    """
    client = celery.client()
    tasks = Reporting.of(celery)
    count = len(celery.seen.ran)
    with celery.no_waiting() as waits:
        response = celery.answers(partial(tasks.start, client), lambda: celery.working)
    expect(
        response is not None,
        "a response while no worker is running",
        f"none within {BOUND:g} s: the request waits for the task",
    )
    assert response is not None
    expect(not waits, "the request not to wait for a result", "it calls get()")
    expect(response.status < 400, "a task to be started", response)
    expect(len(celery.seen.ran) == count, "the task to wait for a worker", "it ran in the request")
    address = tasks.address_in(response)
    report = tasks.report(client, address)
    expect(not report.ready, "a result that is not ready yet", report)


@harden("calling-tasks", share=0.5)
@given(
    value=st.one_of(st.sampled_from(WRONG), names.filter(str.isalpha)),
    which=st.integers(0, 1),
    absent=st.booleans(),
)
@example(value="", which=0, absent=True)
def test_input_validated(celery: Harness, value: str, which: int, absent: bool) -> None:
    """A missing or invalid number gives a 4xx, and no task is queued.

    The view is the last place where the client can be told: the task fails in the worker, and
    the client that polls gets a server error.

    Source: beyond the chapter; it protects workers from tasks that cannot succeed.

    Usual cause: `request.form.get(..., type=int)` returns None in both cases, and None is
    passed on.
    """
    celery.inside()
    fields = celery.need("numbers")
    if not fields:
        raise Untested.for_keys("celery", "numbers")
    name = celery.choose(fields, which=which)
    count = len(celery.seen.published)
    what = f"without {name}" if absent else f"with {name}={value[:20]!r}"
    client = celery.client()
    response = Starting.of(celery).start_wrong(client, name, None if absent else value)
    expect(400 <= response.status < 500, f"a 4xx for a form {what}", response)
    expect(
        len(celery.seen.published) == count,
        f"a form {what} to queue no task",
        "one was queued",
    )


@harden("calling-tasks")
def test_broker_down(celery: Harness) -> None:
    """If the broker is down, a request fails within bounded time, and changes nothing.

    With a 503 a client knows that it may try again; any other server error will do.

    Source: beyond the chapter; it protects requests from waiting for a broker that is down.

    Usual cause: publishing is retried without end, or what `delay()` raises is swallowed:
    `kombu.exceptions.OperationalError`.
    """
    celery.inside()
    client = celery.client()
    tasks = Starting.of(celery)
    back = celery.bench.enter(celery.nodes.broker_away())
    response = celery.answers(partial(tasks.start, client), back)
    expect(
        response is not None,
        f"a response within {BOUND:g} s while the broker is down",
        "none: publishing is retried without end",
    )
    assert response is not None
    expect(response.status >= 500, "a server error while the broker is down", response)
    if celery.binding.submit is None:
        back()
        return
    text = "conformance away"
    orders = Submitting.of(celery)
    failed = orders.submit(client, text)
    back()
    expect(failed.status >= 500, "a server error from submit while the broker is down", failed)
    again = orders.submit(client, text)
    expect(
        again.status < 400,
        "the same request to succeed once the broker is back, because nothing was left half-done",
        again,
    )


# Getting results.


@must("getting-results", share=0.2)
@given(values=st.tuples(numbers, numbers))
@example(values=(2**53 + 1, -1))
@example(values=(0, 3))
def test_result_roundtrip(celery: Harness, values: tuple[int, int]) -> None:
    """Once a worker has run the task, its result is ready, successful and has the value.

    Source: Getting Results: whether the task is finished, whether it succeeded, and its value.

    Usual cause: results are ignored (`task_ignore_result`) and the task does not override
    that, or there is no result backend.
    """
    client = celery.client()
    tasks = Reporting.of(celery)
    given = tasks.spread(values)
    response = tasks.start(client, *given)
    if 400 <= response.status < 500:
        # The application may not accept negative or huge numbers.
        expect(
            not all(0 <= each <= 1000 for each in given) or not tasks.takes_numbers(client),
            f"a task to be started with {', '.join(map(str, given))}",
            response,
        )
        return
    address = tasks.started_by(response)
    celery.start_worker()
    report = tasks.finished(client, address)
    expect(report.ready, f"a result within {BOUND:g} s", report)
    expect(report.successful, "a task that succeeded", report)
    if given:
        value = celery.component("expected")(*given)
        if report.value != value:
            raise Deviation(f"the value {value}", f"{report}{celery.way_of_newest()}")


@must("getting-results")
def test_pending_shape(celery: Harness) -> None:
    """Until a task has run, its result is not ready, not successful and has no value.

    Source: Getting Results: the value is there once the task is finished.

    Usual cause: the view treats every state except failure as success.
    """
    client = celery.client()
    tasks = Reporting.of(celery)
    report = tasks.report(client, tasks.started(client))
    expect(
        report.response.status < 400 and report.response.mimetype == "application/json",
        "a JSON response for a pending task",
        report,
    )
    expect(not report.ready, "a pending task not to be ready", report)
    expect(not report.successful, "a pending task not to be successful", report)
    expect(report.value is None, "a pending task to have no value", report)


@must("getting-results", share=0.2)
@given(error=st.sampled_from(sorted(ERRORS)), text=lines(20).filter(str.strip))
@example(error="RuntimeError(text, object())", text="no")
@example(error="", text="no")
def test_failed_reported(celery: Harness, error: str, text: str) -> None:
    """A failed task is reported as ready, not successful, with a text about the error.

    The text need not contain the message of the exception, which belongs in the log. A server
    error is not a report: the client takes it for a fault of the page, and polls again.

    Source: Getting Results: whether the task finished successfully, and what the error was.

    Usual cause: the value of a failed task is an exception, which cannot be serialized as JSON.
    """
    celery.inside()

    def play() -> object:
        if error in ERRORS:
            raise ERRORS[error](text)
        return object()

    client = celery.client()
    tasks = Reporting.of(celery)
    report = tasks.report_after(client, play)
    what = f"a task that raised {error}" if error else "a task that returned object(), not JSON"
    expect(report.response.status < 500, f"a report of {what}", report)
    expect(report.ready, f"{what} to be ready", report)
    expect(not report.successful, f"{what} not to be successful", report)
    # An exception without a message may be reported without a text.
    told = bool(report.error) or error == "RuntimeError()"
    expect(told, f"a text about the error of {what}", report)


@harden("getting-results")
def test_error_not_leaky(celery: Harness) -> None:
    """An error report does not contain a traceback, a path or the exception's message.

    Exception messages contain whatever the code was working with: database URLs with
    passwords, rows, file names.

    Source: beyond the chapter; it protects data in exceptions from clients that poll.

    Usual cause: the response contains `str(result.result)` or `result.traceback`.
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
        before, _, after = text.partition(leak)
        expect(
            leak not in text,
            f"a report of a failed task without {leak!r}",
            f"{report.response.status} with ...{f'{before[-60:]}{leak}{after[:30]}'!r}...",
        )


@harden("getting-results", share=0.5)
# A router may merge slashes, which leads to another page.
@given(task_id=lines(40).filter(lambda text: text.strip(".") and "/" not in text))
@example(task_id="5e0c5d3e-8d2e-4f0b-9c4e-0a3d1f6b7c8e")
@example(task_id="None")
def test_unknown_id(celery: Harness, task_id: str) -> None:
    """An unknown task id gives 404 rather than pending forever.

    For a result backend, an unknown id is a pending task: a client that polls with a wrong or
    expired id never stops.

    Source: beyond the chapter; it protects clients from polling forever with a wrong id.

    Usual cause: `AsyncResult(id)` accepts any id; record the ids that were issued.
    """
    client = celery.client()
    tasks = Addressing.of(celery)
    report = tasks.report(client, tasks.address(task_id))
    expect(report.response.status < 500, f"no server error for the id {task_id!r}", report)
    expect(
        400 <= report.response.status < 500 or report.ready,
        f"a 404 for the id {task_id!r}, which was never issued",
        report,
    )


@harden("getting-results", share=0.1)
@given(owners=st.lists(st.integers(0, 1), min_size=1, max_size=4))
@example(owners=[0, 1])
def test_owner_only(celery: Harness, owners: list[int]) -> None:
    """Only the client that started a task can read its result, if the application knows clients.

    Ids end up in logs, in browser histories and in messages. Where no client gets a cookie or
    logs in, a result belongs to whoever knows its id.

    Source: beyond the chapter; it protects a result from clients that only know its id.

    Usual cause: the view looks up the result of any id without checking whose it is.
    """
    clients = [celery.client(), celery.client()]
    tasks = Reporting.of(celery)
    started = [(owner, tasks.started(clients[owner])) for owner in owners]
    if not any(client.cookies for client in clients):
        raise Untested("the application does not tell clients apart: none of them got a cookie")
    for owner, address in started:
        own = tasks.report(clients[owner], address)
        expect(own.response.status in (200, 202), "the client's own result", own)
        other = tasks.report(clients[1 - owner], address)
        expect(
            other.response.status >= 300,
            "the result to be refused to another client",
            other,
        )


# Passing data.


@should("passing-data-to-tasks", share=0.3)
@given(values=st.tuples(numbers, numbers))
def test_args_plain(celery: Harness, values: tuple[int, int]) -> None:
    """A task's arguments are unchanged by serialization.

    JSON turns the keys of a mapping into strings, and refuses objects. The task then does not
    get what was sent, and a test that calls the function directly does not notice.

    Source: Passing Data to Tasks: passing complex objects is not recommended.

    Usual cause: an object, or a mapping with numbers as keys, is passed; pass ids and plain
    values.
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
    """Check that a task's arguments are the same after serialization."""
    from kombu import serialization

    serializer = celery.celery_app.conf.task_serializer
    if serializer == "pickle":
        # It can carry any object, with everything it refers to: JSON shows whether it is plain.
        serializer = "json"
    sent = [message.arguments, message.keywords]
    try:
        kind, encoding, data = serialization.dumps(sent, serializer=serializer)
    except Exception as error:
        expect(
            False,
            f"arguments that {serializer} can serialize",
            f"{message.arguments!r}: {type(error).__name__}, and the response {response}",
        )
        return
    arrived = serialization.loads(data, kind, encoding, accept=[kind])
    expect(
        plain(arrived) == plain(sent),
        f"the arguments {_listed(sent)} to arrive as they were sent",
        f"{_listed(arrived)}",
    )


def _listed(sent: Any) -> str:
    arguments, keywords = sent
    words = [f"{key}={value!r}" for key, value in keywords.items()]
    return f"({', '.join([*map(repr, arguments), *words])})"


@should("passing-data-to-tasks", share=0.1)
@given(texts=st.lists(lines(20).map(str.strip).filter(bool), min_size=1, max_size=3))
@example(texts=["one"])
def test_after_commit(celery: Harness, texts: list[str]) -> None:
    """A task is queued only after the data it needs is committed, and not if the request fails.

    A worker is fast: it looks for the row before the transaction is committed, finds nothing
    and fails. And if the transaction is rolled back, the mail has been sent; nor does the next
    request send it.

    Source: Passing Data to Tasks: the task queries the database by id, as the view did.

    Usual cause: `delay()` is called before the commit.
    """
    celery.inside()
    celery.need("stored")
    client = celery.client()
    orders = Submitting.of(celery)
    first, *others = orders.unique(["before", *texts, "after"])
    # It also starts what a request may have left that failed for another clause.
    orders.submit(client, first)
    stored: list[bool] = []
    celery.seen.before = lambda message: stored.append(orders.is_stored(message))
    usual = 0
    for text in others:
        stored.clear()
        response = orders.submit(client, text)
        expect(response.status < 400, f"{text!r} to be stored and a task to be queued", response)
        expect(bool(stored), "a task to be queued", f"none was; the response is {response}")
        usual = usual or len(stored)
        expect(
            len(stored) <= usual,
            f"a request after one that failed to queue {usual} task, as before the failure",
            f"it queued {len(stored)}: the failed request's task was kept for the next request",
        )
        expect(
            all(stored),
            "the data that the task needs to be stored before the task is queued",
            "another connection does not see the data at that time: it is not committed",
        )
        if celery.binding.submit_fail is None:
            continue
        stored.clear()
        failed = orders.submit(client, text, "submit_fail")
        if failed.status < 400:
            raise Broken(f"submit_fail returned {failed}, which is not a failure")
        expect(not stored, f"a request that fails with {failed.status} to queue no task", "one was")


@harden("passing-data-to-tasks")
def test_idempotent(celery: Harness) -> None:
    """A message that is delivered twice has one effect.

    Brokers promise delivery at least once, not exactly once: after a lost connection, a killed
    worker or the visibility timeout, the message is delivered again.

    Source: beyond the chapter; it protects an effect from being repeated when a message is
    redelivered.

    Usual cause: the task does not check whether its work is already done; record it under a key
    that the database keeps unique.
    """
    celery.inside()
    celery.need("effects")
    client = celery.client()
    orders = Submitting.of(celery)
    first, second = orders.unique(["once", "at one moment"])
    # Before there is a worker, so that both runs find the work undone.
    count = len(celery.seen.published)
    orders.submit(client, first)
    message = celery.published(count)
    celery.celery_app.control.purge()
    start = orders.effects()
    together(partial(orders.run_here, message), partial(orders.run_here, message))
    made = orders.effects() - start
    if made > 1:
        orders.run_here(message)
        more = orders.effects() - start - made
        raise Deviation(
            "one effect of a message that two workers run concurrently",
            f"{made} effects; a third run, after both had ended, "
            + ("added one too: no run looks for an earlier one" if more else "added none"),
        )

    celery.start_worker()
    runs, start = len(celery.seen.ran), orders.effects()
    orders.submit(client, second)
    message = celery.published(count + 1)
    expect(celery.seen.runs(runs + 1), "the task to run", "it did not")
    once = orders.effects() - start
    orders.redeliver(message)
    expect(celery.seen.runs(runs + 2), "the task to run again", "it did not")
    twice = orders.effects() - start
    expect(once > 0, "the task of submit to have an effect", "it has none")
    expect(
        twice == once,
        f"{once} effect of a message that is delivered twice",
        f"{twice}: the task does its work again",
    )


@harden("passing-data-to-tasks")
def test_json_only(celery: Harness) -> None:
    """A worker does not unpickle messages.

    Otherwise anyone who can write to the broker can run arbitrary code in the worker.

    Source: beyond the chapter; it protects workers from code in a message.

    Usual cause: "pickle" is in `accept_content`, usually because objects were passed to a
    task.
    """
    celery.inside()
    celery.rehearse()
    celery.send_pickle()
    celery.perform(lambda: None)
    expect(
        not celery.nodes.Trap.sprung,
        "a pickled message to be refused",
        f"the worker unpickled it; accept_content is {celery.celery_app.conf.accept_content!r}",
    )


# Real processes.


@must("application-factory")
def test_real_worker(celery: Harness) -> None:
    """With a worker process and a real broker, a started task returns its value.

    Source: Calling Tasks: a worker runs the task.

    Usual cause: the worker's app and the web app read different settings, or only one of them
    has the task.
    """
    tasks = Employing.of(celery)
    for site in tasks.sites():
        client = celery.client()
        address = tasks.started(client)
        tasks.worker_process(site)
        _works(celery, tasks.finished(client, address, LONG), f"on {site.name}")


@harden("passing-data-to-tasks")
def test_worker_killed(celery: Harness) -> None:
    """A task whose worker is killed while running it is run again, or reported.

    Deployments kill workers, and so does the kernel when memory runs out. A task that was
    acknowledged when it started is lost, and its result stays pending forever.

    Source: beyond the chapter; it protects a task from the death of its worker.

    Usual cause: `acks_late` is off, which is Celery's default; enable it for tasks that may
    run twice.
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
            f"the task to be run again or reported after its worker was killed on {site.name}",
            f"{report} after {LONG:g} s with another worker",
        )


@harden("passing-data-to-tasks")
def test_killed_after_effect(celery: Harness) -> None:
    """A task whose worker is killed right after its work is done has one effect.

    The task was not acknowledged, so the next worker gets it again.

    Source: beyond the chapter; it protects an effect from being repeated when a worker is
    killed.

    Usual cause: `acks_late` is on for a task that does not check whether its work is already
    done.
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
        expect(once > 0, "the task of submit to have an effect", "it has none")
        tasks.worker_process(site)
        # The redelivered task runs before the first of these, and its own tasks before the second.
        for _ in range(2):
            tasks.finished(client, tasks.started(client), LONG)
        twice = orders.effects() - start
        expect(twice == once, f"{once} effect on {site.name}", f"{twice}: it was done again")


@harden("calling-tasks")
def test_broker_back(celery: Harness) -> None:
    """After a broker outage, tasks are accepted and run again without a restart.

    During the outage, requests are answered within bounded time.

    Source: beyond the chapter; it protects operators from restarting everything after an
    outage.

    Usual cause: a connection, or the state that there is none, is kept for the lifetime of the
    process, or the worker gives up.
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
        f"a response within {TRIES:g} s while the broker is down",
        "none",
    )
    site.broker.restart()
    report = tasks.finished(client, tasks.started(client), LONG)
    _works(celery, report, "after the broker came back")


@harden("getting-results")
def test_backend_down(celery: Harness) -> None:
    """If the result backend is down, the result page gives a 503 within bounded time.

    Source: beyond the chapter; it protects requests from waiting for a result backend that is
    down.

    Usual cause: each backend raises its own errors, which the view does not catch, and some
    clients retry for minutes.
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
        f"a response within {TRIES:g} s while the result backend is down",
        f"none after {time.monotonic() - begun:.0f} s",
    )
    assert response is not None
    expect(response.status == 503, "a 503 while the result backend is down", response)


def _works(celery: Harness, report: Report, when: str) -> None:
    expect(report.ready and report.successful, f"a task that succeeded, {when}", report)
    count = len(celery.binding.numbers)
    if count:
        value = celery.component("expected")(*range(1, count + 1))
        expect(report.value == value, f"the value {value}, {when}", report)
