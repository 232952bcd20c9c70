"""Caching: the results of slow work are kept for some time, for whom they were made."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import sys
import types
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar, cast
from unittest import mock

import flask

from ...core.errors import Broken, Untested
from ...subject import Subject
from ...subject.config import Binding, Component, Route
from ...transports import Client, Request, Response
from .. import Pattern, cached
from ..cached import (
    PEOPLE,
    Asked,
    CachedComponent,
    CachedHarness,
    CachedRoutes,
    Failing,
    Got,
    Pages,
    Runs,
    address,
)

#: Seconds that the host app keeps what a page shows and what a function gives.
TIMEOUTS = {**cached.TIMEOUTS, "function": 300.0, "brief-function": 30.0}

#: Ways in which what is slow fails: a page answers or aborts with a 5xx; all of them raise.
FAILURES = ("answers 500", "aborts with 503", "raises")

#: What of a cache fails in an outage: the names of its methods.
OUTAGES: Mapping[str, tuple[str, ...]] = {
    "reading": ("get", "get_many", "get_dict", "has"),
    "writing": ("set", "set_many", "add", "delete", "delete_many", "inc", "dec"),
}


class Caching(Binding):
    """How a subject exposes its cache.

    `cache` is asked what every cache promises. What a decorator keeps, and for whom, is
    asked of the one that the subject puts on its views: bind it as `cached`.
    Flask-Caching's own `cache.cached` needs to be told what an answer depends on, so
    bind the function that tells it, or the pages that it is used for.
    """

    cache: Component = None
    """The cache: a Flask-Caching object, one of cachelib's, or a function called with
    `(app)` that gives the app's."""
    cached: Component = None
    """The caching decorator of views, called with `(timeout=...)`, gives one for a view. Who
    asks is in `session["user"]` and in `g.user`, or in the Authorization header."""
    memoize: Component = None
    """The caching decorator of functions, called with `(timeout=...)`, gives one for a function."""
    init_app: Component = None
    """Called with the app that the kit tries the components in: what they need is set up here."""
    cache_clock: bool = True
    """Whether the cache goes by this process's clock; false for one on a server."""
    shared: bool = False
    """Whether instances of the app share what is cached on purpose, on a server or in a folder."""
    limit: int = 1000
    """How many entries the cache may hold before it lets some go."""
    redis: Mapping[str, Any] = {
        "CACHE_TYPE": "RedisCache",
        "CACHE_REDIS_URL": "{url}",
        "CACHE_KEY_PREFIX": "{prefix}",
    }
    """Configuration that puts the cache on a Redis server; `{url}` and `{prefix}` are filled in.
    Used where the service `redis` is named."""
    production: Mapping[str, Any] = {}
    """Configuration values of production, on top of `config`; of these TESTING is always false."""
    page: Route | None = None
    """A cached page that is another one each time its view runs: a time, a counter."""
    timeout: float = 300
    """Seconds that `page` is kept."""
    query_field: str | None = None
    """A field of the query that decides what `page` shows."""
    query_values: Sequence[str] = ("1", "2", "3")
    """Values of that field for which `page` shows different things."""
    pages: Sequence[Route] = ()
    """More cached pages, each another one each time its view runs and like no other page."""
    negotiated: Route | None = None
    """A cached page that is HTML or JSON, as the Accept header asks."""
    cookie_page: Route | None = None
    """A cached page that gives each new visitor a cookie of their own."""
    private: Route | None = None
    """A cached page that shows who has logged in."""
    people: Mapping[str, Route] = {}
    """Requests that log people in, by the text that `private` shows to them alone."""
    logout: Route | None = None
    """Logging out."""
    shown: Route | None = None
    """A page that shows text from the cache."""
    change: Route | None = None
    """A request that changes that text, which `field` carries, and with it what is cached."""
    field: str = "text"
    """The form field of the text."""
    fail: Route | None = None
    """A request after which the view of `page` fails."""
    mend: Route | None = None
    """A request after which the view of `page` answers again."""


class Redis:
    """The entries of one clause on a Redis server: those whose keys begin with its prefix."""

    def __init__(self, url: str) -> None:
        if importlib.util.find_spec("redis") is None:
            raise Untested.for_package("redis", "flask-conformance[redis]")
        import redis

        self.url = url
        self.prefix = f"conformance-{uuid.uuid4().hex[:12]}:"
        self._client = redis.Redis.from_url(url)
        try:
            self._client.ping()
        except redis.RedisError as error:
            raise Broken(f"{url}: {error}") from None

    def keys(self) -> list[Any]:
        """Give the keys."""
        return list(self._client.scan_iter(f"{self.prefix}*", count=1000))

    def advance(self, seconds: float) -> None:
        """Bring the end of every entry nearer by that time."""
        for key in self.keys():
            left = self._client.pttl(key)
            if left >= 0:
                self._client.pexpire(key, max(int(left - seconds * 1000), 1))
        # An entry that has a millisecond left is gone with the next look at the time.
        while any(0 <= self._client.pttl(key) <= 1 for key in self.keys()):
            pass

    def close(self) -> None:
        """Delete the entries."""
        for key in self.keys():
            self._client.delete(key)
        self._client.close()


def outage_error() -> type[Exception]:
    """Give an error that is what any backend raises when it can not be reached."""
    bases: list[type[Exception]] = [ConnectionError]
    if importlib.util.find_spec("redis") is not None:
        from redis.exceptions import ConnectionError as RedisConnectionError

        bases.insert(0, RedisConnectionError)
    return type("BackendDown", tuple(bases), {"__module__": __name__})


class CachingHarness(CachedHarness[Caching]):
    """What the clauses do with a cache, whichever way it is bound."""

    #: The service that the cache is on; None where the subject decides.
    on: ClassVar[str | None] = None
    #: Whether the private page also knows people by the Authorization header.
    tokens: ClassVar[bool] = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        #: The store of each app, and the apps that a clause made.
        self._stores: dict[int, tuple[Any, Any]] = {}

    @classmethod
    def bound(cls, binding: Binding, subject: Subject) -> bool:
        """Whether the keys are bound and the service is named."""
        return super().bound(binding, subject) and (cls.on is None or cls.on in subject.services)

    # Where it is.

    @functools.cached_property
    def redis(self) -> Redis:
        """The entries of this clause on the Redis server."""
        return self.bench.enter(contextlib.closing(Redis(self.service("redis"))))

    def settings(self, prefix: str = "") -> dict[str, Any]:
        """Give the configuration that puts the cache where the clause has it."""
        if self.on is None:
            return {}
        filled = {"{url}": self.redis.url, "{prefix}": self.redis.prefix + prefix}
        settings = dict(self.binding.redis)
        for key, value in settings.items():
            for mark, text in filled.items():
                if isinstance(value, str):
                    value = value.replace(mark, text)
            settings[key] = value
        return settings

    def store(self, app: Any = None) -> Any:
        """Give the cache of an app: what has `get` and `set`."""
        app = self.app if app is None else app
        if id(app) not in self._stores:
            bound = self.component("cache")
            if not hasattr(bound, "set"):
                bound = self.call("cache(app)", bound, app)
            if not (hasattr(bound, "get") and hasattr(bound, "set")):
                raise Untested(f"[patterns.{self.slug}] cache: {bound!r} has no get and set")
            self._stores[id(app)] = app, bound
        return self._stores[id(app)][1]

    @contextlib.contextmanager
    def context(self, app: Any = None) -> Iterator[None]:
        """Enter the context of an app, where it has any."""
        app = self.app if app is None else app
        with app.app_context() if hasattr(app, "app_context") else contextlib.nullcontext():
            yield

    @contextlib.contextmanager
    def outage(self, operations: Collection[str]) -> Iterator[None]:
        """Let what stores the entries raise, as it does where its server is gone."""
        self.inside()
        store = self.store()
        if hasattr(store, "init_app"):
            with self.context():
                store = store.cache
        error = outage_error()

        def unreachable(*args: Any, **kwargs: Any) -> Any:
            raise error("the cache can not be reached")

        with contextlib.ExitStack() as stack:
            for name in operations:
                if hasattr(store, name):
                    stack.enter_context(mock.patch.object(store, name, unreachable))
            self.ledger.call(f"the cache can not be reached for {', '.join(operations)}")
            yield

    # The time.

    def start_clock(self) -> None:
        """Stop the clock, at a time when nothing that was cached earlier is alive."""
        if self.on is not None:
            return
        super().start_clock()

    def advance(self, seconds: float) -> None:
        """Move the cache's clock forward."""
        if self.on is not None:
            self.redis.advance(seconds)
        else:
            super().advance(seconds)

    # Whatever is slow.

    def outdated(self) -> Iterator[tuple[str, Got]]:
        """Keep objects of classes that are gone when they are asked for again; gives what comes."""
        raise Untested("puts what can not be read into the cache: needs a component")

    def function(self, arguments: Sequence[Any]) -> Any:
        """Call a cached function that gives its arguments back."""
        raise Untested.for_keys("caching", "memoize")

    # Pages.

    def hosted(self, host: str, mount: str) -> Response:
        """Ask for a page at a host, of the app mounted at one of `MOUNTS`."""
        raise NotImplementedError

    def negotiate(self, accept: str, language: str) -> Response:
        """Ask for a page in a media type and a language."""
        raise NotImplementedError

    def rush(self, visitors: int) -> Sequence[Callable[[], Got]]:
        """Give actions that all ask for one page that is not cached yet."""
        raise NotImplementedError

    def flood(self, count: int) -> bool:
        """Cache up to so many different things, and say whether some have left before the last."""
        raise NotImplementedError

    def _flood_page(self, path: str, count: int) -> bool:
        client = self.client()
        first: dict[int, str] = {}

        def target(number: int) -> str:
            query = {"conformance": f"{self.serial}.{number}"}
            return Request.build(target=path, query=query).target

        def put(number: int) -> None:
            first[number] = client.get(target(number)).text

        def lives(number: int) -> bool:
            # One page for all of them is one entry.
            if number and first[number] == first[0]:
                return False
            return client.get(target(number)).text == first[number]

        return _overflows(count, put, lives)

    # People.

    def people(self) -> Sequence[str]:
        """Give two people who can log in."""
        raise NotImplementedError

    def log_in(self, client: Client, person: str) -> None:
        """Log somebody in."""
        raise NotImplementedError

    def log_out(self, client: Client) -> None:
        """Log out; a browser that forgets its cookies where there is nothing else."""
        client.cookies.clear()

    def private(self, client: Client, token: str | None = None) -> Response:
        """Ask for the private page, by the cookies or with the token of a person."""
        raise NotImplementedError

    # Changes.

    def change(self, text: str) -> Response:
        """Change the text that is shown."""
        raise Untested("changes what the pages of an app show")

    def shown(self) -> Response:
        """Ask for the page that shows it."""
        raise Untested("changes what the pages of an app show")

    # The store itself.

    def operate(self, operation: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method of the cache, in the context of its app."""
        raise Untested("asks the cache itself, not the pages of an app")

    def offers(self, operation: str) -> bool:
        """Whether the cache has a method that clauses may call."""
        raise Untested("asks the cache itself, not the pages of an app")

    def need_operation(self, operation: str) -> None:
        """End the clause as `untested` where the cache does not offer that."""
        if not self.offers(operation):
            raise Untested(f"the cache has no {operation} that a clause may call")

    def name(self, key: str) -> str:
        """Give the name of an entry of this example."""
        return f"{self.serial}/{key}"

    def apart(self) -> Iterator[tuple[str, bool, str]]:
        """Use two apps; gives sentences on what is theirs alone, whether it is, what came."""
        raise Untested.for_keys(
            self.slug, "cache", "cached", hint=": it compares what two apps keep"
        )

    def in_production(self) -> Iterator[tuple[str, bool, str]]:
        """Use the app as it ships; gives sentences on what it keeps, as `apart` does."""
        raise NotImplementedError

    def shipped(self) -> Any:
        """Make the app with the configuration of production."""
        values = dict(self.binding.production)
        if self.bench.subject.config.get("TESTING"):
            values.setdefault("TESTING", False)
        return self.bench.build(**{**self.settings(), **values})


class CachingComponent(CachedComponent[Caching], CachingHarness):
    """A cache and its decorators in a small host app."""

    kind = "component"
    keys = ("cache", "cached", "memoize")
    tokens = True

    def begin_example(self, values: Mapping[str, Any] | None = None) -> None:
        """Start an example with an empty cache, where it can be cleared."""
        super().begin_example(values)
        if self._app is not None and self.binding.cache is not None and self._clearable:
            # A backend that fails here is for the clause to find.
            with self.context(), contextlib.suppress(Exception):
                self.store().clear()

    def make_app(self) -> Any:
        """Give a host app with the cache, and with what the bound decorators are put on."""
        return self._host()

    def _host(self, prefix: str = "") -> flask.Flask:
        cache: Any = None if self.binding.cache is None else self.component("cache")
        if self.on is not None and hasattr(cache, "set") and not hasattr(cache, "init_app"):
            raise Untested("the bound cache takes no configuration: bind a function of the app")
        own = {
            key: value
            for key, value in self.bench.subject.config.items()
            if key.startswith("CACHE_")
        }
        host = Host()
        Subject(app=host.app, config=own).build(self.bench.folder, **self.settings(prefix))
        if self.binding.init_app is not None:
            self.call("init_app(app)", self.component("init_app"), host.app)
        elif hasattr(cache, "init_app"):
            if not getattr(cache, "config", None):
                host.app.config.setdefault("CACHE_TYPE", "SimpleCache")
            self.call("cache.init_app(app)", cache.init_app, host.app)
        if self.binding.cached is not None:
            self.call("cached on the views of the host app", host.add, self.component("cached"))
        if self.binding.memoize is not None:
            with host.app.app_context():
                self.call("memoize on functions", host.wrap, self.component("memoize"))
        return host.app

    @property
    def host(self) -> Host:
        """The host app's state."""
        return cast(Host, self.app.extensions["conformance"])

    @property
    def _clearable(self) -> bool:
        store = self.store()
        if hasattr(store, "init_app"):
            with self.context():
                store = store.cache
        # cachelib empties a whole Redis database where the keys have no prefix.
        on_server = hasattr(store, "_write_client")
        return hasattr(store, "clear") and not (on_server and not store.key_prefix)

    # Whatever is slow.

    def ways(self) -> Mapping[str, float]:
        """Give pages where `cached` is bound, and functions where `memoize` is."""
        bound = {"page": self.binding.cached, "function": self.binding.memoize}
        ways = {
            way: seconds
            for way, seconds in TIMEOUTS.items()
            if bound[way.rpartition("-")[2]] is not None
        }
        if not ways:
            raise Untested.for_keys("caching", "cached", "memoize")
        return ways

    def ask(self, way: str, name: str = "", failing: str | None = None) -> Got:
        """Ask the host app, in a request or with a call."""
        if way.endswith("page"):
            return self.kept_page(way, name, failing)
        self.host.failing = failing
        try:
            return self._call(way, name)
        finally:
            self.host.failing = None

    def _call(self, way: str, name: str) -> Got:
        wrapped = self.host.functions[way]

        def call() -> Got:
            try:
                value = wrapped(self.name(name))
            except Failing as error:
                return Got(None, f"it raised {error!r}")
            return Got(str(value), repr(value))

        with self.context():
            return cast(Got, self.call(f"the {way} with {name!r}", call))

    def outdated(self) -> Iterator[tuple[str, Got]]:
        """Let the host app answer with such an object; with no decorator, put one into the cache.

        How `get` itself fails does not matter where a decorator stands before it.
        """
        self.inside()
        if self.binding.cached is None and self.binding.memoize is None:
            with gone_class(Old) as gone:
                self.operate("set", self.name("gone"), gone("old"), timeout=300)
            value = self.operate("get", self.name("gone"))
            yield "cache", Got(str(value), repr(value))
            return
        for way, base in (("page", flask.Response), ("function", Old)):
            if way in self.ways():
                with gone_class(base) as gone:
                    self.host.gone = self.host.pages.response = gone
                    self.ask(way, "gone")
                    self.host.gone = self.host.pages.response = None
                yield way, self.ask(way, "gone")

    def kept_answers(self, way: str, value: Any) -> int:
        """Let the host app give the value, and count."""
        if way == "function":
            before = self.host.runs.count
            self.host.values[self.name("falsy")] = value
            for _ in range(2):
                self.ask(way, "falsy")
            return self.host.runs.count - before
        return self.runs_for(way, value)

    def function(self, arguments: Sequence[Any]) -> Any:
        """Call the function that is kept long."""
        self.need("memoize")
        with self.context():
            return self.call(
                f"the function with {', '.join(map(repr, arguments))}",
                self.host.functions["arguments"],
                *arguments,
            )

    # Pages.

    def hosted(self, host: str, mount: str) -> Response:
        """Ask for a page that shows where it is."""
        self.need("cached")
        client = self.client(self.mounts[mount], host=host)
        return client.get(f"{mount}/page/{self.serial}/where")

    def negotiate(self, accept: str, language: str) -> Response:
        """Ask for the host app's page, which is there in all of them."""
        self.need("cached")
        headers = {"Accept": accept, "Accept-Language": language}
        return self.client().get(f"/page/{self.serial}/negotiated", headers=headers)

    def rush(self, visitors: int) -> Sequence[Callable[[], Got]]:
        """Ask for a page whose view waits for others to begin."""
        self.need("cached")
        self.inside()
        # One page first, so that the threads find the app built.
        self.ask("page", "first")
        target = f"/page/{self.serial}/rush"
        return [functools.partial(self.page, target, {"X-Together": "2 0.5"})] * visitors

    def flood(self, count: int) -> bool:
        """Ask for a page with as many queries; with no decorator, fill the cache itself."""
        if self.on is not None:
            raise Untested("a Redis server has its own limit: maxmemory")
        if self.binding.cached is not None:
            return self._flood_page(f"/page/{self.serial}/flood", count)
        return _overflows(
            count,
            lambda number: self.operate("set", self.name(str(number)), number, timeout=300),
            lambda number: self.operate("get", self.name(str(number))) is not None,
        )

    # People.

    def people(self) -> Sequence[str]:
        """Give those whom the host app knows."""
        self.need("cached")
        return PEOPLE

    def log_in(self, client: Client, person: str) -> None:
        """Log in at the host app."""
        client.post("/login", form={"username": person})

    def private(self, client: Client, token: str | None = None) -> Response:
        """Ask the host app."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return client.get(f"/private/{self.serial}", headers=headers)

    # The store itself.

    def operate(self, operation: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method of the bound cache."""
        shown = ", ".join([*map(repr, args), *(f"{k}={v!r}" for k, v in kwargs.items())])
        method = getattr(self.store(), operation)
        with self.context():
            return self.call(f"cache.{operation}({shown[:200]})", method, *args, **kwargs)

    def offers(self, operation: str) -> bool:
        """Look at the bound cache."""
        if operation == "clear" and not self._clearable:
            return False
        return hasattr(self.store(), operation)

    def apart(self) -> Iterator[tuple[str, bool, str]]:
        """Make a second host app, on a server with another prefix."""
        if self.binding.shared and self.on is None:
            raise Untested("instances of the app share what is cached: shared is true")
        one, other = self.app, self._host("other:")
        if self.binding.cached is not None:
            target = f"/page/{self.serial}/apart"
            pages = [self.client(app).get(target).text for app in (one, other)]
            yield "a page of the second app's own", pages[0] != pages[1], "that of the first"
        own = self.binding.cache is not None and self.store(one) is not self.store(other)
        if own or (self.binding.cache is not None and hasattr(self.store(one), "init_app")):
            name = self.name("apart")
            self.operate("set", name, "of the first app", timeout=300)
            with self.context(other):
                seen = self.call("cache.get in the second app", self.store(other).get, name)
                yield "nothing of the first app's in the second", seen is None, repr(seen)
                if self._clearable:
                    self.call("cache.clear in the second app", self.store(other).clear)
            kept = self.operate("get", name)
            yield (
                "the first app's entry to stay when the second clears its cache",
                kept == "of the first app",
                repr(kept),
            )

    def in_production(self) -> Iterator[tuple[str, bool, str]]:
        """Put something into the cache of the subject's app."""
        self.need("cache")
        app = self.shipped()
        if not isinstance(app, flask.Flask):
            raise Untested("needs a Flask app: the subject is another WSGI callable")
        store, name = self.store(app), self.name("shipped")
        with self.context(app):
            self.call("cache.set in the app", store.set, name, "kept", timeout=300)
            seen = self.call("cache.get in the app", store.get, name)
        yield "what was put into the cache", seen == "kept", repr(seen)


class CachingRoutes(CachedRoutes[Caching], CachingHarness):
    """An app with cached pages."""

    kind = "routes"
    keys = ("page", "pages", "negotiated", "cookie_page", "private", "shown")

    @classmethod
    def bound(cls, binding: Binding, subject: Subject) -> bool:
        """Whether one of the pages is bound, and the service is named."""
        named = cls.on is None or cls.on in subject.services
        return named and any(getattr(binding, key) for key in cls.keys)

    def make_app(self) -> Any:
        """Make the subject's app, on the server that is named."""
        return self.bench.build(**self.settings())

    # Whatever is slow.

    def ways(self) -> Mapping[str, float]:
        """Give the bound page."""
        self.need("page")
        return {"page": self.binding.timeout}

    def ask(self, way: str, name: str = "", failing: str | None = None) -> Got:
        """Ask for the bound page, with the name in its query where that decides."""
        self._toggle(failing)
        try:
            field = self.binding.query_field
            query = {field: self._value(name)} if field and name else {}
            answer = self.client().get(address(self.need("page")), query=query)
            return Got.of(answer)
        finally:
            if failing:
                self._toggle(None)

    def _value(self, text: str) -> str:
        values = self.binding.query_values
        return values[sum(text.encode()) % len(values)]

    def _toggle(self, failing: str | None) -> None:
        if failing:
            self.need("mend")
            self.send(self.client(), self.need("fail"))
        elif self.binding.mend is not None and self.binding.fail is not None:
            self.send(self.client(), self.binding.mend)

    # Pages.

    def visit(self, asked: Asked) -> tuple[Asked, Response]:
        """Vary the bound field of the query, or go to another of the bound pages."""
        pages = [self.need("page"), *self.binding.pages]
        client = self.client()
        if asked.query is not None:
            query = ((self.need("query_field"), self._value(ascii(asked.query))),)
            response = client.open(asked.method, address(pages[0]), query=query)
            return Asked(asked.method, pages[0].path, query), response
        if asked.path != "page" and len(pages) == 1:
            self._need_pages()
        page = pages[0] if asked.path == "page" else pages[sum(asked.path.encode()) % len(pages)]
        path = address(page)
        return Asked(asked.method, path), client.open(asked.method, path)

    def _need_pages(self) -> None:
        raise Untested.for_keys(self.slug, "pages")

    def cached_page(self) -> Route:
        """Return the bound page."""
        page: Route = self.need("page")
        return page

    def forget(self) -> None:
        """Make a new app, or let what is on a server end."""
        if self.on is not None:
            self.advance(2 + self.binding.timeout)
        super().forget()

    def hosted(self, host: str, mount: str) -> Response:
        """Ask for the bound page."""
        path = mount + address(self.need("page"))
        return self.client(self.mounts[mount], host=host).get(path)

    def negotiate(self, accept: str, language: str) -> Response:
        """Ask for the bound page, in any language."""
        return self.client().get(address(self.need("negotiated")), headers={"Accept": accept})

    def cookies(self, how: str) -> Response:
        """Ask for the bound page."""
        return self.client().get(address(self.need("cookie_page")))

    def rush(self, visitors: int) -> Sequence[Callable[[], Got]]:
        """Ask a new app for the bound page; how long its view takes is the app's business."""
        page = address(self.need("page"))
        self.forget()

        def ask(client: Client) -> Got:
            return Got.of(client.get(page))

        # The first client starts the server, before the threads begin.
        return [functools.partial(ask, self.client()) for _ in range(visitors)]

    def flood(self, count: int) -> bool:
        """Ask for the bound page with as many queries."""
        if self.on is not None:
            raise Untested("a Redis server has its own limit: maxmemory")
        return self._flood_page(address(self.need("page")), count)

    # People.

    def people(self) -> Sequence[str]:
        """Give the first two who are bound."""
        self.need("private")
        if len(self.binding.people) < 2:
            raise Untested.for_keys(self.slug, "people", hint=": at least two")
        return list(self.binding.people)[:2]

    def log_in(self, client: Client, person: str) -> None:
        """Send the bound login."""
        self.send(client, self.binding.people[person])

    def log_out(self, client: Client) -> None:
        """Send the bound logout."""
        if self.binding.logout is None:
            super().log_out(client)
        else:
            self.send(client, self.binding.logout)

    def private(self, client: Client, token: str | None = None) -> Response:
        """Ask for the bound page."""
        return self.send(client, self.need("private"))

    # Changes.

    def change(self, text: str) -> Response:
        """Send the bound request with the text."""
        return self.send(self.client(), self.need("change"), fields={self.binding.field: text})

    def shown(self) -> Response:
        """Ask for the bound page."""
        return self.send(self.client(), self.need("shown"))

    def in_production(self) -> Iterator[tuple[str, bool, str]]:
        """Ask twice for the bound page."""
        client = self.client(self.shipped())
        answers = [client.get(address(self.need("page"))) for _ in range(2)]
        yield "one page for two requests", answers[0].text == answers[1].text, "its view ran twice"


class ComponentOnRedis(CachingComponent):
    """The bound cache on a Redis server."""

    kind = "component on Redis"
    on = "redis"


class RoutesOnRedis(CachingRoutes):
    """The pages of an app whose cache is on a Redis server."""

    kind = "routes on Redis"
    on = "redis"


def _overflows(count: int, put: Callable[[int], Any], lives: Callable[[int], bool]) -> bool:
    """Put entries until one of the first has left; looked at once each, as a look keeps some."""
    for number in range(count):
        put(number)
        if number % 50 == 49 and not lives(number // 50):
            return True
    return not all(map(lives, range(count)))


# The host app.


@contextlib.contextmanager
def gone_class(base: type) -> Iterator[Any]:
    """Give a class that can be pickled while the block runs and not be found after it."""
    module = types.ModuleType("conformance_gone")
    gone = type("Gone", (base,), {"__module__": module.__name__})
    module.Gone = gone  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    try:
        yield gone
    finally:
        del sys.modules[module.__name__]


class Old:
    """What an earlier version of the application kept."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


class Host:
    """A Flask app with slow pages and functions, which the bound decorators are put on."""

    def __init__(self) -> None:
        self.app = app = flask.Flask(__name__)
        app.config.update(PROPAGATE_EXCEPTIONS=True, SECRET_KEY="conformance")
        app.extensions["conformance"] = self
        self.runs = Runs()
        self.pages = Pages(app, self.runs)
        self.functions: dict[str, Callable[..., Any]] = {}
        #: What functions give for a name, how they fail, and the class of what they give.
        self.values: dict[str, Any] = {}
        self.failing: str | None = None
        self.gone: Any = None

        app.add_url_rule("/runs", "runs", lambda: str(self.runs.count))
        app.add_url_rule("/login", "login", self._log_in, methods=["POST"])
        app.before_request(self._load_user)

    @staticmethod
    def _log_in() -> str:
        flask.session["user"] = flask.request.form["username"]
        return "logged in"

    @staticmethod
    def _load_user() -> None:
        # No other page looks at the session, as their answers do not depend on it.
        private = flask.request.endpoint == "private"
        flask.g.user = flask.session.get("user") if private else None

    def add(self, cached: Callable[..., Any]) -> None:
        """Add pages that wear the decorator."""
        self.pages.add(lambda name: cached(timeout=int(TIMEOUTS.get(name, 300))))

        def private(serial: str) -> Any:
            token = flask.request.headers.get("Authorization", "").removeprefix("Bearer ")
            return {"user": token or flask.session.get("user"), "run": self.runs()}

        self.app.add_url_rule("/private/<serial>", "private", cached(timeout=300)(private))

    def wrap(self, memoize: Callable[..., Any]) -> None:
        """Put the decorator on functions."""

        def work(name: str) -> Any:
            if self.failing:
                raise Failing(self.failing)
            run = self.runs()
            if name in self.values:
                return self.values[name]
            text = f"{name}, run {run} in {self.pages.token}"
            return self.gone(text) if self.gone else text

        def function(name: str) -> Any:
            return work(name)

        def brief_function(name: str) -> Any:
            return work(name)

        def arguments(*values: Any) -> Any:
            return [repr(value) for value in values]

        self.functions = {
            "function": memoize(timeout=int(TIMEOUTS["function"]))(function),
            "brief-function": memoize(timeout=int(TIMEOUTS["brief-function"]))(brief_function),
            "arguments": memoize(timeout=300)(arguments),
        }


pattern = Pattern(
    slug="caching",
    title="Caching",
    sections={"": "Caching"},
    binding=Caching,
    harnesses=(CachingComponent, CachingRoutes, ComponentOnRedis, RoutesOnRedis),
)
