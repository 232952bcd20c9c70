"""How a subject exposes its cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...subject.config import Binding, Component, Route
from .. import cached

#: Seconds for which the host app caches its pages and functions.
TIMEOUTS = {**cached.TIMEOUTS, "function": 300.0, "brief-function": 30.0}

#: Ways in which a page or function fails: a page responds or aborts with a 5xx; both can raise.
FAILURES = ("answers 500", "aborts with 503", "raises")

#: What fails in an outage of the cache, with the names of its methods.
OUTAGES: Mapping[str, tuple[str, ...]] = {
    "reading": ("get", "get_many", "get_dict", "has"),
    "writing": ("set", "set_many", "add", "delete", "delete_many", "inc", "dec"),
}


class Caching(Binding):
    """How a subject exposes its cache.

    `cache` is checked for what every cache promises. What a decorator caches, and for which
    requests, is checked with the decorator that the subject puts on its views: bind it as
    `cached`. Flask-Caching's own `cache.cached` must be told what a response depends on, so
    bind the function that tells it, or the pages that it is used for.
    """

    filled = {"people": "logins", "logout": "logout"}  # noqa: RUF012
    instead = {  # noqa: RUF012
        "people": "[people.NAME] has login, and shows for the text",
        "logout": "[people.NAME] has logout",
    }

    cache: Component = None
    """The cache: a Flask-Caching object, a cachelib object, or a function called with `(app)`
    that returns the app's. On its own, such a function is called with the subject's app."""
    cached: Component = None
    """The caching decorator for views, called with `(timeout=...)`, returns one for a view. The
    user is in the session and in `g`, as the next two keys say, or in Authorization."""
    session_key: str = "user"
    """The session key under which the kit's app stores the logged-in user."""
    user_attribute: str = "user"
    """The attribute of `g` that holds the same user during a request."""
    memoize: Component = None
    """The caching decorator for functions, called with `(timeout=...)`."""
    init_app: Component = None
    """Called with the app in which the kit tries the components: sets up what they need."""
    cache_clock: bool = True
    """Whether the cache uses this process's clock; false for a cache on a server."""
    shared: bool = False
    """Whether instances of the app share cached values on purpose, on a server or in a folder."""
    limit: int = 1000
    """How many entries the cache may hold before it evicts some."""
    redis: Mapping[str, Any] = {
        "CACHE_TYPE": "RedisCache",
        "CACHE_REDIS_URL": "{url}",
        "CACHE_KEY_PREFIX": "{prefix}",
    }
    """Configuration that puts the cache on a Redis server; `{url}` and `{prefix}` are filled in.
    Used if the service `redis` is named."""
    production: Mapping[str, Any] = {}
    """Configuration values of production, on top of `config`; TESTING is false unless set here."""
    page: Route | None = None
    """A cached page whose content changes on every view call: a time, a counter."""
    timeout: float = 300
    """Seconds for which `page` is cached."""
    query_field: str | None = None
    """A query field on which the content of `page` depends."""
    query_values: Sequence[str] = ("1", "2", "3")
    """Values of that field for which `page` shows different content."""
    pages: Sequence[Route] = ()
    """More cached pages, unlike each other, whose content changes on every view call."""
    negotiated: Route | None = None
    """A cached page that is HTML or JSON, depending on the Accept header."""
    cookie_page: Route | None = None
    """A cached page that sets a separate cookie for each new visitor."""
    private: Route | None = None
    """A cached page that shows who is logged in, for two of `[people]`."""
    people: Mapping[str, Route] = {}
    """Deprecated: `[people]`, each with `login` and `shows`. Requests that log people in, by the
    text that `private` shows only to them."""
    logout: Route | None = None
    """Deprecated: `logout` of a person in `[people]`."""
    shown: Route | None = None
    """A page that shows a cached text."""
    change: Route | None = None
    """A request that changes that text, sent in `field`, and invalidates what is cached."""
    field: str = "text"
    """The form field of the text."""
    fail: Route | None = None
    """A request after which the view of `page` fails."""
    mend: Route | None = None
    """A request after which the view of `page` works again."""
