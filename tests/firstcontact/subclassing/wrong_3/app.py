from urllib.parse import unquote

from flask import Flask, Request, jsonify, request
from werkzeug.datastructures import ImmutableOrderedMultiDict
from werkzeug.utils import cached_property


class OrderedRequest(Request):
    parameter_storage_class = ImmutableOrderedMultiDict

    @cached_property
    def args(self):
        pairs = (part.partition("=") for part in self.query_string.decode("latin-1").split("&") if part)
        return self.parameter_storage_class((unquote(name), unquote(value)) for name, _, value in pairs)


class OrderedFlask(Flask):
    request_class = OrderedRequest


def create_app(config=None):
    app = OrderedFlask(__name__)
    app.config.from_mapping(config or {})

    @app.get("/")
    def start():
        return "<p>Send me parameters."

    @app.route("/echo", methods=["GET", "POST"])
    def echo():
        return jsonify(args=list(request.args.items(multi=True)), form=list(request.form.items(multi=True)))

    return app
