"""Celery's brokers and workers, as the celery pattern runs them.

By default a broker in memory (or in files, where the application has another process)
and a worker thread. For the clauses that kill: real processes, driven by
pytest-celery's nodes, for which a process here stands in the place of a container.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import functools
import importlib
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import flask
from celery import _state, shared_task, signals
from celery.app import trace
from celery.backends.filesystem import FilesystemBackend
from celery.contrib.testing.worker import TestWorkController, test_worker_started
from celery.exceptions import WorkerShutdown
from celery.result import AsyncResult
from celery.worker import request as worker_request
from kombu import transport as transports
from kombu.asynchronous import get_event_loop
from kombu.transport import filesystem, memory, virtual

from ..core.errors import Broken, Untested
from ..subject import Subject, guest
from .fresh import reference_of
from .services import why_away

if TYPE_CHECKING:
    from .bench import Bench

#: Seconds that something which runs may take to do what it is expected to.
PATIENCE = 30.0

#: Seconds that a process may take to be ready.
START = 50.0

#: What a held worker writes into its log: it is in the task, and its parent knows and has
#: acknowledged it, where the task wants that early.
HELD = ("conformance: held", "conformance: accepted")


class _Stoppable(virtual.Transport):
    """A transport whose worker can be stopped at once, and whose broker can be away."""

    #: Whether the broker is away for everyone in this process.
    down = False
    connection_errors = (*virtual.Transport.connection_errors, ConnectionError)
    recoverable_connection_errors = connection_errors

    def establish_connection(self) -> Any:
        """Connect, unless the broker is away."""
        if _Stoppable.down:
            raise ConnectionRefusedError("the broker is away")
        return super().establish_connection()

    def drain_events(self, connection: Any, timeout: float | None = None) -> Any:
        """Wait for messages, and look now and then whether the worker is to stop."""
        thread = threading.current_thread()
        if isinstance(thread, WorkerThread):
            thread.rested()
            if thread.stopping.is_set():
                raise WorkerShutdown(0)
        return super().drain_events(connection, timeout=min(timeout or 0.02, 0.02))


class _Refusing(virtual.Channel):
    def _put(self, queue: str, message: Any, **options: Any) -> None:
        if _Stoppable.down:
            raise ConnectionResetError("the broker is away")
        super()._put(queue, message, **options)


class MemoryChannel(_Refusing, memory.Channel):
    """A channel whose queues no other user of Celery's memory broker sees."""

    queues: dict[str, Any] = {}  # noqa: RUF012 - shared by all channels, as in kombu

    def close(self) -> None:
        """Close the channel; the queues stay."""
        virtual.Channel.close(self)


class MemoryTransport(_Stoppable, memory.Transport):
    """A broker in the memory of this process."""

    Channel = MemoryChannel
    global_state = virtual.BrokerState()

    @classmethod
    def clear(cls) -> None:
        """Forget all messages and queues."""
        cls.Channel.queues.clear()
        cls.global_state.clear()


def write_whole(path: str, data: bytes) -> None:
    """Write a file that nobody else sees half written."""
    part = Path(f"{path}.{uuid.uuid4().hex}.part")
    part.write_bytes(data)
    part.replace(path)


class FilesChannel(filesystem.Channel):
    """A channel to a broker in a folder, whose messages another process finds whole."""

    def _put(self, queue: str, message: Any, **options: Any) -> None:
        if _Stoppable.down:
            raise ConnectionResetError("the broker is away")
        name = f"{time.monotonic_ns()}_{uuid.uuid4()}.{queue}.msg"
        write_whole(os.path.join(self.data_folder_out, name), json.dumps(message).encode())


class FilesBackend(FilesystemBackend):
    """Results in a folder, which another process finds whole."""

    def set(self, key: str | bytes, value: str | bytes) -> None:
        """Store a result."""
        data = value.encode() if isinstance(value, str) else value
        write_whole(os.fsdecode(self._filename(key)), data)


class FilesTransport(_Stoppable, filesystem.Transport):
    """A broker in a folder, for an application that has another process."""

    Channel = FilesChannel


transports.TRANSPORT_ALIASES.update(
    {
        "conformance": f"{__name__}:MemoryTransport",
        "conformance-files": f"{__name__}:FilesTransport",
    }
)


def _in_files(folder: str | Path) -> str:
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
        "result_backend": _in_files(folders["results"]),
    }


def point(conf: Any, settings: Mapping[str, Any]) -> None:
    """Point a Celery app to a broker: settings that are mappings keep what else is in them."""
    for key, value in settings.items():
        if isinstance(value, dict):
            value = {**(conf.get(key) or {}), **value}
        conf.update({key: value})


@contextlib.contextmanager
def broker_away() -> Iterator[Callable[[], None]]:
    """Let the embedded broker be away while the block runs; gives what brings it back before."""

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
def apps_apart() -> Iterator[None]:
    """Let no Celery app be current or the default at first, and restore those that were."""
    default, current = _state.default_app, getattr(_state._tls, "current_app", None)
    _state.default_app = None
    _state._tls.current_app = None
    try:
        yield
    finally:
        _state.default_app = default
        _state._tls.current_app = current


class Stage:
    """What the kit's task does."""

    #: Called by the task; gives its value, or raises.
    play: Callable[[], Any] = staticmethod(lambda: None)


@shared_task(name="conformance.perform", ignore_result=False)
def perform() -> Any:
    """Do what is on stage."""
    return Stage.play()


class Trap:
    """A thing whose unpickling is noticed."""

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
        #: Whether a Flask context was active when the worker last came back for messages.
        self.context_left = False
        for name in ("celery", "kombu", "amqp"):
            # Else Python writes the tasks' errors to the terminal, as of last resort.
            logging.getLogger(name).addHandler(logging.NullHandler())

    def run(self) -> None:
        """Run the worker until it is stopped."""
        try:
            # As the worker command does; the embedded worker leaves it to its caller.
            trace.setup_worker_optimizations(self.celery_app)
            # The shortcut leads to the tasks of whichever worker came last in this process.
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
        """Note that the worker is back for messages; called in the worker's thread."""
        with self._changed:
            self._rests += 1
            self.context_left = flask.has_app_context()
            self._changed.notify_all()

    def rest(self) -> None:
        """Wait until the worker has come back for messages."""
        with self._changed:
            rests = self._rests
            self._changed.wait_for(lambda: self._rests > rests, PATIENCE)

    def _is_ready(self, **values: Any) -> None:
        if threading.current_thread() is self:
            self._ready.set()

    def __enter__(self) -> WorkerThread:
        self.start()
        if not self._ready.wait(PATIENCE) or self._error is not None:
            raise Broken(f"a worker of the Celery app does not start: {self._error}")
        # That holds for a process that only works; here views run beside the worker.
        _state._set_task_join_will_block(False)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stopping.set()
        self.join(PATIENCE)
        trace.reset_worker_optimizations(self.celery_app)


# Real processes.


def _end_with_parent() -> None:
    """Let this process be killed when the one that started it is, where Linux can do that."""
    if _libc is not None:
        _libc.prctl(1, int(signal.SIGKILL))


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Process:
    """A process in the place of the container of a pytest-celery node.

    `ready_when` says whether the started process can be used.
    """

    def __init__(
        self,
        name: str,
        command: list[str],
        folder: Path,
        ready_when: Callable[[Process], bool],
        config: Mapping[str, Any] | None = None,
    ) -> None:
        self.id = uuid.uuid4().hex
        self.name = name
        self.command = command
        self.celeryconfig = dict(config or {})
        self._folder = folder
        self._log = folder / f"{self.id}.log"
        self._ready_when = ready_when
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def status(self) -> str:
        """How the process is, in Docker's words: "running" or "exited"."""
        running = self._process is not None and self._process.poll() is None
        return "running" if running else "exited"

    def start(self) -> None:
        """Start the process; what it writes goes to the log."""
        with self._log.open("ab") as log:
            path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)
            self._process = subprocess.Popen(
                self.command,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"},
                # With its children a group of its own, so that all of them can be killed.
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )

    def ready(self) -> bool:
        """Wait until the process can be used; raises `Broken` where it ends before."""
        if self._process is None:
            self.start()
        deadline = time.monotonic() + START
        while not self._ready_when(self):
            if self.status == "exited" or time.monotonic() > deadline:
                last = (self.logs().strip().splitlines() or ["no output"])[-1]
                raise Broken(f"{self.name} did not become ready: {last}")
            time.sleep(0.02)
        return True

    def logs(self) -> str:
        """Return what the process wrote so far."""
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""

    def kill(self, signal: str | int = "SIGKILL") -> None:
        """Send a signal to the process and its children, and wait for its end."""
        # An ended one's number may have become another's.
        if self.status == "exited" or self._process is None:
            return
        number = _signal_number(signal)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)
        self._process.wait(PATIENCE)

    def reload(self) -> None:
        """Look at the process again: nothing to do."""

    def restart(self, timeout: float = 0) -> None:
        """Stop the process where it runs, and start it again."""
        self.kill()
        self._log.unlink(missing_ok=True)
        self.start()
        self.ready()

    def teardown(self) -> None:
        """Stop the process for good."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.kill()

    # What pytest-celery asks of a worker's container beside.

    def version(self) -> str:
        """Return Celery's version."""
        return str(importlib.import_module("celery").__version__)

    def log_level(self) -> str:
        """Return the worker's level of logging."""
        return "INFO"

    def worker_name(self) -> str:
        """Return the first part of the worker's host name."""
        return self.name

    def worker_queue(self) -> str:
        """Return the queue that the worker reads."""
        return str(self.celeryconfig.get("task_default_queue", "celery"))


def _signal_number(name: str | int) -> int:
    return name if isinstance(name, int) else int(getattr(signal, name))


class Site:
    """A broker and a result backend, where the clauses with real processes play.

    `settings` point a Celery app there, in this process or in another.
    """

    def __init__(self, bench: Bench, name: str, settings: dict[str, Any], broker: Any) -> None:
        self.name = name
        self.settings = settings
        #: pytest-celery's node of the broker; None where it is not the kit's to stop.
        self.broker = broker
        self._bench = bench

    def worker(self, celery_app: Any, config: Mapping[str, Any], hold: str = "") -> Any:
        """Start a worker process of the subject's app; gives a pytest-celery node.

        `config` is what the app was made with. `hold` is "before" or "after": the worker
        stops there in its first task.
        """
        nodes = _pytest_celery()
        name = "conformance"
        order = {
            "app": reference_of(self._bench.subject),
            "config": dict(config),
            "settings": self.settings,
            "hold": hold,
        }
        container = Process(
            name,
            [sys.executable, "-m", __name__, json.dumps(order, default=str)],
            self._bench.folder(),
            lambda process: " ready." in process.logs(),
            self.settings,
        )
        container.command += ["-n", f"{name}@{container.id[:12]}"]
        node = nodes.CeleryTestWorker(container, celery_app)
        self._bench.enter(contextlib.ExitStack()).callback(node.teardown)
        self._bench.ledger.call(f"celery worker, a process on {self.name}")
        node.ready()
        return node


@functools.cache
def let_results_go() -> None:
    """Let no result complain when it is let go while its backend is away, as Celery's do.

    For good, as what raised may keep a result until long after the clause.
    """
    let_go = AsyncResult.__del__

    def quietly(result: AsyncResult) -> None:
        # Whatever the backend's driver raises: no one could catch it in a finalizer.
        with contextlib.suppress(Exception):
            let_go(result)

    AsyncResult.__del__ = quietly


def _pytest_celery() -> Any:
    try:
        return importlib.import_module("pytest_celery")
    except ImportError:
        raise Untested.for_package("pytest-celery", "flask-conformance[workers]") from None


def redis_site(bench: Bench, *, own: bool = False) -> Site | None:
    """Return a Redis of the kit's own where there is a `redis-server`, else the named one.

    None where there is neither. With `own`, only one that the kit may stop.
    """
    binary = shutil.which("redis-server")
    url = bench.subject.services.get("redis")
    if binary is None and (own or url is None):
        return None
    _need_redis()
    if binary is None and (why := why_away(str(url))):
        raise Untested.for_service_away("redis", why)
    node = None
    if binary is not None:
        node = _redis_server(bench, binary)
        url = node.config()["host_url"]
    prefix = f"conformance-{uuid.uuid4().hex}:"
    options = {
        # What a killed worker held for longer than these seconds, the next one takes when it
        # starts, and not again for 100 seconds: nothing that starts is as quick as this.
        "visibility_timeout": 0.1,
        "global_keyprefix": prefix,
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
    }
    settings = {
        "broker_url": url,
        "result_backend": url,
        "broker_transport_options": options,
        "result_backend_transport_options": {"global_keyprefix": prefix},
        "broker_connection_retry_on_startup": True,
    }
    if node is None:
        bench.enter(contextlib.ExitStack()).callback(_forget, str(url), prefix)
    return Site(bench, "Redis", settings, node)


def rabbitmq_site(bench: Bench) -> Site | None:
    """Return the named RabbitMQ, with results in files; None where none is named."""
    url = bench.subject.services.get("rabbitmq")
    if url is None:
        return None
    if why := why_away(url):
        raise Untested.for_service_away("rabbitmq", why)
    queue = f"conformance-{uuid.uuid4().hex}"
    settings = {
        "broker_url": url,
        "result_backend": _in_files(bench.folder()),
        "task_default_queue": queue,
        "broker_connection_retry_on_startup": True,
    }
    bench.enter(contextlib.ExitStack()).callback(_delete_queue, url, queue)
    return Site(bench, "RabbitMQ", settings, None)


def _redis_server(bench: Bench, binary: str) -> Any:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    folder = bench.folder()
    url = f"redis://127.0.0.1:{port}/0"
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    command += ["--appendonly", "no", "--dir", str(folder)]

    def answers(process: Process) -> bool:
        with contextlib.suppress(OSError):
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        return False

    container = Process("redis", command, folder, answers, {"url": url, "host_url": url})
    node = _pytest_celery().CeleryTestBroker(container)
    bench.enter(contextlib.ExitStack()).callback(node.teardown)
    bench.ledger.call("a redis-server of the kit's own")
    node.ready()
    return node


def _need_redis() -> None:
    try:
        importlib.import_module("redis")
    except ImportError:
        raise Untested.for_package("redis", "flask-conformance[celery]") from None


def _forget(url: str, prefix: str) -> None:
    import redis

    with contextlib.suppress(redis.RedisError), redis.Redis.from_url(url) as client:
        for key in client.scan_iter(f"{prefix}*"):
            client.delete(key)


def _delete_queue(url: str, queue: str) -> None:
    from kombu import Connection

    # Each broker's driver has errors of its own, and the queue has a name that is used once.
    with contextlib.suppress(Exception), Connection(url, connect_timeout=2) as connection:
        connection.default_channel.queue_delete(queue)


@dataclasses.dataclass(frozen=True)
class Message:
    """A task's message, as it was given to be published."""

    name: str
    task_id: str
    routing_key: str
    arguments: Any
    keywords: Any


class Seen:
    """What Celery's signals tell in this process: what was published, what has run."""

    def __init__(self) -> None:
        #: Messages in the order in which they were published.
        self.published: list[Message] = []
        #: Called with each message before it goes to the broker.
        self.before: Callable[[Message], None] | None = None
        #: Ids of the tasks that have run, once for each run.
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

    def _failed(self, exception: BaseException, **rest: Any) -> None:
        self.errors.append(exception)

    def _failed_around(self, exception: BaseException, **rest: Any) -> None:
        self.around.append(exception)

    def _ended(self, task_id: str, **rest: Any) -> None:
        with self.changed:
            self.ran.append(task_id)
            self.changed.notify_all()

    def runs(self, count: int, seconds: float = PATIENCE) -> bool:
        """Wait until so many tasks have run; whether they have."""
        with self.changed:
            return self.changed.wait_for(lambda: len(self.ran) >= count, seconds)

    def wait(self, seconds: float) -> None:
        """Wait until a task has run, at most so long."""
        with self.changed:
            self.changed.wait(seconds)


class _Around(logging.Handler):
    """Hears of what a task's own `after_return` and the like raised, which Celery only logs."""

    def __init__(self, seen: Seen) -> None:
        super().__init__(logging.ERROR)
        self._seen = seen

    def emit(self, record: logging.LogRecord) -> None:
        """Note the exception of a handler."""
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


def _hold(**values: Any) -> NoReturn:
    print(HELD[0], flush=True)
    while True:
        signal.pause()


def _tell_accepted() -> None:
    """Let the worker's parent write the second word of `HELD` once it took notice of a task."""
    accept = worker_request.Request.on_accepted

    def on_accepted(request: Any, *args: Any, **kwargs: Any) -> None:
        accept(request, *args, **kwargs)
        loop = get_event_loop()
        # What it acknowledges is done in the loop's next turn, in no certain order.
        loop.call_soon(loop.call_soon, lambda: print(HELD[1], flush=True))

    worker_request.Request.on_accepted = on_accepted


#: Lists the tasks that a worker would know, with nothing but what the worker command imports.
_LIST = f"""
import json, sys
from {guest.__name__} import join
join()
from celery.app.utils import find_app
app = find_app(sys.argv[1])
app.loader.import_default_modules()
app.finalize()
print(json.dumps(sorted(app.tasks)))
"""


def tasks_of(bench: Bench, entry: str) -> list[str] | str:
    """Return the tasks of the Celery app that `celery -A entry` finds, or why it finds none."""
    bench.ledger.call(f"celery -A {entry}")
    path = os.pathsep.join(os.path.abspath(place) for place in sys.path)
    done = subprocess.run(
        [sys.executable, "-c", _LIST, entry],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    try:
        return list(json.loads(done.stdout.splitlines()[-1]))
    except (ValueError, IndexError):
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return (lines or ["no output"])[-1]


def main() -> None:
    """Be a worker: the order is the first argument, the worker's own options follow."""
    order = json.loads(sys.argv[1])
    guest.join()
    subject = Subject(app=order["app"], config=order["config"])
    app = subject.build(lambda: Path(tempfile.mkdtemp()))
    celery_app = app.extensions["celery"]
    point(celery_app.conf, order["settings"])
    if order["hold"]:
        sent = {"before": signals.task_prerun, "after": signals.task_postrun}[order["hold"]]
        sent.connect(_hold, weak=False)
        _tell_accepted()
    # A worker without children acknowledges early messages when the task is over.
    pool = ["-P", "prefork", "-c", "1"] if order["hold"] else ["-P", "solo"]
    words = ["worker", "-l", "INFO", "--without-gossip", "--without-mingle", *pool]
    celery_app.worker_main([*words, *sys.argv[2:]])


if __name__ == "__main__":
    main()
