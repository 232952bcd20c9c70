"""Train departures. Icons come from one SVG sprite."""
from flask import Flask, abort, render_template

STATIONS = {"york": [("10:02", "Leeds"), ("10:31", "London")], "leeds": [("11:15", "York")]}


def station(name):
    if name not in STATIONS:
        abort(404)
    return render_template("station.html", name=name.title(), departures=STATIONS[name])


def index():
    return render_template("index.html", stations=STATIONS)


def missing(error):
    return render_template("missing.html"), 404


def create_app(**config):
    app = Flask(__name__)
    app.config.from_mapping(config)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.add_url_rule("/", view_func=index)
    app.add_url_rule("/stations/<name>", view_func=station)
    app.register_error_handler(404, missing)
    return app
