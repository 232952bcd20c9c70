from flask import Flask, request


class HTTPMethodOverrideMiddleware:
    allowed_methods = frozenset(["GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"])
    bodyless_methods = frozenset(["GET", "HEAD", "OPTIONS", "DELETE"])

    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        if environ["REQUEST_METHOD"] != "GET":  # a link must not delete anything
            method = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").upper()
            if method in self.allowed_methods:
                environ["REQUEST_METHOD"] = method
            if method in self.bodyless_methods:
                environ["CONTENT_LENGTH"] = "0"
        return self.app(environ, start_response)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.wsgi_app = HTTPMethodOverrideMiddleware(app.wsgi_app)

    @app.get("/things/<int:number>")
    def show(number):
        return {"thing": number}

    @app.route("/things/<int:number>", methods=["POST", "PUT", "PATCH", "DELETE"])
    def change(number):
        return {
            "thing": number,
            "method": request.method,
            "form": request.form.to_dict(),
            "size": len(request.get_data()),
        }

    return app
