"""Sensor readings over HTTP, each app with a log of its own."""
import logging
from collections import deque

from flask import Blueprint, Flask, current_app, jsonify, request


class RecentHandler(logging.Handler):
    """Keeps the last lines."""

    def __init__(self, size):
        super().__init__()
        self.lines = deque(maxlen=size)

    def emit(self, record):
        self.lines.append(self.format(record))


readings = Blueprint("readings", __name__, url_prefix="/readings")


@readings.get("/")
def index():
    current_app.logger.info("%s: list of readings", current_app.config["STATION"])
    return jsonify(
        station=current_app.config["STATION"],
        readings=current_app.extensions["readings"],
    )


@readings.post("/")
def add():
    try:
        value = float(request.form["value"])
    except (KeyError, ValueError):
        return jsonify(error="value must be a number"), 400
    current_app.extensions["readings"].append(value)
    current_app.logger.info("%s: new reading %s", current_app.config["STATION"], value)
    return jsonify(value=value), 201


@readings.get("/log")
def log():
    """What this station has logged, for the technician."""
    return "".join(f"{line}\n" for line in current_app.extensions["log"].lines), {
        "Content-Type": "text/plain; charset=utf-8"
    }


def configure_logging(app):
    handler = RecentHandler(1000)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    app.logger.setLevel(logging.INFO)
    app.logger.addHandler(handler)
    app.extensions["log"] = handler


def create_app(config=None):
    app = Flask(__name__)
    app.config["STATION"] = "North"
    app.config.update(config or {})
    app.extensions["readings"] = []
    configure_logging(app)
    app.register_blueprint(readings)
    return app
