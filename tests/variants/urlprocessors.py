"""URL processors, done right in other ways than the reference's."""

from __future__ import annotations

from typing import Any

import flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

from conformance import Subject
from tests.proof import variant


@variant
def whole_application() -> Subject:
    """Processors of the app, which ask the URL map; unknown languages are refused in the first."""

    def create_app() -> flask.Flask:
        app = flask.Flask("shop")

        @app.url_value_preprocessor
        def take(endpoint: str | None, values: dict[str, Any] | None) -> None:
            flask.g.lang_code = values.pop("lang_code", None) if values else None
            if flask.g.lang_code not in (None, "en", "de", "fr"):
                flask.abort(404)

        @app.url_defaults
        def give(endpoint: str, values: dict[str, Any]) -> None:
            current = flask.g.get("lang_code")
            if current and app.url_map.is_endpoint_expecting(endpoint, "lang_code"):
                values.setdefault("lang_code", current)

        @app.errorhandler(404)
        def missing(error: Exception) -> tuple[str, int]:
            return f"not found, see {flask.url_for('home', lang_code='en')}", 404

        app.add_url_rule("/<lang_code>/", "home", lambda: flask.url_for("about"))
        app.add_url_rule("/<lang_code>/about", "about", lambda: flask.url_for("home"))
        app.add_url_rule("/health", "health", lambda: flask.url_for("home", lang_code="en"))
        return app

    binding = {"page": "/{lang_code}/about", "plain": "/health", "codes": ["en", "de", "fr"]}
    return Subject(app=create_app, patterns={"urlprocessors": binding})


@variant
def tenants() -> Subject:
    """A blueprint of another value, a tenant, which is kept as an object on `g`."""
    bp = flask.Blueprint("tenants", __name__, url_prefix="/t/<tenant>")
    tenants = {"acme": {"name": "Acme"}, "umbrella": {"name": "Umbrella"}}

    @bp.url_value_preprocessor
    def take(endpoint: str | None, values: dict[str, Any] | None) -> None:
        name = (values or {}).pop("tenant", None)
        if name is not None and name not in tenants:
            flask.abort(404)
        flask.g.tenant = name

    @bp.url_defaults
    def give(endpoint: str, values: dict[str, Any]) -> None:
        if "tenant" not in values and flask.g.get("tenant"):
            values["tenant"] = flask.g.tenant

    @bp.get("/")
    def home() -> str:
        return tenants[flask.g.tenant]["name"]

    @bp.get("/bills/")
    def bills() -> str:
        return flask.url_for(".home")

    def create_app() -> flask.Flask:
        app = flask.Flask("shop")
        app.register_blueprint(bp)
        app.add_url_rule("/", "home", lambda: "home")
        return app

    binding = {
        "blueprint": bp,
        "page": "/t/{tenant}/bills/",
        "plain": "/",
        "value": "tenant",
        "codes": ["acme", "umbrella"],
    }
    return Subject(app=create_app, patterns={"urlprocessors": binding})


@variant
def own_converter() -> Subject:
    """A converter checks the language, and a subclass of Flask builds with the current one."""
    from werkzeug.routing import BaseConverter

    class Language(BaseConverter):
        regex = "en|de"

    class Shop(flask.Flask):
        def inject_url_defaults(self, endpoint: str, values: dict[str, Any]) -> None:
            super().inject_url_defaults(endpoint, values)
            expecting = self.url_map.is_endpoint_expecting(endpoint, "lang")
            if expecting and "lang" not in values and "language" in flask.g:
                values["lang"] = flask.g.language

        def preprocess_request(self) -> Any:
            if flask.request.view_args and "lang" in flask.request.view_args:
                flask.g.language = flask.request.view_args.pop("lang")
            return super().preprocess_request()

    def create_app() -> flask.Flask:
        app = Shop("shop")
        app.url_map.converters["language"] = Language
        app.add_url_rule("/<language:lang>/", "home", lambda: flask.url_for("home"))
        app.add_url_rule("/about", "about", lambda: flask.url_for("home", lang="de"))
        return app

    binding = {"page": "/{lang}/", "plain": "/about", "value": "lang", "attribute": "language"}
    return Subject(app=create_app, patterns={"urlprocessors": binding})


@variant
def kept_at_the_request() -> Subject:
    """The value is kept at the request object, and the codes are not ASCII."""

    class Kept(flask.Request):
        tenant: str | None = None

    def create_app() -> flask.Flask:
        app = flask.Flask("shop")
        app.request_class = Kept

        @app.url_value_preprocessor
        def take(endpoint: str | None, values: dict[str, Any] | None) -> None:
            flask.request.tenant = (values or {}).pop("tenant", None)  # type: ignore[attr-defined]
            if flask.request.tenant not in (None, "acme", "öko"):  # type: ignore[attr-defined]
                flask.abort(404)

        @app.url_defaults
        def give(endpoint: str, values: dict[str, Any]) -> None:
            current = (
                getattr(flask.request, "tenant", None) if flask.has_request_context() else None
            )
            if current and app.url_map.is_endpoint_expecting(endpoint, "tenant"):
                values.setdefault("tenant", current)

        app.add_url_rule("/<tenant>/", "home", lambda: flask.url_for("bills"))
        app.add_url_rule("/<tenant>/bills", "bills", lambda: flask.url_for("home"))
        app.add_url_rule("/about", "about", lambda: flask.url_for("home", tenant="acme"))
        # An argument of the same name that is no business of the processors.
        other = flask.Blueprint("admin", __name__, url_prefix="/admin")
        other.add_url_rule("/<int:tenant>/", "tenant", lambda tenant=0: str(tenant))
        app.register_blueprint(other)
        return app

    binding = {
        "page": "/{tenant}/bills",
        "plain": "/about",
        "value": "tenant",
        "codes": ["acme", "öko"],
    }
    return Subject(app=create_app, patterns={"urlprocessors": binding})


@variant
def numbers_below_a_mount() -> Subject:
    """A number, in an app that is mounted below a path; its plain page remembers the last one."""

    def create_app() -> flask.Flask:
        app = flask.Flask("league")
        app.secret_key = "variant"

        @app.url_value_preprocessor
        def take(endpoint: str | None, values: dict[str, Any] | None) -> None:
            flask.g.season = (values or {}).pop("season", None)
            if flask.g.season is not None:
                flask.session["season"] = flask.g.season
            elif endpoint == "clock":
                flask.g.season = flask.session.get("season")

        @app.url_defaults
        def give(endpoint: str, values: dict[str, Any]) -> None:
            if flask.g.get("season") and app.url_map.is_endpoint_expecting(endpoint, "season"):
                values.setdefault("season", flask.g.season)

        app.add_url_rule("/<int:season>/", "home", lambda: flask.url_for("table"))
        app.add_url_rule("/<int:season>/table", "table", lambda: flask.url_for("home"))
        app.add_url_rule("/clock", "clock", lambda: "noon")
        missing = Response("nothing here", 404)
        app.wsgi_app = DispatcherMiddleware(  # type: ignore[method-assign]
            missing, {"/league": app.wsgi_app}
        )
        return app

    binding = {
        "page": "/league/{season}/table",
        "plain": "/league/clock",
        "value": "season",
        "codes": ["2022", "2023"],
    }
    return Subject(app=create_app, patterns={"urlprocessors": binding})


@variant
def blueprint_of_an_app_object() -> Subject:
    """A module's app and its blueprint; the app is the same one for every clause."""
    bp = flask.Blueprint("help", __name__, url_prefix="/help/<lang_code>")

    @bp.url_value_preprocessor
    def take(endpoint: str | None, values: dict[str, Any] | None) -> None:
        flask.g.lang_code = (values or {}).pop("lang_code", None)
        if flask.g.lang_code not in ("en", "pl"):
            flask.abort(404)

    @bp.url_defaults
    def give(endpoint: str, values: dict[str, Any]) -> None:
        if flask.g.get("lang_code"):
            values.setdefault("lang_code", flask.g.lang_code)

    bp.add_url_rule("/", "index", lambda: flask.url_for(".article"))
    bp.add_url_rule("/article", "article", lambda: flask.url_for("contact"))
    app = flask.Flask("help_centre")
    app.register_blueprint(bp)
    app.add_url_rule("/contact", "contact", lambda: flask.url_for("help.index", lang_code="en"))
    binding = {
        "blueprint": bp,
        "page": "/help/{lang_code}/",
        "plain": "/contact",
        "codes": ["en", "pl"],
    }
    return Subject(app=app, patterns={"urlprocessors": binding})
