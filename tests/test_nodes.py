"""What the celery pattern's clauses run on: a broker in memory, a worker thread, worker processes."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import celery
import flask
import pytest

from conformance import Subject
from conformance.core.errors import Broken, Untested
from conformance.instruments import nodes, workers
from conformance.instruments.bench import Bench
from conformance.transports import TRANSPORTS


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench(Subject(), TRANSPORTS["wsgi"])
    yield bench
    bench.close()


@pytest.fixture
def background(bench: Bench) -> Iterator[celery.Celery]:
    """A Celery app on the embedded broker."""
    with nodes.apps_apart():
        background = celery.Celery("shop")
        nodes.point(background.conf, nodes.embedded(bench))
        yield background
        background.close()


# In this process.


def test_a_worker_thread_runs_what_is_sent_and_stops(background: celery.Celery) -> None:
    @background.task
    def add(one: int, other: int) -> int:
        return one + other

    with nodes.seeing() as seen, nodes.WorkerThread(background) as worker:
        result = add.delay(1, 2)

        assert result.get(timeout=nodes.PATIENCE) == 3
        assert seen.runs(1)
        worker.rest()
        assert not worker.context_left
        assert [(each.task_id, each.arguments) for each in seen.published] == [(result.id, (1, 2))]
    assert not worker.is_alive()


def test_a_context_that_a_task_leaves_is_seen(background: celery.Celery) -> None:
    @background.task
    def leave() -> None:
        flask.Flask("shop").app_context().push()

    with nodes.seeing() as seen, nodes.WorkerThread(background) as worker:
        leave.delay()
        assert seen.runs(1)
        worker.rest()

        assert worker.context_left


def test_what_a_task_raises_is_seen_and_what_its_handler_raises_too(
    background: celery.Celery,
) -> None:
    class Noisy(celery.Task):  # type: ignore[misc,type-arg]
        def after_return(self, *args: object) -> None:
            raise LookupError("afterwards")

    @background.task(base=Noisy)
    def fail() -> None:
        raise ZeroDivisionError

    with nodes.seeing() as seen, nodes.WorkerThread(background) as worker:
        fail.delay()
        assert seen.runs(1)
        worker.rest()

    assert [type(each) for each in seen.errors] == [ZeroDivisionError]
    assert [type(each) for each in seen.around] == [LookupError]


def test_a_worker_that_cannot_start_is_broken_with_the_reason(bench: Bench) -> None:
    with nodes.apps_apart():
        background = celery.Celery("shop", broker="nosuch://")
        with (
            pytest.raises(Broken, match="does not start: 'No such transport: nosuch'"),
            nodes.WorkerThread(background),
        ):
            raise AssertionError("it started")


def test_a_broker_that_is_away_refuses_what_is_sent_until_it_is_back(
    background: celery.Celery,
) -> None:
    background.conf.task_publish_retry = False

    @background.task
    def nothing() -> None:
        """Nothing."""

    with nodes.broker_away() as back:
        with pytest.raises(nothing.OperationalError):
            nothing.delay()
        back()
        nothing.delay()
    nothing.delay()


def test_no_app_is_current_apart_and_the_one_before_comes_back() -> None:
    before = nodes.current_app()
    with nodes.apps_apart():
        other = celery.Celery("other")
        assert nodes.current_app() is other
        seen: list[object] = []
        thread = threading.Thread(target=lambda: seen.append(nodes.current_app()))
        thread.start()
        thread.join()
        assert seen[0] is not before
    assert nodes.current_app() is before


def test_settings_that_are_mappings_keep_what_else_is_in_them() -> None:
    conf = {"broker_transport_options": {"visibility_timeout": 5}, "timezone": "UTC"}

    nodes.point(conf, {"broker_transport_options": {"polling_interval": 1}, "timezone": "CET"})

    assert conf == {
        "broker_transport_options": {"visibility_timeout": 5, "polling_interval": 1},
        "timezone": "CET",
    }


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    nodes.write_whole(str(tmp_path / "message"), b"one")
    nodes.write_whole(str(tmp_path / "message"), b"two")

    assert [each.name for each in tmp_path.iterdir()] == ["message"]
    assert (tmp_path / "message").read_bytes() == b"two"


# In others.


def process(tmp_path: Path, source: str) -> workers.Process:
    """Return a process that runs some Python; it is ready when it says so."""
    command = [sys.executable, "-c", source]
    return workers.Process("shop", command, tmp_path, lambda one: "ready" in one.logs())


WAITS = "import signal; print('ready', flush=True); signal.pause()"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no groups of processes")
def test_a_process_is_waited_for_and_ends_with_its_signal(tmp_path: Path) -> None:
    one = process(tmp_path, WAITS)
    assert one.status == "exited"

    assert one.ready()
    assert one.status == "running"
    one.restart()
    assert one.status == "running"
    one.kill("SIGTERM")
    assert one.status == "exited"
    # Once more does no harm: the number may be another process's by now.
    one.kill()
    one.teardown()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no groups of processes")
@pytest.mark.parametrize(("source", "last"), [
    ("raise SystemExit('no broker at localhost')", "no broker at localhost"),
    ("", "no output"),
])  # fmt: skip
def test_a_process_that_ends_before_it_is_ready_is_broken_by_its_last_line(
    tmp_path: Path, source: str, last: str
) -> None:
    with pytest.raises(Broken, match=f"^shop did not become ready: {last}$"):
        process(tmp_path, source).ready()


def test_there_is_no_site_without_a_service(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)

    assert workers.redis_site(bench) is None
    assert workers.rabbitmq_site(bench) is None


def test_a_service_that_is_away_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("redis")
    monkeypatch.setattr("shutil.which", lambda name: None)
    services = {"redis": "redis://127.0.0.1:1/0", "rabbitmq": "amqp://127.0.0.1:1//"}
    bench = Bench(Subject(services=services), TRANSPORTS["wsgi"])

    with pytest.raises(Untested, match="redis"):
        workers.redis_site(bench)
    with pytest.raises(Untested, match="rabbitmq"):
        workers.rabbitmq_site(bench)
    # One that the kit may stop is asked for: the named one is not.
    assert workers.redis_site(bench, own=True) is None


@pytest.mark.parametrize(("source", "found"), [
    ("from celery import Celery\napp = Celery('shop')\n@app.task(name='shop.add')\ndef add(): ...\n",
     ["shop.add"]),
    ("raise LookupError('no settings')\n", "LookupError: no settings"),
])  # fmt: skip
def test_the_tasks_that_a_worker_finds_are_listed_or_why_it_finds_none(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, found: object
) -> None:
    (tmp_path / "shop_tasks.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))

    listed = workers.tasks_of(bench, "shop_tasks")

    own = [each for each in listed if not each.startswith("celery.")]
    assert (own if isinstance(listed, list) else listed) == found
