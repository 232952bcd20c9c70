from flask import Flask, Request, jsonify, request
from werkzeug.datastructures import ImmutableOrderedMultiDict


class OrderedRequest(Request):
    parameter_storage_class = ImmutableOrderedMultiDict


class OrderedFlask(Flask):
    request_class = OrderedRequest

    def dispatch_request(self):
        if request.routing_exception is not None:
            self.raise_routing_exception(request)
        view = self.ensure_sync(self.view_functions[request.endpoint])
        self.logger.debug("%s with %d parameters", request.endpoint, len(request.args))
        return view(**request.view_args)


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
