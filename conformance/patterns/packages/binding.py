"""How a subject exposes its package, and what an import of it shows."""

from __future__ import annotations

from typing import Any, TypedDict

from ...subject.config import Binding


class Packages(Binding):
    """Where a subject's package is, and the project that it is installed from."""

    package: str | None = None
    """What `flask --app` is given: `shop`, `shop:app`, `shop.web:create_app('x')`; else `app`."""
    project: str | None = None
    """The folder of its `pyproject.toml`; the package is imported from it, or from its `src`."""
    paths: tuple[str, ...] | None = None
    """The paths that clauses ask with GET; else all whose rules have no arguments."""
    skip: tuple[str, ...] = ()
    """Submodules that must not be imported, such as `shop.scripts.*`; tests never are."""
    apps: int = 1
    """How many apps an import is meant to make: more than one where it dispatches between them."""


class Look(TypedDict):
    """What an app in a new interpreter serves, and from where."""

    file: str
    #: What came of each path: a status, or the error that its view ended with.
    pages: dict[str, str]
    #: The templates that are in the app's own folders.
    templates: list[str]
    #: The hash of one file of each static folder, by its URL.
    statics: dict[str, str]
    #: What a GET of each of those URLs gave: a status, or the hash of what came.
    served: dict[str, str]


class Findings(TypedDict, total=False):
    """What one import in a new interpreter shows; an `error` is all there is of a failed one."""

    #: The name of a subject that is a module of its own, and no package.
    module: str
    error: str
    package: str
    folder: str
    import_name: str
    #: The app's root path, and whether it is a folder of the package.
    root: str
    rooted: bool
    effects: list[str]
    collisions: list[str]
    #: Where apps are made by an import that live on; and the rules of those that nobody serves.
    made: list[str]
    unserved: dict[str, list[str]]
    #: Imports of own modules that failed, and that something passed over.
    hidden_errors: list[str]
    #: Libraries that it needs, each with the place of an import.
    libraries: dict[str, str]
    twins: list[str]
    modules: list[str]
    #: Submodules that the package's own import does not import.
    free: list[str]
    rules: list[str]
    all_rules: list[str]
    late: list[str]
    hidden: list[str]
    own_assets: int
    lost_assets: list[str]
    home: Look
    #: What an app without any settings is like; None where there is none.
    bare: dict[str, Any] | None
