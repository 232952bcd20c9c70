"""A cache and its decorators in a small host app."""

from __future__ import annotations

import contextlib
import functools
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

import flask

from ...core.errors import NotObserved, SubjectRaised, Untested
from ...core.told import where
from ...subject import Subject
from ...transports import Client, Response
from ..cached import (
    PEOPLE,
    RUNS,
    CachedComponent,
    Failing,
    Got,
    Pages,
    Runs,
)
from .binding import TIMEOUTS, Caching
from .harness import Memoizing, Outdating, Store, Twins, overflows, with_defaults

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from ...transports import WSGIApp

T = TypeVar("T")

#: Methods of a cache whose result is a step of its own in a failure.
TELLING = {"get", "get_many", "get_dict", "has", "add"}


class CachingComponent(CachedComponent[Caching], Store, Outdating, Memoizing, Twins):
    """A cache and its decorators in a small host app."""

    kind = "component"
    keys = ("cache", "cached", "memoize")
    tokens = True

    def begin_example(self, values: Mapping[str, object] | None = None) -> None:
        """Begin an example with an empty cache, if it can be cleared."""
        super().begin_example(values)
        if self._app is not None and self.binding.cache is not None and self._clearable:
            # A backend that fails here is left for the clause to find.
            with self.context(), contextlib.suppress(Exception):
                self.store().clear()

    def make_app(self) -> WSGIApp:
        """Return a host app with the cache, and with views and functions under the decorators.

        A function that returns an app's cache is called with the subject's own app, unless
        `init_app` sets up what it needs.
        """
        return self._own_app() if self._in_own_app else self._host()

    @property
    def _in_own_app(self) -> bool:
        binding = self.binding
        return (
            (self.bench.subject.app, binding.init_app, binding.cached, binding.memoize).count(None)
            == 3
            and self.bench.subject.app is not None
            and not hasattr(self.component("cache"), "set")
        )

    def _own_app(self, prefix: str = "") -> WSGIApp:
        return self.bench.build(**self.settings(prefix))

    def _host(self, prefix: str = "") -> flask.Flask:
        cache: object = None if self.binding.cache is None else self.component("cache")
        if self.on is not None and hasattr(cache, "set") and not hasattr(cache, "init_app"):
            raise Untested("the bound cache takes no configuration: bind a function of the app")
        own = {
            key: value
            for key, value in self.bench.subject.config.items()
            if key.startswith("CACHE_")
        }
        host = Host(self.binding.session_key, self.binding.user_attribute)
        Subject(app=host.app, config=own).build(self.bench.folder, **self.settings(prefix))
        if self.binding.init_app is not None:
            init_app = self.component("init_app")
            extension = getattr(init_app, "__self__", None)
            if hasattr(extension, "cached") and not getattr(extension, "config", None):
                # Flask-Caching itself, which stores nothing without a setting.
                host.app.config.setdefault("CACHE_TYPE", "SimpleCache")
            self.call("init_app(app)", init_app, host.app)
        elif hasattr(cache, "init_app"):
            if not getattr(cache, "config", None):
                host.app.config.setdefault("CACHE_TYPE", "SimpleCache")
            self.call("cache.init_app(app)", cache.init_app, host.app)
        else:
            self.furnish(host.app, **self.settings(prefix))
        if self.binding.cached is not None:
            self.call("cached(timeout=...) on views of an app", host.add, self.component("cached"))
        if self.binding.memoize is not None:
            with host.app.app_context():
                self.call("memoize(timeout=...) on functions", host.wrap, self.component("memoize"))
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
        # cachelib empties a whole Redis database if the keys have no prefix.
        on_server = hasattr(store, "_write_client")
        return hasattr(store, "clear") and not (on_server and not store.key_prefix)

    # Pages and functions.

    def ways(self) -> Mapping[str, float]:
        """Return pages if `cached` is bound, and functions if `memoize` is."""
        bound = {"page": self.binding.cached, "function": self.binding.memoize}
        ways = {
            way: seconds
            for way, seconds in TIMEOUTS.items()
            if bound[way.rpartition("-")[2]] is not None
        }
        if not ways:
            raise Untested.for_keys("caching", "cached", "memoize")
        return ways

    def described(self, way: str) -> str:
        """Return the decorator with which a page or function is cached."""
        if way.endswith("function"):
            return f"the function under memoize(timeout={TIMEOUTS[way]:g})"
        return super().described(way)

    def ask(self, way: str, name: str = "", failing: str | None = None) -> Got:
        """Request a page of the host app, or call a function."""
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
            return self.call(f"{self.described(way)} with {name!r}", call)

    def outdated(self) -> Iterator[tuple[str, Got]]:
        """Let the host app return such an object; without a decorator, store one in the cache.

        How `get` itself fails does not matter if a decorator handles it.
        """
        self.inside()
        if self.binding.cached is None and self.binding.memoize is None:
            with gone_class(Old) as gone:
                self.operate("set", self.name("gone"), gone("old"), timeout=300)
            value = self.operate("get", self.name("gone"))
            yield "cache", Got(str(value), repr(value))
            return
        ways = self.ways()
        if "page" in ways:
            with gone_class(flask.Response) as self.host.pages.response:
                self.ask("page", "gone")
            self.host.pages.response = None
            yield "page", self.ask("page", "gone")
        if "function" in ways:
            with gone_class(Old) as self.host.gone:
                self.ask("function", "gone")
            self.host.gone = None
            yield "function", self.ask("function", "gone")

    def kept_answers(self, way: str, value: object) -> int:
        """Let the host app return the value, and count."""
        if way == "function":
            before = self.host.runs.count
            self.host.values[self.name("falsy")] = value
            for _ in range(2):
                self.ask(way, "falsy")
            return self.host.runs.count - before
        return self.runs_for(way, value)

    def function(
        self, arguments: Sequence[object], keywords: Mapping[str, object] | None = None
    ) -> list[str]:
        """Call the function with the long timeout, or the one that has defaults."""
        self.need("memoize")
        shown = [*map(repr, arguments), *(f"{k}={v!r}" for k, v in (keywords or {}).items())]
        name = "arguments" if keywords is None else "defaults"
        with self.context():
            return self.call(
                f"the function with {', '.join(shown)}",
                self.host.functions[name],
                *arguments,
                **(keywords or {}),
            )

    def listed(self, word: str) -> list[str]:
        """Call the function that returns its arguments as a list."""
        return self.function([word])

    # Pages.

    def hosted(self, host: str, mount: str) -> Response:
        """Request a page that shows its host and mount point."""
        self.need("cached")
        client = self.client(self.mounts[mount], host=host)
        return client.get(f"{mount}/page/{self.serial}/where")

    def plain(self, headers: Mapping[str, str] = {}) -> Response:
        """Request a page of the host app."""
        self.need("cached")
        return self.client().get(f"/page/{self.serial}/plain", headers=headers)

    def negotiate(self, accept: str) -> Response:
        """Request the host app's page, which has all media types."""
        self.need("cached")
        target = f"/page/{self.serial}/negotiated"
        return self.client().get(target, headers={"Accept": accept})

    def rush(self, visitors: int) -> Sequence[Callable[[], Got]]:
        """Return actions that request a page of this example."""
        self.need("cached")
        self.inside()
        # One page first, so that the app is created before the threads start.
        self.ask("page", "first")
        return [functools.partial(self.ask, "page", "rush")] * visitors

    def failing_page(self) -> tuple[str, Callable[[], object]]:
        """Return a page of this example, and its request."""
        self.need("cached")
        path = f"/page/{self.serial}/raises"
        return path, lambda: self.page(path, {"X-Failing": "raises"})

    def flood(self, count: int) -> bool:
        """Request a page with that many queries; without a decorator, fill the cache itself."""
        if self.on is not None:
            raise Untested("a Redis server has its own limit: maxmemory")
        if self.binding.cached is not None:
            return self._flood_page(f"/page/{self.serial}/flood", count)
        return overflows(
            count,
            lambda number: self.operate("set", self.name(str(number)), number, timeout=300),
            lambda number: self.operate("get", self.name(str(number))) is not None,
        )

    # People.

    def people(self) -> Sequence[str]:
        """Return the people that the host app knows."""
        self.need("cached")
        return PEOPLE

    def log_in(self, client: Client, person: str) -> None:
        """Log in to the host app."""
        client.post("/login", form={"username": person})

    def private(self, client: Client, token: str | None = None) -> Response:
        """Request the host app's private page."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return client.get(f"/private/{self.serial}", headers=headers)

    # The store itself.

    def operate(self, operation: str, *args: object, **kwargs: object) -> Any:
        """Call a method of the bound cache."""
        shown = ", ".join([*map(repr, args), *(f"{k}={v!r}" for k, v in kwargs.items())])
        method = getattr(self.store(), operation)
        step = f"cache.{operation}({shown[:200]})"
        if operation not in TELLING:
            with self.context():
                return self.call(step, method, *args, **kwargs)
        try:
            with self.context():
                found = method(*args, **kwargs)
        except (NotObserved, AssertionError):
            raise
        except Exception as error:
            self.ledger.call(step)
            raise SubjectRaised(step, error, where(error)) from error
        self.ledger.call(f"{step} -> {found!r:.80}")
        return found

    def offers(self, operation: str) -> bool:
        """Check the methods of the bound cache."""
        if operation == "clear" and not self._clearable:
            return False
        return hasattr(self.store(), operation)

    def apart(self) -> Iterator[tuple[str, bool, str]]:
        """Create a second host app; on a server, with another key prefix."""
        if self.binding.shared and self.on is None:
            raise Untested("instances of the app share what is cached: shared is true")
        make = self._own_app if self._in_own_app else self._host
        one, other = self.app, make("other:")
        if self.binding.cached is not None:
            target = f"/page/{self.serial}/apart"
            pages = [self.client(app).get(target).text for app in (one, other)]
            yield (
                "a second app of the process to get its page from its own view",
                pages[0] != pages[1],
                "its first request got the page that the first app's view had returned",
            )
        own = self.binding.cache is not None and self.store(one) is not self.store(other)
        if own or (self.binding.cache is not None and hasattr(self.store(one), "init_app")):
            name = self.name("apart")
            self.operate("set", name, "of the first app", timeout=300)
            with self.context(other):
                seen = self.call("cache.get in the second app", self.store(other).get, name)
                yield "no entry of the first app in the second", seen is None, repr(seen)
                if self._clearable:
                    self.call("cache.clear in the second app", self.store(other).clear)
            kept = self.operate("get", name)
            yield (
                "the first app's entry to stay when the second clears its cache",
                kept == "of the first app",
                repr(kept),
            )

    def in_production(self) -> Iterator[tuple[str, bool, str]]:
        """Store a value in the cache of the subject's app, and read it."""
        self.need("cache")
        app = self.shipped()
        if not isinstance(app, flask.Flask):
            raise Untested("needs a Flask app: the subject is another WSGI callable")
        store, name = self.store(app), self.name("shipped")
        with self.context(app):
            self.call("cache.set in the app", store.set, name, "kept", timeout=300)
            seen = self.call("cache.get in the app", store.get, name)
        yield (
            "cache.get() to return 'kept', which was set",
            seen == "kept",
            f"{seen!r}{self.setting('CACHE_TYPE', app)}",
        )


class ComponentOnRedis(CachingComponent):
    """The bound cache on a Redis server."""

    kind = "component on Redis"
    on = "redis"


@contextlib.contextmanager
def gone_class(base: type[T]) -> Iterator[type[T]]:
    """Yield a class that can be pickled inside the block, and not be unpickled after it."""
    module = types.ModuleType("conformance_gone")
    gone = type("Gone", (base,), {"__module__": module.__name__})
    module.Gone = gone  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    try:
        yield gone
    finally:
        del sys.modules[module.__name__]


class Old:
    """An object stored by an earlier version of the application."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


class Host:
    """A Flask app with slow pages and functions, to which the bound decorators are applied."""

    def __init__(self, session_key: str = "user", user_attribute: str = "user") -> None:
        self._session_key, self._user_attribute = session_key, user_attribute
        self.app = app = flask.Flask(__name__)
        app.config.update(PROPAGATE_EXCEPTIONS=True, SECRET_KEY="conformance")
        app.extensions["conformance"] = self
        self.runs = Runs()
        self.pages = Pages(app, self.runs)
        self.functions: dict[str, Callable[..., Any]] = {}
        #: What functions return for a name, how they fail, and the class of what they return.
        self.values: dict[str, object] = {}
        self.failing: str | None = None
        self.gone: type[Old] | None = None

        app.add_url_rule(RUNS, "runs", lambda: str(self.runs.count))
        app.add_url_rule("/login", "login", self._log_in, methods=["POST"])
        app.before_request(self._load_user)

    def _log_in(self) -> str:
        flask.session[self._session_key] = flask.request.form["username"]
        return "logged in"

    def _load_user(self) -> None:
        # The other pages do not read the session, because their responses do not depend on it.
        private = flask.request.endpoint == "private"
        user = flask.session.get(self._session_key) if private else None
        setattr(flask.g, self._user_attribute, user)

    def add(self, cached: Callable[..., Any]) -> None:
        """Add pages under the decorator."""
        self.pages.add(lambda name: cached(timeout=int(TIMEOUTS.get(name, 300))))

        def private(serial: str) -> ResponseReturnValue:
            token = flask.request.headers.get("Authorization", "").removeprefix("Bearer ")
            return {"user": token or flask.session.get(self._session_key), "run": self.runs()}

        self.app.add_url_rule("/private/<serial>", "private", cached(timeout=300)(private))

    def wrap(self, memoize: Callable[..., Any]) -> None:
        """Apply the decorator to functions."""

        def work(name: str) -> object:
            if self.failing:
                raise Failing(self.failing)
            run = self.runs()
            if name in self.values:
                return self.values[name]
            text = f"{name}, run {run} in {self.pages.token}"
            return self.gone(text) if self.gone else text

        def function(name: str) -> object:
            return work(name)

        def brief_function(name: str) -> object:
            return work(name)

        def arguments(*values: object) -> list[str]:
            return [repr(value) for value in values]

        @functools.wraps(with_defaults)
        def defaults(*values: object, **named: object) -> list[str]:
            return [repr(value) for value in with_defaults(*values, **named)]

        self.functions = {
            "function": memoize(timeout=int(TIMEOUTS["function"]))(function),
            "brief-function": memoize(timeout=int(TIMEOUTS["brief-function"]))(brief_function),
            "arguments": memoize(timeout=300)(arguments),
            "defaults": memoize(timeout=300)(defaults),
        }
