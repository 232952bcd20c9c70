"""Single-page applications.

One page answers for every path that the application in the browser knows; the server
keeps what is not its: static files, which are there or missing, and the API, which always
answers JSON. The page is rendered, so that its links hold wherever it is mounted.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, make_response, render_template, request
from werkzeug.wrappers import Response

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]

bp = Blueprint("singlepageapplications", __name__, url_prefix="/singlepageapplications")
api = Blueprint("api", __name__, url_prefix="/api")


@bp.get("/", defaults={"path": ""})
@bp.get("/<path:path>")
def application(path: str) -> Response:
    response = make_response(render_template("singlepageapplications/index.html"))
    # Browsers ask each time whether it is still the same: a new build is seen at once.
    response.cache_control.no_cache = True
    response.add_etag()
    return response.make_conditional(request)


@api.get("/status")
def status() -> dict[str, Any]:
    return {"status": "healthy"}


@api.route("/", defaults={"path": ""}, methods=METHODS)
@api.route("/<path:path>", methods=METHODS)
def missing(path: str) -> tuple[dict[str, Any], int]:
    """Answer what no route of the API does: the page would be no answer to a program."""
    return {"error": "not found"}, 404


bp.register_blueprint(api)


def init_app(app: Flask) -> None:
    """Register the application and its API."""
    app.register_blueprint(bp)
