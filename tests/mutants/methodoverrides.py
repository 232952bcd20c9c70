"""Method overrides, each with one believable mistake."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

import flask

import reference
from conformance import Subject
from reference.methodoverrides import MethodOverride
from tests.proof import mutant

Environ = dict[str, Any]


def component(middleware: Any) -> Subject:
    return Subject(patterns={"methodoverrides": {"middleware": middleware}})


def before(change: Callable[[Environ], object]) -> Subject:
    """The reference, after a wrong change of the environ."""

    class Changed(MethodOverride):
        def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
            change(environ)
            return super().__call__(environ, start_response)

    return component(Changed)


def inside(change: Callable[[Environ], object]) -> Subject:
    """The reference, with a wrong change of the environ that it hands to the app."""

    def middleware(wsgi_app: Any) -> Any:
        def changed(environ: Environ, start_response: Any) -> Any:
            if "methodoverride.original" in environ:
                change(environ)
            return wsgi_app(environ, start_response)

        return MethodOverride(changed)

    return component(middleware)


@mutant("post-override", says="has no effect: neither PUT nor PATCH nor DELETE")
def another_header() -> Subject:
    """The middleware reads X-Method-Override, not the header that clients are told to send."""

    def change(environ: Environ) -> None:
        environ.pop("HTTP_X_HTTP_METHOD_OVERRIDE", None)

    return before(change)


@mutant("case", says="token='delete'")
def exact_case() -> Subject:
    """The header's value is compared as it came."""

    def change(environ: Environ) -> None:
        token = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "")
        if token != token.upper():
            del environ["HTTP_X_HTTP_METHOD_OVERRIDE"]

    return before(change)


@mutant("only-post", says="method='GET', token='DELETE'")
def any_method() -> Subject:
    """The method that was sent is not looked at, as in the docs' own code."""

    def change(environ: Environ) -> None:
        if "HTTP_X_HTTP_METHOD_OVERRIDE" in environ:
            environ["REQUEST_METHOD"] = "POST"

    return before(change)


@mutant("unknown-ignored", says="the app to see POST, or a 4xx")
def no_allow_list() -> Subject:
    """Whatever the header says becomes the method."""

    class Everything(frozenset[str]):
        def __contains__(self, item: object) -> bool:
            return item != ""

    class Anything(MethodOverride):
        allowed = Everything()

    return component(Anything)


@mutant("no-header-identity", says="the response of the app alone")
def length_always_dropped() -> Subject:
    """A GET's or DELETE's body is declared empty although nothing asked for an override."""

    def change(environ: Environ) -> None:
        if environ["REQUEST_METHOD"] in MethodOverride.bodyless:
            environ["CONTENT_LENGTH"] = "0"

    return before(change)


@mutant("body-kept", says="none with PUT and PATCH and POST")
def every_body_dropped() -> Subject:
    """The body is declared empty for every overridden request."""

    class Bodyless(MethodOverride):
        bodyless = MethodOverride.allowed

    return component(Bodyless)


@mutant("chunked-body-dropped", says="an empty body")
def length_only() -> Subject:
    """Only the length is set to zero: a chunked body still arrives."""

    def middleware(wsgi_app: Any) -> Any:
        class LengthOnly(MethodOverride):
            def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
                environ["mutant.kept"] = (
                    environ["wsgi.input"],
                    environ.get("HTTP_TRANSFER_ENCODING"),
                )
                return super().__call__(environ, start_response)

        def restored(environ: Environ, start_response: Any) -> Any:
            environ["wsgi.input"], coding = environ["mutant.kept"]
            if coding:
                environ["HTTP_TRANSFER_ENCODING"] = coding
            return wsgi_app(environ, start_response)

        return LengthOnly(restored)

    return component(middleware)


@mutant("head-no-body", says="a response without a body that does not announce one")
def head_length_announced() -> Subject:
    """The HEAD answer's Content-Length goes out as the answer to a POST."""

    def middleware(wsgi_app: Any) -> Any:
        override = MethodOverride(wsgi_app)

        def call(environ: Environ, start_response: Any) -> Any:
            def start(status: str, headers: list[tuple[str, str]], *args: Any) -> Any:
                fixed = [
                    ("Content-Length", "13") if h == ("Content-Length", "0") else h for h in headers
                ]
                return start_response(status, fixed, *args)

            is_head = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").upper() == "HEAD"
            is_head = is_head and environ["REQUEST_METHOD"] == "POST"
            return override(environ, start if is_head else start_response)

        return call

    return component(middleware)


@mutant("405", says="at /echo, whose route allows", also=["routing"])
def falls_back_to_post() -> Subject:
    """A method that the route does not have is answered by its GET view."""

    def middleware(wsgi_app: Any) -> Any:
        def forgiving(environ: Environ, start_response: Any) -> Any:
            if environ["PATH_INFO"] == "/read" and environ["REQUEST_METHOD"] in ("PATCH", "PUT"):
                environ["REQUEST_METHOD"] = "GET"
            return wsgi_app(environ, start_response)

        override = MethodOverride(forgiving)
        return lambda environ, start_response: override(environ, start_response)

    return component(middleware)


@mutant("routing", says="gets Allow: GET, POST")
def own_options() -> Subject:
    """An overridden OPTIONS is answered by the middleware, with the methods it allows itself."""

    def middleware(wsgi_app: Any) -> Any:
        def answered(environ: Environ, start_response: Any) -> Any:
            if environ["REQUEST_METHOD"] == "OPTIONS" and environ["PATH_INFO"] != "/echo":
                start_response("200 OK", [("Allow", "GET, POST")])
                return [b""]
            return wsgi_app(environ, start_response)

        override = MethodOverride(answered)

        def call(environ: Environ, start_response: Any) -> Any:
            if environ["REQUEST_METHOD"] != "POST":
                return wsgi_app(environ, start_response)
            return override(environ, start_response)

        return call

    return component(middleware)


@mutant("wsgi-contract", says="it was left open")
def joins_the_body() -> Subject:
    """The answer is read to the end and never closed."""

    def middleware(wsgi_app: Any) -> Any:
        override = MethodOverride(wsgi_app)
        return lambda environ, start_response: [b"".join(override(environ, start_response))]

    return component(middleware)


@mutant("wsgi-contract", says="it was swallowed")
def swallows_errors() -> Subject:
    """An exception of the app becomes a plain answer."""

    def middleware(wsgi_app: Any) -> Any:
        override = MethodOverride(wsgi_app)

        def call(environ: Environ, start_response: Any) -> Any:
            try:
                return override(environ, start_response)
            except Exception:
                start_response("500 Internal Server Error", [("Content-Type", "text/plain")])
                return [b"sorry"]

        return call

    return component(middleware)


@mutant("wsgi-contract", says="BadRequest", also=["unknown-ignored"])
def aborts() -> Subject:
    """A value that is not allowed is refused by `abort`, which nothing answers outside of Flask."""

    def change(environ: Environ) -> None:
        token = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").upper()
        if environ["REQUEST_METHOD"] == "POST" and token and token not in MethodOverride.allowed:
            flask.abort(400)

    return before(change)


@mutant("own-app", says="a request to the first app to reach it")
def last_app_wrapped() -> Subject:
    """The wrapped application is kept on the class: the requests of all go to the last one."""

    class Last(MethodOverride):
        latest: list[Any] = []  # noqa: RUF012 (this is the mistake)

        def __init__(self, wsgi_app: Any) -> None:
            super().__init__(lambda *args: self.latest[-1](*args))
            self.latest.append(wsgi_app)

    return component(Last)


@mutant("app-object-kept", says="a Flask object")
def wraps_the_app() -> Subject:
    """`app = MethodOverride(app)`: the app object is lost."""

    def create_app() -> Any:
        app = flask.Flask("shop")
        app.add_url_rule("/thing", "thing", lambda: "", methods=["GET", "POST", "PUT", "DELETE"])
        return MethodOverride(app)

    return Subject(app=create_app, patterns={"methodoverrides": {"route": "/thing"}})


@mutant("original-recorded", says="a key of the environ")
def forgets_the_method() -> Subject:
    """The method that was sent is kept nowhere."""
    return inside(lambda environ: environ.pop("methodoverride.original"))


@mutant("no-param-override", says="the app to see POST")
def field_override() -> Subject:
    """`_method` in the query string is honoured too."""

    def change(environ: Environ) -> None:
        if "_method=" in environ["QUERY_STRING"]:
            environ["HTTP_X_HTTP_METHOD_OVERRIDE"] = environ["QUERY_STRING"].partition("=")[2]

    return before(change)


@mutant("csrf-after", says="with the token in X-CSRFToken to be")
def drops_headers() -> Subject:
    """Every X- header is dropped once the override has been read, the token with it."""

    def change(environ: Environ) -> None:
        for key in [key for key in environ if key.startswith("HTTP_X_")]:
            del environ[key]

    return inside(change)


@mutant("no-cache", says="Vary: X-HTTP-Method-Override")
def no_vary() -> Subject:
    """Nothing says that the answer depends on the header."""

    def middleware(wsgi_app: Any) -> Any:
        override = MethodOverride(wsgi_app)

        def call(environ: Environ, start_response: Any) -> Any:
            def start(status: str, headers: list[tuple[str, str]], *args: Any) -> Any:
                kept = [pair for pair in headers if pair[0] != "Vary"]
                return start_response(status, kept, *args)

            return override(environ, start)

        return call

    return component(middleware)


@mutant("thread-safe", says="while other threads send theirs")
def method_on_self() -> Subject:
    """The method waits on the middleware object while the request is on its way."""

    class Shared(MethodOverride):
        method = ""

        def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
            self.method = environ.pop("HTTP_X_HTTP_METHOD_OVERRIDE", "")
            if self.method:
                environ["HTTP_X_HTTP_METHOD_OVERRIDE"] = self.method
            return super().__call__(environ, start_response)

    return component(Shared)


@mutant(
    "each-by-itself",
    says="the override of an earlier request",
    also=["no-header-identity", "thread-safe"],
)
def last_method_kept() -> Subject:
    """A POST without the header gets the method of the one before it."""

    class Keeps(MethodOverride):
        method = ""

        def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
            if environ["REQUEST_METHOD"] == "POST":
                self.method = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", self.method)
                if self.method:
                    environ["HTTP_X_HTTP_METHOD_OVERRIDE"] = self.method
            return super().__call__(environ, start_response)

    return component(Keeps)


@mutant("only-post", says="method='GET'")
def decision_by_token() -> Subject:
    """What a token means is remembered without the method that it came with."""

    class Remembers(MethodOverride):
        def __init__(self, wsgi_app: Any) -> None:
            super().__init__(wsgi_app)
            self.known: dict[str, bool] = {}

        def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
            token = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "")
            if self.known.setdefault(token, environ["REQUEST_METHOD"] == "POST") and token:
                environ["REQUEST_METHOD"] = "POST"
            return super().__call__(environ, start_response)

    return component(Remembers)


@mutant(
    "body-dropped",
    says="all with GET and HEAD and OPTIONS and DELETE",
    also=["chunked-body-dropped"],
)
def body_left() -> Subject:
    """The body stays where the method has none."""

    class Left(MethodOverride):
        bodyless = frozenset()

    return component(Left)


@mutant("body-dropped", says="token='delete'")
def body_left_in_small_letters() -> Subject:
    """Whether the method has a body is asked of the value as it was sent, in any case."""

    class AsSent(MethodOverride):
        def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
            token = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "")
            self.bodyless = MethodOverride.bodyless & {token}
            return super().__call__(environ, start_response)

    return component(AsSent)


@mutant("body-kept", says="300001 bytes")
def long_bodies_cut() -> Subject:
    """Of a long body a part is read, and the rest is gone."""

    def change(environ: Environ) -> None:
        if int(environ.get("CONTENT_LENGTH") or 0) > 200_000:
            body = environ["wsgi.input"].read(200_000)
            environ.update({"CONTENT_LENGTH": "200000", "wsgi.input": io.BytesIO(body)})

    return inside(change)


@mutant(
    "body-kept",
    says="6 bytes that were sent",
    also=["no-header-identity", "no-param-override"],
)
def form_read() -> Subject:
    """A form is read for the field `_method`, and the app gets nothing of it."""

    def change(environ: Environ) -> None:
        if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO()

    return before(change)


@mutant("post-override", says="it saw POST")
def replaced_in_a_hook() -> Subject:
    """The method is replaced when the view has already been chosen."""

    def create_app() -> flask.Flask:
        app = flask.Flask("shop")

        @app.before_request
        def override() -> None:
            method = flask.request.headers.get("X-HTTP-Method-Override")
            if method in MethodOverride.allowed:
                flask.request.environ["REQUEST_METHOD"] = flask.request.method = method

        for method in ("POST", "PUT", "PATCH", "DELETE"):
            app.add_url_rule("/thing", method, lambda: "", methods=[method])
        return app

    return Subject(app=create_app, patterns={"methodoverrides": {"route": "/thing"}})


@mutant("post-override", says="the app to see")
def routes_not_installed() -> Subject:
    """The app was built without the middleware."""

    def create_app() -> flask.Flask:
        app = reference.create_app()
        app.wsgi_app = app.wsgi_app.wsgi_app
        return app

    return Subject(app=create_app, patterns={"methodoverrides": {"route": "/methodoverrides"}})
