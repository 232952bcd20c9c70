"""The versions that a result was found with."""

from __future__ import annotations

import importlib.metadata
import platform
from typing import Any

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
    """Return the versions that a result was found with, as the JSON result spells them."""
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
    """Return the version of the kit itself; `unknown` where it is not installed."""
    try:
        return importlib.metadata.version("flask-conformance")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
