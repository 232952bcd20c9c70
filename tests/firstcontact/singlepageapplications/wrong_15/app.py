"""Departure board. The upstream timetable is slow, so answers are kept for a while."""
import time
from functools import wraps

from flask import Flask, abort, jsonify, request

app = Flask(__name__, static_folder="board", static_url_path="/board")
app.config["KEEP_SECONDS"] = 30

_kept = {}


def kept(view):
    """Keeps the answer of a view for KEEP_SECONDS, by URL."""

    @wraps(view)
    def wrapper(*args, **kwargs):
        key = request.full_path
        found = _kept.get(key)
        if found and found[0] > time.monotonic():
            return found[1]
        response = app.make_response(view(*args, **kwargs))
        if response.status_code == 200:
            until = time.monotonic() + app.config["KEEP_SECONDS"]
            _kept[key] = until, response.get_data(as_text=True)
        return response

    return wrapper


def timetable(station):
    if station not in ("bern", "chur"):
        abort(404)
    return [{"to": "Thun", "at": "10:04"}, {"to": "Landquart", "at": "10:07"}]


@app.get("/api/stations")
def stations():
    return jsonify(stations=["bern", "chur"])


@app.get("/api/departures/<station>")
@kept
def departures(station):
    return jsonify(station=station, departures=timetable(station))


@app.route("/api/", methods=["GET", "POST"])
@app.route("/api/<path:_>", methods=["GET", "POST"])
def unknown(_=""):
    abort(404)


@app.errorhandler(404)
def not_found(error):
    return jsonify(error="not found"), 404


@app.route("/", defaults={"path": ""})
@app.route("/<path:path>")
def board(path):
    return app.send_static_file("index.html")
