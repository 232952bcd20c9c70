"""What the clauses do with a cache, in every binding."""

from __future__ import annotations

import abc
import contextlib
import functools
import importlib.util
import inspect
import sys
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn
from unittest import mock

from ...core.errors import Broken, Untested
from ...subject.arguments import fill
from ...transports import Client, Request, Response, WSGIApp
from ..cached import CachedHarness, Got
from ..harness import Ability
from .binding import Caching

if TYPE_CHECKING:
    from types import FrameType

    from ...instruments.bench import Bench


class Redis:
    """The entries of one clause on a Redis server: those whose keys start with its prefix."""

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

    def keys(self) -> list[bytes]:
        """Return the keys."""
        return list(self._client.scan_iter(f"{self.prefix}*", count=1000))

    def advance(self, seconds: float) -> None:
        """Reduce the remaining lifetime of every entry by that many seconds."""
        for key in self.keys():
            left = self._client.pttl(key)
            if left >= 0:
                self._client.pexpire(key, max(int(left - seconds * 1000), 1))
        # An entry with one millisecond left expires the next time the server checks the time.
        while any(0 <= self._client.pttl(key) <= 1 for key in self.keys()):
            pass

    def close(self) -> None:
        """Delete the entries."""
        for key in self.keys():
            self._client.delete(key)
        self._client.close()


def outage_error() -> type[Exception]:
    """Return an error class that covers what any backend raises when it is unreachable."""
    bases: list[type[Exception]] = [ConnectionError]
    if importlib.util.find_spec("redis") is not None:
        from redis.exceptions import ConnectionError as RedisConnectionError

        bases.insert(0, RedisConnectionError)
    return type("ConnectionError", tuple(bases), {"__module__": __name__})


class CachingHarness(CachedHarness[Caching]):
    """What the clauses do with a cache, in every binding."""

    #: Whether the private page also accepts an Authorization header.
    tokens: ClassVar[bool] = False

    def __init__(self, slug: str, binding: Caching, bench: Bench) -> None:
        super().__init__(slug, binding, bench)
        #: The cache of each app, with the app to keep its id in use.
        self._stores: dict[int, tuple[object, object]] = {}

    # Where the cache is.

    @functools.cached_property
    def redis(self) -> Redis:
        """The entries of this clause on the Redis server."""
        return self.bench.enter(contextlib.closing(Redis(self.service("redis"))))

    def settings(self, prefix: str = "") -> dict[str, object]:
        """Return the configuration that puts the cache where the clause needs it."""
        if self.on is None:
            return {}
        redis = self.redis
        marks = {"url": lambda: redis.url, "prefix": lambda: redis.prefix + prefix}
        return dict(fill(self.binding.redis, **marks))

    def store(self, app: object = None) -> Any:
        """Return the cache of an app: an object with `get` and `set`."""
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
    def context(self, app: object = None) -> Iterator[None]:
        """Enter the context of an app, if it has one."""
        app = self.app if app is None else app
        with app.app_context() if hasattr(app, "app_context") else contextlib.nullcontext():
            yield

    @contextlib.contextmanager
    def outage(self, operations: Collection[str]) -> Iterator[None]:
        """Make the backend raise during the block, as if its server were gone."""
        self.inside()
        store = self.store()
        if hasattr(store, "init_app"):
            with self.context():
                store = store.cache
        error = outage_error()

        def unreachable(name: str, *args: object, **kwargs: object) -> NoReturn:
            raise error(f"the cache cannot be reached, in {name}()")

        with contextlib.ExitStack() as stack:
            for name in operations:
                if hasattr(store, name):
                    failing = functools.partial(unreachable, name)
                    stack.enter_context(mock.patch.object(store, name, failing))
            self.ledger.note(f"from now on the cache's {', '.join(operations)} cannot reach it")
            yield

    # The time.

    def start_clock(self) -> None:
        """Stop the clock at a time when all earlier entries have expired."""
        if self.on is not None:
            return
        super().start_clock()

    def advance(self, seconds: float) -> None:
        """Move the cache's clock forward."""
        if self.on is not None:
            self.redis.advance(seconds)
        else:
            super().advance(seconds)

    # Pages.

    @abc.abstractmethod
    def hosted(self, host: str, mount: str) -> Response:
        """Request a page from a host, with the app mounted at one of `MOUNTS`."""

    @abc.abstractmethod
    def plain(self, headers: Mapping[str, str] = {}) -> Response:
        """Request a page as a new client that sends those headers and no others."""

    @abc.abstractmethod
    def negotiate(self, accept: str) -> Response:
        """Request a page in a media type."""

    @abc.abstractmethod
    def rush(self, visitors: int) -> Sequence[Callable[[], Got]]:
        """Return actions that all request one page that is not cached yet."""

    @abc.abstractmethod
    def failing_page(self) -> tuple[str, Callable[[], object]]:
        """Return the path of a page, and an action that requests it while its view raises."""

    def runs_of_failing(self) -> int:
        """Request a page whose view raises; return how often the view has run."""
        self.only_wsgi("counts the calls of the view")
        path, ask = self.failing_page()
        app = self.flask_app
        endpoint, _ = app.url_map.bind("localhost").match(path.partition("?")[0], method="GET")
        code = getattr(inspect.unwrap(app.view_functions[endpoint]), "__code__", None)
        calls = 0

        def count(frame: FrameType, event: str, argument: object) -> None:
            nonlocal calls
            calls += event == "call" and frame.f_code is code

        before = sys.getprofile()
        sys.setprofile(count)
        try:
            ask()
        finally:
            sys.setprofile(before)
        return calls

    @abc.abstractmethod
    def flood(self, count: int) -> bool:
        """Cache up to that many different entries; return whether some were evicted meanwhile."""

    def _flood_page(self, path: str, count: int) -> bool:
        client = self.client()
        first: dict[int, str] = {}

        def target(number: int) -> str:
            query = {"conformance": f"{self.serial}.{number}"}
            return Request.build(target=path, query=query).target

        def put(number: int) -> None:
            first[number] = client.get(target(number)).text

        def lives(number: int) -> bool:
            # If all queries have the same page, they are one entry.
            if number and first[number] == first[0]:
                return False
            return client.get(target(number)).text == first[number]

        return overflows(count, put, lives)

    # People.

    @abc.abstractmethod
    def people(self) -> Sequence[str]:
        """Return two people who can log in."""

    @abc.abstractmethod
    def log_in(self, client: Client, person: str) -> None:
        """Log somebody in."""

    def log_out(self, client: Client) -> None:
        """Log out; without a logout route, by clearing the cookies."""
        client.cookies.clear()

    @abc.abstractmethod
    def private(self, client: Client, token: str | None = None) -> Response:
        """Request the private page, with the client's cookies or a person's token."""

    # What it stores.

    def name(self, key: str) -> str:
        """Return the key of an entry of this example."""
        return f"{self.serial}/{key}"

    @abc.abstractmethod
    def in_production(self) -> Iterator[tuple[str, bool, str]]:
        """Use the app as it ships; yield checks of what it caches, as `Twins.apart` does."""

    def setting(self, key: str, app: object = None) -> str:
        """Return `; KEY is VALUE` of the app that the cache belongs to, if it has a config."""
        config = getattr(self.app if app is None else app, "config", None)
        if not isinstance(config, Mapping) or not any(
            str(key).startswith("CACHE_") for key in config
        ):
            return ""
        return f"; {key} is {config[key]!r:.60}" if key in config else f"; {key} is not set"

    def shipped(self) -> WSGIApp:
        """Create the app with the configuration of production."""
        values = dict(self.binding.production)
        if self.bench.subject.config.get("TESTING"):
            values.setdefault("TESTING", False)
        return self.bench.build(**{**self.settings(), **values})


class Store(CachingHarness, Ability, because="needs the cache itself, not the pages of an app"):
    """The cache itself can be called."""

    @abc.abstractmethod
    def operate(self, operation: str, *args: object, **kwargs: object) -> Any:
        """Call a method of the cache, in the context of its app."""

    @abc.abstractmethod
    def offers(self, operation: str) -> bool:
        """Check whether the cache has a method that clauses may call."""

    def need_operation(self, operation: str) -> None:
        """Raise `Untested` if the cache does not offer an operation."""
        if not self.offers(operation):
            raise Untested(f"the cache has no {operation} that a clause may call")


class Outdating(
    CachingHarness, Ability, because="stores an unreadable entry in the cache: needs a component"
):
    """The cache can be made to hold entries that can no longer be read."""

    @abc.abstractmethod
    def outdated(self) -> Iterator[tuple[str, Got]]:
        """Cache objects whose class is then removed; yield what is returned when asked again."""


class Memoizing(CachingHarness, Ability, given_by=("memoize",)):
    """Functions are cached, not only pages."""

    @abc.abstractmethod
    def function(
        self, arguments: Sequence[object], keywords: Mapping[str, object] | None = None
    ) -> list[str]:
        """Call a cached function that returns its arguments.

        With `keywords`, the function is like `with_defaults`, which accepts more than is passed.
        """

    @abc.abstractmethod
    def listed(self, word: str) -> list[str]:
        """Call a cached function that makes a list of a word; return the list without a copy."""


class Twins(
    CachingHarness,
    Ability,
    given_by=("cache", "cached"),
    because=": it compares the caches of two apps",
):
    """Two apps can be created, each with a cache."""

    @abc.abstractmethod
    def apart(self) -> Iterator[tuple[str, bool, str]]:
        """Use two apps; yield what is expected of each, whether it holds, what was observed."""


class Changing(CachingHarness, Ability, because="changes the content of an app's pages"):
    """A page shows a text that can be changed."""

    @abc.abstractmethod
    def change(self, text: str) -> Response:
        """Change the displayed text."""

    @abc.abstractmethod
    def shown_page(self) -> Response:
        """Request the page that shows it."""


@contextlib.contextmanager
def _keys_used() -> Iterator[tuple[list[str], list[str]]]:
    """Note the keys that any cachelib cache of this process reads and writes during the block."""
    read: list[str] = []
    written: list[str] = []

    def noting(cls: type, name: str, keys: list[str]) -> Any:
        own = vars(cls)[name]

        @functools.wraps(own)
        def noted(cache: object, key: str, *args: object, **kwargs: object) -> object:
            keys.append(str(key))
            return own(cache, key, *args, **kwargs)

        return mock.patch.object(cls, name, noted)

    with contextlib.ExitStack() as stack:
        base = getattr(sys.modules.get("cachelib"), "BaseCache", None)
        classes = [base] if base is not None else []
        for cls in classes:
            classes += cls.__subclasses__()
            for name, keys in (("get", read), ("set", written)):
                if name in vars(cls):
                    stack.enter_context(noting(cls, name, keys))
        yield read, written


def why_missed(ask: Callable[[], object]) -> str:
    """Ask twice more; say which keys the cache was used with, if it is cachelib's and that tells.

    A subclass that calls its base class uses one key twice, which does not matter.
    """
    with _keys_used() as (first_read, first_written):
        ask()
    with _keys_used() as (second_read, second_written):
        ask()
    if not (first_read or first_written or second_read or second_written):
        return ""
    if not first_written and not second_written:
        return "nothing is stored in the cache"
    first, second = dict.fromkeys(first_written), dict.fromkeys(second_written)
    if first and second and not first.keys() & second.keys():
        one, other = next(iter(first)), next(iter(second))
        return f"two equal requests are stored under different keys: {one:.90} and {other:.90}"
    if first_written and not {*first_written} & {*second_read}:
        return f"what is stored under {first_written[0]:.90} is not looked up under that key"
    return ""


def with_defaults(
    first: object, second: object = 0, *, third: object = "", fourth: object = False
) -> list[object]:
    """Return all arguments; callers may leave out all but the first."""
    return [first, second, third, fourth]


def overflows(count: int, put: Callable[[int], object], lives: Callable[[int], bool]) -> bool:
    """Put entries until one of the first is gone; each is read once, as a read may keep it."""
    for number in range(count):
        put(number)
        if number % 50 == 49 and not lives(number // 50):
            return True
    return not all(map(lives, range(count)))
