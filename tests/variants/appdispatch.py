"""Dispatchers, done right in other ways than the reference's."""

from __future__ import annotations

import re
import threading
import weakref
from collections import OrderedDict
from typing import Any
from wsgiref.util import shift_path_info

import flask
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

from conformance import Subject
from conformance.patterns.appdispatch import echo_app
from tests.proof import variant


class KeyedLocks:
    """A dictionary of instances, and a lock for each name that lives as long as someone waits."""

    class Lock:
        def __init__(self) -> None:
            self.lock = threading.Lock()

    def __init__(self, create_app: Any) -> None:
        self.create_app = create_app
        self.apps: dict[str, Any] = {}
        self.locks: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()
        self.guard = threading.Lock()

    def get(self, name: str) -> Any:
        if (app := self.apps.get(name)) is not None:
            return app
        with self.guard:
            lock = self.locks.get(name)
            if lock is None:
                lock = self.locks[name] = self.Lock()
        with lock.lock:
            if name not in self.apps:
                app = self.create_app(name)
                if app is None or isinstance(app, HTTPException):
                    return app
                self.apps[name] = app
            return self.apps[name]


@variant
def locks_by_name() -> Subject:
    """Locked dictionaries; the host taken apart by hand, the path by the standard library."""

    class BySubdomain:
        def __init__(self, domain: str, create_app: Any) -> None:
            self.domain = domain.lower()
            self.apps = KeyedLocks(create_app)

        def __call__(self, environ: Any, start_response: Any) -> Any:
            host = environ.get("HTTP_HOST", "").split(":")[0].lower()
            name, dot, rest = host.rpartition(self.domain)
            if dot and not rest and (not name or name.endswith(".")):
                name = name.removesuffix(".")
                if name.replace("-", "").replace(".", "").isalnum() or not name:
                    return self.apps.get(name)(environ, start_response)
            start_response("421 Misdirected Request", [("Content-Type", "text/plain")])
            return [b"wrong host"]

    class ByPath:
        def __init__(self, default_app: Any, create_app: Any) -> None:
            self.default_app = default_app
            self.apps = KeyedLocks(create_app)

        def __call__(self, environ: Any, start_response: Any) -> Any:
            first = environ.get("PATH_INFO", "").lstrip("/").partition("/")[0]
            name = first.encode("latin-1").decode("utf-8", "replace")
            app = self.apps.get(name) if name not in ("", ".", "..") else None
            if app is None:
                return self.default_app(environ, start_response)
            shift_path_info(environ)
            return app(environ, start_response)

    binding = {"subdomain_dispatcher": BySubdomain, "path_dispatcher": ByPath}
    return Subject(patterns={"appdispatch": binding})


@variant
def limited_cache() -> Subject:
    """Functions, and a cache with a limit that keeps an unknown subdomain for a minute.

    Foreign hosts are sent to the domain; dots and empty segments are refused.
    """
    import time

    class Cache:
        def __init__(self, create_app: Any, seconds: float) -> None:
            self.create_app, self.seconds = create_app, seconds
            self.lock = threading.RLock()
            self.known: OrderedDict[str, Any] = OrderedDict()
            self.unknown: OrderedDict[str, float] = OrderedDict()
            self.turns: dict[str, Any] = {}

        def get(self, name: str) -> Any:
            with self.lock:
                if name in self.known:
                    return self.known[name]
                if self.unknown.get(name, 0) > time.time():
                    return None
                turn = self.turns.setdefault(name, [threading.Lock(), 0])
                turn[1] += 1
            try:
                with turn[0]:
                    if name not in self.known:
                        self.create(name)
                    return self.known.get(name)
            finally:
                with self.lock:
                    turn[1] -= 1
                    if not turn[1]:
                        self.turns.pop(name, None)

        def create(self, name: str) -> None:
            app = self.create_app(name)
            with self.lock:
                if app is not None:
                    self.known[name] = app
                    return
                self.unknown[name] = time.time() + self.seconds
                while len(self.unknown) > 100:
                    self.unknown.popitem(last=False)

    def by_subdomain(domain: str, create_app: Any) -> Any:
        cache = Cache(create_app, seconds=60)

        def dispatch(environ: Any, start_response: Any) -> Any:
            host = environ.get("HTTP_HOST", "").lower().partition(":")[0].removesuffix(".")
            labels = host.split(".")
            if labels[-2:] != domain.split(".") or not all(
                label.replace("-", "a").isalnum() and label.isascii() for label in labels
            ):
                start_response("308 Permanent Redirect", [("Location", f"https://{domain}/")])
                return []
            app = cache.get(".".join(labels[:-2])) or NotFound()
            return app(environ, start_response)

        return dispatch

    def by_path(default_app: Any, create_app: Any) -> Any:
        cache = Cache(create_app, seconds=0)

        def dispatch(environ: Any, start_response: Any) -> Any:
            path = environ["PATH_INFO"]
            _, first, *rest = path.split("/")
            if first in (".", "..") or (not first and rest):
                start_response("400 Bad Request", [("Content-Type", "text/plain")])
                return [b"no such path\n"]
            app = cache.get(first.encode("latin-1").decode(errors="replace")) if first else None
            if app is None:
                return default_app(environ, start_response)
            inner = {
                **environ,
                "SCRIPT_NAME": environ["SCRIPT_NAME"] + f"/{first}",
                "PATH_INFO": "".join(f"/{each}" for each in rest),
            }
            return app(inner, start_response)

        return dispatch

    binding = {
        "subdomain_dispatcher": by_subdomain,
        "path_dispatcher": by_path,
        "unknown": "none",
    }
    return Subject(patterns={"appdispatch": binding})


@variant
def host_matching() -> Subject:
    """A Flask app with host matching, whose view calls the application of the subdomain."""

    def by_subdomain(domain: str, create_app: Any) -> Any:
        front = flask.Flask("front", host_matching=True, static_folder=None)
        front.url_map.merge_slashes = False
        apps = KeyedLocks(create_app)

        def dispatch(subdomain: str = "", path: str = "") -> Any:
            environ = flask.request.environ
            return flask.Response.from_app(apps.get(subdomain), environ)

        for host in (domain, f"<subdomain>.{domain}"):
            for rule in ("/", "/<path:path>"):
                front.add_url_rule(rule, f"{host}{rule}", dispatch, host=host)

        def without_port(environ: Any, start_response: Any) -> Any:
            host = environ.get("HTTP_HOST", "").lower().partition(":")[0]
            environ["HTTP_HOST"] = host
            return front(environ, start_response)

        return without_port

    return Subject(patterns={"appdispatch": {"subdomain_dispatcher": by_subdomain}})


@variant
def dispatcher_middleware() -> Subject:
    """Werkzeug's own middleware over nothing at the root, with one of its mounts no Flask app."""

    def create_app() -> Any:
        shop, admin = echo_app("shop", "shop", "/shop"), echo_app("admin", "admin", "/shop/admin")
        mounts = {"/shop": shop, "/shop/admin": admin, "/feed": Response("no Flask app")}
        return DispatcherMiddleware(NotFound(), mounts)

    mounts = {"/shop": "/things/1", "/shop/admin": "/", "/feed": "/"}
    return Subject(app=create_app, patterns={"appdispatch": {"mounts": mounts}})


@variant
def names_below_a_tenant() -> Subject:
    """What is below a tenant's name is the tenant's, and an empty port is refused."""

    def by_subdomain(domain: str, create_app: Any) -> Any:
        apps = KeyedLocks(create_app)

        def dispatch(environ: Any, start_response: Any) -> Any:
            host = environ.get("HTTP_HOST", "").lower()
            found = re.fullmatch(
                rf"(?:[a-z0-9.-]+?\.)??([a-z0-9-]+\.)?{re.escape(domain)}(:\d+)?", host
            )
            app: Any = found and apps.get((found[1] or "").removesuffix("."))
            return (app or NotFound())(environ, start_response)

        return dispatch

    binding = {"subdomain_dispatcher": by_subdomain, "unknown": "none"}
    return Subject(patterns={"appdispatch": binding})


@variant
def one_app_at_two_prefixes() -> Subject:
    """A shop below its old prefix and its new one, and what is no Flask app below it."""

    def plain(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"plain"]

    shop = flask.Flask("shop", static_folder=None)
    shop.config.update(SECRET_KEY="shop", SESSION_COOKIE_NAME="shop")
    shop.add_url_rule("/", "home", lambda: "the shop")
    main = flask.Flask("main", static_folder=None)
    main.config.update(SECRET_KEY="main", SESSION_COOKIE_NAME="main")
    main.add_url_rule("/", "home", lambda: "home")
    mounts = {"/shop": shop, "/laden": shop, "/shop/plain": plain}
    setattr(main, "wsgi_app", DispatcherMiddleware(main.wsgi_app, mounts))  # noqa: B010
    binding = {"mounts": dict.fromkeys(mounts, "/")}
    return Subject(app=lambda: main, patterns={"appdispatch": binding})
