"""URL processors, each with one believable mistake."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import flask

from conformance import Subject
from reference import urlprocessors as right
from tests.proof import mutant

Values = dict[str, Any]


def component(
    take: Callable[[str | None, Values | None], Any] = right.pull_lang_code,
    give: Callable[[str, Values], Any] = right.add_lang_code,
    *,
    prefix: str = "/<any(en, de):lang_code>",
    change: Callable[[flask.Blueprint], object] = lambda bp: None,
) -> Subject:
    """The reference's blueprint with another callback, prefix, or change."""
    bp = flask.Blueprint("urlprocessors", __name__, url_prefix=prefix)
    bp.add_url_rule("/", "index", lambda: "index")
    bp.add_url_rule("/about", "about", lambda: "about")
    bp.url_value_preprocessor(take)
    bp.app_url_defaults(give)
    change(bp)
    return Subject(patterns={"urlprocessors": {"blueprint": bp}})


def application(
    take: Callable[[str | None, Values | None], Any] = right.pull_lang_code,
    give: Callable[[flask.Flask, str, Values], Any] | None = None,
    change: Callable[[flask.Flask], object] = lambda app: None,
) -> Subject:
    """The same processors for a whole application, as the chapter has them first."""

    def careful(app: flask.Flask, endpoint: str, values: Values) -> None:
        expecting = app.url_map.is_endpoint_expecting(endpoint, "lang_code")
        if expecting and "lang_code" not in values and flask.g.get("lang_code"):
            values["lang_code"] = flask.g.lang_code

    def create_app() -> flask.Flask:
        app = flask.Flask("reference")
        app.url_value_preprocessor(take)
        app.url_defaults(lambda endpoint, values: (give or careful)(app, endpoint, values))
        app.add_url_rule("/<any(en, de):lang_code>/", "index", lambda: "index")
        app.add_url_rule("/<any(en, de):lang_code>/about", "about", lambda: "about")
        app.add_url_rule("/health", "health", lambda: "well")
        change(app)
        return app

    binding = {"page": "/{lang_code}/about", "plain": "/health"}
    return Subject(app=create_app, patterns={"urlprocessors": binding})


@mutant("value-removed", says="it was called with {'lang_code': 'en'}")
def value_left() -> Subject:
    """The value is read and left where it was."""

    def take(endpoint: str | None, values: Values | None) -> None:
        flask.g.lang_code = (values or {}).get("lang_code")

    return component(take)


@mutant("default-injected", says="the `url_defaults` function `<lambda>`", also=["roundtrip"])
def no_defaults() -> Subject:
    """There is no callback for URLs that are built."""
    return component(give=lambda endpoint, values: None)


@mutant("explicit-wins", says="on a page in")
def current_always() -> Subject:
    """The current value overwrites the one that was passed."""

    def give(endpoint: str, values: Values) -> None:
        if endpoint.startswith("urlprocessors.") and flask.g.get("lang_code"):
            values["lang_code"] = flask.g.lang_code

    return component(give=give)


@mutant("only-expecting", says="?lang_code=")
def every_url() -> Subject:
    """The callback does not ask whether the page has the value."""

    def give(app: flask.Flask, endpoint: str, values: Values) -> None:
        if "lang_code" not in values and flask.g.get("lang_code"):
            values["lang_code"] = flask.g.lang_code

    return application(give=give)


@mutant("roundtrip", says="g.lang_code has 'En'", also=["value-removed", "no-bleed"])
def read_otherwise() -> Subject:
    """The value is kept in other letter case than the rules have, and put back into it."""

    def take(endpoint: str | None, values: Values | None) -> None:
        if values is not None and "lang_code" in values:
            flask.g.lang_code = values.pop("lang_code").title()

    def give(endpoint: str, values: Values) -> None:
        if endpoint.startswith("urlprocessors.") and flask.g.get("lang_code"):
            values.setdefault("lang_code", flask.g.lang_code.lower())

    return component(take, give)


@mutant("no-bleed", says="no value on the plain page", also=["process-forgets"])
def value_on_the_app() -> Subject:
    """The last value is kept for pages without one."""
    last: list[str] = []

    def take(endpoint: str | None, values: Values | None) -> None:
        if values is not None and "lang_code" in values:
            last[:] = [values.pop("lang_code")]
        if last:
            flask.g.lang_code = last[0]

    return application(take)


@mutant("no-bleed", says="after other pages it links to")
def links_remembered() -> Subject:
    """A helper keeps the first URL that it built, for every page of the app."""

    def change(app: flask.Flask) -> None:
        links: dict[str, str] = {}

        def page() -> str:
            return f"<a href='{links.setdefault('about', flask.url_for('about'))}'>about</a>"

        app.view_functions.update(index=page, about=page)

    return application(change=change)


@mutant("no-bleed", says="'de' on its own page")
def session_wins() -> Subject:
    """The first value that a visitor used is kept in the session, and wins over the URL."""

    def take(endpoint: str | None, values: Values | None) -> None:
        here = (values or {}).pop("lang_code", None)
        flask.g.lang_code = here and flask.session.setdefault("lang_code", here)

    def change(app: flask.Flask) -> None:
        app.secret_key = "key"

    return application(take, change=change)


@mutant("plain-builds", says="AttributeError", also=[
    "explicit-outside", "build-in-handler", "build-no-request"])  # fmt: skip
def set_where_it_is() -> Subject:
    """The attribute is set only where the URL has the value."""

    def take(endpoint: str | None, values: Values | None) -> None:
        if values and "lang_code" in values:
            flask.g.lang_code = values.pop("lang_code")

    def give(app: flask.Flask, endpoint: str, values: Values) -> None:
        if "lang_code" in values or not flask.g.lang_code:
            return
        if app.url_map.is_endpoint_expecting(endpoint, "lang_code"):
            values["lang_code"] = flask.g.lang_code

    return application(take, give)


@mutant("404-stays-404", says="`values`, which is None", also=[
    "405-and-redirect", "build-in-handler", "known-codes"])  # fmt: skip
def values_expected() -> Subject:
    """The preprocessor does not expect a request without values: the docs' own mistake."""

    def take(endpoint: str | None, values: Any) -> None:
        flask.g.lang_code = values.pop("lang_code", None)

    return application(take)


@mutant("405-and-redirect", says="which the error handler `<lambda>`")
def methods_swallowed() -> Subject:
    """A handler for every error of the blueprint's pages answers 404."""

    def change(bp: flask.Blueprint) -> None:
        bp.app_errorhandler(405)(lambda error: ("not found", 404))

    return component(change=change)


@mutant("build-in-handler", says="in a request for /a/b/c/d/e/f")
def reads_what_is_not_set() -> Subject:
    """The callback reads an attribute that is only set for URLs that match."""

    def take(endpoint: str | None, values: Values | None) -> None:
        if values is not None:
            flask.g.lang_code = values.pop("lang_code", None)

    def give(app: flask.Flask, endpoint: str, values: Values) -> None:
        current = flask.g.lang_code if flask.has_request_context() else None
        if current and app.url_map.is_endpoint_expecting(endpoint, "lang_code"):
            values.setdefault("lang_code", current)

    return application(take, give)


@mutant(
    "explicit-outside",
    says="AttributeError: lang_code",
    also=["build-in-handler", "build-no-request"],
)
def argument_evaluated() -> Subject:
    """`setdefault` evaluates its second argument where the value was passed: the docs' own mistake."""

    def give(endpoint: str, values: Values) -> None:
        if endpoint.startswith("urlprocessors."):
            values.setdefault("lang_code", flask.g.lang_code)

    return component(give=give)


@mutant("build-no-request", says="AttributeError")
def only_in_requests() -> Subject:
    """Every request sets the attribute, but a command or a mail has none."""

    def take(endpoint: str | None, values: Values | None) -> None:
        flask.g.lang_code = (values or {}).pop("lang_code", None)

    def give(app: flask.Flask, endpoint: str, values: Values) -> None:
        if flask.g.lang_code and app.url_map.is_endpoint_expecting(endpoint, "lang_code"):
            values.setdefault("lang_code", flask.g.lang_code)

    return application(take, give)


@mutant("known-codes", says="for the unknown value 'favicon.ico'")
def any_segment() -> Subject:
    """Any first segment is a language, as in the docs' own rules."""
    return component(prefix="/pages/<lang_code>")


@mutant("known-codes", says="for the unknown value")
def part_of_a_text() -> Subject:
    """The codes stand in one text, of which any part is taken for a code."""

    def take(endpoint: str | None, values: Values | None) -> None:
        flask.g.lang_code = (values or {}).pop("lang_code", None)
        if flask.g.lang_code and flask.g.lang_code not in "en,de":
            flask.abort(404)

    return component(take, prefix="/pages/<lang_code>")


@mutant("value-escaped", says="stands in the page unescaped", also=["known-codes"])
def written_as_it_comes() -> Subject:
    """Any name is a code, and stands in the page as it came."""

    def change(app: flask.Flask) -> None:
        app.add_url_rule(
            "/pages/<lang_code>", "named", lambda: f"<!doctype html><h1>{flask.g.lang_code}</h1>"
        )

    subject = application(change=change)
    binding = {"page": "/pages/{lang_code}", "plain": "/health"}
    return Subject(app=subject.app, patterns={"urlprocessors": binding})


@mutant("static-wins", says="the before-request function `localise`")
def language_wanted() -> Subject:
    """A hook sends every request without a language to the same path with one."""

    def change(app: flask.Flask) -> None:
        @app.before_request
        def localise() -> Any:
            if flask.request.endpoint and not flask.g.get("lang_code"):
                return flask.redirect(f"/en{flask.request.path}")
            return None

    return application(change=change)


@mutant("bp-scope", says="with `app_url_value_preprocessor`")
def every_blueprint() -> Subject:
    """The preprocessor is registered for the whole app."""
    bp = flask.Blueprint("urlprocessors", __name__, url_prefix="/<any(en, de):lang_code>")
    bp.add_url_rule("/", "index", lambda: "index")
    bp.app_url_value_preprocessor(right.pull_lang_code)
    bp.app_url_defaults(right.add_lang_code)
    return Subject(patterns={"urlprocessors": {"blueprint": bp}})


@mutant("bp-scope", says="the page of another blueprint")
def every_blueprint_is_asked() -> Subject:
    """The preprocessor of the whole app refuses what is no code of this blueprint."""

    def take(endpoint: str | None, values: Values | None) -> None:
        flask.g.lang_code = (values or {}).pop("lang_code", None)
        if flask.g.lang_code not in (None, "en", "de"):
            flask.abort(404)

    bp = flask.Blueprint("urlprocessors", __name__, url_prefix="/pages/<lang_code>")
    bp.add_url_rule("/", "index", lambda: "index")
    bp.app_url_value_preprocessor(take)
    bp.app_url_defaults(right.add_lang_code)
    return Subject(patterns={"urlprocessors": {"blueprint": bp}})


@mutant("process-forgets", says="in the same thread")
def value_in_a_context_variable() -> Subject:
    """The value is kept in a context variable, which nothing sets back."""
    current: ContextVar[str | None] = ContextVar("current", default=None)

    def take(endpoint: str | None, values: Values | None) -> None:
        if values is not None and "lang_code" in values:
            current.set(values.pop("lang_code"))

    def give(app: flask.Flask, endpoint: str, values: Values) -> None:
        if app.url_map.is_endpoint_expecting(endpoint, "lang_code") and current.get():
            values.setdefault("lang_code", current.get())

    return application(take, give)


@functools.cache
def link_to(endpoint: str) -> str:
    """Build a URL, once for the process."""
    return flask.url_for(endpoint)


def create_remembering() -> flask.Flask:
    """The processors for a whole application, whose pages link to each other."""
    subject = application(
        change=lambda app: app.view_functions.update(
            index=lambda: f"<a href='{link_to('about')}'>about</a>",
            about=lambda: f"<a href='{link_to('index')}'>home</a>",
        )
    )
    app: flask.Flask = subject.app()
    return app


@mutant("process-forgets", says="as it does in a new process")
def links_remembered_by_the_process() -> Subject:
    """A cached function of the module builds the links: the first page's value stays in them."""
    binding = {"page": "/{lang_code}/about", "plain": "/health"}
    factory = "tests.mutants.urlprocessors:create_remembering"
    return Subject(app=factory, patterns={"urlprocessors": binding})
