"""Goes through an app's pages as a visitor without a login, with requests that change nothing."""

from __future__ import annotations

import contextlib
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import flask

from ..core.errors import OutOfTime
from ..subject.guest import Refused
from ..transports import Request, Response
from ..transports.wsgi import WSGIStream, make_environ
from .exchanges import Exchange, Listener
from .facts import Facts

#: Methods that a survey sends.
SAFE = ("GET", "HEAD", "OPTIONS")

#: How many requests a crawl sends; how many to one endpoint.
MOST = 120
MOST_OF_ENDPOINT = 3

#: Seconds that it waits for one answer, and the bytes of it that it reads.
PATIENCE = 2.0
LONGEST = 2**19

#: Words of endpoints and paths that a GET may be more than a look at.
_DOES = (
    *("logout", "signout", "log_out", "sign_out", "logoff", "delete", "remove", "destroy"),
    *("shutdown", "restart", "reset", "clear", "purge", "unsubscribe", "kill", "drop", "empty"),
)

#: What a browser says that it would like, for a page.
AS_BROWSER = (("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"),)


def does_something(name: str) -> bool:
    """Check whether the name of an endpoint or path says that a GET does more than show."""
    words = name.lower().replace("-", "_")
    return any(word in words for word in _DOES)


class Crawl:
    """Sends requests to one app, each once, and keeps what came of them.

    Each request is from a new visitor, with no cookies unless told otherwise.
    """

    def __init__(
        self,
        app: flask.Flask,
        facts: Facts,
        *,
        deadline: float,
        limit: Callable[[float], AbstractContextManager[object]],
        most: int = MOST,
    ) -> None:
        self.app = app
        self.facts = facts
        self.deadline = deadline
        self.limit = limit
        self.most = most
        self.methods: Counter[str] = Counter()
        self.exchanges: list[Exchange] = []
        self._listener = Listener(app)
        self._known: dict[tuple[Any, ...], Exchange | None] = {}
        self._asked: Counter[str | None] = Counter()

    def run(self, others: Sequence[str] = ()) -> None:
        """Visit each rule without arguments, then what the pages link and redirect to.

        `others` are targets that somebody else visited.
        """
        rules = sorted(
            (rule for rule in self.facts.rules if rule.is_plain and not does_something(str(rule))),
            key=lambda rule: (rule.path != "/", rule.path.count("/"), rule.path),
        )
        waiting = deque(rule.path for rule in rules[: self.most // 2])
        if not any(rule.path == "/" for rule in rules):
            waiting.appendleft("/")
        waiting.extend(each for each in others[: self.most // 4] if each not in waiting)
        seen = set(waiting)
        while waiting and self._goes_on():
            exchange = self.get(waiting.popleft())
            if exchange is None:
                continue
            found = [exchange.leads_to(), *map(exchange.local, exchange.links())]
            for target in found:
                if target is None or target in seen or does_something(target):
                    continue
                seen.add(target)
                endpoint = self.facts.endpoint_of(target)
                if endpoint is None or does_something(endpoint) or endpoint.endswith("static"):
                    continue
                self._asked[endpoint] += 1
                if self._asked[endpoint] <= MOST_OF_ENDPOINT:
                    waiting.append(target)

    def _goes_on(self) -> bool:
        return self.methods.total() < self.most and time.monotonic() < self.deadline

    def get(
        self,
        target: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        environ: Mapping[str, object] | None = None,
    ) -> Exchange | None:
        """Send a request, unless it was sent before; None where time or requests are used up.

        Raises `ValueError` for a method that may change something.
        """
        if method not in SAFE:
            raise ValueError(f"a survey sends no {method}")
        given = tuple((headers or {}).items())
        key = method, target, given, tuple((environ or {}).items())
        if key not in self._known:
            more = self.methods.total() < 3 * self.most and time.monotonic() < self.deadline
            self._known[key] = self._send(method, target, given, environ) if more else None
        return self._known[key]

    def known(self, target: str) -> Exchange | None:
        """Return what came of a GET that was sent; None where none was."""
        return self._known.get(("GET", target, (), ()))

    def _send(
        self,
        method: str,
        target: str,
        headers: tuple[tuple[str, str], ...],
        environ: Mapping[str, object] | None,
    ) -> Exchange | None:
        try:
            request = Request.build(
                method, target, headers=(*AS_BROWSER, *headers), environ=dict(environ or {})
            )
        except Exception:
            return None
        self.methods[method] += 1
        exchange = Exchange(request, Response(0, (), b"", request))
        self.exchanges.append(exchange)
        wait = min(PATIENCE, max(0.1, self.deadline - time.monotonic()))
        try:
            with self.limit(wait), self._listener.hearing(exchange):
                exchange.response, exchange.cut = self._read(request)
        except (Exception, OutOfTime, Refused, SystemExit) as error:
            exchange.response = Response(500, (), b"", request)
            exchange.error = exchange.error or f"{type(error).__name__}: {error}"[:300]
        return exchange

    def _read(self, request: Request) -> tuple[Response, bool]:
        pieces: list[bytes] = []
        size = 0
        with contextlib.closing(WSGIStream(self.app, make_environ(request))) as stream:
            for piece in stream:
                size += len(piece)
                if request.method != "HEAD":
                    pieces.append(piece)
                if size > LONGEST:
                    return Response(stream.status, stream.headers, b"".join(pieces), request), True
            return Response(stream.status, stream.headers, b"".join(pieces), request), False
