"""What the clauses do with tasks that only some bindings allow."""

from __future__ import annotations

import abc
import dataclasses
import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...core.errors import Deviation, Kind, Missing, Untested
from ...transports import Client, Response
from ..harness import Ability
from .binding import BOUND, LONG
from .harness import CeleryHarness

if TYPE_CHECKING:
    from ...instruments.nodes import Message
    from ...instruments.workers import Site

_counter = itertools.count()


@dataclasses.dataclass(frozen=True)
class Report:
    """What the result page says."""

    response: Response
    ready: bool
    successful: bool
    value: object
    error: object

    def __str__(self) -> str:
        return str(self.response)


class Configuring(CeleryHarness, Ability, given_by=("celery_init_app",)):
    """A Celery app can be created with settings of the clause's choice."""

    @abc.abstractmethod
    def configured(self, settings: Mapping[str, object]) -> Mapping[str, object]:
        """Return the `conf` of a Celery app created for a Flask app with these Celery settings."""


class Starting(CeleryHarness, Ability, given_by=("start",)):
    """A request starts a task, and its response leads to the result."""

    @abc.abstractmethod
    def start(self, client: Client, *numbers: int, **fields: str) -> Response:
        """Send the request that starts a task; the default numbers are small."""

    @abc.abstractmethod
    def start_wrong(self, client: Client, name: str, value: str | None) -> Response:
        """Send the same request with another value for a number, or without it."""

    def spread(self, values: Sequence[int]) -> list[int]:
        """Return as many of the drawn numbers as `start` has fields."""
        return list(itertools.islice(itertools.cycle(values), len(self.binding.numbers)))

    def takes_numbers(self, client: Client) -> bool:
        """Check whether a task can be started at all with small numbers."""
        return self.start(client).status < 400

    @abc.abstractmethod
    def started_by(self, response: Response) -> str:
        """Return the address of the result from the response to `start`, if it succeeded."""

    @abc.abstractmethod
    def address_in(self, response: Response) -> str:
        """Return the address of the result from a response to `start`."""

    @abc.abstractmethod
    def started(self, client: Client, *numbers: int) -> str:
        """Start a task and return the address of its result."""


class Reporting(Starting):
    """The result of a started task can be requested."""

    @abc.abstractmethod
    def report(self, client: Client, address: str) -> Report:
        """Request a result once."""

    @abc.abstractmethod
    def report_after(self, client: Client, play: Callable[[], object]) -> Report:
        """Start a task that calls `play`, and return its result after it has run."""

    def finished(self, client: Client, address: str, seconds: float = BOUND) -> Report:
        """Request a result until the task is over or time is up; return the last report."""
        deadline = time.monotonic() + seconds
        while True:
            report = self.report(client, address)
            if report.ready or report.response.status >= 400 or time.monotonic() > deadline:
                return report
            self.seen.wait(0.02 if seconds <= BOUND else 0.2)


class Addressing(Reporting, given_by=("result",)):
    """A result has an address that is built from an id."""

    @abc.abstractmethod
    def address(self, task_id: str) -> str:
        """Return the address of a result."""


class Submitting(CeleryHarness, Ability, given_by=("submit",)):
    """A request stores something, and starts a task that works on it."""

    @abc.abstractmethod
    def submit(self, client: Client, text: str, key: str = "submit") -> Response:
        """Send a request that stores a text and starts a task on it."""

    def unique(self, texts: Sequence[str]) -> list[str]:
        """Return the texts, each made unique."""
        return [f"{text} {next(_counter)}" for text in texts]

    def is_stored(self, message: Message) -> bool:
        """Check whether another connection sees the data that the task needs."""
        holds: list[object] = []
        stored = self.component("stored")
        step = f"{getattr(stored, '__name__', 'stored')}(...) while the view queues the task"

        def look() -> None:
            with self.app.app_context():
                holds.append(self.call(step, stored, *message.arguments, **message.keywords))
                self.ledger.note(f"it returned {holds[-1]!r:.60}")

        # In a separate thread, so that it does not share the request's transaction.
        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        thread.join(BOUND)
        return bool(holds and holds[0])

    def effects(self) -> int:
        """Return the number of effects so far."""
        function = self.component("effects")
        name = getattr(function, "__name__", "effects")
        with self.app.app_context():
            count = len(self.call(f"{name}(), the effects so far", function))
        self.ledger.note(f"it returned {count}")
        return count

    def redeliver(self, message: Message) -> None:
        """Put a message into the queue again."""
        self.ledger.call(f"the message of {message.name} again")
        self.celery_app.send_task(
            message.name, message.arguments, message.keywords, task_id=message.task_id
        )

    def run_here(self, message: Message) -> None:
        """Run a message's task in this thread, as another worker would."""
        self.ledger.call(f"a worker runs {message.name}")
        try:
            self.celery_app.tasks[message.name](*message.arguments, **message.keywords)
        except Exception:
            # Of two concurrent runs, one may fail: a worker would retry it.
            return


class Employing(Reporting):
    """Worker processes can be started for the app, on a real broker."""

    @abc.abstractmethod
    def worker_process(self, site: Site, hold: str = "") -> object:
        """Start a worker process of the subject's app; see `Site.worker`."""

    def sites(self) -> Iterator[Site]:
        """Yield each available real broker, with a new app on it."""
        self.need("start")
        found: list[Site | None] = []
        away: list[Untested] = []
        for site_of in (self.processes.redis_site, self.processes.rabbitmq_site):
            try:
                found.append(site_of(self.bench))
            except Untested as error:
                away.append(error)
        sites = [site for site in found if site is not None]
        if not sites and away:
            raise away[0]
        if not sites:
            raise Untested(
                "needs a real broker: redis-server on the PATH, --service redis=URL, "
                "or --service rabbitmq=URL",
                Missing(Kind.SERVICE, "redis"),
                Missing(Kind.SERVICE, "rabbitmq"),
            )
        for site in sites:
            self.settle(site)
            yield site

    def own_redis(self) -> Site:
        """Return a Redis server that the clause may stop, with a new app on it."""
        self.need("start")
        site: Site | None = self.processes.redis_site(self.bench, own=True)
        if site is None:
            raise Untested(
                "needs a broker that may be stopped: redis-server on the PATH "
                "(the kit does not stop one named with --service)",
                Missing(Kind.SERVICE, "redis"),
            )
        self.nodes.let_results_go()
        self.settle(site)
        return site

    def held(self, worker: Any) -> None:
        """Wait until a worker holds in the middle of a task, then kill it."""
        deadline = time.monotonic() + LONG
        while not all(words in worker.logs() for words in self.processes.HELD):
            if time.monotonic() > deadline:
                raise Deviation("the worker process to receive the task", "it did not")
            time.sleep(0.02)
        worker.kill()
