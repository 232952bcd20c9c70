"""Template inheritance.

The layout has what all pages share and a block for each part that may differ. A page
begins with `extends`, has all its content inside blocks that the layout defines, and
calls `super()` where it adds to a block instead of replacing it.
"""

from __future__ import annotations

from flask import Blueprint, Flask, abort, render_template

# All loaders share one set of names: the folder keeps these apart from other blueprints'.
bp = Blueprint("templateinheritance", __name__, url_prefix="/templateinheritance")

ARTICLES = {
    "blocks": ("Blocks", "A block left alone keeps the layout's content."),
    "super": ("Super", "It renders the block that is being overridden."),
}


@bp.get("/")
def index() -> str:
    return render_template("templateinheritance/index.html", articles=ARTICLES)


@bp.get("/articles/<name>")
def article(name: str) -> str:
    if name not in ARTICLES:
        abort(404)
    title, text = ARTICLES[name]
    return render_template("templateinheritance/article.html", title=title, text=text)


@bp.errorhandler(404)
def missing(error: Exception) -> tuple[str, int]:
    """Render without what views pass: the layout needs none of it."""
    return render_template("templateinheritance/missing.html"), 404


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
