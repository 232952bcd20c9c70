"""Caches, done right in other ways than the reference's."""

from __future__ import annotations

import contextlib
import gzip
import html
import itertools
import pickle
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import flask
from cachelib import FileSystemCache, SimpleCache
from flask import current_app, g, request, session
from flask_caching import Cache

from conformance import Subject
from tests.proof import new_folder, variant


@variant
def extension_as_documented() -> Subject:
    """Flask-Caching's own object and its `memoize`, with the configuration in the code."""
    cache = Cache(config={"CACHE_TYPE": "SimpleCache"})
    return Subject(patterns={"caching": {"cache": cache, "memoize": cache.memoize}})


@variant
def extension_told_everything() -> Subject:
    """Flask-Caching's `cached` with a hook that says no to all that is personal, and one lock."""
    cache = Cache()
    turn = threading.RLock()

    def key() -> str:
        accepts = [request.headers.get(f"Accept{name}", "") for name in ("", "-Language")]
        return " ".join([request.method, request.url, *accepts])

    def unless() -> bool:
        personal = request.cookies or request.authorization or "Authorization" in request.headers
        return bool(personal) or request.method not in ("GET", "HEAD")

    def cached(timeout: int = 300) -> Any:
        keep = cache.cached(
            timeout,
            unless=unless,
            make_cache_key=lambda *args, **kwargs: key(),
            response_filter=lambda response: (
                response.status_code < 300
                and "Set-Cookie" not in response.headers
                and not session.modified
            ),
        )

        def decorator(view: Any) -> Any:
            @wraps(view)
            def answer(*args: Any, **kwargs: Any) -> Any:
                response = flask.make_response(view(*args, **kwargs))
                response.freeze()
                return response

            kept = keep(answer)

            @wraps(view)
            def in_turn(*args: Any, **kwargs: Any) -> Any:
                with turn:
                    return kept(*args, **kwargs)

            return in_turn

        return decorator

    def init_app(app: flask.Flask) -> None:
        app.config["CACHE_TYPE"] = "flask_caching.backends.SimpleCache"
        cache.init_app(app)

    return Subject(patterns={"caching": {"cache": cache, "cached": cached, "init_app": init_app}})


class Files(FileSystemCache):
    """cachelib's file cache, for which what has expired or cannot be read is not there."""

    def get(self, key: str) -> Any:
        try:
            return super().get(key)
        except (AttributeError, ImportError):
            return None

    def add(self, key: str, value: Any, timeout: Any = None) -> bool:
        if not self.has(key):
            self.delete(key)
        return super().add(key, value, timeout)


@variant
def files_as_vary_says() -> Subject:
    """Answers as plain values in files, under a key of what their Vary header names."""
    locks: dict[str, threading.Lock] = {}

    def cache(app: flask.Flask) -> Files:
        if "files" not in app.extensions:
            app.extensions["files"] = Files(str(new_folder()), threshold=90)
        files: Files = app.extensions["files"]
        return files

    def key_of(fields: list[str]) -> str:
        return repr([request.url, *((name, request.headers.get(name)) for name in fields)])

    def look() -> flask.Response | None:
        try:
            fields = cache(current_app).get(request.url)
            kept = fields and cache(current_app).get(key_of(fields))
        except OSError:
            return None
        return flask.Response(kept[0], kept[1], kept[2]) if kept else None

    def cached(timeout: int = 300) -> Any:
        def decorator(view: Any) -> Any:
            def keep(response: flask.Response) -> None:
                if response.status_code != 200 or "Set-Cookie" in response.headers:
                    return
                fields = sorted({*response.vary, "Authorization", "Cookie"})
                kept = response.get_data(), response.status, list(response.headers)
                with contextlib.suppress(OSError):
                    cache(current_app).set(key_of(fields), kept, timeout)
                    cache(current_app).set(request.url, fields, timeout)

            @wraps(view)
            def decorated_view(**values: Any) -> Any:
                if request.method != "GET":
                    return view(**values)
                if (hit := look()) is not None:
                    return hit
                with locks.setdefault(request.url, threading.Lock()):
                    response = look()
                    if response is None:
                        response = current_app.make_response(view(**values))
                        if not session.modified:
                            keep(response)
                return response

            return decorated_view

        return decorator

    return Subject(patterns={"caching": {"cache": cache, "cached": cached, "limit": 100}})


class Memory:
    """Pickles in a dict with a lock, the one that was used longest ago leaving first."""

    def __init__(self, room: int = 300) -> None:
        self.room = room
        self.kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self.lock = threading.Lock()

    def get(self, key: str) -> Any:
        with self.lock:
            until, data = self.kept.get(key, (0.0, b""))
            if until <= time.monotonic():
                self.kept.pop(key, None)
                return None
            self.kept.move_to_end(key)
        try:
            return pickle.loads(data)
        except Exception:
            return None

    def set(self, key: str, value: Any, timeout: float) -> None:
        with self.lock:
            self.kept[key] = time.monotonic() + timeout, pickle.dumps(value)
            self.kept.move_to_end(key)
            while len(self.kept) > self.room:
                self.kept.popitem(last=False)

    def delete(self, key: str) -> None:
        with self.lock:
            self.kept.pop(key, None)


class Flight:
    """Something that one computes while others wait."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.result: Any = None


@variant
def memory_with_one_in_flight() -> Subject:
    """An own store, where the first of many computes and hands its result to the others."""
    memories: dict[int, tuple[flask.Flask, Memory]] = {}
    flights: dict[str, Flight] = {}
    lock = threading.Lock()

    def memory(app: Any = None) -> Memory:
        app = app or current_app._get_current_object()  # type: ignore[attr-defined]
        return memories.setdefault(id(app), (app, Memory()))[1]

    def compute(key: str, timeout: float, work: Callable[[], Any]) -> Any:
        with contextlib.suppress(OSError):
            if (kept := memory().get(key)) is not None:
                return kept[0]
        with lock:
            leads = key not in flights
            flight = flights.setdefault(key, Flight())
        if not leads:
            flight.done.wait(5)
            return work() if flight.result is None else flight.result[0]
        try:
            value = work()
            flight.result = (value,)
            with contextlib.suppress(OSError):
                memory().set(key, (value,), timeout)
            return value
        finally:
            with lock:
                del flights[key]
            flight.done.set()

    def memoize(timeout: float = 300) -> Any:
        def decorator(function: Any) -> Any:
            return wraps(function)(
                lambda *args: compute(
                    f"{function.__name__}{args!r}", timeout, lambda: function(*args)
                )
            )

        return decorator

    class NotKept(Exception):
        """The answer is for who asks alone."""

    def cached(timeout: float = 300) -> Any:
        def decorator(view: Any) -> Any:
            @wraps(view)
            def decorated_view(**values: Any) -> Any:
                if request.method != "GET" or request.cookies or request.authorization:
                    return view(**values)

                def work() -> Any:
                    response = flask.make_response(view(**values))
                    if response.status_code != 200 or session or "Set-Cookie" in response.headers:
                        raise NotKept(response)
                    return response.get_data(), response.status_code, list(response.headers)

                key = repr((request.endpoint, values, request.url, request.headers.get("Accept")))
                key += request.headers.get("Accept-Language", "")
                try:
                    return flask.Response(*compute(key, timeout, work))
                except NotKept as other:
                    return other.args[0]

            return decorated_view

        return decorator

    binding = {"cache": memory, "cached": cached, "memoize": memoize, "limit": 320}
    return Subject(patterns={"caching": binding})


@variant
def hooks_of_an_app() -> Subject:
    """Hooks that keep the pages of strangers, with fragments for people that are kept by their name."""

    def create_app(config: Mapping[str, Any] | None = None) -> flask.Flask:
        app = flask.Flask("shop")
        app.config.update(SECRET_KEY="variant", SECONDS=40, **(config or {}))
        store = SimpleCache(threshold=50)
        runs = itertools.count(1)
        data: dict[str, Any] = {"text": "nothing yet", "version": 0, "fails": False}

        def key() -> str:
            page = request.args.get("page", "1")[:9]
            kind = "json" if request.accept_mimetypes.best == "application/json" else "html"
            return f"{request.host_url}{request.path} {page} {kind} {data['version']}"

        @app.before_request
        def serve() -> Any:
            if request.method == "GET" and not session and request.endpoint in public:
                kept = store.get(key())
                if kept is not None:
                    return flask.Response(kept[0], mimetype=kept[1])
                g.keep = key()
            return None

        @app.after_request
        def keep(response: flask.Response) -> flask.Response:
            if "keep" in g and response.status_code == 200 and not session.modified:
                kept = response.get_data(), response.mimetype
                store.set(g.keep, kept, timeout=app.config["SECONDS"])
            return response

        public = {"front", "offers", "list"}

        @app.get("/")
        def front() -> Any:
            if data["fails"]:
                raise LookupError("the query fails")
            page = request.args.get("page", "1")[:9]
            if request.accept_mimetypes.best == "application/json":
                return {"page": page, "run": next(runs), "url": request.base_url}
            return f"<p>front {html.escape(page)}, run {next(runs)} at {request.base_url}"

        @app.get("/offers")
        def offers() -> str:
            return f"<p>offers, run {next(runs)}"

        @app.get("/list")
        def list_() -> str:
            return f"<ul><li>{html.escape(str(data['text']))}"

        app.add_url_rule("/list", "list", list_)

        @app.get("/visit")
        def visit() -> str:
            session["visitor"] = next(runs)
            return "welcome"

        @app.route("/me", methods=["GET", "POST"])
        def me() -> Any:
            if request.method == "POST":
                session["name"] = request.form["name"]
                return flask.redirect(flask.url_for("me"), 303)
            name = session.get("name", "a stranger")
            text = store.get(f"me/{name}")
            if text is None:
                text = f"<p>this is for {html.escape(name)}, run {next(runs)}"
                store.set(f"me/{name}", text, timeout=40)
            return text

        @app.post("/edit")
        def edit() -> Any:
            data["text"] = request.form["words"]
            data["version"] += 1
            return flask.redirect("/list", 303)

        @app.post("/toggle/<state>")
        def toggle(state: str) -> str:
            data["fails"] = state == "off"
            return state

        app.errorhandler(LookupError)(lambda error: ("failed", 500))
        return app

    binding = {
        "page": "/",
        "timeout": 40,
        "query_field": "page",
        "pages": ["/offers"],
        "negotiated": "/",
        "cookie_page": "/visit",
        "private": "/me",
        "shown": "/list",
        "change": {"method": "POST", "path": "/edit", "form": {}},
        "field": "words",
        "fail": {"method": "POST", "path": "/toggle/off"},
        "mend": {"method": "POST", "path": "/toggle/on"},
        "limit": 100,
    }
    people = {
        name: {"login": {"path": "/me", "form": {"name": name}}, "shows": name}
        for name in ("Ada", "Grace")
    }
    return Subject(app=create_app, patterns={"caching": binding}, people=people)


@variant
def extension_by_its_own_name() -> Subject:
    """Flask-Caching's own `init_app` and `memoize`, without a setting for the kit's app."""
    cache = Cache()
    binding = {"cache": cache, "init_app": cache.init_app, "memoize": cache.memoize}
    return Subject(patterns={"caching": binding})


@variant
def people_as_flask_login_has_them() -> Subject:
    """A decorator that goes by who has logged in where Flask-Login keeps it."""
    cache = SimpleCache()
    turn = threading.RLock()

    def cached(timeout: int) -> Callable[[Any], Any]:
        def decorator(view: Any) -> Any:
            @wraps(view)
            def kept(*args: Any, **kwargs: Any) -> flask.Response:
                who = session.get("_user_id"), request.headers.get("Authorization")
                if g.get("_login_user") != who[0] and request.endpoint == "private":
                    flask.abort(500)
                asked = [request.headers.get(f"Accept{name}") for name in ("", "-Language")]
                here = id(current_app._get_current_object())  # type: ignore[attr-defined]
                key = repr([here, request.method, request.url, request.root_url, asked, who])
                if request.method not in ("GET", "HEAD"):
                    return flask.make_response(view(*args, **kwargs))
                with turn:
                    found = cache.get(key)
                    if found is not None:
                        return flask.Response(*found)
                    answer = flask.make_response(view(*args, **kwargs))
                    personal = "Set-Cookie" in answer.headers or session.modified
                    if answer.status_code == 200 and not personal and not answer.is_streamed:
                        parts = answer.get_data(), 200, list(answer.headers)
                        cache.set(key, parts, timeout=timeout)
                    return answer

            return kept

        return decorator

    binding = {"cached": cached, "session_key": "_user_id", "user_attribute": "_login_user"}
    return Subject(patterns={"caching": binding})


@variant
def cache_of_the_current_app() -> Subject:
    """A decorator whose cache only the factory sets up, in `app.extensions`."""

    def create_app(config: Mapping[str, Any]) -> flask.Flask:
        app = flask.Flask("shop")
        app.extensions["pages"] = SimpleCache(config["PAGES"])
        return app

    def cache(app: flask.Flask) -> Any:
        return app.extensions["pages"]

    def memoize(timeout: int) -> Any:
        def decorator(function: Any) -> Any:
            @wraps(function)
            def decorated(*args: Any, **kwargs: Any) -> Any:
                kept = cache(current_app)
                key = repr((function.__qualname__, args, sorted(kwargs.items())))
                try:
                    found = kept.get(key)
                except Exception:
                    found = None
                if found is None:
                    found = [function(*args, **kwargs)]
                    with contextlib.suppress(Exception):
                        kept.set(key, found, timeout)
                return found[0]

            return decorated

        return decorator

    binding = {"cache": cache, "memoize": memoize, "limit": 250}
    return Subject(app=create_app, config={"PAGES": 200}, patterns={"caching": binding})


class Weather:
    """What the page of `one_app_object` shows, and whether it can be measured."""

    up = True


@variant
def one_app_object() -> Subject:
    """An app without a factory, whose pages stay cached from one clause to the next.

    It compresses them, for a client that sends no Accept-Encoding too, and makes them conditional.
    """
    app = flask.Flask("weather")
    cache = SimpleCache(threshold=200)
    numbers = itertools.count()

    @app.get("/weather")
    def weather() -> Any:
        kept = cache.get("weather")
        if kept is None:
            if not Weather.up:
                flask.abort(503)
            kept = f"measured {next(numbers)}"
            cache.set("weather", kept, timeout=60)
        return kept

    @app.after_request
    def pack(response: flask.Response) -> flask.Response:
        if request.method == "GET" and response.status_code == 200:
            accepted = request.accept_encodings
            if not accepted or "gzip" in accepted:
                # Without the time, which would make a page unlike itself a second later.
                response.set_data(gzip.compress(response.get_data(), mtime=0))
                response.content_encoding = "gzip"
            response.vary.add("Accept-Encoding")
            response.add_etag()
            response.make_conditional(
                request, accept_ranges=True, complete_length=response.content_length
            )
        return response

    @app.route("/station", methods=["DELETE", "PUT"])
    def station() -> Any:
        Weather.up = request.method == "PUT"
        return "", 204

    binding = {
        "page": "/weather",
        "timeout": 60,
        "fail": {"method": "DELETE", "path": "/station"},
        "mend": {"method": "PUT", "path": "/station"},
    }
    return Subject(app=app, patterns={"caching": binding})
