"""How a subject exposes its cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...subject.config import Binding, Component, Route
from .. import cached

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

    filled = {"people": "logins", "logout": "logout"}  # noqa: RUF012
    instead = {  # noqa: RUF012
        "people": "[people.NAME] has login, and shows for the text",
        "logout": "[people.NAME] has logout",
    }

    cache: Component = None
    """The cache: a Flask-Caching object, one of cachelib's, or a function called with
    `(app)` that gives the app's. Alone, such a function is called with the subject's own app."""
    cached: Component = None
    """The caching decorator of views, called with `(timeout=...)`, gives one for a view. Who
    asks is in the session and in `g`, as the next two keys say, or in the Authorization header."""
    session_key: str = "user"
    """The key of the session under which the kit's app keeps who has logged in."""
    user_attribute: str = "user"
    """The attribute of `g` with the same, during a request."""
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
    """A cached page that shows who has logged in, to two of `[people]`."""
    people: Mapping[str, Route] = {}
    """Deprecated: `[people]`, each with `login` and `shows`. Requests that log people in, by the
    text that `private` shows to them alone."""
    logout: Route | None = None
    """Deprecated: `logout` of somebody in `[people]`."""
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
