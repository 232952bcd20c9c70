"""A radio's programme: deferred functions lie with the request object itself."""
from weakref import WeakKeyDictionary

from flask import Blueprint, Flask, g, jsonify, render_template, request

REGIONS = ["north", "south", "coast"]
programme = Blueprint("programme", __name__)
_deferred = WeakKeyDictionary()


def at_the_end(function):
    _deferred.setdefault(request._get_current_object(), []).append(function)
    return function


class Finishing:
    """Wraps process_response, so that sessions and other hooks are not affected."""

    def __init__(self, app):
        self.process = app.process_response
        app.process_response = self

    def __call__(self, response):
        for function in _deferred.pop(request._get_current_object(), ()):
            response = function(response)
        return self.process(response)


def init_app(app):
    Finishing(app)


@programme.before_app_request
def find_region():
    known = request.cookies.get("region")
    if known in REGIONS:
        g.region = known
    else:
        wish = request.headers.get("X-Region", "")
        g.region = wish if wish in REGIONS else REGIONS[0]

        @at_the_end
        def keep(response, region=g.region):
            response.set_cookie("region", region, samesite="Strict")
            return response


@programme.get("/programme")
def today():
    return render_template("today.html")


@programme.get("/programme.json")
def as_json():
    return jsonify(region=g.region, items=["News", "Music"])


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    init_app(app)
    app.register_blueprint(programme)
    return app
