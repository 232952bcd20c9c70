"""A hierarchy: a company's Flask, a team's Flask, and an app made inside of another process' dispatcher."""
import warnings

from flask import Flask, Request, Response, request, stream_with_context
from flask.sessions import SecureCookieSessionInterface
from werkzeug.middleware.dispatcher import DispatcherMiddleware

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from werkzeug.datastructures import ImmutableOrderedMultiDict


class CompanyRequest(Request):
    @property
    def is_internal(self):
        return self.headers.get("X-Internal") == "1"


class CompanyFlask(Flask):
    request_class = CompanyRequest
    session_interface = SecureCookieSessionInterface()

    def wsgi_app(self, environ, start_response):
        def start(status, headers, exc_info=None):
            return start_response(status, [*headers, ("X-Company", "yes")], *([exc_info] if exc_info else []))

        return super().wsgi_app(environ, start)


class TeamRequest(CompanyRequest):
    parameter_storage_class = ImmutableOrderedMultiDict


class TeamFlask(CompanyFlask):
    request_class = TeamRequest


def create_app(config=None):
    app = TeamFlask(__name__)
    app.config.from_mapping(config or {})
    legacy = CompanyFlask("legacy")  # has no need of the order

    @legacy.get("/")
    def old():
        return "legacy"

    @app.get("/rows")
    def rows():
        @stream_with_context
        def lines():
            yield "name\tvalue\n"
            for name, value in request.args.items(multi=True):
                yield f"{name}\t{value}\n"

        return Response(lines(), content_type="text/tab-separated-values; charset=utf-8")

    @app.post("/rows")
    def count():
        return {"count": sum(1 for _ in request.form.items(multi=True)), "internal": request.is_internal}

    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/legacy": legacy})
    return app
