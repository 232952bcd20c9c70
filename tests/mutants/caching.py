"""Caches, each with one believable mistake."""

from __future__ import annotations

import contextlib
import datetime
import gzip
import inspect
import pickle
import threading
import time
from collections.abc import Callable, Collection, Mapping
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import flask
from cachelib import SimpleCache
from flask import current_app, request, session

import reference.caching as right
from conformance import Subject
from conformance.subject.config import load_config
from tests.proof import mutant, new_folder
from tests.variants.caching import Files

#: How the reference's pages are bound.
BOUND = load_config(Path(__file__).parents[2] / "pyproject.toml")["patterns"]["caching"]
#: What goes with the components, or with the reference's configuration.
LEFT_OUT = ("cache", "cached", "memoize", "init_app", "limit")
ROUTES = {key: value for key, value in BOUND.items() if key not in LEFT_OUT}

PEOPLE = {
    name: {"login": {"path": "/caching/user", "form": {"user": name}}, "shows": name}
    for name in ("alice", "bob")
}


def component(**bound: Any) -> Subject:
    """The reference's cache, with something else on the views or the functions."""
    binding = {"cache": right.cache, "init_app": right.init_cache, **bound}
    return Subject(patterns={"caching": binding})


def store(cache: Any, **bound: Any) -> Subject:
    """A cache alone."""
    return Subject(patterns={"caching": {"cache": cache, **bound}})


def routes(change: Callable[[flask.Flask], object], **subject: Any) -> Subject:
    """The reference's pages in an app of their own, after a change of the app."""

    def create_app(config: Mapping[str, Any] | None = None) -> flask.Flask:
        app = flask.Flask("reference")
        app.secret_key = "mutant"
        app.config.update(config or {})
        right.init_app(app)
        change(app)
        return app

    return Subject(app=create_app, patterns={"caching": ROUTES}, people=PEOPLE, **subject)


def parts() -> dict[str, Any]:
    """What a key is made of, by name."""
    return {
        "endpoint": request.endpoint,
        "host": request.host,
        "mount": request.root_path,
        "path": request.path,
        "query": request.query_string,
        "type": request.headers.get("Accept"),
        "language": request.headers.get("Accept-Language"),
        "token": request.headers.get("Authorization"),
        "user": session.get("user"),
    }


def key_with(**changed: Callable[[], Any]) -> Callable[[], str]:
    """A key of all parts but some."""
    return lambda: repr({**parts(), **{name: part() for name, part in changed.items()}})


def nothing() -> None:
    return None


def worth_keeping(response: flask.Response, *unchecked: str) -> bool:
    checks = {
        "status": response.status_code == 200,
        "stream": not response.is_streamed,
        "cookie": "Set-Cookie" not in response.headers and not session.modified,
    }
    return all(good for name, good in checks.items() if name not in unchecked)


#: The right key.
complete = key_with()


def pages(
    key: Callable[[], str] = complete,
    unchecked: Collection[str] = (),
    methods: Collection[str] = ("GET",),
    seconds: Callable[[int], int] = lambda timeout: timeout,
    pack: Callable[[flask.Response], Any] = lambda response: response,
    unpack: Callable[[Any], Any] = lambda kept: kept,
    is_hit: Callable[[Any], bool] = lambda kept: kept is not None,
    reading: type[Exception] = Exception,
    writing: type[Exception] = Exception,
    cache: Any = right.cache,
    turns: bool = True,
    sliding: bool = False,
    bound: Mapping[str, Any] = {},
) -> Subject:
    """The reference's decorator, with another part."""
    turn = threading.Lock() if turns else contextlib.nullcontext()

    def cached(timeout: int = 300) -> Any:
        def decorator(view: Any) -> Any:
            def answer(key: str, /, *args: Any, **kwargs: Any) -> Any:
                try:
                    kept = cache.get(key)
                except reading:
                    kept = None
                if is_hit(kept):
                    if sliding:
                        cache.set(key, kept, timeout=seconds(timeout))
                    return unpack(kept)
                response = current_app.make_response(view(*args, **kwargs))
                if worth_keeping(response, *unchecked):
                    with contextlib.suppress(writing):
                        cache.set(key, pack(response), timeout=seconds(timeout))
                return response

            @wraps(view)
            def decorated_view(*args: Any, **kwargs: Any) -> Any:
                if request.method not in methods:
                    return view(*args, **kwargs)
                with turn:
                    return answer(key(), *args, **kwargs)

            return decorated_view

        return decorator

    return component(cached=cached, **bound)


def functions(
    key: Callable[..., str] = repr,
    is_hit: Callable[[Any], bool] = lambda kept: kept is not None,
    words: Callable[..., object] = lambda function, args, named: sorted(named.items()),
) -> Subject:
    """A decorator of functions over the reference's cache."""

    def memoize(timeout: int = 300) -> Any:
        def decorator(function: Any) -> Any:
            @wraps(function)
            def wrapper(*args: Any, **named: Any) -> Any:
                name = f"{function.__name__} {key(args)} {words(function, args, named)}"
                with contextlib.suppress(Exception):
                    if is_hit(kept := right.cache.get(name)):
                        return kept
                value = function(*args, **named)
                with contextlib.suppress(Exception):
                    right.cache.set(name, value, timeout=timeout)
                return value

            return wrapper

        return decorator

    return component(memoize=memoize)


# What a cache is for.


@mutant("hit", says="it ran again", also=["expiry", "falsy"])
def never_the_same_key() -> Subject:
    """The key holds a time."""
    return pages(key=lambda: f"{time.perf_counter()} {request.url}")


@mutant("hit", says="the function under memoize(timeout=300) for 'a'", also=["expiry", "falsy"])
def key_of_an_object() -> Subject:
    """The key holds the text of an object, which has its address."""
    objects: list[object] = []

    def key(args: Any) -> str:
        objects.append(object())
        return f"{args} {objects[-1]!r}"

    return functions(key=key)


@mutant("expiry", says="the view under cached(timeout=30) to run again after")
def timeout_dropped() -> Subject:
    """The timeout is not passed on."""
    return pages(seconds=lambda timeout: 300)


@mutant("expiry", says="to run again after")
def timeout_in_minutes() -> Subject:
    """The timeout is taken for minutes."""
    return pages(seconds=lambda timeout: timeout * 60)


@mutant("expiry", says="to run again after")
def stored_anew() -> Subject:
    """Each hit stores the answer again, so that a busy page never expires."""
    return pages(sliding=True)


@mutant("same-response", says="answered from the cache, to get the same response as request 1")
def body_and_type_only() -> Subject:
    """Only the body and its media type are kept."""
    return pages(
        pack=lambda response: (response.get_data(), response.mimetype),
        unpack=lambda kept: flask.Response(kept[0], mimetype=kept[1]),
    )


class ByReference:
    """A serializer that leaves objects as they are."""

    def dumps(self, value: Any) -> Any:
        return value

    loads = dumps


@mutant("same-response", says="[x-after:", also=["own-copy"])
def response_object_kept() -> Subject:
    """The cache keeps the response objects, which hooks change each time."""

    def init_app(app: flask.Flask) -> None:
        right.init_cache(app)
        app.extensions["cache"][right.cache].serializer = ByReference()

    return pages(bound={"init_app": init_app})


@mutant("active", says="its view ran twice")
def on_in_tests_only() -> Subject:
    """The cache keeps something in tests only."""

    def change(app: flask.Flask) -> None:
        kind = "SimpleCache" if app.testing else "NullCache"
        app.config.update(CACHE_TYPE=kind, CACHE_NO_NULL_WARNING=True)
        right.cache.init_app(app)

    return routes(change, config={"TESTING": True})


# What an answer is kept for.


@mutant("key-path-args", says="the response to GET")
def key_of_the_view() -> Subject:
    """The key is the view's name and the query."""
    return pages(key=key_with(path=nothing))


@mutant("key-function-args", says="the one for")
def arguments_joined() -> Subject:
    """The key joins the arguments as text."""
    return functions(key=lambda args: ",".join(map(str, args)))


@mutant("key-query", says="a separate response for GET .../page?", also=["key-query-order"])
def path_only() -> Subject:
    """The query is no part of the key."""
    return pages(key=key_with(query=nothing))


@mutant("key-query-order", says="a separate response for GET .../page?")
def query_sorted() -> Subject:
    """The pairs of the query are sorted, those of one field too, as Flask-Caching does it."""
    return pages(key=key_with(query=lambda: urlencode(sorted(request.args.items(multi=True)))))


@mutant("key-method", says="a separate response for")
def any_method() -> Subject:
    """The decorator does not look at the method."""
    return pages(methods=("GET", "HEAD", "POST", "PUT", "DELETE"))


@mutant("key-method", says="an empty body")
def head_stored() -> Subject:
    """A HEAD's answer is stored without its body, and under the key of a GET."""

    def pack(response: flask.Response) -> flask.Response:
        if request.method == "HEAD":
            response.set_data(b"")
        return response

    return pages(methods=("GET", "HEAD"), pack=pack)


@mutant("key-method", says="an empty body")
def report_without_a_body() -> Subject:
    """A page of an app is kept whether or not it was made for a HEAD."""

    def change(app: flask.Flask) -> None:
        view = app.view_functions["caching.rates"]
        while hasattr(view, "__wrapped__"):
            view = view.__wrapped__
        store = SimpleCache()

        def rates() -> Any:
            kept = store.get(complete())
            if kept is None:
                kept = current_app.make_response("" if request.method == "HEAD" else view())
                store.set(complete(), kept, timeout=60)
            return kept

        app.view_functions["caching.rates"] = rates

    return routes(change)


@mutant("key-user", says="a page for")
def same_for_everybody() -> Subject:
    """The person is no part of the key."""
    return pages(key=key_with(user=nothing))


@mutant("key-user", says="[Authorization: Bearer")
def token_overlooked() -> Subject:
    """The Authorization header is no part of the key."""
    return pages(key=key_with(token=nothing))


@mutant("key-host", says="the page of")
def host_overlooked() -> Subject:
    """The host is no part of the key."""
    return pages(key=key_with(host=nothing))


@mutant("key-host", says="a page for /")
def mount_overlooked() -> Subject:
    """The mount point is no part of the key."""
    return pages(key=key_with(mount=nothing))


@mutant("key-accept", says="application/json, as the Accept header asks")
def type_overlooked() -> Subject:
    """The Accept header is no part of the key."""
    return pages(key=key_with(type=nothing))


@mutant("plain-request", says="without Accept-Encoding, after a request with it")
def compressed_for_the_first() -> Subject:
    """The page is kept as it was compressed for the client that asked first."""

    def pack(response: flask.Response) -> flask.Response:
        if "gzip" in request.accept_encodings:
            response.set_data(gzip.compress(response.get_data()))
            response.content_encoding = "gzip"
        return response

    return pages(pack=pack)


@mutant("plain-request", says="a client without If-Modified-Since, after a request with it")
def condition_of_the_first() -> Subject:
    """What is kept is the 304 for a client that has the page."""

    def pack(response: flask.Response) -> flask.Response:
        response.last_modified = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        return response.make_conditional(request)

    return pages(pack=pack)


# What is not kept.


@mutant("no-errors", says="its result again once it works")
def errors_kept() -> Subject:
    """Whatever a view returns is kept."""
    return pages(unchecked=["status"])


@mutant("no-errors", says="its result again once it works", also=["same-response"])
def error_as_page() -> Subject:
    """Whatever a view returns is kept, without its status."""
    return pages(
        unchecked=["status"],
        pack=lambda response: (response.get_data(), list(response.headers)),
        unpack=lambda kept: flask.Response(kept[0], headers=kept[1]),
    )


@mutant("key-query", says="a separate response for GET .../page?")
def last_of_a_field() -> Subject:
    """A field that the query has twice counts once in the key."""
    return pages(key=key_with(query=lambda: sorted(request.args.to_dict().items())))


@mutant("falsy", says="it ran 2 times")
def empty_is_a_miss() -> Subject:
    """A page that is empty counts as missing."""
    return pages(is_hit=lambda kept: kept is not None and bool(kept.get_data()))


@mutant("no-set-cookie", says="which another visitor already got")
def cookie_kept() -> Subject:
    """The response is kept with its Set-Cookie header."""
    return pages(unchecked=["cookie"])


# Changes and failures.


@mutant("invalidation", says="a page that shows", also=["invalidation-beside"])
def nothing_deleted() -> Subject:
    """The view that writes leaves the cache as it is."""

    def publish() -> str:
        current_app.extensions["caching"].append(request.form["text"])
        return "published"

    return routes(lambda app: app.view_functions.update({"caching.publish": publish}))


@mutant("invalidation", says="a page that shows", also=["invalidation-beside"])
def deleted_before_the_change() -> Subject:
    """The headlines are deleted, read again to count them, and then changed."""

    def publish() -> str:
        right.cache.delete_memoized(right.headlines)
        number = len(right.headlines()) + 1
        current_app.extensions["caching"].append(request.form["text"])
        return f"number {number} is published"

    return routes(lambda app: app.view_functions.update({"caching.publish": publish}))


@mutant("invalidation-beside", says="after a reader that began before the change")
def refilled_by_who_read_before() -> Subject:
    """What is kept is deleted after the change, and who has read before it puts it back."""
    kept: dict[str, list[str]] = {}

    def news() -> dict[str, list[str]]:
        texts = kept.get("news")
        if texts is None:
            texts = list(current_app.extensions["caching"])
            kept["news"] = texts
        return {"news": texts}

    def publish() -> str:
        current_app.extensions["caching"].append(request.form["text"])
        kept.pop("news", None)
        return "published"

    views = {"caching.news": news, "caching.publish": publish}
    return routes(lambda app: app.view_functions.update(views))


@mutant("invalidation-beside", says="after a reader has come while the change ran")
def forgotten_before_it_is_written() -> Subject:
    """What is kept is deleted before the change is made."""

    def publish() -> str:
        right.cache.delete_memoized(right.headlines)
        text = request.form["text"]
        current_app.extensions["caching"].append(text)
        return "published"

    return routes(lambda app: app.view_functions.update({"caching.publish": publish}))


@mutant("falsy", says="it ran 2 times")
def falsy_is_a_miss() -> Subject:
    """What is falsy counts as missing."""
    return functions(is_hit=bool)


@mutant("outage", says="to be computed while")
def writing_raises() -> Subject:
    """There is a `try` around the reading only."""
    return pages(writing=ZeroDivisionError)


@mutant(
    "unreadable", says="the view under cached(timeout=300) to ignore an entry that cannot be read"
)
def only_outages_caught() -> Subject:
    """Only the errors of the network count as a miss."""
    return pages(reading=OSError)


@mutant("unreadable", says="cache.get(")
def cachelib_alone() -> Subject:
    """cachelib as it is."""
    return store(SimpleCache())


@mutant("app-isolation", says="the page that the first app's view had returned")
def one_for_all_apps() -> Subject:
    """The cache is a variable of a module."""
    cache = SimpleCache()
    return pages(cache=cache, bound={"cache": cache})


@mutant("stampede", says="the complete page for every visitor")
def sent_away() -> Subject:
    """Whoever misses while another computes is told to come again."""
    busy: set[str] = set()

    def cached(timeout: int = 300) -> Any:
        def decorator(view: Any) -> Any:
            @wraps(view)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                key = complete()
                if request.method != "GET":
                    return view(*args, **kwargs)
                with contextlib.suppress(Exception):
                    if (kept := right.cache.get(key)) is not None:
                        return kept
                if key in busy:
                    return "come again", 503
                busy.add(key)
                try:
                    response = current_app.make_response(view(*args, **kwargs))
                    if worth_keeping(response):
                        with contextlib.suppress(Exception):
                            right.cache.set(key, response, timeout=timeout)
                    return response
                finally:
                    busy.discard(key)

            return wrapper

        return decorator

    return component(cached=cached)


@mutant("fails-once", says="it ran 2 times")
def view_inside_the_try() -> Subject:
    """The `try` around the cache is around the view too, which then runs again."""

    def change(app: flask.Flask) -> None:
        state = {"fails": False}
        cache = SimpleCache()

        def report() -> Any:
            if state["fails"]:
                raise RuntimeError("the source is away")
            return str(time.perf_counter())

        @wraps(report)
        def kept() -> Any:
            try:
                text = cache.get("report")
                if text is None:
                    text = report()
                    cache.set("report", text, timeout=300)
                return text
            except Exception:
                return report()

        def toggle(fails: bool) -> Any:
            state["fails"] = fails
            return "", 204

        app.add_url_rule("/once", "once", kept)
        app.add_url_rule("/once/fail", "once_fail", lambda: toggle(True), methods=["POST"])
        app.add_url_rule("/once/mend", "once_mend", lambda: toggle(False), methods=["POST"])

    def create_app() -> flask.Flask:
        app = flask.Flask("reference")
        change(app)
        return app

    binding = {
        "page": "/once",
        "fail": {"method": "POST", "path": "/once/fail"},
        "mend": {"method": "POST", "path": "/once/mend"},
    }
    return Subject(app=create_app, patterns={"caching": binding})


@mutant("bounded", says="all of them are still cached")
def no_limit() -> Subject:
    """The limit is far beyond what the memory holds."""

    def init_app(app: flask.Flask) -> None:
        app.config["CACHE_THRESHOLD"] = 10**9
        right.init_cache(app)

    return pages(bound={"init_app": init_app})


# The cache itself.


class Readable(SimpleCache):
    """cachelib's cache, for which what cannot be read is a miss."""

    def get(self, key: str) -> Any:
        try:
            return super().get(key)
        except (AttributeError, ImportError):
            return None


@mutant("store", says="s after it expired")
def never_expires() -> Subject:
    """`get` does not look at the time."""

    class Forever(Readable):
        def get(self, key: str) -> Any:
            found = self._cache.get(key)
            with contextlib.suppress(AttributeError, ImportError):
                return found and pickle.loads(found[1])

    return store(Forever())


@mutant("store", says="which is not set")
def deletes_one() -> Subject:
    """`delete_many` deletes the first."""

    class First(Readable):
        def delete_many(self, *keys: str) -> list[Any]:
            return [self.delete(keys[0])]

    return store(First())


@mutant("add", says="after the first entry has expired")
def files_that_have_expired() -> Subject:
    """cachelib's FileSystemCache, whose `add` looks whether there is a file."""

    class Plain(Files):
        add = Files.__base__.add  # type: ignore[union-attr]

    return store(lambda app: Plain(str(new_folder()), threshold=90))


@mutant("add", says="add() to return False")
def add_always_true() -> Subject:
    """`add` says that it has stored, whether or not it has."""

    class Yes(Readable):
        def add(self, key: str, value: Any, timeout: Any = None) -> bool:
            super().add(key, value, timeout)
            return True

    return store(Yes())


@mutant("round-trip", says="expected")
def ascii_only() -> Subject:
    """Texts are stored as ASCII."""

    class Ascii(Readable):
        def set(self, key: str, value: Any, timeout: Any = None) -> Any:
            if isinstance(value, str):
                value = value.encode("ascii", "replace").decode()
            return super().set(key, value, timeout)

    return store(Ascii())


@mutant("own-copy", says="changed by the caller")
def objects_themselves() -> Subject:
    """The cache holds the objects themselves."""
    cache = Readable()
    cache.serializer = ByReference()  # type: ignore[assignment]
    return store(cache)


@mutant("threads", says="observed")
def one_temporary_file() -> Subject:
    """All calls write to a temporary file of one name."""

    class Shared(Files):
        def set(self, key: str, value: Any, timeout: Any = None, **options: Any) -> Any:
            shared = Path(self._path) / "new.tmp"
            if options:
                return super().set(key, value, timeout, **options)
            shared.write_bytes(pickle.dumps(value))
            return super().set(key, pickle.loads(shared.read_bytes()), timeout)

    return store(lambda app: Shared(str(new_folder()), threshold=90))


@mutant("key-function-args", says="which the function sees as")
def keywords_left_out() -> Subject:
    """Arguments that are named are no part of the key."""
    return functions(words=lambda function, args, named: "")


@mutant("key-function-args", says="which the function sees as [1, None")
def falsy_defaults_left_out() -> Subject:
    """The key has None for an argument that is left out and whose default is falsy."""

    def key(function: Any, args: Any, named: Any) -> list[Any]:
        signature = inspect.signature(function)
        given = signature.bind(*args, **named).arguments
        return [
            given.get(name, parameter.default or None)
            for name, parameter in signature.parameters.items()
        ]

    return functions(key=lambda args: "", words=key)


@mutant("own-copy", says="from the cached function")
def list_of_the_function_kept() -> Subject:
    """The decorator keeps what the function gave in a dict, beside the cache."""
    kept: dict[str, Any] = {}

    def memoize(timeout: int = 300) -> Any:
        def decorator(function: Any) -> Any:
            @wraps(function)
            def wrapper(*args: Any, **named: Any) -> Any:
                name = f"{function.__qualname__} {args} {named} {id(function)}"
                if name not in kept:
                    kept[name] = function(*args, **named)
                return kept[name]

            return wrapper

        return decorator

    return component(memoize=memoize, cache=right.cache, cache_clock=False)
