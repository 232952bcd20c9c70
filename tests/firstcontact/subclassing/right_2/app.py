"""Augmented by mixins, each calling super(); an app object; views in nested blueprints, some async."""
import time

from flask import Blueprint, Flask, Request, g, jsonify, request
from flask.config import Config
from flask.testing import FlaskClient
from werkzeug.datastructures import ImmutableOrderedMultiDict


class InOrder:
    parameter_storage_class = ImmutableOrderedMultiDict


class Counted:
    @property
    def parameter_count(self):
        return len(list(self.args.items(multi=True))) + len(list(self.form.items(multi=True)))


class SiteRequest(InOrder, Counted, Request):
    pass


class Timed:
    def full_dispatch_request(self):
        g.started = time.perf_counter()
        return super().full_dispatch_request()

    def process_response(self, response):
        response = super().process_response(response)
        response.headers["Server-Timing"] = f"app;dur={(time.perf_counter() - g.get('started', time.perf_counter())) * 1000:.3f}"
        return response


class SiteConfig(Config):
    def require(self, *names):
        if missing := [name for name in names if name not in self]:
            raise RuntimeError(f"not configured: {missing}")


class SiteClient(FlaskClient):
    def pairs(self, path):
        return [tuple(pair) for pair in self.get(path).json["pairs"]]


class Site(Timed, Flask):
    request_class = SiteRequest
    config_class = SiteConfig
    test_client_class = SiteClient


outer = Blueprint("outer", __name__, url_prefix="/a")
inner = Blueprint("inner", __name__, url_prefix="/b")


@inner.route("/pairs", methods=["GET", "POST"])
async def pairs():
    return jsonify(pairs=list(request.values.items(multi=True)), count=request.parameter_count)


outer.register_blueprint(inner)
app = Site(__name__)
app.register_blueprint(outer)
app.config.require("SECRET_KEY")
