"""What the patterns with cached views share: the pages of a host app, and what is asked of them."""

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

import flask
from flask.typing import ResponseReturnValue, RouteCallable

from ..core.errors import Untested
from ..instruments.bench import Bench
from ..instruments.clock import Clock
from ..subject.config import Binding, Route
from ..transports import Client, Request, Response, WSGIApp
from .harness import Ability, Harness, Mounted

#: The people whom the host app knows.
PEOPLE = ("alice", "bob")

#: Seconds that the host app keeps its pages.
TIMEOUTS = {"page": 300.0, "brief-page": 30.0}

#: Media types that the host app has its pages in.
TYPES = ("text/html", "application/json")

#: Ways in which a page of the host app gives each visitor a cookie.
COOKIES = ("a cookie", "the session")

#: Where an app is mounted.
MOUNTS = ("", "/north", "/south")

#: Tells the entries of this process apart from those that another left in a shared cache.
_TOKEN = uuid.uuid4().hex[:4]

B = TypeVar("B", bound=Binding)
View = RouteCallable
Decorator = Callable[[View], View]


@dataclasses.dataclass(frozen=True)
class Asked:
    """What an answer of a cached page depends on."""

    method: str = "GET"
    path: str = "page"
    #: None where it is not asked for.
    query: tuple[tuple[str, str], ...] | None = None
    user: str | None = None
    host: str = "localhost"
    mount: str = ""

    def __str__(self) -> str:
        query = Request.build(target="", query=self.query or ()).target
        where = f"{self.host}{self.mount}"
        return f"{self.method} {self.path}{query} at {where} by {self.user or 'nobody'}"


@dataclasses.dataclass(frozen=True)
class Got:
    """What came of asking for something slow: its text, or None where it failed."""

    text: str | None
    #: The same for the reader of a failure.
    said: str
    #: What came in the place of a text.
    error: str = ""

    def __str__(self) -> str:
        return self.said

    @classmethod
    def of(cls, answer: Response) -> Got:
        """Return what an answer of a page is."""
        if answer.status == 200:
            return cls(answer.text, str(answer))
        return cls(None, str(answer), answer.text)


class CachedHarness(Harness[B], abc.ABC):
    """What clauses do with cached pages, whichever way they are bound."""

    _serials = itertools.count()
    _moving: Clock | None = None

    def __init__(self, slug: str, binding: B, bench: Bench) -> None:
        super().__init__(slug, binding, bench)
        #: Begins the names of the current example.
        self.serial = self._new_serial()

    def begin_example(self, values: Mapping[str, object] | None = None) -> None:
        """Start an example, with names that no earlier one has used."""
        super().begin_example(values)
        self.serial = self._new_serial()

    def _new_serial(self) -> str:
        return f"{_TOKEN}-{next(self._serials)}"

    @functools.cached_property
    def mounts(self) -> dict[str, WSGIApp]:
        """The app at each of `MOUNTS`."""
        # Kept, as servers are told apart by the app that they serve.
        return {prefix: Mounted(self.app, prefix) for prefix in MOUNTS if prefix} | {"": self.app}

    # The time.

    def start_clock(self) -> None:
        """Stop the clock, at a time when nothing that was cached earlier is alive."""
        if not self.need("cache_clock"):
            raise Untested("the cache goes by another clock: cache_clock is false")
        self._moving = self.clock()

    def advance(self, seconds: float) -> None:
        """Move the cache's clock forward."""
        cast(Clock, self._moving).advance(seconds)

    @abc.abstractmethod
    def forget(self) -> None:
        """Begin with pages that are not kept yet, as far as the subject lets it."""

    # The pages.

    @abc.abstractmethod
    def ways(self) -> Mapping[str, float]:
        """Return what is cached, with the seconds that each is kept."""

    @abc.abstractmethod
    def ask(self, way: str, name: str = "", failing: str | None = None) -> Got:
        """Ask for something slow; `failing` is one of the ways in which it fails."""

    @abc.abstractmethod
    def visit(self, asked: Asked) -> tuple[Asked, Response]:
        """Ask for a page; returns what of `asked` the subject can vary, and the answer."""

    @abc.abstractmethod
    def answers(self, **wanted: object) -> list[Response]:
        """Ask for one page three times; the first time it is not cached yet.

        `wanted` says what the host app's page answers.
        """


class Counted(CachedHarness[B], Ability, given_by=("cached",)):
    """What is cached says how often it was computed."""

    @abc.abstractmethod
    def kept_answers(self, way: str, value: object) -> int:
        """Ask twice for what gives that value, and return how often it was computed."""


class Cookies(CachedHarness[B], Ability, given_by=("cached",)):
    """A cached page gives out cookies."""

    @abc.abstractmethod
    def cookies(self, how: str) -> Response:
        """Ask, as a new client, for a page that gives out cookies."""


class CachedComponent(Counted[B], Cookies[B]):
    """The bound `cached` on the pages of a host app."""

    #: The clients of this example, by host, mount point and person.
    _visitors: dict[tuple[str, str, str | None], Client]

    def begin_example(self, values: Mapping[str, object] | None = None) -> None:
        """Start an example, with new clients."""
        super().begin_example(values)
        self._visitors = {}

    @abc.abstractmethod
    def log_in(self, client: Client, person: str) -> object:
        """Log somebody in."""

    def forget(self) -> None:
        """Ask for pages that no earlier example has asked for."""
        self.begin_example()

    def page(self, target: str, headers: Mapping[str, str] = {}) -> Got:
        """Ask for a page, as a new client."""
        return Got.of(self.client().get(target, headers=headers))

    def kept_page(self, way: str, name: str = "", failing: str | None = None) -> Got:
        """Ask for one of `TIMEOUTS`; `failing` is one of `FAILURES`."""
        headers = {"X-Failing": failing} if failing else {}
        return self.page(f"/{way}/{self.serial}/{name or 'index'}", headers)

    def runs_for(self, way: str, value: object) -> int:
        """Ask twice for a page that gives the value, and return how often its view has run."""
        client = self.client()
        before = int(client.get("/runs").body)
        for _ in range(2):
            client.get(f"/{way}/{self.serial}/falsy", headers={"X-Value": json.dumps(value)})
        return int(client.get("/runs").body) - before

    def visit(self, asked: Asked) -> tuple[Asked, Response]:
        """Ask for a page that shows everything its answer depends on."""
        self.need("cached")
        key = asked.host, asked.mount, asked.user
        visitors = vars(self).setdefault("_visitors", {})
        if key not in visitors:
            visitors[key] = self.client(self.mounts[asked.mount], host=asked.host)
            if asked.user:
                self.log_in(visitors[key], asked.user)
        # Two orders of different fields mean the same.
        query = tuple(sorted(asked.query or (), key=lambda pair: pair[0]))
        target = f"{asked.mount}/page/{self.serial}/{asked.path}"
        response = visitors[key].open(asked.method, target, query=asked.query)
        return dataclasses.replace(asked, query=query), response

    def answers(self, **wanted: object) -> list[Response]:
        """Ask for a page that answers as the query says."""
        self.need("cached")
        target = f"/echo/{self.serial}"
        return [self.client().get(target, query={"as": json.dumps(wanted)}) for _ in range(3)]

    def cookies(self, how: str) -> Response:
        """Ask for a page of the host app."""
        self.need("cached")
        return self.client().get(f"/cookie/{self.serial}", headers={"X-Cookie": how})


class CachedRoutes(CachedHarness[B]):
    """An app with a cached page."""

    @abc.abstractmethod
    def cached_page(self) -> Route:
        """Return the bound page."""

    def forget(self) -> None:
        """Make a new app."""
        self.renew()
        vars(self).pop("mounts", None)

    def answers(self, **wanted: object) -> list[Response]:
        """Ask a new app for the bound page; once, as it answers what it will."""
        return self._answers

    @functools.cached_property
    def _answers(self) -> list[Response]:
        page = address(self.cached_page())
        self.forget()
        return [self.client().get(page) for _ in range(3)]


def address(route: Route, query: Sequence[tuple[str, str]] = ()) -> str:
    """Return the path of a route with its query, and with more of it."""
    return Request.build(target=route.path, query=[*route.query.items(), *query]).target


# The host app.


class Failing(Exception):
    """What something slow raises when a clause wants it to."""


def _abort(code: int) -> NoReturn:
    flask.abort(code)


def _raise(failing: str) -> NoReturn:
    raise Failing(failing)


#: Ways in which a page of the host app fails, and what its view does then.
FAILURES: Mapping[str, Callable[[], ResponseReturnValue]] = {
    "answers 404": lambda: ("nothing here", 404),
    "aborts with 404": lambda: _abort(404),
    "answers 500": lambda: ("failed", 500),
    "aborts with 503": lambda: _abort(503),
    "raises": lambda: _raise("raises"),
}


class Runs:
    """How often what is slow has run, in whichever thread."""

    def __init__(self) -> None:
        self.count = 0
        #: Lets a view that is held go on.
        self.released = threading.Event()
        self._changed = threading.Condition()

    def __call__(self) -> int:
        """Count another run and return its number."""
        with self._changed:
            self.count += 1
            self._changed.notify_all()
            return self.count

    def reach(self, count: int, seconds: float) -> None:
        """Wait until so many have begun, or for as long as an app may hold them back."""
        with self._changed:
            self._changed.wait_for(lambda: self.count >= count, timeout=seconds)

    def overlap(self, others: int, seconds: float) -> None:
        """Wait until so many others have begun, or for as long as an app may hold them back."""
        self.reach(self.count + others, seconds)


class Pages:
    """Slow pages of a host app, which a decorator is put on."""

    def __init__(self, app: flask.Flask, runs: Runs) -> None:
        self.app = app
        self.runs = runs
        #: Tells the pages of two apps apart.
        self.token = uuid.uuid4().hex[:8]
        #: The class of what the pages answer, where it is none of Flask's.
        self.response: type[flask.Response] | None = None
        app.register_error_handler(Failing, lambda error: (str(error), 500))
        app.after_request(_add_header)

    def add(self, decorator: Callable[[str], Decorator]) -> None:
        """Add the pages; `decorator` returns the one of the page of a name."""
        methods = ["GET", "POST", "PUT", "DELETE"]
        for name in TIMEOUTS:
            # A function of its own for each, as a decorator may name its keys after it.
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
            if (failing := request.headers.get("X-Failing")) is not None:
                return FAILURES[failing]()
            run = self.runs()
            if (together := request.headers.get("X-Together")) is not None:
                others, seconds = together.split()
                self.runs.overlap(int(others), float(seconds))
            if (held := request.headers.get("X-Held")) is not None:
                self.runs.released.wait(float(held))
            if (value := request.headers.get("X-Value")) is not None:
                given = json.loads(value)
                return given if isinstance(given, str | list | dict) else flask.jsonify(given)
            shown = {
                "run": run,
                "app": self.token,
                "method": request.method,
                "path": request.path,
                "query": sorted((key, values) for key, values in request.args.lists()),
                "user": flask.g.get("user"),
                "host": request.host,
                "mount": request.script_root,
            }
            text = json.dumps(shown)
            mimetype = request.accept_mimetypes.best_match(TYPES) or TYPES[0]
            if mimetype == "text/html":
                text = f"<pre>{html.escape(text)}</pre>"
            response = (self.response or flask.Response)(text, mimetype=mimetype)
            response.vary.add("Accept")
            return response

        return page


def _add_header(response: flask.Response) -> flask.Response:
    response.headers.add("X-After", "1")
    return response
