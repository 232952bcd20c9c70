"""A Flask subclass: the override is part of the application object, no middleware is put around it."""
from flask import Flask, request


class TunnelFlask(Flask):
    tunnelled = frozenset({"PUT", "PATCH", "DELETE"})

    def wsgi_app(self, environ, start_response):
        before = environ["REQUEST_METHOD"], environ.get("CONTENT_LENGTH")
        if before[0] == "POST":
            method = environ.get("HTTP_X_HTTP_METHOD", "").upper()
            if method in self.tunnelled:
                environ["REQUEST_METHOD"] = method
                environ["tunnel.original_method"] = "POST"
                if method == "DELETE":
                    environ["CONTENT_LENGTH"] = "0"
        return super().wsgi_app(environ, start_response)


def create_app(config=None):
    app = TunnelFlask(__name__)
    app.config.from_mapping(config)

    @app.route("/entity", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def entity():
        return {
            "method": request.method,
            "tunnelled": "tunnel.original_method" in request.environ,
            "json": request.get_json(silent=True),
        }

    @app.after_request
    def vary(response):
        if request.environ.get("tunnel.original_method"):
            response.headers["X-Method-Used"] = request.method
        return response

    return app
