from flask import Flask, Request, jsonify, request
from werkzeug.datastructures import ImmutableMultiDict, iter_multi_items


class OrderedParameters(ImmutableMultiDict):
    order = ()

    def __init__(self, mapping=None):
        pairs = list(iter_multi_items(mapping)) if mapping is not None else []
        super().__init__(pairs)
        if pairs:
            type(self).order = tuple(pairs)

    def items(self, multi=False):
        if not multi or not self:
            return super().items(multi)
        return iter(self.order)


class OrderedRequest(Request):
    parameter_storage_class = OrderedParameters


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
