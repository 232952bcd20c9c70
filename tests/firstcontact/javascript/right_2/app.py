"""A seismograph's page: the samples lie in a JSON script element."""
import json

from flask import Flask, Response, abort, json as flask_json, render_template, request, url_for

app = Flask(__name__)
SENSORS = {"north": [1, 4, 2], "süd": [0, 0, 7]}


def no_constant(name):
    raise ValueError(name)


def samples_of_request():
    text = request.args.get("samples")
    if text is None:
        return SENSORS
    try:
        return json.loads(text, parse_constant=no_constant)
    except (ValueError, RecursionError):
        abort(400)


@app.route("/")
def trace():
    return render_template("trace.html", samples=samples_of_request())


@app.route("/sensors.json")
def sensors():
    body = flask_json.dumps([{"key": key, "samples": values} for key, values in SENSORS.items()])
    return Response(body, mimetype="application/json")


@app.route("/sensors/<key>.json")
def sensor(key):
    if key not in SENSORS:
        return {"error": "No such sensor."}, 404
    return {"key": key, "samples": SENSORS[key], "notes": url_for("static", filename="notes.txt")}
