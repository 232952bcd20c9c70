"""What the clauses do with tasks, in every binding."""

from __future__ import annotations

import abc
import contextlib
import dataclasses
import functools
import importlib.util
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn
from unittest import mock

import flask

from ...core.errors import Broken, Deviation, Untested
from ...transports import Response
from ..harness import Harness
from .binding import BOUND, Celery

if TYPE_CHECKING:
    from ...instruments.bench import Bench
    from ...instruments.nodes import Message, Seen, WorkerThread
    from ...instruments.workers import Site
    from ...transports import WSGIApp


@dataclasses.dataclass(frozen=True)
class Inside:
    """What a task saw of its surroundings."""

    app: flask.Flask | None
    #: Whether `flask.g` held what an earlier task had left there.
    stale: bool
    request: bool


@dataclasses.dataclass(frozen=True)
class Ran:
    """A task that has run."""

    inside: Inside
    #: How many app contexts of the app were torn down for it.
    torn_down: int
    #: Whether a context was still active after it.
    left: bool


class CeleryHarness(Harness[Celery], abc.ABC):
    """What the clauses do with tasks, in every binding."""

    def __init__(self, slug: str, binding: Celery, bench: Bench) -> None:
        super().__init__(slug, binding, bench)
        #: Whether the function passed to `perform` runs before the task's work or instead of it.
        self.with_own_work = False
        self._site: Site | None = None

    # Celery in this process.

    @functools.cached_property
    def nodes(self) -> Any:
        """The kit's brokers and worker thread; raises `Untested` if Celery is missing."""
        _need_celery()
        from ...instruments import nodes

        return nodes

    @functools.cached_property
    def processes(self) -> Any:
        """The kit's worker and broker processes; raises `Untested` if Celery is missing."""
        _need_celery()
        from ...instruments import workers

        return workers

    @functools.cached_property
    def seen(self) -> Seen:
        """What Celery's signals report from now on."""
        seen: Seen = self.bench.enter(self.nodes.seeing())
        return seen

    def start_listening(self) -> Seen:
        """Start listening to Celery's signals, unless that is done; return what they report."""
        return self.seen

    @functools.cached_property
    def embedded(self) -> dict[str, object]:
        """Celery settings for a broker that needs no server."""
        # Asked before, which imports it: what a module does once is not to end with the clause.
        self.bench.enter(self.nodes.apps_apart(keep=self.made_once))
        settings: dict[str, object] = self.nodes.embedded(self.bench)
        return settings

    @property
    def made_once(self) -> bool:
        """Whether the subject is an app object, which is there before the clause and after it."""
        subject = self.bench.subject
        return subject.app is not None and not subject.target().factory

    def make_app(self) -> WSGIApp:
        """Create an app whose Celery app uses the clause's broker."""
        self.start_listening()  # before the app is created
        return self.make_with({**self.embedded, **(self._site.settings if self._site else {})})

    @abc.abstractmethod
    def make_with(self, settings: Mapping[str, object]) -> WSGIApp:
        """Create an app with Celery settings."""

    def celery_of(self, app: object) -> Any:
        """Return the Celery app of a Flask app."""
        found = getattr(app, "extensions", {}).get("celery")
        return self.component("celery_app") if found is None else found

    @property
    def celery_app(self) -> Any:
        """The Celery app of the subject's app."""
        return self.celery_of(self.app)

    @functools.cached_property
    def working(self) -> WorkerThread:
        """A worker for the subject's app; until a clause starts it, no task runs."""
        self.need_app()  # created first, because closing goes in reverse order
        url = self.celery_app.conf.broker_url
        if url != self.embedded["broker_url"]:
            raise Broken(f"the Celery app uses another broker than it was configured with: {url}")
        thread: WorkerThread = self._workers.enter_context(self.nodes.WorkerThread(self.celery_app))
        return thread

    def start_worker(self) -> WorkerThread:
        """Start the worker, unless it is running, and return it."""
        return self.working

    @functools.cached_property
    def _workers(self) -> contextlib.ExitStack:
        return self.bench.enter(contextlib.ExitStack())

    def renew(self) -> None:
        """Drop the app, its worker, and all queued messages."""
        self._workers.close()
        for name in ("working", "rehearsed"):
            vars(self).pop(name, None)
        self.nodes.MemoryTransport.clear()
        super().renew()

    def settle(self, site: Site) -> None:
        """Create a new app on a real broker."""
        self._site = site
        self.renew()

    # Tasks whose work the clause provides.

    def perform(self, play: Callable[[], object]) -> None:
        """Let the worker run a task that calls `play`, and wait until it is finished."""
        self.rehearse()  # before the worker reads the tasks
        self.start_worker()
        self.nodes.Stage.play = staticmethod(play)
        count = len(self.seen.ran)
        self.send_task(self.app)
        if not self.seen.runs(count + 1):
            raise Deviation("the worker to run a task that was started", "it did not run")
        self.working.rest()

    @property
    @abc.abstractmethod
    def rehearsed(self) -> str:
        """The name of the task that `perform` sends."""

    def rehearse(self) -> str:
        """Prepare the task that `perform` sends, and return its name."""
        return self.rehearsed

    @abc.abstractmethod
    def send_task(self, app: WSGIApp) -> None:
        """Let the app send the task that `perform` runs."""

    def make_another(self) -> None:
        """Create one more app in this process, if possible; the tasks stay the first app's."""

    def run_task(self, error: bool) -> Ran:
        """Run a task that inspects its surroundings and then succeeds or fails."""
        self.inside()
        looks: list[Inside] = []
        threads: list[threading.Thread] = []

        def play() -> None:
            threads.append(threading.current_thread())
            app, stale = None, False
            if flask.has_app_context():
                app = flask.current_app._get_current_object()  # type: ignore[attr-defined]
                stale = hasattr(flask.g, "conformance")
                flask.g.conformance = "left by an earlier task"
            looks.append(Inside(app, stale, flask.has_request_context()))
            if error:
                raise LookupError("the task was told to fail")

        torn_down = []

        def tear_down(sender: object, **values: object) -> None:
            torn_down.append(threading.current_thread())

        with flask.appcontext_tearing_down.connected_to(tear_down, sender=self.app):
            self.perform(play)
        if not looks:
            raise Deviation("the task's function to be called", "it was not")
        return Ran(looks[0], torn_down.count(threads[0]), self.working.context_left)

    # Two apps in one process.

    @functools.cached_property
    def twins(self) -> Sequence[tuple[WSGIApp, str]]:
        """Two apps, each with the name of the queue that its tasks belong to."""
        if self.kind == "routes" and self.made_once:
            raise Untested("needs a factory: the subject is an app object")
        self.start_listening()  # before they are created
        queues = ("conformance-one", "conformance-two")
        apps = [self.make_with({**self.embedded, "task_default_queue": queue}) for queue in queues]
        if apps[0] is apps[1]:
            raise Untested("needs two apps: the factory returns the same one each time")
        return list(zip(apps, queues, strict=True))

    @contextlib.contextmanager
    def no_waiting(self) -> Iterator[list[str]]:
        """Make waiting for a result fail during the block; yield the ids that were waited for."""
        from celery.exceptions import TimeoutError as WaitedTooLong
        from celery.result import AsyncResult

        waits: list[str] = []

        def get(result: AsyncResult, *arguments: object, **keywords: object) -> NoReturn:
            waits.append(result.id)
            raise WaitedTooLong("no worker runs")

        with mock.patch.multiple(AsyncResult, get=get, wait=get):
            yield waits

    def published_by(self, app: WSGIApp) -> Message:
        """Let an app send a task, and return the message."""
        self.inside()
        count = len(self.seen.published)
        self.send_task(app)
        return self.published(count)

    def published(self, count: int) -> Message:
        """Return the message that was published after that many others."""
        if len(self.seen.published) <= count:
            raise Deviation("a message with the task", "nothing was published")
        return self.seen.published[count]

    def way_of_newest(self) -> str:
        """Return, for a failure, how the newest task was called, and Celery's result."""
        message = self.seen.published[-1]
        words = [f"{key}={value!r}" for key, value in message.keywords.items()]
        given = ", ".join([*map(repr, message.arguments), *words])
        with self.app.app_context():
            result = self.celery_app.AsyncResult(message.task_id).result
        return (
            f"; {message.name}({given}) was queued, and Celery's own result of it is {result!r:.80}"
        )

    def send_pickle(self) -> None:
        """Send a message to the worker whose unpickling is noticed."""
        self.nodes.Trap.sprung = False
        self.ledger.call("a pickled message in the queue")
        self.celery_app.send_task(self.rehearsed, (self.nodes.Trap(),), serializer="pickle")

    def returned(self, app: object) -> Any:
        """Return what `celery_init_app` returned; None if that cannot be seen."""
        return None

    # Requests.

    def answers(
        self, ask: Callable[[], Response], then: Callable[[], object], seconds: float = BOUND
    ) -> Response | None:
        """Return the response to a request; None if it does not arrive within those seconds.

        In that case `then` is called, to let the request finish.
        """
        answers: list[Response] = []
        errors: list[BaseException] = []

        def run() -> None:
            try:
                answers.append(ask())
            except BaseException as error:
                errors.append(error)

        self.need_app()  # created in this thread
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(seconds)
        in_time = not thread.is_alive()
        if not in_time:
            then()
            thread.join(BOUND)
        if errors:
            raise errors[0]
        return answers[0] if in_time else None


def _need_celery() -> None:
    if importlib.util.find_spec("celery") is None:
        raise Untested.for_package("celery", "flask-conformance[celery]")
