"""Celery in this process, as the celery pattern runs it: brokers, a worker thread, its signals.

The broker is in memory, or in files if the application has another process. `workers` has the
real processes.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import logging
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import flask
from celery import _state, shared_task, signals
from celery.app import trace
from celery.backends.filesystem import FilesystemBackend
from celery.contrib.testing.worker import TestWorkController, test_worker_started
from celery.exceptions import WorkerShutdown
from celery.result import AsyncResult
from kombu import transport as transports
from kombu.transport import filesystem, memory, virtual

from ..core.errors import Broken

if TYPE_CHECKING:
    from .bench import Bench

#: Seconds that something running may take to do what is expected of it.
PATIENCE = 30.0


class _Stoppable(virtual.Transport):
    """A transport whose worker can be stopped immediately, and whose broker can be unavailable."""

    #: Whether the broker is unavailable to everyone in this process.
    down = False
    connection_errors = (*virtual.Transport.connection_errors, ConnectionError)
    recoverable_connection_errors = connection_errors

    def establish_connection(self) -> Any:
        """Connect, unless the broker is unavailable."""
        if _Stoppable.down:
            raise ConnectionRefusedError("the broker is away")
        return super().establish_connection()

    def drain_events(self, connection: object, timeout: float | None = None) -> Any:
        """Wait for messages, checking periodically whether the worker should stop."""
        thread = threading.current_thread()
        if isinstance(thread, WorkerThread):
            thread.rested()
            if thread.stopping.is_set():
                raise WorkerShutdown(0)
        return super().drain_events(connection, timeout=min(timeout or 0.02, 0.02))


class _Refusing(virtual.Channel):
    def _put(self, queue: str, message: object, **options: object) -> None:
        if _Stoppable.down:
            raise ConnectionResetError("the broker is away")
        super()._put(queue, message, **options)


class MemoryChannel(_Refusing, memory.Channel):
    """A channel whose queues are separate from those of Celery's own memory broker."""

    queues: dict[str, Any] = {}  # noqa: RUF012 - shared by all channels, as in kombu

    def close(self) -> None:
        """Close the channel; the queues are kept."""
        virtual.Channel.close(self)


class MemoryTransport(_Stoppable, memory.Transport):
    """A broker in the memory of this process."""

    Channel = MemoryChannel
    global_state = virtual.BrokerState()

    @classmethod
    def clear(cls) -> None:
        """Remove all messages and queues."""
        cls.Channel.queues.clear()
        cls.global_state.clear()


def write_whole(path: str, data: bytes) -> None:
    """Write a file that nobody else sees half written."""
    part = Path(f"{path}.{uuid.uuid4().hex}.part")
    part.write_bytes(data)
    part.replace(path)


class FilesChannel(filesystem.Channel):
    """A channel to a broker in a folder, whose messages another process sees only when complete."""

    def _put(self, queue: str, message: object, **options: object) -> None:
        if _Stoppable.down:
            raise ConnectionResetError("the broker is away")
        name = f"{time.monotonic_ns()}_{uuid.uuid4()}.{queue}.msg"
        write_whole(os.path.join(self.data_folder_out, name), json.dumps(message).encode())


class FilesBackend(FilesystemBackend):
    """Results in a folder, which another process sees only when complete."""

    def set(self, key: str | bytes, value: str | bytes) -> None:
        """Store a result."""
        data = value.encode() if isinstance(value, str) else value
        write_whole(os.fsdecode(self._filename(key)), data)


class FilesTransport(_Stoppable, filesystem.Transport):
    """A broker in a folder, for an application with another process."""

    Channel = FilesChannel


transports.TRANSPORT_ALIASES.update(
    {
        "conformance": f"{__name__}:MemoryTransport",
        "conformance-files": f"{__name__}:FilesTransport",
    }
)


def in_files(folder: str | Path) -> str:
    """Return the URL of a result backend in a folder."""
    return f"{__name__}:FilesBackend+file://{folder}"


def embedded(bench: Bench) -> dict[str, Any]:
    """Return Celery settings for a broker and results that need no server."""
    MemoryTransport.clear()
    common = {
        "broker_connection_retry_on_startup": True,
        "broker_transport_options": {"polling_interval": 0.002},
    }
    if bench.transport.same_process:
        return {
            **common,
            "broker_url": "conformance://",
            "result_backend": "cache+memory://",
        }
    folders = {name: str(bench.folder()) for name in ("data", "control", "results")}
    common["broker_transport_options"] = {
        "polling_interval": 0.01,
        "data_folder_in": folders["data"],
        "data_folder_out": folders["data"],
        "control_folder": folders["control"],
    }
    return {
        **common,
        "broker_url": "conformance-files://",
        "result_backend": in_files(folders["results"]),
    }


def point(conf: Any, settings: Mapping[str, Any]) -> None:
    """Point a Celery app to a broker; settings that are mappings keep their other items."""
    for key, value in settings.items():
        if isinstance(value, dict):
            value = {**(conf.get(key) or {}), **value}
        conf.update({key: value})


@contextlib.contextmanager
def broker_away() -> Iterator[Callable[[], None]]:
    """Make the embedded broker unavailable while the block runs; yields what ends that earlier."""

    def back() -> None:
        _Stoppable.down = False

    _Stoppable.down = True
    try:
        yield back
    finally:
        back()


def current_app() -> Any:
    """Return the Celery app that is current in this thread."""
    return _state.get_current_app()


@contextlib.contextmanager
def apps_apart(*, keep: bool = False) -> Iterator[None]:
    """Start without a current or default Celery app, and restore those that there were.

    With `keep` they are there from the start: an app object's module has set them, once.
    """
    default, current = _state.default_app, getattr(_state._tls, "current_app", None)
    if not keep:
        _state.default_app = None
        _state._tls.current_app = None
    try:
        yield
    finally:
        _state.default_app = default
        _state._tls.current_app = current


class Stage:
    """What the kit's task does."""

    #: Called by the task; returns its value, or raises.
    play: Callable[[], Any] = staticmethod(lambda: None)


@shared_task(name="conformance.perform", ignore_result=False)
def perform() -> Any:
    """Do what is on stage."""
    return Stage.play()


class Trap:
    """An object whose unpickling is noticed."""

    sprung = False

    def __reduce__(self) -> Any:
        return _spring, ()


def _spring() -> str:
    Trap.sprung = True
    return "sprung"


class WorkerThread(threading.Thread):
    """A worker of a Celery app, embedded in a thread."""

    def __init__(self, celery_app: Any) -> None:
        super().__init__(name="conformance-worker", daemon=True)
        self.celery_app = celery_app
        self.stopping = threading.Event()
        self._ready = threading.Event()
        self._error: BaseException | None = None
        self._rests = 0
        self._changed = threading.Condition()
        #: Whether a Flask context was active when the worker last returned for messages.
        self.context_left = False
        for name in ("celery", "kombu", "amqp"):
            # Otherwise Python writes the tasks' errors to the terminal as a last resort.
            logging.getLogger(name).addHandler(logging.NullHandler())

    def run(self) -> None:
        """Run the worker until it is stopped."""
        try:
            # As the worker command does; the embedded worker leaves it to its caller.
            trace.setup_worker_optimizations(self.celery_app)
            # The shortcut would use the tasks of whichever worker started last in this process.
            self.celery_app.use_fast_trace_task = False
            worker = TestWorkController(
                app=self.celery_app,
                concurrency=1,
                pool="solo",
                hostname=f"conformance-{uuid.uuid4().hex[:12]}@localhost",
                without_heartbeat=True,
                without_mingle=True,
                without_gossip=True,
            )
            test_worker_started.connect(self._is_ready, weak=False)
            worker.start()
        except BaseException as error:
            self._error = error
        finally:
            test_worker_started.disconnect(self._is_ready)
            self._ready.set()

    def rested(self) -> None:
        """Record that the worker has returned for messages; called in the worker's thread."""
        with self._changed:
            self._rests += 1
            self.context_left = flask.has_app_context()
            self._changed.notify_all()

    def rest(self) -> None:
        """Wait until the worker has returned for messages."""
        with self._changed:
            rests = self._rests
            self._changed.wait_for(lambda: self._rests > rests, PATIENCE)

    def _is_ready(self, **values: object) -> None:
        if threading.current_thread() is self:
            self._ready.set()

    def __enter__(self) -> WorkerThread:
        self.start()
        if not self._ready.wait(PATIENCE) or self._error is not None:
            raise Broken(f"a worker of the Celery app does not start: {self._error}")
        # This holds for a process that only works; here, views run alongside the worker.
        _state._set_task_join_will_block(False)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stopping.set()
        self.join(PATIENCE)
        trace.reset_worker_optimizations(self.celery_app)


@functools.cache
def let_results_go() -> None:
    """Keep results from raising when they are deleted while their backend is unavailable.

    Permanently, since an exception may keep a result alive until long after the clause.
    """
    let_go = AsyncResult.__del__

    def quietly(result: AsyncResult) -> None:
        # Whatever the backend's driver raises: nobody could catch it in a finalizer.
        with contextlib.suppress(Exception):
            let_go(result)

    AsyncResult.__del__ = quietly


@dataclasses.dataclass(frozen=True)
class Message:
    """A task's message, as passed to be published."""

    name: str
    task_id: str
    routing_key: str
    arguments: Any
    keywords: Any


class Seen:
    """What Celery's signals report in this process: what was published, what has run."""

    def __init__(self) -> None:
        #: Messages in the order in which they were published.
        self.published: list[Message] = []
        #: Called with each message before it is sent to the broker.
        self.before: Callable[[Message], None] | None = None
        #: Ids of the tasks that have run, once per run.
        self.ran: list[str] = []
        #: What tasks raised.
        self.errors: list[BaseException] = []
        #: What was raised around a task, such as by its `after_return`.
        self.around: list[BaseException] = []
        self.changed = threading.Condition()

    def _publish(self, sender: Any, body: Any, routing_key: str, headers: Any, **rest: Any) -> None:
        arguments, keywords = body[0], body[1]
        message = Message(str(sender), str(headers["id"]), routing_key, arguments, keywords)
        self.published.append(message)
        if self.before is not None:
            self.before(message)

    def _failed(self, exception: BaseException, **rest: object) -> None:
        self.errors.append(exception)

    def _failed_around(self, exception: BaseException, **rest: object) -> None:
        self.around.append(exception)

    def _ended(self, task_id: str, **rest: object) -> None:
        with self.changed:
            self.ran.append(task_id)
            self.changed.notify_all()

    def runs(self, count: int, seconds: float = PATIENCE) -> bool:
        """Wait until the given number of tasks has run; return whether they have."""
        with self.changed:
            return self.changed.wait_for(lambda: len(self.ran) >= count, seconds)

    def wait(self, seconds: float) -> None:
        """Wait until a task has run, for at most the given time."""
        with self.changed:
            self.changed.wait(seconds)


class _Around(logging.Handler):
    """Records what a task's own `after_return` and the like raise, which Celery only logs."""

    def __init__(self, seen: Seen) -> None:
        super().__init__(logging.ERROR)
        self._seen = seen

    def emit(self, record: logging.LogRecord) -> None:
        """Record the exception of a handler."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and "handler raised" in record.getMessage():
            self._seen.around.append(error)


@contextlib.contextmanager
def seeing() -> Iterator[Seen]:
    """Listen to Celery's signals while the block runs."""
    seen = Seen()
    pairs = [
        (signals.before_task_publish, seen._publish),
        (signals.task_failure, seen._failed),
        (signals.task_internal_error, seen._failed_around),
        (signals.task_postrun, seen._ended),
    ]
    for sent, receiver in pairs:
        sent.connect(receiver, weak=False)
    around = _Around(seen)
    trace.logger.addHandler(around)
    try:
        yield seen
    finally:
        trace.logger.removeHandler(around)
        for sent, receiver in pairs:
            sent.disconnect(receiver)
