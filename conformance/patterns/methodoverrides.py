"""Adding HTTP Method Overrides: a header of a POST names the method that replaces it."""

from __future__ import annotations

import abc
import base64
import dataclasses
import functools
from collections.abc import Sequence
from typing import Any, cast

import flask

from ..core.errors import Untested
from ..subject.config import Binding, Component, Route
from ..transports import Client, Request, Response, WSGIApp
from . import Pattern
from .harness import Ability, Harness, Probe

#: The methods that the chapter allows in the header.
ALLOWED = ("GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS")

#: The methods for which the chapter drops the request body.
BODYLESS = ("GET", "HEAD", "OPTIONS", "DELETE")

#: The methods that the pattern is for, which a client cannot send through its proxy. Whether the
#: allow-list contains the others is up to the middleware: every proxy passes GET and POST.
NEEDED = ("PUT", "PATCH", "DELETE")

#: The token that the host app's CSRF check requires.
TOKEN = "conformance-token"


#: The longest body that the host app shows in a header; clients limit the length of headers.
LONGEST_IN_A_HEADER = 20_000


class MethodOverrides(Binding):
    """How a subject exposes method overrides."""

    middleware: Component = None
    """The middleware, called with `(wsgi_app)`."""
    route: Route | None = None
    """A route of the app that answers POST, PUT, PATCH and DELETE, without side effects."""
    header: str = "X-HTTP-Method-Override"
    """The header that names the method."""


@dataclasses.dataclass(frozen=True)
class Seen:
    """What the application saw of a request, rather than what was sent."""

    method: str
    body: bytes
    content_type: str
    #: Keys of the environ, apart from REQUEST_METHOD, that hold "POST".
    recorded: tuple[str, ...]
    endpoint: str | None = None


class MethodOverridesHarness(Harness[MethodOverrides], abc.ABC):
    """What the clauses do with method overrides, in every binding."""

    #: The path to which clauses send requests.
    path = "/echo"

    @property
    def header(self) -> str:
        """The header that names the method."""
        return self.binding.header

    def request(self, method: str, token: str | None = None, **parts: Any) -> Request:
        """Return a request, with the override header unless `token` is None."""
        headers = list(parts.pop("headers", ()))
        if token is not None:
            headers.append((self.header, token))
        return Request.build(method, parts.pop("target", self.path), headers=headers, **parts)

    @abc.abstractmethod
    def ask(self, request: Request, client: Client | None = None) -> tuple[Response, Seen]:
        """Send a request; return the response and what the application saw."""

    def overrides(self, token: str = "PUT") -> None:
        """Raise `Untested` unless a POST can be overridden to a method."""
        if self.allows(token):
            return
        if token in NEEDED:
            raise Untested("needs a method that is overridden: see methodoverrides.post-override")
        raise Untested(f"a POST is not overridden to {token} here")

    def allows(self, token: str) -> bool:
        """Check whether this method is on the allow-list.

        A middleware may leave out the methods not in `NEEDED`. For "POST" itself, only a refusal
        shows that it is left out.
        """
        if token not in self._allowed:
            response, seen = self.ask(self.request("POST", token))
            self._allowed[token] = not leaves_out(token, response, seen)
        return self._allowed[token]

    @functools.cached_property
    def _allowed(self) -> dict[str, bool]:
        return {}


class MethodOverridesComponent(MethodOverridesHarness, Ability, given_by=("middleware",)):
    """The middleware around a small host app that reports what it saw in response headers."""

    kind = "component"
    keys = ("middleware",)

    def make_app(self) -> WSGIApp:
        """Return a host app with the middleware around its WSGI callable."""
        app = host_app()
        # Not assigned directly: to the type checker, the attribute is a method.
        setattr(app, "wsgi_app", self.wrap(app.wsgi_app))  # noqa: B010
        return app

    def wrap(self, wsgi_app: WSGIApp) -> WSGIApp:
        """Put the bound middleware around a WSGI callable."""
        middleware = self.component("middleware")
        name = getattr(middleware, "__name__", "middleware")
        return cast(WSGIApp, self.call(f"{name}(wsgi_app)", middleware, wsgi_app))

    @functools.cached_property
    def unwrapped(self) -> WSGIApp:
        """The host app alone."""
        return host_app()

    def ask(self, request: Request, client: Client | None = None) -> tuple[Response, Seen]:
        """Send a request to the host app."""
        response = (client or self.client()).send(request)
        return response, read_seen(response)


class MethodOverridesRoutes(MethodOverridesHarness):
    """An app with the override in place; Flask's signals show what it saw."""

    kind = "routes"
    keys = ("route",)

    @property
    def path(self) -> str:  # type: ignore[override]
        """The bound path."""
        return cast(str, self.need("route").path)

    def ask(self, request: Request, client: Client | None = None) -> tuple[Response, Seen]:
        """Send a request and listen to the app's `request_started` signal."""
        response, seen = self.send_and_look(client or self.client(), request, look)
        return response, seen or Seen("(the app did not see it)", b"", "", ())

    def probes(self) -> Sequence[Probe]:
        """Return a POST, the one method that all these clauses send."""
        return [Probe("route", Request.build("POST", self.path))]


def leaves_out(token: str, response: Response, seen: Seen) -> bool:
    """Check whether a POST's result shows that this method is not on the allow-list.

    It was refused with a 4xx before the app saw the method, or stayed a POST.
    """
    if seen.method == "POST":
        return token != "POST"
    return seen.method != token and 400 <= response.status < 500


def look() -> Seen:
    """Return what the current Flask request looks like."""
    request = flask.request
    recorded = tuple(
        key
        for key, value in request.environ.items()
        if key != "REQUEST_METHOD" and isinstance(value, str) and value == "POST"
    )
    return Seen(
        request.method,
        request.get_data(),
        request.content_type or "",
        recorded,
        request.endpoint,
    )


def host_app() -> flask.Flask:
    """Return a Flask app whose views report what they saw in response headers.

    `/echo` answers every method, `/read` only GET, `/write` only PUT and DELETE; `/guarded`
    requires a token for unsafe methods; `/cached` may be cached.
    """
    app = flask.Flask(__name__)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    methods = [*ALLOWED, "TRACE"]

    @app.before_request
    def guard() -> Any:
        if flask.request.path != "/guarded":
            return None
        if flask.request.method in ("GET", "HEAD", "OPTIONS", "TRACE"):
            return None
        if flask.request.headers.get("X-CSRFToken") == TOKEN:
            return None
        return "the token is missing", 400

    def echo() -> flask.Response:
        seen = look()
        response = flask.Response(f"endpoint {flask.request.endpoint}")
        response.headers["X-Seen-Method"] = seen.method
        if len(seen.body) <= LONGEST_IN_A_HEADER:
            response.headers["X-Seen-Body"] = base64.b64encode(seen.body).decode()
        else:
            response.set_data(seen.body)
        response.headers["X-Seen-Type"] = seen.content_type
        response.headers["X-Seen-Recorded"] = ",".join(seen.recorded)
        response.headers["X-Seen-Url"] = flask.url_for(flask.request.endpoint or "", q="1")
        if flask.request.path == "/cached":
            response.headers["Cache-Control"] = "public, max-age=60"
        return response

    app.add_url_rule("/echo", "echo", echo, methods=methods, provide_automatic_options=False)
    app.add_url_rule("/read", "read", echo, methods=["GET"])
    app.add_url_rule("/write", "write", echo, methods=["PUT", "DELETE"])
    app.add_url_rule("/guarded", "guarded", echo, methods=methods)
    app.add_url_rule("/cached", "cached", echo, methods=["GET", "POST"])
    return app


def read_seen(response: Response) -> Seen:
    """Read from the response's headers what a view of the host app saw."""
    method = response.header("X-Seen-Method")
    if method is None:
        return Seen(f"(no view ran: {response})", b"", "", ())
    recorded = response.header("X-Seen-Recorded") or ""
    shown = response.header("X-Seen-Body")
    return Seen(
        method,
        response.body if shown is None else base64.b64decode(shown),
        response.header("X-Seen-Type") or "",
        tuple(recorded.split(",")) if recorded else (),
    )


pattern = Pattern(
    slug="methodoverrides",
    title="Adding HTTP Method Overrides",
    sections={"": "Adding HTTP Method Overrides"},
    binding=MethodOverrides,
    harnesses=(MethodOverridesComponent, MethodOverridesRoutes),
)
