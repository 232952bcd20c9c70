"""The subject's package, and what importing it shows."""

from __future__ import annotations

from typing import Any, TypedDict

from ...subject.config import Binding


class Packages(Binding):
    """Where a subject's package is, and the project that it is installed from."""

    package: str | None = None
    """What `flask --app` is given: `shop`, `shop:app`, `shop.web:create_app('x')`; by default
    `app`."""
    project: str | None = None
    """The folder of its `pyproject.toml`; the package is imported from there, or from its
    `src`."""
    paths: tuple[str, ...] | None = None
    """The paths requested with GET; by default every rule without arguments."""
    skip: tuple[str, ...] = ()
    """Submodules that must not be imported, such as `shop.scripts.*`; tests never are."""
    apps: int = 1
    """How many apps an import is meant to create: more than one if it dispatches between them."""


class Look(TypedDict):
    """What an app in a new interpreter serves, and from where."""

    file: str
    #: The result of each path: a status, or the error that its view raised.
    pages: dict[str, str]
    #: The templates in the app's own folders.
    templates: list[str]
    #: The hash of one file of each static folder, by URL.
    statics: dict[str, str]
    #: What a GET of each of those URLs returned: a status, or the hash of the body.
    served: dict[str, str]
    #: The folders of static files, each by whose it is.
    folders: dict[str, str]
    #: Where pages raised what is their result, by path.
    raised: dict[str, str]


class Findings(TypedDict, total=False):
    """What one import in a new interpreter shows; a failed one has an `error` only."""

    #: The name of a subject that is a module of its own rather than a package.
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
    #: Where an import creates apps that stay alive, and the rules of those that are never served.
    made: list[str]
    unserved: dict[str, list[str]]
    #: Failed imports of own modules that a handler swallowed.
    hidden_errors: list[str]
    #: Libraries that the package requires, each with the location of an import.
    libraries: dict[str, str]
    twins: list[str]
    #: Where `__init__` is imported by that name.
    inits: list[str]
    #: The modules of the views of all rules.
    origins: dict[str, str]
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
    #: What an app without any settings is like; None if it cannot be created.
    bare: dict[str, Any] | None
