"""A client with a cookie jar that keeps what a browser would keep."""

from __future__ import annotations

import dataclasses
import email.utils
import posixpath
from collections.abc import Callable, Iterator
from typing import Any, Protocol, cast
from urllib.parse import urljoin, urlsplit

from ..core.ledger import Exchange, Ledger
from ..core.told import Raised
from .messages import Request, Response, Stream, path_of

#: Browsers drop a cookie whose name and value together are longer than this many bytes.
BROWSER_COOKIE_LIMIT = 4096


class Server(Protocol):
    """A WSGI application that is being served."""

    #: What a person would type before a path to reach it.
    base_url: str

    def send(self, request: Request) -> Response:
        """Send a request and read the whole response."""

    def stream(self, request: Request) -> Stream:
        """Send a request and read only the status and the headers."""

    def close(self) -> None:
        """Stop serving."""


@dataclasses.dataclass
class Cookie:
    """A cookie in the jar."""

    name: str
    value: str
    path: str
    attributes: dict[str, str]


class _Heard:
    """A response that is read piece by piece, and notes how far it was read."""

    def __init__(self, stream: Stream, exchange: Exchange) -> None:
        self._stream = stream
        self._exchange = exchange
        self.status = stream.status
        self.headers = stream.headers
        self.raised = raised_by(stream)
        self._pieces = self._size = 0
        self._ended = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            piece = next(self._stream)
        except StopIteration:
            self._end("ends")
            raise
        except BaseException as error:
            self._end(f"breaks off ({type(error).__name__})")
            raise
        self._pieces += 1
        self._size += len(piece)
        return piece

    def close(self) -> None:
        self._end("the client hangs up")
        self._stream.close()

    def __enter__(self) -> _Heard:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _end(self, how: str) -> None:
        if not self._ended:
            self._ended = True
            pieces = "1 piece" if self._pieces == 1 else f"{self._pieces} pieces"
            self._exchange.end = f"{how} after {pieces}, {self._size} bytes"


class Client:
    """Sends requests to one server and keeps cookies between them.

    Every request is recorded in the ledger. A client stands for one browser: use a new one for
    each person and each example.
    """

    def __init__(self, server: Server, ledger: Ledger, host: str = "localhost") -> None:
        self.server = server
        self.ledger = ledger
        self.host = host
        self.cookies: dict[tuple[str, str], Cookie] = {}
        #: Whether the app is the subject's own, neither mounted below a prefix nor a host app.
        self.repeatable = True
        #: Where the app is mounted on the server.
        self.prefix = ""
        #: Called before each request; what it returns is called with the response.
        self.attend: Callable[[Client, Request], Callable[[Response], None] | None] | None = None
        #: Who is logged in, as far as `attend` knows: "" for a user whom it did not log in.
        self.person: str | None = None
        #: Whether `attend` is sending requests itself.
        self.busy = False
        #: Whether two clients with the same cookies share nothing.
        self.copied = False

    def send(self, request: Request) -> Response:
        """Send a request with the jar's cookies and store those of the response."""
        look = self.attend(self, request) if self.attend is not None else None
        response = self._send(request)
        if look is not None:
            look(response)
        return response

    def _send(self, request: Request) -> Response:
        request = self._with_cookies(request)
        exchange = self.ledger.send(request, self)
        exchange.repeatable = self.repeatable
        response = self.server.send(request)
        exchange.response = response
        self._take_cookies(request, response)
        return response

    def stream(self, request: Request) -> Stream:
        """Send a request and return its unread response; the caller closes it."""
        if self.attend is not None:
            self.attend(self, request)
        request = self._with_cookies(request)
        exchange = self.ledger.send(request, self)
        # A command line cannot express how far it is read and when the client disconnects.
        exchange.repeatable = False
        stream = self.server.stream(request)
        raised = raised_by(stream)
        handled = "" if raised is None else str(raised)[:300]
        exchange.response = Response(
            stream.status, stream.headers, b"", request, handled=handled, raised=raised
        )
        self._take_cookies(request, exchange.response)
        return cast(Stream, _Heard(stream, exchange))

    def open(self, method: str, target: str, *, follow: bool = False, **parts: Any) -> Response:
        """Build and send a request (see `Request.build`); with `follow`, follow redirects."""
        parts.setdefault("host", self.host)
        response = self.send(Request.build(method, target, **parts))
        return self.follow(response) if follow else response

    def get(self, target: str, **parts: Any) -> Response:
        """Send a GET request."""
        return self.open("GET", target, **parts)

    def post(self, target: str, **parts: Any) -> Response:
        """Send a POST request."""
        return self.open("POST", target, **parts)

    def follow(self, response: Response, limit: int = 10) -> Response:
        """Follow redirects within the site, at most `limit` of them."""
        while response.is_redirect and limit:
            limit -= 1
            target = self.resolve(response)
            method = response.request.method
            if response.status in (307, 308):
                again = dataclasses.replace(response.request, target=target)
                response = self.send(again)
            else:
                method = method if method in ("GET", "HEAD") else "GET"
                response = self.open(method, target)
        return response

    @staticmethod
    def resolve(response: Response) -> str:
        """Return the path and query that a redirect leads to, resolving relative ones."""
        joined = urlsplit(urljoin(response.request.target, response.location or ""))
        return path_of(joined._replace(path=joined.path or "/"))

    def cookie(self, name: str) -> str | None:
        """Return a cookie's value, or None."""
        return next((c.value for c in self.cookies.values() if c.name == name), None)

    def _with_cookies(self, request: Request) -> Request:
        path = request.target.split("?")[0]
        matching = [c for c in self.cookies.values() if _path_matches(path, c.path)]
        if not matching:
            return request
        matching.sort(key=lambda cookie: -len(cookie.path))
        line = "; ".join(f"{cookie.name}={cookie.value}" for cookie in matching)
        return request.with_headers(("Cookie", line))

    def _take_cookies(self, request: Request, response: Response) -> None:
        for header in response.header_values("Set-Cookie"):
            pair, *rest = header.split(";")
            name, _, value = pair.strip().partition("=")
            attributes = {}
            for item in rest:
                key, _, setting = item.strip().partition("=")
                attributes[key.lower()] = setting
            path = attributes.get("path", "")
            if not path.startswith("/"):
                path = posixpath.dirname(request.target.split("?")[0]) or "/"
            if _expired(attributes):
                self.cookies.pop((name, path), None)
            elif len(name) + len(value) <= BROWSER_COOKIE_LIMIT:
                self.cookies[name, path] = Cookie(name, value, path, attributes)


def raised_by(stream: Stream) -> Raised | None:
    """Return what an in-process application raised before its own 500 page, if known."""
    return getattr(stream, "raised", None)


def _path_matches(path: str, cookie_path: str) -> bool:
    if path == cookie_path:
        return True
    return path.startswith(cookie_path if cookie_path.endswith("/") else cookie_path + "/")


def _expired(attributes: dict[str, str]) -> bool:
    if "max-age" in attributes:
        return attributes["max-age"].startswith(("-", "0"))
    if "expires" in attributes:
        date = email.utils.parsedate_to_datetime(attributes["expires"])
        return date.timestamp() < 86400
    return False
