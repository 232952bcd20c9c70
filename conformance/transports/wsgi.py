"""The in-process transport: a prebuilt environ passed directly to the WSGI callable."""

from __future__ import annotations

import asyncio
import contextlib
import io
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, cast
from urllib.parse import unquote_to_bytes

import flask

from ..core.errors import Broken
from ..core.told import Raised
from .messages import LONGEST_BODY, Request, Response, Stream, WSGIApp

ExcInfo = tuple[type[BaseException], BaseException, TracebackType]


class Errors(io.StringIO):
    """Where the subject writes its log; kept only so that writing works."""


class Chunks(io.RawIOBase):
    """A request body that arrives in the given pieces, as with chunked transfer coding."""

    def __init__(self, pieces: tuple[bytes, ...]) -> None:
        self._pieces = list(pieces)

    def readable(self) -> bool:
        """Return True: it can always be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with at most one piece; return 0 at the end."""
        if not self._pieces:
            return 0
        piece = self._pieces.pop(0)
        size = len(buffer)
        if len(piece) > size:
            self._pieces.insert(0, piece[size:])
            piece = piece[:size]
        buffer[: len(piece)] = piece
        return len(piece)


def make_environ(request: Request) -> dict[str, Any]:
    """Return the environ that a server would create for the request."""
    path, _, query = request.target.partition("?")
    environ: dict[str, object] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": request.target,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": Errors(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if request.host is not None:
        environ["HTTP_HOST"] = request.host
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        value = value.encode("utf-8", "surrogateescape").decode("latin-1")
        if key in environ and key.startswith("HTTP_") and key != "HTTP_HOST":
            value = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
        environ[key] = value
    if request.chunks is not None:
        environ["HTTP_TRANSFER_ENCODING"] = "chunked"
        environ["wsgi.input"] = io.BufferedReader(Chunks(request.chunks))
        environ["wsgi.input_terminated"] = True
    else:
        environ["wsgi.input"] = io.BytesIO(request.body)
        if request.content_length is not None:
            environ["CONTENT_LENGTH"] = str(request.content_length)
        elif request.body or request.method in ("POST", "PUT", "PATCH"):
            environ["CONTENT_LENGTH"] = str(len(request.body))
    environ.update(request.environ)
    return environ


@contextlib.contextmanager
def _as_in_a_thread_of_a_server() -> Iterator[None]:
    """Hide an event loop that runs in this thread, such as Playwright's: async views refuse it."""
    running = asyncio._get_running_loop()
    if running is None:
        yield
        return
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(running)


class WSGIStream:
    """The response of a WSGI callable, read piece by piece."""

    @_as_in_a_thread_of_a_server()
    def __init__(self, app: WSGIApp, environ: dict[str, Any]) -> None:
        self.status = 0
        self.headers: tuple[tuple[str, str], ...] = ()
        self._started: tuple[str, list[tuple[str, str]]] | None = None
        self._sent = False
        self._written: list[bytes] = []
        self._iterable = app(environ, self._start_response)
        self._iterator = iter(self._iterable)
        self._closed = False
        self._first: list[bytes] = []
        #: What the application raised before responding with its own 500 page.
        self.raised: Raised | None = None
        # A lazy application calls start_response only when its first piece is requested.
        try:
            while self._started is None:
                self._first.append(next(self._iterator))
        except StopIteration:
            self.close()
            raise RuntimeError("the application ended without calling start_response") from None
        except BaseException:
            self.close()
            raise
        status, headers = self._started
        self.status = int(status.split(" ", 1)[0])
        self.headers = tuple(headers)
        if self.status >= 500:
            self.raised = _handled.raised

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None
    ) -> Callable[[bytes], object]:
        if self._started is not None:
            if exc_info is None:
                raise AssertionError("start_response was called a second time without exc_info")
            if self._sent:
                raise exc_info[1].with_traceback(exc_info[2])
        self._started = (status, headers)
        return self._written.append

    def __iter__(self) -> Iterator[bytes]:
        return self

    @_as_in_a_thread_of_a_server()
    def __next__(self) -> bytes:
        self._sent = True
        if self._written:
            return self._written.pop(0)
        if self._first:
            return self._first.pop(0)
        return next(self._iterator)

    @_as_in_a_thread_of_a_server()
    def close(self) -> None:
        """Close the iterable once, as a server does."""
        if not self._closed:
            self._closed = True
            if hasattr(self._iterable, "close"):
                self._iterable.close()

    def __enter__(self) -> WSGIStream:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


class _Handled(threading.local):
    """What the application in this thread last raised and handled itself."""

    raised: Raised | None = None


_handled = _Handled()


@flask.got_request_exception.connect
def _remember(sender: object, exception: BaseException | None = None, **values: object) -> None:
    # The exception itself would keep alive what its frames refer to.
    if exception is not None:
        _handled.raised = Raised.by(exception)


class WSGIServer:
    """Calls the application in the thread that sends the request."""

    base_url = "http://localhost:5000"

    def __init__(self, app: WSGIApp) -> None:
        self.app = app

    def stream(self, request: Request) -> Stream:
        """Call the application; exceptions propagate to the caller."""
        _handled.raised = None
        return cast(Stream, WSGIStream(self.app, make_environ(request)))

    def send(self, request: Request) -> Response:
        """Call the application; an exception becomes a 500 with that error."""
        _handled.raised = None
        try:
            with WSGIStream(self.app, make_environ(request)) as stream:
                pieces, size = [], 0
                for piece in stream:
                    size += len(piece)
                    if size > LONGEST_BODY:
                        raise Broken(
                            f"the response to {request} does not end "
                            f"(more than {LONGEST_BODY // 2**20} MiB so far)"
                        )
                    # A server never sends the body of a HEAD response.
                    if request.method != "HEAD":
                        pieces.append(piece)
                raised = _handled.raised if stream.status >= 500 else None
                handled = "" if raised is None else str(raised)[:300]
                body = b"".join(pieces)
                return Response(
                    stream.status, stream.headers, body, request, handled=handled, raised=raised
                )
        except Broken:
            raise
        except Exception as error:
            return Response(500, (), b"", request, error, raised=Raised.by(error))

    def close(self) -> None:
        """Do nothing: there is nothing to stop."""
