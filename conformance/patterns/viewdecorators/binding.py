"""A subject's view decorators."""

from __future__ import annotations

from collections.abc import Sequence

from ...subject.config import Binding, Component, Route

Query = Sequence[tuple[str, str]]


class ViewDecorators(Binding):
    """How a subject exposes its view decorators.

    The person who logs in is the one in `as` of `protected`, or else the first in `[people]`.
    """

    filled = {"login": "login", "logout": "logout"}  # noqa: RUF012
    instead = {  # noqa: RUF012
        "login": "[people.NAME] has login",
        "logout": "[people.NAME] has logout",
    }

    login_required: Component = None
    """The login decorator, called with `(view)`. If `protected` and somebody in `[people]` are
    also bound, clauses about the login use those pages; otherwise a small app that stores the
    user in `session["user"]` and in `g.user`, which is None if nobody is logged in."""
    cached: Component = None
    """The caching decorator: called with `(timeout=..., key=...)`, it returns one for a view."""
    templated: Component = None
    """The templating decorator: called with `(template=None)`, it returns one for a view."""
    init_app: Component = None
    """Called with the kit's test app for the decorators, to set up what they need."""
    login_endpoint: str = "login"
    """The endpoint that `login_required` redirects to."""
    cache_clock: bool = True
    """Whether the cache uses this process's clock; false for a server such as Redis."""
    protected: Route | None = None
    """A page that requires a login."""
    login: Route | None = None
    """Deprecated: `login` of somebody in `[people]`, with the form fields; `form_page` if the
    form has another path."""
    logout: Route | None = None
    """Deprecated: `logout` of somebody in `[people]`."""
    next_field: str = "next"
    """The query field with the target to go to after logging in."""
    cached_page: Route | None = None
    """A cached page whose content changes on every view call, such as a time or a counter."""
    cached_timeout: float = 300
    """For how many seconds `cached_page` is cached."""
    cached_query: str | None = None
    """A query field that determines what `cached_page` shows."""
    cached_private: Route | None = None
    """A page that is cached and requires a login."""
    templated_page: Route | None = None
    """A page whose view returns the values for a template."""
    template: str | None = None
    """The template of `templated_page`; by default the one named after its endpoint."""
