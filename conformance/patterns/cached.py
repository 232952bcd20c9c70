"""What the patterns with cached views share: the pages of a host app, and requests for them."""

from __future__ import annotations

import abc
import dataclasses
import functools
import html
import itertools
import json
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn, TypeVar, cast
from urllib.parse import quote, urlencode

import flask
from flask.typing import ResponseReturnValue, RouteCallable

from ..core.errors import Untested
from ..instruments.bench import Bench
from ..instruments.clock import Clock
from ..subject.config import Binding, Route
from ..transports import Client, Request, Response, WSGIApp
from .harness import Ability, Harness, Mounted

#: The people that the host app knows.
PEOPLE = ("alice", "bob")

#: Seconds for which the host app caches its pages.
TIMEOUTS = {"page": 300.0, "brief-page": 30.0}

#: Media types in which the host app serves its pages.
TYPES = ("text/html", "application/json")

#: Ways in which a page of the host app gives each visitor a cookie.
COOKIES = ("a cookie", "the session")

#: A page of the host app that says how often its other views have run.
RUNS = "/how-often-views-ran"

#: Where an app is mounted.
MOUNTS = ("", "/north", "/south")

#: Distinguishes this process's entries from those of others in a shared cache.
_TOKEN = uuid.uuid4().hex[:4]

B = TypeVar("B", bound=Binding)
View = RouteCallable
Decorator = Callable[[View], View]


@dataclasses.dataclass(frozen=True)
class Asked:
    """What a response of a cached page depends on."""

    method: str = "GET"
    path: str = "page"
    #: None if the page does not depend on it.
    query: tuple[tuple[str, str], ...] | None = None
    user: str | None = None
    host: str = "localhost"
    mount: str = ""

    def __str__(self) -> str:
        query = Request.build(target="", query=self.query or ()).target
        path = self.path if self.path.startswith("/") else f".../{self.path}"
        return f"{self.method} {path}{query}"

    def beside(self, other: Asked) -> str:
        """Return the request as text, with what distinguishes it from another one."""
        text = str(self)
        if (self.host, self.mount) != (other.host, other.mount):
            text += f" at {self.host}{self.mount}"
        if self.user != other.user:
            text += f" by {self.user or 'an anonymous user'}"
        return text

    def differing(self, other: Asked) -> list[str]:
        """Return the names of what distinguishes it from another request."""
        return [
            field.name
            for field in dataclasses.fields(self)
            if getattr(self, field.name) != getattr(other, field.name)
        ]


@dataclasses.dataclass(frozen=True)
class Got:
    """The result of a cached page or function: its text, or None if it failed."""

    text: str | None
    #: The same, as shown in failures.
    said: str
    #: What was returned instead of a text.
    error: str = ""

    def __str__(self) -> str:
        return self.said

    @classmethod
    def of(cls, answer: Response) -> Got:
        """Return the result that a response is."""
        if answer.status == 200:
            return cls(answer.text, str(answer))
        return cls(None, str(answer), answer.text)


class CachedHarness(Harness[B], abc.ABC):
    """What clauses do with cached pages, in every binding."""

    _serials = itertools.count()
    _moving: Clock | None = None

    def __init__(self, slug: str, binding: B, bench: Bench) -> None:
        super().__init__(slug, binding, bench)
        #: Starts the names of the current example.
        self.serial = self._new_serial()

    def begin_example(self, values: Mapping[str, object] | None = None) -> None:
        """Begin an example with names that no earlier one has used."""
        super().begin_example(values)
        self.serial = self._new_serial()

    def _new_serial(self) -> str:
        return f"{_TOKEN}-{next(self._serials)}"

    @functools.cached_property
    def mounts(self) -> dict[str, WSGIApp]:
        """The app at each of `MOUNTS`."""
        # Kept, because a server is identified by the app that it serves.
        return {prefix: Mounted(self.app, prefix) for prefix in MOUNTS if prefix} | {"": self.app}

    # The time.

    def start_clock(self) -> None:
        """Stop the clock at a time when all earlier entries have expired."""
        if not self.need("cache_clock"):
            raise Untested("the cache does not use this process's clock: cache_clock is false")
        self._moving = self.clock()

    def advance(self, seconds: float) -> None:
        """Move the cache's clock forward."""
        cast(Clock, self._moving).advance(seconds)

    @abc.abstractmethod
    def forget(self) -> None:
        """Make sure that no page is cached, as far as the subject allows it."""

    # The pages.

    @abc.abstractmethod
    def ways(self) -> Mapping[str, float]:
        """Return what is cached, with its timeout in seconds."""

    def described(self, way: str) -> str:
        """Return what one of `ways` is, as failures name it."""
        return f"the {way}"

    @abc.abstractmethod
    def ask(self, way: str, name: str = "", failing: str | None = None) -> Got:
        """Request a page or call a function; `failing` is one of the ways in which it fails."""

    @abc.abstractmethod
    def visit(self, asked: Asked) -> tuple[Asked, Response]:
        """Request a page; return what of `asked` the subject can vary, and the response."""

    @abc.abstractmethod
    def answers(self, **wanted: object) -> list[Response]:
        """Request one page three times; the first time it is not cached.

        `wanted` is the response of the host app's page.
        """


class Counted(CachedHarness[B], Ability, given_by=("cached",)):
    """How often a page or function is computed can be counted."""

    @abc.abstractmethod
    def kept_answers(self, way: str, value: object) -> int:
        """Ask twice for something that returns a value; return how often it was computed."""


class Cookies(CachedHarness[B], Ability, given_by=("cached",)):
    """A cached page sets cookies."""

    @abc.abstractmethod
    def cookies(self, how: str) -> Response:
        """Request a page that sets cookies, as a new client."""


class CachedComponent(Counted[B], Cookies[B]):
    """The bound `cached` decorator on the pages of a host app."""

    #: The clients of this example, by host, mount point and person.
    _visitors: dict[tuple[str, str, str | None], Client]

    def begin_example(self, values: Mapping[str, object] | None = None) -> None:
        """Begin an example with new clients."""
        super().begin_example(values)
        self._visitors = {}

    @abc.abstractmethod
    def log_in(self, client: Client, person: str) -> object:
        """Log somebody in."""

    def described(self, way: str) -> str:
        """Return the decorator with which a page is cached."""
        seconds = TIMEOUTS.get(way)
        return f"the {way}" if seconds is None else f"the view under cached(timeout={seconds:g})"

    def forget(self) -> None:
        """Begin an example, whose pages no earlier one has requested."""
        self.begin_example()

    def page(self, target: str, headers: Mapping[str, str] = {}) -> Got:
        """Request a page as a new client."""
        return Got.of(self.client().get(target, headers=headers))

    def kept_page(self, way: str, name: str = "", failing: str | None = None) -> Got:
        """Request one of the pages in `TIMEOUTS`; `failing` is one of `FAILURES`."""
        headers = {"X-View": failing} if failing else {}
        return self.page(f"/{way}/{self.serial}/{name or 'index'}", headers)

    def runs_for(self, way: str, value: object) -> int:
        """Request a page that returns a value twice; return how often its view has run."""
        client = self.client()
        before = int(client.get(RUNS).body)
        for _ in range(2):
            headers = {"X-View-Returns": json.dumps(value)}
            client.get(f"/{way}/{self.serial}/falsy", headers=headers)
        return int(client.get(RUNS).body) - before

    def visit(self, asked: Asked) -> tuple[Asked, Response]:
        """Request a page that shows everything its response depends on."""
        self.need("cached")
        key = asked.host, asked.mount, asked.user
        visitors = vars(self).setdefault("_visitors", {})
        if key not in visitors:
            visitors[key] = self.client(self.mounts[asked.mount], host=asked.host)
            if asked.user:
                self.log_in(visitors[key], asked.user)
        # The order of different fields does not matter.
        query = tuple(sorted(asked.query or (), key=lambda pair: pair[0]))
        target = f"{asked.mount}/page/{self.serial}/{asked.path}"
        response = visitors[key].open(asked.method, target, query=asked.query)
        return dataclasses.replace(asked, query=query), response

    def answers(self, **wanted: object) -> list[Response]:
        """Request a page whose response is given in the query."""
        self.need("cached")
        target = f"/echo/{self.serial}"
        return [self.client().get(target, query={"as": json.dumps(wanted)}) for _ in range(3)]

    def cookies(self, how: str) -> Response:
        """Request a page of the host app."""
        self.need("cached")
        return self.client().get(f"/cookie/{self.serial}", headers={"X-Cookie": how})


class CachedRoutes(CachedHarness[B]):
    """An app with a cached page."""

    @abc.abstractmethod
    def cached_page(self) -> Route:
        """Return the bound page."""

    def described(self, way: str) -> str:
        """Return the path of the bound page."""
        return f"the page {self.cached_page().path}"

    def forget(self) -> None:
        """Create a new app, or let the entries expire if there is only one."""
        self.renew()
        vars(self).pop("mounts", None)
        once = not self.bench.subject.target().factory
        if once and self.bench.transport.same_process and self.need("cache_clock"):
            self.start_clock()
            self.advance(2 + max(self.ways().values()))

    def answers(self, **wanted: object) -> list[Response]:
        """Request the bound page of a new app, once per clause: its response does not vary."""
        return self._answers

    @functools.cached_property
    def _answers(self) -> list[Response]:
        page = address(self.cached_page())
        self.forget()
        return [self.client().get(page) for _ in range(3)]


def address(route: Route, query: Sequence[tuple[str, str]] = ()) -> str:
    """Return the path of a route with its query and more fields."""
    return Request.build(target=route.path, query=[*route.query.items(), *query]).target


# The host app.


class Failing(Exception):
    """Raised by a page or function of the host app when a clause asks for it."""


def _abort(code: int) -> NoReturn:
    flask.abort(code)


def _raise(failing: str) -> NoReturn:
    raise Failing(failing)


#: Ways in which a page of the host app fails, and what its view does in each.
FAILURES: Mapping[str, Callable[[], ResponseReturnValue]] = {
    "answers 500": lambda: ("failed", 500),
    "aborts with 503": lambda: _abort(503),
    "raises": lambda: _raise("raises"),
}


class Runs:
    """Counts how often pages and functions have run, in any thread."""

    def __init__(self) -> None:
        self.count = 0
        #: Releases a view that is held.
        self.released = threading.Event()
        self._changed = threading.Condition()

    def __call__(self) -> int:
        """Count another run and return its number."""
        with self._changed:
            self.count += 1
            self._changed.notify_all()
            return self.count

    def reach(self, count: int, seconds: float) -> None:
        """Wait until that many runs have begun, but no longer than an app may hold them back."""
        with self._changed:
            self._changed.wait_for(lambda: self.count >= count, timeout=seconds)

    def overlap(self, others: int, seconds: float) -> None:
        """Wait until that many more runs have begun, but no longer than an app may hold them."""
        self.reach(self.count + others, seconds)


class Pages:
    """The pages of a host app to which a decorator is applied."""

    def __init__(self, app: flask.Flask, runs: Runs) -> None:
        self.app = app
        self.runs = runs
        #: Distinguishes the pages of two apps.
        self.token = uuid.uuid4().hex[:8]
        #: The class of the responses, if it is not Flask's own.
        self.response: type[flask.Response] | None = None
        app.register_error_handler(Failing, lambda error: (str(error), 500))
        app.after_request(_add_header)

    def add(self, decorator: Callable[[str], Decorator]) -> None:
        """Add the pages; `decorator` returns the decorator for the page of a name."""
        methods = ["GET", "POST", "PUT", "DELETE"]
        for name in TIMEOUTS:
            # A separate function for each, because a decorator may use its name in the keys.
            rule, endpoint = f"/{name}/<serial>/<path:name>", name.replace("-", "_")
            self.app.add_url_rule(rule, endpoint, decorator(name)(self._page()), methods=methods)

        def echo(serial: str) -> flask.Response:
            wanted = json.loads(flask.request.args["as"])
            response = flask.Response(bytes.fromhex(wanted["body"]), wanted["status"])
            response.headers["Content-Type"] = wanted["content_type"]
            for name, value in wanted["headers"]:
                response.headers.add(name, value)
            return response

        def cookie(serial: str) -> flask.Response:
            run = str(self.runs())
            response = flask.make_response("page")
            if flask.request.headers["X-Cookie"] == "the session":
                flask.session["visitor"] = run
            else:
                response.set_cookie("visitor", run)
            return response

        for each in (echo, cookie):
            name = each.__name__
            self.app.add_url_rule(f"/{name}/<serial>", name, decorator(name)(each))

    def _page(self) -> View:
        def page(serial: str, name: str) -> ResponseReturnValue:
            request = flask.request
            if (failing := request.headers.get("X-View")) is not None:
                return FAILURES[failing]()
            run = self.runs()
            if (together := request.headers.get("X-Together")) is not None:
                others, seconds = together.split()
                self.runs.overlap(int(others), float(seconds))
            if (held := request.headers.get("X-View-Waits")) is not None:
                self.runs.released.wait(float(held))
            if (value := request.headers.get("X-View-Returns")) is not None:
                given = json.loads(value)
                return given if isinstance(given, str | list | dict) else flask.jsonify(given)
            query = urlencode(sorted(request.args.lists()), doseq=True)
            shown = (
                f"run {run}: {request.method} {quote(request.path)}{query and '?'}{query} "
                f"at {request.host}{request.script_root} for {flask.g.get('user')} "
                f"in app {self.token}"
            )
            mimetype = request.accept_mimetypes.best_match(TYPES) or TYPES[0]
            text = f"<p>{html.escape(shown)}" if mimetype == "text/html" else json.dumps(shown)
            response = (self.response or flask.Response)(text, mimetype=mimetype)
            response.vary.add("Accept")
            return response

        return page


def _add_header(response: flask.Response) -> flask.Response:
    response.headers.add("X-After", "1")
    return response
