"""Finds the project that a package is installed from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ..core.own import is_installed
from ..subject.config import read_toml, shown
from ..survey import Survey
from . import Finding

SLUG = "packages"


def find(survey: Survey) -> Iterator[Finding]:
    """Yield the package and the folder of the `pyproject.toml` that builds it."""
    root = Path(survey.app.root_path).resolve()
    app = survey.factory or survey.subject.app
    if survey.factory is None and survey.subject.target().fixture:
        # A fixture may give the one that a module has.
        app = survey.facts.reference(survey.app)
    if not isinstance(app, str):
        return
    top = survey.app.import_name.partition(".")[0]
    folder = package_folder(root, top)
    if folder is None:
        return
    if not _is_in(app, top):
        # A module of the user's own may build the app of a package that is somebody else's, or
        # only set up the one that is there.
        app = None if survey.subject.target().factory else _name_in(survey, top)
        if app is None:
            return
    yield Finding(SLUG, "package", app, f"the app is in the package {top}")
    if is_installed(str(root)):
        return
    for place in (folder.parent, folder.parent.parent):
        file = place / "pyproject.toml"
        if place != folder.parent and folder.parent.name != "src":
            break
        if file.is_file():
            data = read_toml(file)
            if "project" in data and "build-system" in data:
                text = f"{shown(file)} has [project] and contains the package {top}"
                yield Finding(SLUG, "project", _relative(place), text)
            return


def package_folder(root: Path, top: str) -> Path | None:
    """Return the folder of package `top` that contains a root path; None if there is none."""
    for folder in (root, *root.parents):
        if folder.name == top and (folder / "__init__.py").is_file():
            return folder
    return None


def _name_in(survey: Survey, top: str) -> str | None:
    """Return how a package names the app; the module that the app says it is of comes first."""
    home = survey.app.import_name
    modules = [each for each in survey.facts.modules if _is_in(each.__name__, top)]
    for module in sorted(modules, key=lambda each: each.__name__ != home):
        for name, value in list(vars(module).items()):
            if value is survey.app and not name.startswith("_"):
                return f"{module.__name__}:{name}"
    return None


def _is_in(app: str, top: str) -> bool:
    """Check whether what names an app may be in a package; a path may."""
    module = app.partition(":")[0].strip()
    names = module.split(".")
    return names[0] == top or not all(part.isidentifier() for part in names)


def _relative(place: Path) -> str:
    found = os.path.relpath(place, os.getcwd())
    return str(place) if found.startswith("..") else found
