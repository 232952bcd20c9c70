from flask import Flask, request


ALLOWED = frozenset(["GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"])
BODYLESS = frozenset(["GET", "HEAD", "OPTIONS", "DELETE"])
inner = None


def override_method(app):
    global inner
    inner = app
    return with_override


def with_override(environ, start_response):
    if environ["REQUEST_METHOD"] == "POST":
        method = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").upper()
        if method in ALLOWED:
            environ["REQUEST_METHOD"] = method
        if method in BODYLESS:
            environ["CONTENT_LENGTH"] = "0"
    return inner(environ, start_response)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.wsgi_app = override_method(app.wsgi_app)

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
