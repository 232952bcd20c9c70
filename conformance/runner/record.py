"""The app on a local server, for a person who clicks; what they send is kept for a survey."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import signal
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import werkzeug.serving
import werkzeug.test

from ..core.errors import SubjectError
from ..instruments.bench import Bench
from ..subject import Subject, guest
from ..subject.guest.isolation import own_places
from ..survey.hearing import Hearing
from ..survey.submissions import RECORDED
from ..transports import TRANSPORTS

#: A request's body is kept, and handed on, up to this many bytes.
LONGEST = 2**24


def recorded_file() -> Path:
    """Return the file with what was recorded in the working directory, whether it is there or not.

    It lies where caches are, and nobody else can read it: there may be a password in it.
    """
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    name = hashlib.sha256(os.fsencode(os.getcwd())).hexdigest()[:16]
    return Path(caches, "flask-conformance", "recorded", f"{name}.jsonl")


class Recorder:
    """A WSGI callable around an app that keeps each exchange; all are one person's."""

    def __init__(self, app: Callable[..., Any], hearing: Hearing) -> None:
        self.app = app
        self.hearing = hearing

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request as the app does."""
        length = environ.get("CONTENT_LENGTH") or "0"
        chunked = bool(environ.get("wsgi.input_terminated"))
        if chunked or int(length) <= LONGEST:
            sent = environ["wsgi.input"].read(LONGEST if chunked else int(length))
            environ["wsgi.input"] = io.BytesIO(sent)
        exchange = self.hearing.begin(environ, self)
        with self.hearing.listener.hearing(exchange):
            body, status, headers = werkzeug.test.run_wsgi_app(self.app, environ)
        start_response(status, list(headers))
        return self.hearing.answered(exchange, body, status, headers.items())


def record(subject: Subject, host: str, port: int, begun: Callable[[str], object]) -> int:
    """Serve an app of the subject until an interrupt; return how many requests were kept.

    `begun` is handed the address. The app has places of its own, as in any run. Raises
    `SubjectError` where it cannot be built, or the server cannot be started.
    """
    notes = guest.Notes.begin()
    watch = guest.begin(subject, notes)
    bench = Bench(subject, TRANSPORTS["wsgi"])
    hearing = Hearing()
    hearing.test = RECORDED
    try:
        with watch.watching(), contextlib.closing(bench):
            app = bench.build()
            if own := own_places(watch, subject, app):
                app = bench.build(**own)
            watch.look(app, list(subject.patterns))
            try:
                server = werkzeug.serving.make_server(
                    host, port, Recorder(app, hearing), threaded=True
                )
            except (OSError, SystemExit) as error:
                raise SubjectError(f"{host}:{port} cannot be served: {error}") from None
            hearing.open()
            begun(f"http://{host}:{server.port}/")
            _serve(server)
            hearing.close()
    finally:
        notes.leave()
    return _saved(subject, hearing)


def _serve(server: Any) -> None:
    stopped = threading.Event()

    def stop(*args: Any) -> None:
        stopped.set()

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        stopped.wait()
    finally:
        server.shutdown()
        server.server_close()
        for each, handler in before.items():
            signal.signal(each, handler)


def _saved(subject: Subject, hearing: Hearing) -> int:
    file = recorded_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [{"app": subject.name}, *({"exchange": each.to_json()} for each in hearing.exchanges)]
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as out:
        out.writelines(json.dumps(line) + "\n" for line in lines)
    return len(hearing.exchanges)
