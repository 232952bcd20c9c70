"""An app whose requests start tasks."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn
from unittest import mock
from urllib.parse import quote

from ...core.errors import Broken, Deviation, Untested
from ...subject import Subject
from ...subject.arguments import fill
from ...subject.config import Binding, numbered
from ...transports import Client, Response
from ..harness import Probe
from .abilities import Addressing, Employing, Report, Submitting
from .binding import OVER

if TYPE_CHECKING:
    from ...instruments.workers import Site
    from ...transports import WSGIApp


class CeleryRoutes(Addressing, Submitting, Employing):
    """An app with routes that start tasks and return their results."""

    kind = "routes"
    keys = ("start", "submit", "worker")

    def probes(self) -> Sequence[Probe]:
        """Return none: starting a task needs a broker, which clauses provide."""
        return []

    def make_with(self, settings: Mapping[str, object]) -> WSGIApp:
        """Create the subject's app and point its Celery app to the broker."""
        config = self.config if self._site is not None else {}
        app = self.bench.build(**config)
        conf = self.celery_of(app).conf
        if "task_default_queue" in settings and (conf.task_queues or conf.task_routes):
            raise Untested("the Celery app configures its own queues or routes")
        self.nodes.point(conf, settings)
        return app

    @functools.cached_property
    def config(self) -> dict[str, object]:
        """The subject's configuration with its folders created, so that a worker gets the same."""
        return dict(fill(self.bench.subject.config, tmp=self.bench.folder))

    @functools.cached_property
    def rehearsed(self) -> str:
        """The task that `start` sends, which from then on calls the clause's function."""
        name = self.published_by(self.app).name
        self.celery_app.control.purge()
        task = self.celery_app.tasks.get(name)
        if task is None:
            raise Untested(f"{name} is not a task of the bound Celery app")
        own_work = task.run

        def run(*arguments: object, **keywords: object) -> object:
            value = self.nodes.Stage.play()
            return own_work(*arguments, **keywords) if self.with_own_work else value

        self.bench.enter(mock.patch.object(task, "run", run))
        return name

    def send_task(self, app: WSGIApp) -> None:
        """Send the task as `start` does."""
        response = self.start(self.client(app))
        if response.status >= 400:
            self._not_started(response)

    def start(self, client: Client, *numbers: int, **fields: str) -> Response:
        """Send the bound request, with the numbers in its form or JSON."""
        route = self.need("start")
        names = self.binding.numbers
        given = dict(zip(names, numbers or range(1, len(names) + 1), strict=True))
        if route.json_body is not None:
            return self.send(client, route, json={**numbered(route.json_body), **given, **fields})
        texts = {name: str(number) for name, number in given.items()}
        return self.send(client, route, fields={**texts, **fields})

    def start_wrong(self, client: Client, name: str, value: str | None) -> Response:
        """Send the bound request with one of its fields changed or left out."""
        route = self.need("start")
        given: dict[str, object] = dict.fromkeys(self.binding.numbers, "1")
        if route.json_body is not None:
            given = {**route.json_body, **dict.fromkeys(given, 1)}
        given[name] = value
        given = {each: kept for each, kept in given.items() if kept is not None}
        if route.json_body is not None:
            return self.send(client, route, json=given)
        return self.send(client, route, fields=given)

    def report_after(self, client: Client, play: Callable[[], object]) -> Report:
        """Start a task that calls `play`, and return the report once it has run."""
        self.rehearse()  # before the worker reads the tasks
        self.nodes.Stage.play = staticmethod(play)
        self.start_worker()
        count = len(self.seen.ran)
        address = self.started(client)
        if not self.seen.runs(count + 1):
            raise Deviation("the worker to run a task that was started", "it did not run")
        return self.report(client, address)

    def started(self, client: Client, *numbers: int) -> str:
        """Start a task and read its id, or the Location header, from the response."""
        return self.started_by(self.start(client, *numbers))

    def started_by(self, response: Response) -> str:
        """Return the address of the result from a response; raise if no task was started."""
        if response.status >= 400:
            self._not_started(response)
        return self.address_in(response)

    def address_in(self, response: Response) -> str:
        """Return the address of the result from a response."""
        if self.binding.result is None:
            if response.location is None:
                raise Deviation("a Location header that leads to the result", str(response))
            return Client.resolve(response)
        try:
            found = response.json()[self.binding.id]
        except (ValueError, TypeError, KeyError):
            found = None
        if not found:
            raise Deviation(f"JSON with the result's id as {self.binding.id!r}", str(response))
        return self.address(str(found))

    def _not_started(self, response: Response) -> NoReturn:
        if response.status < 500:
            raise Broken(f"start was refused with {response}: bind a form that is always accepted")
        raise Deviation("a task to be started", str(response))

    def address(self, task_id: str) -> str:
        """Put an id into the bound path."""
        path: str = self.need("result").path
        return path.replace("{id}", quote(task_id, safe=""))

    def report(self, client: Client, address: str) -> Report:
        """Request a result and read the JSON."""
        response = client.get(address)
        try:
            data = response.json()
        except ValueError:
            data = None
        if not isinstance(data, dict):
            return Report(response, False, False, None, None)
        key = self.binding
        if key.state is not None:
            state = data.get(key.state)
            ready, successful = state in OVER, state == "SUCCESS"
        else:
            ready, successful = data.get(key.ready) is True, data.get(key.successful) is True
        value, error = data.get(key.value), data.get(key.error or key.value)
        return Report(response, ready, successful, value, error)

    def submit(self, client: Client, text: str, key: str = "submit") -> Response:
        """Send `submit` or `submit_fail` with a text in its field."""
        return self.send(client, self.need(key), fields={self.binding.field: text})

    def worker_process(self, site: Site, hold: str = "") -> object:
        """Start a worker process of an app created like the clause's own."""
        self.need_app()  # which creates its folders
        return site.worker(self.celery_app, self.config, hold)

    @classmethod
    def bound(cls, binding: Binding, subject: Subject) -> bool:
        """Check whether there is an app and one of the keys is bound."""
        return super().bound(binding, subject) and subject.app is not None
