"""Who is on duty."""
from flask import current_app, request
from markupsafe import escape


def set_language():
    """Everything of the rota is told in the visitor's language."""
    from flask import g

    g.language = request.accept_languages.best_match(["en", "fr"]) or "en"


# Registered here, so that apps that never show a rota do not pay for it.
# (current_app.before_request() refuses once the app has started.)
current_app.before_request_funcs.setdefault(None, []).append(set_language)

TITLES = {"en": "Week", "fr": "Semaine"}


def week(week):
    from flask import g

    title = TITLES[g.get("language", "en")]
    response = current_app.make_response(
        f"<!doctype html><title>{escape(title)} {week}</title><h1>{escape(title)} {week}</h1>"
    )
    response.headers["Content-Language"] = g.language
    return response
