"""How a subject exposes its view decorators."""

from __future__ import annotations

from collections.abc import Sequence

from ...subject.config import Binding, Component, Route

Query = Sequence[tuple[str, str]]


class ViewDecorators(Binding):
    """How a subject exposes its view decorators.

    Who logs in is the person whose `protected` is (`as`), or else the first in `[people]`.
    """

    filled = {"login": "login", "logout": "logout"}  # noqa: RUF012
    instead = {  # noqa: RUF012
        "login": "[people.NAME] has login",
        "logout": "[people.NAME] has logout",
    }

    login_required: Component = None
    """The login decorator, called with `(view)`. Where `protected` and somebody in `[people]` are
    bound too, what needs a login is asked of those pages; else of a small app where who has
    logged in is in `session["user"]` and in `g.user`, which is None where nobody is."""
    cached: Component = None
    """The caching decorator, called with `(timeout=..., key=...)`, gives one for a view."""
    templated: Component = None
    """The templating decorator, called with `(template=None)`, gives one for a view."""
    init_app: Component = None
    """Called with the app that the kit tries the decorators in: what they need is set up here."""
    login_endpoint: str = "login"
    """The endpoint that `login_required` redirects to."""
    cache_clock: bool = True
    """Whether the cache goes by this process's clock; false for a server such as Redis."""
    protected: Route | None = None
    """A page that only someone who has logged in sees."""
    login: Route | None = None
    """Deprecated: `login` of somebody in `[people]`, with the fields of the form; `form_page`
    where the form has another path."""
    logout: Route | None = None
    """Deprecated: `logout` of somebody in `[people]`."""
    next_field: str = "next"
    """The field of the query that carries where to go after logging in."""
    cached_page: Route | None = None
    """A cached page that is another one each time its view runs: a time, a counter."""
    cached_timeout: float = 300
    """Seconds that `cached_page` is kept."""
    cached_query: str | None = None
    """A field of the query that decides what `cached_page` shows."""
    cached_private: Route | None = None
    """A page that is cached, and that only someone who has logged in sees."""
    templated_page: Route | None = None
    """A page whose view gives the values for a template."""
    template: str | None = None
    """The template of `templated_page`; else the one that its endpoint names."""
