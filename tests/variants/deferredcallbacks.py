"""Deferred callbacks, done right in other ways than the reference's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask

from conformance import Subject
from reference import deferredcallbacks as right
from tests.proof import variant

Function = Callable[[flask.Response], flask.Response]


@variant
def own_list() -> Subject:
    """A list on `g` that one hook of the app runs, as it was done before Flask had a function."""

    def after_this_request(function: Function) -> Function:
        if not flask.has_request_context():
            raise RuntimeError("there is no request to defer to the end of")
        if "deferred" not in flask.g:
            flask.g.deferred = []
            flask.after_this_request(run)
        flask.g.deferred.append(function)
        return function

    def run(response: flask.Response) -> flask.Response:
        for function in flask.g.pop("deferred", ()):
            response = function(response)
        return response

    component = {"after_this_request": after_this_request}
    return Subject(patterns={"deferredcallbacks": component})


@variant
def app_wide_hook() -> Subject:
    """No deferring at all: an `after_request` hook decides, and marks its answers as private."""

    def create_app() -> flask.Flask:
        app = flask.Flask("shop")

        @app.before_request
        def choose() -> None:
            known = flask.request.cookies.get("theme") in ("light", "dark")
            wish = flask.request.headers.get("X-Theme")
            flask.g.keep = not known
            flask.g.theme = (
                flask.request.cookies["theme"] if known else "dark" if wish == "dark" else "light"
            )

        @app.after_request
        def remember(response: flask.Response) -> flask.Response:
            response.cache_control.private = True
            if flask.g.keep:
                secure = flask.request.is_secure
                response.set_cookie("theme", flask.g.theme, secure=secure, samesite="Strict")
            return response

        app.add_url_rule("/<name>", "page", lambda name: f"{name} in {flask.g.theme}")
        return app

    binding = {
        "page": "/start",
        "cookie": "theme",
        "values": ["light", "dark"],
        "header": "X-Theme",
        "attribute": "theme",
    }
    return Subject(app=create_app, patterns={"deferredcallbacks": binding})


@variant
def response_subclass() -> Subject:
    """A response class that sets the cookie itself, in an app whose errors are pages of their own."""

    def create_app() -> flask.Flask:
        app = flask.Flask("shop")

        class Localised(flask.Flask.response_class):
            pass

        @app.before_request
        def choose() -> Any:
            sent = flask.request.cookies.get("lang")
            if sent in ("en", "de", "fr"):
                flask.g.lang = sent
                return
            flask.g.lang = flask.request.accept_languages.best_match(["en", "de", "fr"]) or "en"

            @flask.after_this_request
            def remember(response: flask.Response) -> flask.Response:
                response = flask.current_app.make_response(response)
                response.set_cookie("lang", flask.g.lang, max_age=3600, samesite="Lax",
                                    secure=flask.request.scheme == "https")  # fmt: skip
                return response

        @app.after_request
        def vary(response: flask.Response) -> flask.Response:
            response.vary.add("*")
            return response

        @app.errorhandler(Exception)
        def failed(error: Exception) -> tuple[str, int]:
            return f"failed in {flask.g.lang}", getattr(error, "code", 500)

        app.response_class = Localised
        app.add_url_rule("/", "page", lambda: flask.g.lang)
        return app

    binding = {"page": "/", "cookie": "lang", "values": ["en", "de", "fr"], "attribute": "lang"}
    return Subject(app=create_app, patterns={"deferredcallbacks": binding})


@variant
def not_on_errors() -> Subject:
    """The deferred function looks at the answer, and remembers nothing by an error page."""

    def detect() -> None:
        right.detect_user_language()

        @flask.after_this_request
        def only_good(response: flask.Response) -> flask.Response:
            if response.status_code >= 400:
                response.headers.pop("Set-Cookie", None)
            return response

    return Subject(patterns={"deferredcallbacks": {"hook": detect, "attribute": "language"}})


@variant
def installed_by_init_app() -> Subject:
    """The functions wait in `flask.g`, and a hook that is installed on the app runs them; another
    hook defers one to them."""

    def after_this_request(function: Any) -> None:
        if not flask.has_request_context():
            raise RuntimeError("there is no request to wait for")
        flask.g.setdefault("deferred", []).append(function)

    def init_app(app: flask.Flask) -> None:
        @app.after_request
        def run(response: flask.Response) -> flask.Response:
            # A function may defer another one.
            while functions := flask.g.pop("deferred", ()):
                for function in functions:
                    response = function(response)
            return response

    def choose() -> None:
        kept = flask.request.cookies.get("user_lang")
        if kept in ("en", "de"):
            flask.g.language = kept
            return
        flask.g.language = flask.request.accept_languages.best_match(["en", "de"], "en")

        def keep(response: flask.Response, language: str = flask.g.language) -> flask.Response:
            secure = flask.request.is_secure
            response.set_cookie(
                "user_lang", language, 10**7, secure=secure, samesite="Lax", httponly=True
            )
            response.vary.update(["Cookie", "Accept-Language"])
            return response

        after_this_request(keep)

    binding = {"after_this_request": after_this_request, "init_app": init_app}
    binding |= {"hook": choose, "attribute": "language"}
    return Subject(patterns={"deferredcallbacks": binding})


@variant
def hook_with_settings() -> Subject:
    """The hook goes by a setting of the application that it belongs to."""

    def remember() -> None:
        languages = flask.current_app.config["SHOP_LANGUAGES"]
        kept = flask.request.cookies.get("user_lang")
        if kept in languages:
            flask.g.language = kept
            return
        wish = flask.request.accept_languages.best_match(languages)
        flask.g.language = wish or languages[0]

        @flask.after_this_request
        def keep(response: flask.Response) -> flask.Response:
            response.vary.update(["Cookie", "Accept-Language"])
            secure = flask.request.is_secure
            response.set_cookie(
                "user_lang", flask.g.language, max_age=86400, secure=secure, samesite="Lax"
            )
            return response

    def create_app() -> flask.Flask:
        app = flask.Flask("shop")
        app.config["SHOP_LANGUAGES"] = ["en", "de"]
        app.before_request(remember)
        app.add_url_rule("/start", "start", lambda: str(flask.g.language))
        return app

    binding = {"hook": remember, "page": "/start", "attribute": "language"}
    return Subject(app=create_app, patterns={"deferredcallbacks": binding})
