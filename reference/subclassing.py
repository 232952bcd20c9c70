"""Subclassing Flask.

The application class names a request class, whose parameters keep the order in which
they were sent. Whoever makes an app of the class gets it; nothing is set on an instance.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Flask, Request, request
from werkzeug.datastructures import ImmutableMultiDict, iter_multi_items

bp = Blueprint("subclassing", __name__, url_prefix="/subclassing")


class Parameters(ImmutableMultiDict[str, str]):
    """Request parameters that remember their order across names too."""

    def __init__(self, mapping: Any = ()) -> None:
        self._pairs = tuple(iter_multi_items(mapping)) if mapping else ()
        super().__init__(self._pairs)

    def items(self, multi: bool = False) -> Iterator[tuple[str, str]]:  # type: ignore[override]
        return iter(self._pairs if multi else super().items())


class OrderedRequest(Request):
    """A request whose query and forms keep their order."""

    parameter_storage_class = Parameters


class OrderedFlask(Flask):
    """An application all of whose requests are such."""

    request_class = OrderedRequest


@bp.get("/")
def page() -> list[tuple[str, str]]:
    return list(request.args.items(multi=True))


def init_app(app: Flask) -> None:
    """Register the page that shows the order; the app is to be an `OrderedFlask`."""
    app.register_blueprint(bp)
