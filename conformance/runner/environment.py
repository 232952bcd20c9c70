"""The versions that a result was obtained with."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from ..core.errors import ConfigError
from ..subject.registry import distributions

#: Packages whose versions explain a result.
_PACKAGES = (
    "flask",
    "werkzeug",
    "jinja2",
    "click",
    "blinker",
    "itsdangerous",
    "hypothesis",
    "pytest",
    "sqlalchemy",
    "flask-sqlalchemy",
    "flask-caching",
    "cachelib",
    "flask-wtf",
    "wtforms",
    "celery",
    "mongoengine",
    "mongomock",
    "waitress",
    "gunicorn",
)


def environment() -> dict[str, Any]:
    """Return the versions that a result was obtained with, in the JSON result's format."""
    packages = {}
    for name in (*_PACKAGES, *distributions()):
        try:
            packages[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "python": platform.python_version(),
        "flask": packages.get("flask"),
        "werkzeug": packages.get("werkzeug"),
        "packages": packages,
    }


def kit_version() -> str:
    """Return the version of the kit itself; `unknown` if it is not installed."""
    try:
        return importlib.metadata.version("flask-conformance")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def require(wanted: Iterable[str]) -> None:
    """Check that this environment has the expected versions.

    Each entry is a requirement such as `flask~=2.3.3`, in which `python` is also a name, or a
    file with one per line, like pip's constraints. Raises `ConfigError` for the first that is not
    met, and for anything that is not a requirement.
    """
    for entry in wanted:
        file = Path(entry)
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else [entry]
        for line in lines:
            text = line.partition("#")[0].strip()
            if text:
                _require(text)


def _require(text: str) -> None:
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        reason = str(error).partition("\n")[0]
        raise ConfigError(
            f"--require: {text!r} is neither a requirement such as flask~=3.1 nor a file: {reason}"
        ) from None
    if requirement.marker is not None and not requirement.marker.evaluate():
        return
    found = _installed(requirement.name)
    if found is None:
        raise ConfigError(f"--require: {requirement.name} is not installed; wanted {text}")
    if not requirement.specifier.contains(found, prereleases=True):
        raise ConfigError(f"--require: this environment has {requirement.name} {found}, not {text}")


def _installed(name: str) -> str | None:
    if name.lower() == "python":
        return platform.python_version()
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
