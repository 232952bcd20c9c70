"""Adding a favicon.

Pages link the icon in their head, with a URL that follows the static folder and
the prefix that the application is mounted at. Browsers that look for
`/favicon.ico` without having read a page find it there too.
"""

from __future__ import annotations

import os

from flask import Blueprint, Flask, Response, current_app, render_template, send_from_directory

bp = Blueprint("favicon", __name__)


@bp.get("/favicon.ico")
def icon() -> Response:
    """Serve the icon itself, rather than a redirect that each visitor would pay for."""
    folder = os.path.join(current_app.root_path, "static")
    return send_from_directory(
        folder, "favicon.ico", mimetype="image/vnd.microsoft.icon", max_age=86400
    )


@bp.get("/favicon/")
def page() -> str:
    return render_template("favicon/page.html")


def init_app(app: Flask) -> None:
    """Register the icon at the root of the site, without a URL prefix."""
    app.register_blueprint(bp)
