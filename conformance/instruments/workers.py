"""Celery's workers and brokers as real processes, for the clauses that kill them.

pytest-celery's nodes drive them, with a process in place of a container. Run as a module, this is
such a worker.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from celery import signals
from celery.worker import request as worker_request
from kombu.asynchronous import get_event_loop

from ..core.errors import Broken, Untested
from ..subject import Subject, guest
from .fresh import reference_of
from .nodes import PATIENCE, in_files, point
from .services import why_away

if TYPE_CHECKING:
    from .bench import Bench


#: Seconds that a process may take to become ready.
START = 50.0

#: What a held worker writes to its log: that it is in the task, and that its parent has noticed
#: it and, if the task wants that early, acknowledged it.
HELD = ("conformance: held", "conformance: accepted")


def _end_with_parent() -> None:
    """Have this process killed when its parent process is, if Linux can do that."""
    if _libc is not None:
        _libc.prctl(1, int(signal.SIGKILL))


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Process:
    """A process in place of the container of a pytest-celery node.

    `ready_when` is whether the started process can be used.
    """

    def __init__(
        self,
        name: str,
        command: list[str],
        folder: Path,
        ready_when: Callable[[Process], bool],
        config: Mapping[str, object] | None = None,
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
        """The process's status in Docker's terms: "running" or "exited"."""
        running = self._process is not None and self._process.poll() is None
        return "running" if running else "exited"

    def start(self) -> None:
        """Start the process; its output goes to the log."""
        with self._log.open("ab") as log:
            path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)
            self._process = subprocess.Popen(
                self.command,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"},
                # In a process group with its children, so that all of them can be killed.
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )

    def ready(self) -> bool:
        """Wait until the process can be used; raises `Broken` if it ends before."""
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
        """Return what the process has written so far."""
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""

    def kill(self, signal: str | int = "SIGKILL") -> None:
        """Send a signal to the process and its children, and wait for it to end."""
        # The id of an ended process may have been reused.
        if self.status == "exited" or self._process is None:
            return
        number = _signal_number(signal)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)
        self._process.wait(PATIENCE)

    def reload(self) -> None:
        """Refresh the status of the process: nothing to do."""

    def restart(self, timeout: float = 0) -> None:
        """Stop the process if it is running, and start it again."""
        self.kill()
        self._log.unlink(missing_ok=True)
        self.start()
        self.ready()

    def teardown(self) -> None:
        """Stop the process for good."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.kill()

    # What else pytest-celery asks of a worker's container.

    def version(self) -> str:
        """Return Celery's version."""
        return str(importlib.import_module("celery").__version__)

    def log_level(self) -> str:
        """Return the worker's log level."""
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
    """A broker and a result backend, used by the clauses with real processes.

    `settings` point a Celery app there, in this process or in another.
    """

    def __init__(self, bench: Bench, name: str, settings: dict[str, Any], broker: Any) -> None:
        self.name = name
        self.settings = settings
        #: pytest-celery's node of the broker; None if the kit must not stop it.
        self.broker = broker
        self._bench = bench

    def worker(self, celery_app: object, config: Mapping[str, object], hold: str = "") -> Any:
        """Start a worker process of the subject's app; return a pytest-celery node.

        `config` is what the app was created with. `hold` is "before" or "after": the worker stops
        there in its first task.
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


def _pytest_celery() -> Any:
    try:
        return importlib.import_module("pytest_celery")
    except ImportError:
        raise Untested.for_package("pytest-celery", "flask-conformance[workers]") from None


def redis_site(bench: Bench, *, own: bool = False) -> Site | None:
    """Return the kit's own Redis if there is a `redis-server`, else the named one.

    None if there is neither. With `own`, only one that the kit may stop.
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
        # The next worker, when it starts, takes over what a killed one held for longer than these
        # seconds, and then not again for 100 seconds: no worker starts faster than this.
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
    """Return the named RabbitMQ, with results in files; None if none is named."""
    url = bench.subject.services.get("rabbitmq")
    if url is None:
        return None
    if why := why_away(url):
        raise Untested.for_service_away("rabbitmq", why)
    queue = f"conformance-{uuid.uuid4().hex}"
    settings = {
        "broker_url": url,
        "result_backend": in_files(bench.folder()),
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

    # Each broker's driver has its own errors, and the queue has a name that is used only once.
    with contextlib.suppress(Exception), Connection(url, connect_timeout=2) as connection:
        connection.default_channel.queue_delete(queue)


def _hold(**values: object) -> NoReturn:
    print(HELD[0], flush=True)
    while True:
        signal.pause()


def _tell_accepted() -> None:
    """Make the worker's parent write the second word of `HELD` once it has noticed a task."""
    accept = worker_request.Request.on_accepted

    def on_accepted(request: object, *args: object, **kwargs: object) -> None:
        accept(request, *args, **kwargs)
        loop = get_event_loop()
        # What it acknowledges is done in the loop's next turn, in no fixed order.
        loop.call_soon(loop.call_soon, lambda: print(HELD[1], flush=True))

    worker_request.Request.on_accepted = on_accepted


#: Lists the tasks that a worker would know, importing only what the worker command imports.
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
    """Run as a worker: the order is the first argument, followed by the worker's own options."""
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
