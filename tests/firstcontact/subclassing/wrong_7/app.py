import os

from flask import Flask, Request, jsonify, request
from werkzeug.datastructures import ImmutableOrderedMultiDict


class OrderedRequest(Request):
    parameter_storage_class = ImmutableOrderedMultiDict


class OrderedFlask(Flask):
    request_class = OrderedRequest

    def __init__(self, import_name, **options):
        options.setdefault("root_path", os.getcwd())  # files are where the server was started
        super().__init__(__name__, **options)


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
