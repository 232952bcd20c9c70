"""Deferred request callbacks.

The language is chosen before the view runs, when there is no response yet to put a
cookie on; so that is deferred to the end of this one request.
"""

from __future__ import annotations

from flask import Blueprint, Flask, Response, after_this_request, g, request

LANGUAGES = ("en", "de")

bp = Blueprint("deferredcallbacks", __name__, url_prefix="/deferredcallbacks")


@bp.before_request
def detect_user_language() -> None:
    language = request.cookies.get("user_lang")
    if language not in LANGUAGES:
        language = request.accept_languages.best_match(LANGUAGES, default=LANGUAGES[0])

        @after_this_request
        def remember_language(response: Response) -> Response:
            response.set_cookie(
                "user_lang",
                language,
                max_age=180 * 86400,
                path=request.root_path or "/",
                secure=request.is_secure,
                samesite="Lax",
            )
            return response

    @after_this_request
    def depends_on_both(response: Response) -> Response:
        response.vary.update(("Accept-Language", "Cookie"))
        return response

    g.language = language


@bp.get("/")
def page() -> str:
    return f"<html lang={g.language}>"


def init_app(app: Flask) -> None:
    """Register the page whose language is remembered."""
    app.register_blueprint(bp)
