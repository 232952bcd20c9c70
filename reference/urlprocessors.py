"""Using URL processors: a part of each URL that no view has to handle.

All pages of the blueprint begin with a language. It is taken out of the URL's
values before the view is called, and put into every URL that is built.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, g, url_for

#: The converter keeps any other first segment from becoming a language.
bp = Blueprint("urlprocessors", __name__, url_prefix="/urlprocessors/<any(en, de):lang_code>")


@bp.url_value_preprocessor
def pull_lang_code(endpoint: str | None, values: dict[str, Any] | None) -> None:
    # No values: nothing matched, and the answer will be a 404.
    if values is not None:
        g.lang_code = values.pop("lang_code", None)


@bp.app_url_defaults
def add_lang_code(endpoint: str, values: dict[str, Any]) -> None:
    # Runs for every URL, also where no request is being handled or the page has no language.
    if endpoint.startswith("urlprocessors.") and "lang_code" not in values:
        lang_code = g.get("lang_code")
        if lang_code is not None:
            values["lang_code"] = lang_code


@bp.get("/")
def index() -> str:
    return f"<p lang={g.lang_code}><a href='{url_for('.about')}'>about</a></p>"


@bp.get("/about")
def about() -> str:
    return f"<p lang={g.lang_code}><a href='{url_for('.index')}'>home</a></p>"


def init_app(app: Flask) -> None:
    """Register the localised pages."""
    app.register_blueprint(bp)
