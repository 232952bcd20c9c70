from flask import Flask, Request, jsonify, request
from werkzeug.datastructures import ImmutableOrderedMultiDict


class OrderedRequest(Request):
    parameter_storage_class = ImmutableOrderedMultiDict

    def make_form_data_parser(self):
        return self.form_data_parser_class(stream_factory=self._get_file_stream, cls=self.parameter_storage_class)


class OrderedFlask(Flask):
    request_class = OrderedRequest


def create_app(config=None):
    app = OrderedFlask(__name__)
    app.config.from_mapping(MAX_FORM_MEMORY_SIZE=100_000, MAX_FORM_PARTS=50)
    app.config.from_mapping(config or {})

    @app.get("/")
    def start():
        return "<p>Send me parameters."

    @app.route("/echo", methods=["GET", "POST"])
    def echo():
        return jsonify(args=list(request.args.items(multi=True)), form=list(request.form.items(multi=True)))

    return app
