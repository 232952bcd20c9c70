"""Hears what a project's own tests send with Werkzeug's test client, and changes none of it."""

from __future__ import annotations

import io
import weakref
from collections.abc import Iterable, Iterator
from typing import Any
from unittest import mock
from urllib.parse import quote

import werkzeug.test

from ..transports import Request, Response
from .crawl import LONGEST
from .exchanges import Exchange, Listener

#: How many exchanges are kept; tests that send more say the same again.
MOST = 5000

#: Headers of a request that say nothing to a later one: they are of that client, or of that body.
_LEFT_OUT = ("cookie", "host", "content-length", "user-agent")


class Hearing:
    """Between `open` and `close`, keeps each exchange of this process's test clients."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        #: The test that runs.
        self.test = ""
        self.listener = Listener()
        self._clients: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._count = 0
        self._patch = mock.patch.object(werkzeug.test.Client, "run_wsgi_app", self._wrapped())

    def open(self) -> None:
        """Begin to hear."""
        self.listener.open()
        self._patch.start()

    def close(self) -> None:
        """Leave everything as it was."""
        self._patch.stop()
        self.listener.close()

    def _wrapped(self) -> Any:
        usual = werkzeug.test.Client.run_wsgi_app
        hearing = self

        # What a client calls once for each request, those after redirects among them.
        def run_wsgi_app(client: Any, environ: Any, buffered: bool = False) -> Any:
            exchange = hearing.begin(environ, client)
            with hearing.listener.hearing(exchange):
                try:
                    body, status, headers = usual(client, environ, buffered)
                except BaseException as error:
                    exchange.error = exchange.error or f"{type(error).__name__}: {error}"[:300]
                    exchange.response = Response(500, (), b"", exchange.request)
                    raise
            return hearing.answered(exchange, body, status, headers.items()), status, headers

        return run_wsgi_app

    def begin(self, environ: Any, client: Any) -> Exchange:
        """Return a new exchange of what a client is about to send."""
        request = request_of(environ)
        if client not in self._clients:
            self._count += 1
            self._clients[client] = self._count
        exchange = Exchange(
            request,
            Response(0, (), b"", request),
            client=self._clients[client],
            test=self.test,
        )
        if len(self.exchanges) < MOST:
            self.exchanges.append(exchange)
        return exchange

    def answered(
        self,
        exchange: Exchange,
        body: Iterable[bytes],
        status: str,
        headers: Iterable[tuple[str, str]],
    ) -> Iterable[bytes]:
        """Note an answer; return its body, which is noted as far as somebody reads it."""
        known = exchange.body
        exchange.body = None
        exchange.response = Response(
            int(status.partition(" ")[0]), tuple(headers), known or b"", exchange.request
        )
        if isinstance(body, list):
            exchange.response = _with(exchange.response, b"".join(body))
        elif known is None:
            return _Heard(exchange, body)
        return body


def request_of(environ: Any) -> Request:
    """Return the request of a WSGI environment, whose input stays where it is."""
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    target = quote(path.encode("latin-1"), safe="/~!$&'()*+,;=:@") or "/"
    if query := environ.get("QUERY_STRING"):
        target += f"?{query}"
    headers = [
        (key.removeprefix("HTTP_").replace("_", "-").title(), str(value))
        for key, value in environ.items()
        if key.startswith("HTTP_") or (key == "CONTENT_TYPE" and value)
    ]
    headers = [each for each in headers if each[0].lower() not in _LEFT_OUT]
    sent = environ.get("wsgi.input")
    body = sent.getvalue()[sent.tell() :] if isinstance(sent, io.BytesIO) else b""
    return Request(environ["REQUEST_METHOD"], target, tuple(headers), body[:LONGEST])


class _Heard:
    """An answer's body, piece by piece as it is; a copy goes to its exchange."""

    def __init__(self, exchange: Exchange, body: Iterable[bytes]) -> None:
        self._exchange = exchange
        self._body = body
        self._pieces = iter(body)
        exchange.cut = True

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            piece = next(self._pieces)
        except StopIteration:
            self._exchange.cut = False
            raise
        response = self._exchange.response
        if len(response.body) < LONGEST:
            self._exchange.response = _with(response, response.body + piece)
        return piece

    def close(self) -> None:
        """Close the body, as its reader wants."""
        if close := getattr(self._body, "close", None):
            close()


def _with(response: Response, body: bytes) -> Response:
    return Response(response.status, response.headers, body, response.request)
