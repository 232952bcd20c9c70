"""How a subject exposes its factory."""

from __future__ import annotations

from ...subject.config import Binding, Component, Route


class AppFactories(Binding):
    """How a subject exposes its factory; most clauses need nothing more than the app."""

    page: Route | None = None
    """A page of a blueprint whose response contains the value of `setting`."""
    setting: str | None = None
    """The name of a setting, such as the site's name, that `page` and `probe` depend on."""
    probe: Component = None
    """A function, called in an app context, that returns what an extension made of `setting`."""
    config_file: str | None = None
    """A configuration file that the factory requires, relative to the app's root path."""
    paths: tuple[str, ...] | None = None
    """The paths that clauses request with GET; by default, those of all rules without arguments."""
