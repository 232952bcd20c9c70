"""Method overrides, done right in other ways than the reference's."""

from __future__ import annotations

import io
from typing import Any

from flask import Flask, Request
from flask.views import MethodView
from werkzeug.exceptions import BadRequest

from conformance import Subject
from reference.methodoverrides import MethodOverride
from tests.proof import variant


@variant
def function_middleware() -> Subject:
    """A closure over a copied environ, that refuses a token it does not know with a 400."""

    def middleware(wsgi_app: Any) -> Any:
        def call(environ: dict[str, Any], start_response: Any) -> Any:
            token = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE")
            if token is None or environ["REQUEST_METHOD"] != "POST":
                return wsgi_app(environ, start_response)
            method = token.upper()
            if method not in ("GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"):
                start_response("400 Bad Request", [("Content-Type", "text/plain")])
                return [b"unknown method\n"]
            environ = {**environ, "REQUEST_METHOD": method, "original_method": "POST"}
            if method not in ("POST", "PUT", "PATCH"):
                environ.pop("HTTP_TRANSFER_ENCODING", None)
                environ.pop("wsgi.input_terminated", None)
                environ.pop("CONTENT_TYPE", None)
                environ.update({"wsgi.input": io.BytesIO(b""), "CONTENT_LENGTH": ""})

            def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
                if method == "HEAD":
                    headers = [pair for pair in headers if pair[0].lower() != "content-length"]
                headers = [pair for pair in headers if pair[0].lower() != "cache-control"]
                headers.append(("Cache-Control", "no-store"))
                return (
                    start_response(status, headers, exc_info)
                    if exc_info
                    else start_response(status, headers)
                )

            return wsgi_app(environ, start)

        return call

    return Subject(patterns={"methodoverrides": {"middleware": middleware}})


@variant
def writing_methods_only() -> Subject:
    """Only PUT, PATCH and DELETE can be asked for: a POST that names another is refused."""

    def middleware(wsgi_app: Any) -> Any:
        override = MethodOverride(wsgi_app)

        def call(environ: dict[str, Any], start_response: Any) -> Any:
            token = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").upper()
            if environ["REQUEST_METHOD"] == "POST" and token not in ("", "PUT", "PATCH", "DELETE"):
                return BadRequest()(environ, start_response)
            return override(environ, start_response)

        return call

    return Subject(patterns={"methodoverrides": {"middleware": middleware}})


@variant
def others_stay_a_post() -> Subject:
    """Only PUT, PATCH and DELETE can be asked for: any other POST stays one, with its body."""

    class Writing(MethodOverride):
        allowed = frozenset(["PUT", "PATCH", "DELETE"])

    return Subject(patterns={"methodoverrides": {"middleware": Writing}})


@variant
def class_based_view() -> Subject:
    """An app of one MethodView, with the override installed by the factory."""

    class Thing(MethodView):
        def get(self) -> str:
            return "thing"

        def change(self) -> tuple[str, int]:
            return "", 204

        post = put = patch = delete = change

    def create_app() -> Flask:
        app = Flask("shop")
        app.add_url_rule("/things/1", view_func=Thing.as_view("thing"))
        app.wsgi_app = MethodOverride(app.wsgi_app)  # type: ignore[method-assign]
        return app

    return Subject(app=create_app, patterns={"methodoverrides": {"route": "/things/1"}})


@variant
def request_class() -> Subject:
    """No middleware: the request object replaces the method, and no view answers a GET."""

    class Overridden(Request):
        def __init__(self, environ: Any, *args: Any, **kwargs: Any) -> None:
            method = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").upper()
            if environ["REQUEST_METHOD"] == "POST" and method in MethodOverride.allowed:
                environ.update({"REQUEST_METHOD": method, "sent.method": "POST"})
                if method in MethodOverride.bodyless:
                    environ.update({"CONTENT_LENGTH": "0", "wsgi.input": io.BytesIO()})
                    environ.pop("HTTP_TRANSFER_ENCODING", None)
            super().__init__(environ, *args, **kwargs)

    def create_app() -> Flask:
        app = Flask("shop")
        app.request_class = Overridden
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            app.add_url_rule("/thing", method, lambda: "", methods=[method])

        @app.after_request
        def no_length(response: Any) -> Any:
            if response.status_code == 405:
                response.set_data(b"")
            return response

        return app

    return Subject(app=create_app, patterns={"methodoverrides": {"route": "/thing"}})
