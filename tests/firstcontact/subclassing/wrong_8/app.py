import asyncio
import functools

from flask import Flask, Request, jsonify, request
from werkzeug.datastructures import ImmutableOrderedMultiDict


class OrderedRequest(Request):
    parameter_storage_class = ImmutableOrderedMultiDict


class OrderedFlask(Flask):
    request_class = OrderedRequest

    def async_to_sync(self, func):
        """Without asgiref."""

        @functools.wraps(func)
        def wrapped(*args, **kwargs):
            return asyncio.get_event_loop().run_until_complete(func(*args, **kwargs))

        return wrapped


def create_app(config=None):
    app = OrderedFlask(__name__)
    app.config.from_mapping(config or {})

    @app.get("/")
    async def start():
        return "<p>Send me parameters."

    @app.route("/echo", methods=["GET", "POST"])
    def echo():
        return jsonify(args=list(request.args.items(multi=True)), form=list(request.form.items(multi=True)))

    return app
