"""Lazily loading views.

One place maps URLs to the names of functions. A function's module is imported by the
first request that needs it: what it imports itself costs nobody else anything.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Flask, current_app

bp = Blueprint("lazyloading", __name__, url_prefix="/lazyloading")


def lazy_view(import_name: str) -> Callable[..., Any]:
    """Return a view that imports `module.function` when it is first called."""
    module, _, name = import_name.rpartition(".")
    lock = threading.Lock()
    loaded: list[Callable[..., Any]] = []

    def view(**values: Any) -> Any:
        # The lock lets one of many first requests import, and the others wait for it. A
        # failed import leaves nothing behind, so that the next request tries again.
        if not loaded:
            with lock:
                if not loaded:
                    function = getattr(importlib.import_module(module), name)
                    loaded.append(current_app.ensure_sync(function))
        return loaded[0](**values)

    # Flask names the endpoint after the function.
    view.__module__, view.__name__, view.__qualname__ = module, name, name
    return view


def url(import_name: str, rules: Sequence[str], **options: Any) -> None:
    """Map one or more rules to one function of the views' module."""
    view = lazy_view(f"{__name__}.views.{import_name}")
    for rule in rules:
        bp.add_url_rule(rule, view_func=view, **options)


url("index", ["/"])
url("user", ["/user/", "/user/<name>"])
url("rename", ["/user/<name>"], methods=["POST"])


@bp.after_request
def expensive(response: Any) -> Any:
    """Hooks cannot come late: the first request needs them too."""
    response.headers["X-Loaded"] = "late"
    return response


def init_app(app: Flask) -> None:
    """Register the URLs; the views stay where they are."""
    app.register_blueprint(bp)
