"""Transports that reach the subject over a loopback port, through a real server."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from ..core.errors import Broken, Untested
from .messages import LONGEST_BODY, Request, Response, Stream, WSGIApp

#: Seconds that a connection may be silent before the subject counts as hanging.
SILENCE = 30.0

#: Where Werkzeug's server finds the response that it has to close.
ANSWER = "conformance.answer"


class _RawResponse(http.client.HTTPResponse):
    """A response whose headers keep their order and repetition."""

    def pairs(self) -> tuple[tuple[str, str], ...]:
        return tuple(self.headers.items())


class _SocketStream:
    def __init__(self, connection: socket.socket, response: _RawResponse) -> None:
        self._connection = connection
        self._response = response
        self.status = response.status
        self.headers = response.pairs()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = self._response.read1(65536)
        if not piece:
            if self._response.length or (self._response.chunked and self._response.chunk_left):
                raise http.client.IncompleteRead(b"")
            raise StopIteration
        return piece

    def close(self) -> None:
        self._response.close()
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def __enter__(self) -> _SocketStream:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


class SocketServer:
    """Speaks HTTP/1.1 with a server on a loopback port, with one connection per request.

    A subject that rejects a body may respond before all of it was sent, and close the connection:
    send errors are ignored, and the response is read if there is one.
    """

    def __init__(self, name: str, port: int, stop: Callable[[], object]) -> None:
        self.name = name
        self.port = port
        self.base_url = f"http://127.0.0.1:{port}"
        self._stop = stop

    def stream(self, request: Request) -> Stream:
        """Send the request and return the response as soon as its headers have arrived."""
        if request.environ:
            wanted = ", ".join(sorted(request.environ))
            raise Untested(f"needs to set {wanted} in the WSGI environ; {self.name} sets its own")
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=SILENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        response = _RawResponse(connection, method=request.method)
        try:
            with contextlib.suppress(ConnectionError):
                for piece in _wire(request):
                    connection.sendall(piece)
                # A server that expects more bytes than will come must see the end.
                if request.content_length is not None:
                    connection.shutdown(socket.SHUT_WR)
            response.begin()
        except BaseException as error:
            # The response reads through its own file object, which keeps the socket open.
            response.close()
            connection.close()
            if isinstance(error, TimeoutError):
                raise Broken(f"no response to {request} within {SILENCE:g} s") from None
            raise
        return cast(Stream, _SocketStream(connection, response))

    def send(self, request: Request) -> Response:
        """Send the request and read its whole response."""
        try:
            stream = self.stream(request)
        except (OSError, http.client.HTTPException) as error:
            return Response(500, (), b"", request, error)
        pieces: list[bytes] = []
        size = 0
        truncated = False
        with stream:
            try:
                for piece in stream:
                    size += len(piece)
                    if size > LONGEST_BODY:
                        raise Broken(f"the response to {request} does not end")
                    pieces.append(piece)
            except TimeoutError:
                raise Broken(f"the response to {request} stalled") from None
            except (OSError, http.client.HTTPException):
                truncated = True
        return Response(
            stream.status, stream.headers, b"".join(pieces), request, truncated=truncated
        )

    def close(self) -> None:
        """Stop the server."""
        self._stop()


def _wire(request: Request) -> Iterator[bytes]:
    lines = [f"{request.method} {request.target} HTTP/1.1"]
    if request.host is None:
        lines[0] = f"{request.method} {request.target} HTTP/1.0"
    else:
        lines.append(f"Host: {request.host}")
    lines += [f"{name}: {value}" for name, value in request.headers]
    if request.chunks is not None:
        lines.append("Transfer-Encoding: chunked")
    elif request.content_length is not None:
        lines.append(f"Content-Length: {request.content_length}")
    elif request.body or request.method in ("POST", "PUT", "PATCH"):
        lines.append(f"Content-Length: {len(request.body)}")
    lines += ["Connection: close", "", ""]
    head = "\r\n".join(lines).encode("utf-8", "surrogateescape")
    if request.chunks is None:
        yield head + request.body
        return
    yield head
    for chunk in request.chunks:
        yield b"%x\r\n%s\r\n" % (len(chunk), chunk)
    yield b"0\r\n\r\n"


class _ClosedOnce:
    """A response that is closed once, by whichever side comes first."""

    def __init__(self, answer: Iterable[bytes]) -> None:
        self._answer = answer
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            if hasattr(self._answer, "close"):
                self._answer.close()


def serve_werkzeug(app: WSGIApp) -> SocketServer:
    """Serve with Werkzeug's development server, in threads of this process."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002
            pass

        def run_wsgi(self) -> None:
            # Werkzeug does not close a response if the client resets the connection right after
            # it.
            try:
                super().run_wsgi()
            finally:
                answer = self.environ.get(ANSWER)
                if answer is not None:
                    answer.close()

    def kept(environ: dict[str, object], start_response: object) -> Iterable[bytes]:
        environ[ANSWER] = answer = _ClosedOnce(app(environ, start_response))
        return answer

    server = make_server("127.0.0.1", 0, cast(Any, kept), threaded=True, request_handler=Quiet)
    # A hanging request must not keep the process from exiting.
    cast(Any, server).daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return SocketServer("werkzeug", server.server_port, stop)


def serve_waitress(app: WSGIApp) -> SocketServer:
    """Serve with waitress, in threads of this process."""
    try:
        import waitress
    except ImportError:
        raise Untested.for_package("waitress", "flask-conformance[servers]") from None

    sockets: dict[int, Any] = {}
    server: Any = waitress.create_server(
        app,
        map=sockets,
        host="127.0.0.1",
        port=0,
        threads=16,
        clear_untrusted_proxy_headers=False,
        # Reading ahead is how waitress notices that a client has disconnected.
        channel_request_lookahead=1,
    )

    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()

    def stop() -> None:
        server.task_dispatcher.shutdown(timeout=1)

        # waitress's loop ends when its map is empty; the trigger wakes it up to notice that.
        def close() -> None:
            for dispatcher in list(sockets.values()):
                dispatcher.close()

        # A loop that was awake has closed the trigger before the wake-up is written to it.
        with contextlib.suppress(OSError):
            server.trigger.pull_trigger(close)
        thread.join(5)

    return SocketServer("waitress", server.effective_port, stop)


def serve_gunicorn(app: WSGIApp) -> SocketServer:
    """Serve with gunicorn: an arbiter and a worker process, forked from this one."""
    try:
        from gunicorn.app.base import BaseApplication
    except ImportError:
        raise Untested.for_package("gunicorn", "flask-conformance[servers]") from None

    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    ready_read, ready_write = os.pipe()

    class Standalone(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            settings = {
                "bind": [f"fd://{listener.fileno()}"],
                "worker_class": "gthread",
                "threads": 8,
                "loglevel": "critical",
                "graceful_timeout": 1,
                "post_worker_init": lambda worker: os.write(ready_write, b"1"),
            }
            for key, value in settings.items():
                if key in self.cfg.settings:
                    self.cfg.set(key, value)
            # Newer versions open a control socket at a fixed path, which two servers would share.
            if "control_socket_disable" in self.cfg.settings:
                self.cfg.set("control_socket_disable", True)

        def load(self) -> WSGIApp:
            return app

    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            Standalone().run()
        finally:
            os._exit(0)
    listener.close()
    os.close(ready_write)
    started = os.read(ready_read, 1)
    os.close(ready_read)
    if not started:
        os.waitpid(pid, 0)
        raise Broken("gunicorn did not start")

    def stop() -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

    return SocketServer("gunicorn", port, stop)
