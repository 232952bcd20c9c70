"""Application dispatching.

Whole applications side by side in one process, chosen by the path's prefix, by the
subdomain, or by the path's first segment. Those of the last two are created when
they are first asked for.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from threading import Lock
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.exceptions import BadRequest, HTTPException, NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Instances:
    """The applications by key, each created once, by the first request that asks for it.

    Only those who wait for the same application wait while it is created. What
    is no application (None, or an error such as `NotFound()`) is not remembered.
    """

    def __init__(self, create_app: Callable[[str], WSGIApplication | None]) -> None:
        self.create_app = create_app
        self.lock = Lock()
        self.futures: dict[str, Future[WSGIApplication | None]] = {}

    def get(self, key: str) -> WSGIApplication | None:
        with self.lock:
            future = self.futures.get(key)
            first = future is None
            if future is None:
                future = self.futures[key] = Future()
        if first:
            try:
                app = self.create_app(key)
            except BaseException as error:
                del self.futures[key]
                future.set_exception(error)
            else:
                if app is None or isinstance(app, HTTPException):
                    del self.futures[key]
                future.set_result(app)
        return future.result()


class SubdomainDispatcher:
    """Hands a request to the application of its subdomain; that of the domain itself is ""."""

    def __init__(self, domain: str, create_app: Callable[[str], WSGIApplication | None]) -> None:
        # Case and port do not tell hosts apart, and neither does the root's dot.
        label = r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?"
        host = rf"((?P<subdomain>{label}(\.{label})*)\.)?{re.escape(domain)}\.?(:[0-9]*)?"
        self.host = re.compile(host, re.ASCII | re.IGNORECASE)
        self.instances = Instances(create_app)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        app: Any
        if found := self.host.fullmatch(environ.get("HTTP_HOST", "")):
            app = self.instances.get((found["subdomain"] or "").lower()) or NotFound()
        else:
            app = BadRequest("This host is not served here.")
        answer: Iterable[bytes] = app(environ, start_response)
        return answer


class PathDispatcher:
    """Hands a request to the application of its path's first segment, or to the default one."""

    def __init__(
        self, default_app: WSGIApplication, create_app: Callable[[str], WSGIApplication | None]
    ) -> None:
        self.default_app = default_app
        self.instances = Instances(create_app)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        segment = path[1:].partition("/")[0]
        app = None
        if segment not in ("", ".", ".."):
            # WSGI carries the path's bytes as latin-1; the text is UTF-8.
            app = self.instances.get(segment.encode("latin-1").decode("utf-8", "replace"))
        if app is None:
            return self.default_app(environ, start_response)
        environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/{segment}"
        environ["PATH_INFO"] = path[1 + len(segment) :]
        return app(environ, start_response)


def create_mounted(name: str, prefix: str) -> Flask:
    """Make an application to mount below a prefix, with a session cookie that stays there."""
    app = Flask(name)
    app.config.from_mapping(
        SECRET_KEY=secrets.token_hex(),
        SESSION_COOKIE_NAME=f"{name}_session",
        SESSION_COOKIE_PATH=prefix,
    )

    @app.get("/")
    def home() -> str:
        return f"This is the {name}."

    return app


def init_app(app: Flask) -> None:
    """Mount two applications, one below the other; all other paths stay with the app."""
    backend, reports = "/appdispatch/backend", "/appdispatch/backend/reports"
    app.wsgi_app = DispatcherMiddleware(  # type: ignore[method-assign]
        app.wsgi_app,
        {
            backend: create_mounted("backend", backend),
            reports: create_mounted("reports", reports),
        },
    )
