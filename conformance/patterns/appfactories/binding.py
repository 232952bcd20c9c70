"""How a subject exposes its factory."""

from __future__ import annotations

from ...subject.config import Binding, Component, Route


class AppFactories(Binding):
    """How a subject exposes its factory: an app alone shows most of it."""

    page: Route | None = None
    """A page of a blueprint whose answer contains the value of `setting`."""
    setting: str | None = None
    """A setting, such as the site's name, that `page` and `probe` depend on."""
    probe: Component = None
    """A function, called in an app context, that gives what an extension made of `setting`."""
    config_file: str | None = None
    """A configuration file that the factory cannot do without, from the app's root path."""
    paths: tuple[str, ...] | None = None
    """The paths that clauses ask with GET; else all whose rules have no arguments."""
