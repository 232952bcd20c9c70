"""A tide table in one HTML file, with its script inside, below /tides."""
import hashlib
from pathlib import Path

from flask import Flask, Response, request

PAGE = (Path(__file__).parent / "tides.html").read_bytes()
ETAG = hashlib.sha256(PAGE).hexdigest()[:16]
TIDES = [{"at": "04:10", "metres": 3.2}, {"at": "16:31", "metres": 3.4}]


def page(view=""):
    response = Response(PAGE, mimetype="text/html")
    response.set_etag(ETAG)
    response.cache_control.no_cache = True
    return response.make_conditional(request)


def tides():
    return TIDES


def harbour(name):
    if name not in ("north", "süd"):
        return {"error": "no such harbour"}, 404
    return {"harbour": name, "tides": TIDES}


def nothing(rest=""):
    return {"error": "nothing here"}, 404


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.add_url_rule("/tides/data/", "nothing", nothing)
    app.add_url_rule("/tides/data/<path:rest>", "nothing", nothing)
    app.add_url_rule("/tides/data/all", "tides", tides)
    app.add_url_rule("/tides/data/harbours/<name>", "harbour", harbour)
    app.add_url_rule("/tides/", "page", page)
    app.add_url_rule("/tides/<path:view>", "page", page)
    return app
