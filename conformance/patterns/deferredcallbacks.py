"""Deferred Request Callbacks: functions registered during a request that run with its response."""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import flask

from ..core.errors import Untested
from ..subject.config import Binding, Component, Route
from ..transports import Client, Request, Response
from . import Pattern
from .harness import Ability, Harness, Probe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

    from ..transports import WSGIApp

#: The ways in which a request can end.
OUTCOMES = ("page", "forbidden", "raises", "short", "missing", "method")

#: The ways in which a view can succeed: with a page, after an app context within its request, with
#: a file as a whole, with a part of it, and with nothing, as the client has it already.
WAYS = ("page", "nested", "file", "part", "unchanged")

#: What a client sends for a part of a file, and for one that it has.
_ASKS = {
    "part": {"Range": "bytes=0-9"},
    "unchanged": {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
}

#: The body of the response for the outcome "stream".
STREAMED = b"one\ntwo\nthree\n"

#: The request header that tells the host app what to defer, and the one that shows what ran.
ORDER = "X-Conformance-Defer"
RAN = "X-Conformance-Ran"


class DeferredCallbacks(Binding):
    """How a subject exposes what it defers to the end of a request."""

    after_this_request: Component = None
    """`(function)`: defers a function to the end of the request, where it gets the response."""
    init_app: Component = None
    """`(app)`: sets up what `after_this_request` needs on an app; not needed for Flask's own."""
    hook: Component = None
    """`()`: called before each request; defers a function that stores a value in a cookie."""
    page: Route | None = None
    """A page whose response stores a value in a cookie for a client that has none."""
    cookie: str = "user_lang"
    """The name of the cookie."""
    values: tuple[str, ...] = ("en", "de")
    """Two or more values that the application knows."""
    header: str = "Accept-Language"
    """The request header with the client's preferred value."""
    attribute: str | None = None
    """The attribute of `flask.g` that holds the value during a request."""


class DeferredCallbacksHarness(Harness[DeferredCallbacks], abc.ABC):
    """Sends requests that defer something, and reads from the responses what ran."""

    def marks(self, numbers: Sequence[int]) -> list[str]:
        """Return marks for what a request defers, by number: known values, or any strings."""
        values = self.binding.values
        return [values[number % len(values)] for number in numbers[:1]]

    def visit(
        self, marks: Sequence[str], outcome: str = "page", client: Client | None = None
    ) -> Response:
        """Send a request that defers the marks and has one of the outcomes."""
        request = self.request(outcome, {self.binding.header: marks[0]} if marks else {})
        return (client or self.client()).send(request)

    def ran(self, response: Response) -> list[str]:
        """Return the marks that deferred functions left in a response, in order."""
        pairs = [value.partition(";")[0] for value in response.header_values("Set-Cookie")]
        name = f"{self.binding.cookie}="
        return [pair.strip().removeprefix(name) for pair in pairs if pair.strip().startswith(name)]

    def outcomes(self) -> Sequence[str]:
        """Return the possible outcomes of a request to this app."""
        return OUTCOMES

    def ways(self) -> Sequence[str]:
        """Return the ways in which a view of this app can be made to succeed."""
        return WAYS

    @abc.abstractmethod
    def request(self, outcome: str, headers: dict[str, str]) -> Request:
        """Return a request that has one of the outcomes."""

    def host(self, hook: Callable[[], object], page: Callable[[], str]) -> flask.Flask:
        """Return a host app that calls a hook before each request, set up by `init_app`."""
        app = flask.Flask(__name__)
        app.config.update(self.own_settings)
        app.config.update(PROPAGATE_EXCEPTIONS=False)
        app.logger.disabled = True

        @app.before_request
        def before() -> Any:
            hook()
            return "short" if flask.request.path == "/short" else None

        app.add_url_rule("/page", "page", page)
        app.add_url_rule("/short", "short", page)
        for outcome in ("forbidden", "raises", "stream", *WAYS[1:]):
            app.add_url_rule(f"/{outcome}", outcome, lambda outcome=outcome: _end(outcome))
        if self.binding.init_app is not None:
            self.call("init_app(app)", self.component("init_app"), app)
        return app

    def remembers(self) -> None:
        """Raise `Untested` unless the binding stores a value in a cookie."""
        if isinstance(self, DeferComponent):
            raise Untested.for_keys(self.slug, "page", "hook")

    def used(self) -> str | None:
        """Return the value that the current request uses."""
        value = flask.g.get(cast(str, self.need("attribute")))
        return None if value is None else str(value)


class DeferComponent(DeferredCallbacksHarness, Ability, given_by=("after_this_request",)):
    """The function that defers, called by the hook of a host app, also several times."""

    kind = "component after_this_request"
    keys = ("after_this_request",)

    def begin_example(self, values: Mapping[str, object] | None = None) -> None:
        """Begin an example without the functions of the last one."""
        super().begin_example(values)
        self.functions: dict[str, Callable[[flask.Response], flask.Response]] = {}

    def marks(self, numbers: Sequence[int]) -> list[str]:
        """Return a mark for each number."""
        return [f"m{number}" for number in numbers]

    def defer(self, function: Callable[[flask.Response], flask.Response]) -> None:
        """Call the bound function."""
        self.ledger.call()
        self.component("after_this_request")(function)

    def visit(
        self, marks: Sequence[str], outcome: str = "page", client: Client | None = None
    ) -> Response:
        """Send the marks in a header that the host app's hook reads."""
        request = self.request(outcome, {ORDER: ",".join(marks)} if marks else {})
        return (client or self.client()).send(request)

    def ran(self, response: Response) -> list[str]:
        """Return the marks in the header that the functions add."""
        return response.header_values(RAN)

    def request(self, outcome: str, headers: dict[str, str]) -> Request:
        """Return a request for the path of an outcome."""
        return _host_request(outcome, headers)

    def leave(self, marks: Sequence[str]) -> None:
        """Send a request that defers the marks and whose exception leaves the app."""
        config = self.flask_app.config
        config["PROPAGATE_EXCEPTIONS"] = True
        try:
            self.visit(marks, "raises")
        finally:
            config["PROPAGATE_EXCEPTIONS"] = False

    def make_app(self) -> flask.Flask:
        """Return the host app."""
        self.inside()

        def hook() -> None:
            names = flask.request.headers.get(ORDER, "")
            for name in filter(None, names.split(",")):
                self.defer(self.functions.get(name) or _adds(name))

        return self.host(hook, lambda: "page")


class HookComponent(DeferredCallbacksHarness):
    """The hook that stores a value in a cookie, in a host app."""

    kind = "component hook"
    keys = ("hook",)

    def make_app(self) -> flask.Flask:
        """Return the host app, whose page shows the value that the request uses."""
        attribute = self.binding.attribute
        return self.host(
            self.component("hook"), lambda: str(flask.g.get(attribute)) if attribute else "page"
        )

    def request(self, outcome: str, headers: dict[str, str]) -> Request:
        """Return a request for the path of an outcome."""
        self.ledger.call()
        return _host_request(outcome, headers)


class DeferredCallbacksRoutes(DeferredCallbacksHarness):
    """A page of the subject's app, whose view is replaced for other outcomes."""

    kind = "routes"
    keys = ("page",)

    def make_app(self) -> WSGIApp:
        """Return the subject's app, whose page has a view that can produce other outcomes."""
        app = self.bench.build()
        if isinstance(app, flask.Flask) and self.bench.transport.same_process:
            app.config.update(PROPAGATE_EXCEPTIONS=False)
            path = cast(Route, self.need("page")).path.partition("?")[0]
            try:
                endpoint, _ = app.url_map.bind("localhost").match(path)
            except Exception:
                # The preflight has reported what is wrong with the path, or it needs another host.
                return app
            page = app.view_functions[endpoint]

            def view(**values: object) -> ResponseReturnValue:
                outcome = flask.request.headers.get(ORDER, "page")
                return app.ensure_sync(page)(**values) if outcome == "page" else _end(outcome)

            app.view_functions[endpoint] = view
        return app

    def probes(self) -> Sequence[Probe]:
        """Return a request with a preferred value: others are for the clauses to check."""
        page = cast(Route, self.need("page"))
        wish = {self.binding.header: self.binding.values[0]}
        return [Probe("page", page, parts={"headers": tuple({**page.headers, **wish}.items())})]

    def outcomes(self) -> Sequence[str]:
        """Return the outcomes that a view can have: not those without a call of the view."""
        self.inside()
        return ("page", "forbidden", "raises")

    def ways(self) -> Sequence[str]:
        """Return the ways in which a view can succeed; only its own for an app elsewhere."""
        seen = self.bench.transport.same_process and isinstance(self.app, flask.Flask)
        return WAYS if seen else WAYS[:1]

    def request(self, outcome: str, headers: dict[str, str]) -> Request:
        """Return a request for the page, with any other outcome in a header."""
        page = cast(Route, self.need("page"))
        if outcome != "page":
            self.inside()
            self.need_flask_app()
            headers = {**headers, **_ASKS.get(outcome, {}), ORDER: outcome}
        return page.request(headers=tuple({**page.headers, **headers}.items()))


def replaces(response: flask.Response) -> flask.Response:
    """Return a new response: a deferred function that replaces the response."""
    return flask.Response("replaced", headers={RAN: "replaced"})


def defers(
    defer: Callable[[Callable[[flask.Response], flask.Response]], object], first: str, then: str
) -> Callable[[flask.Response], flask.Response]:
    """Return a deferred function that adds a mark, and defers another function."""

    def both(response: flask.Response) -> flask.Response:
        defer(_adds(then))
        return _adds(first)(response)

    return both


def fails(response: flask.Response) -> flask.Response:
    """Raise: a deferred function that fails."""
    raise ValueError("deferred")


def _adds(name: str) -> Callable[[flask.Response], flask.Response]:
    def add(response: flask.Response) -> flask.Response:
        response.headers.add(RAN, name)
        return response

    return add


def named(mark: str) -> Callable[[flask.Response], flask.Response]:
    """Return a deferred function that adds a mark and has a name of its own."""
    function = _adds(mark)
    function.__name__ = function.__qualname__ = f"add_{mark}"
    return function


def _end(outcome: str) -> ResponseReturnValue:
    if outcome == "forbidden":
        flask.abort(403)
    if outcome == "raises":
        raise RuntimeError("the view failed")
    if outcome == "nested":
        with _this_app().app_context():
            return "page"
    if outcome in WAYS:
        return flask.send_file(__file__, mimetype="text/plain", conditional=True)
    return flask.Response(iter(STREAMED.splitlines(keepends=True)), mimetype="text/plain")


def _this_app() -> flask.Flask:
    return flask.current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]


def _host_request(outcome: str, headers: dict[str, str]) -> Request:
    if outcome == "method":
        return Request.build("POST", "/page", headers=headers)
    return Request.build("GET", f"/{outcome}", headers={**headers, **_ASKS.get(outcome, {})})


pattern = Pattern(
    slug="deferredcallbacks",
    title="Deferred Request Callbacks",
    sections={"": "Deferred Request Callbacks"},
    binding=DeferredCallbacks,
    harnesses=(DeferComponent, HookComponent, DeferredCallbacksRoutes),
)
