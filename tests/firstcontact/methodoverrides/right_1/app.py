"""A closure; the environ is copied, so the server's own (its access log) still says POST."""
from flask import Flask, jsonify, request
from flask.views import MethodView

METHODS = {"GET": False, "HEAD": False, "OPTIONS": False, "DELETE": False, "PUT": True, "PATCH": True, "POST": True}


def tunnelled(application):
    def middleware(environ, start_response):
        wanted = environ.get("HTTP_X_METHOD_OVERRIDE", "").strip().upper()
        if environ.get("REQUEST_METHOD") == "POST" and wanted in METHODS:
            environ = {**environ, "REQUEST_METHOD": wanted}
            if not METHODS[wanted]:
                environ["CONTENT_LENGTH"] = "0"
                environ.pop("HTTP_TRANSFER_ENCODING", None)
                environ.pop("wsgi.input_terminated", None)
        return application(environ, start_response)

    return middleware


class Dokument(MethodView):
    def get(self):
        return jsonify(methode="GET")

    def post(self):
        return jsonify(methode=request.method, text=request.get_data(as_text=True))

    put = patch = delete = post


def create_app(config=None):
    app = Flask(__name__)
    app.config.update(config or {})
    app.add_url_rule("/dokument", view_func=Dokument.as_view("dokument"))
    app.wsgi_app = tunnelled(app.wsgi_app)
    return app
