from urllib.parse import parse_qsl

from flask import Flask, Request, jsonify, request
from werkzeug.datastructures import ImmutableOrderedMultiDict
from werkzeug.utils import cached_property


class OrderedRequest(Request):
    parameter_storage_class = ImmutableOrderedMultiDict

    @cached_property
    def args(self):
        return self.parameter_storage_class(parse_qsl(self.query_string.decode(), errors="werkzeug.url_quote"))


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
