"""Adding HTTP method overrides.

A client behind a proxy that passes only common methods sends a POST and names
the method that it means in a header.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.datastructures import Headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class MethodOverride:
    """Replaces the method of a POST by the one in `X-HTTP-Method-Override`.

    The method that was sent stays in the environ, as `methodoverride.original`.
    """

    allowed = frozenset(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    bodyless = frozenset(["GET", "HEAD", "OPTIONS", "DELETE"])

    def __init__(self, wsgi_app: WSGIApplication) -> None:
        self.wsgi_app = wsgi_app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").upper()
        if environ["REQUEST_METHOD"] != "POST" or method not in self.allowed:
            return self.wsgi_app(environ, start_response)

        environ["methodoverride.original"] = environ["REQUEST_METHOD"]
        environ["REQUEST_METHOD"] = method
        if method in self.bodyless:
            # A chunked body has no length that could be set to zero.
            environ["wsgi.input"] = io.BytesIO()
            environ["CONTENT_LENGTH"] = "0"
            environ.pop("HTTP_TRANSFER_ENCODING", None)

        def start(status: str, headers: list[tuple[str, str]], *args: Any) -> Any:
            answer = Headers(headers)
            answer.add("Vary", "X-HTTP-Method-Override")
            if method == "HEAD":
                # The client sent a POST: it would wait for as many bytes as are announced.
                answer["Content-Length"] = "0"
            return start_response(status, list(answer), *args)

        return self.wsgi_app(environ, start)


def init_app(app: Flask) -> None:
    """Put the override around the app's WSGI callable; the app object stays what it is."""
    app.wsgi_app = MethodOverride(app.wsgi_app)  # type: ignore[method-assign]

    @app.route("/methodoverrides", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def methodoverrides() -> dict[str, str]:
        from flask import request

        return {"method": request.method}
