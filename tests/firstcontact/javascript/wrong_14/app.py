"""The preferences of a radio alarm; the page saves each change with PATCH."""
from dataclasses import asdict, dataclass, replace

from flask import Flask, jsonify, render_template, request
from werkzeug.exceptions import HTTPException, UnprocessableEntity

app = Flask(__name__)


@dataclass(frozen=True)
class Preferences:
    station: str = "Radio Nord"
    volume: int = 7


current = {"preferences": Preferences()}


@app.errorhandler(HTTPException)
def as_json(error):
    return jsonify(code=error.code, message=error.description), error.code


def checked(changes):
    if not isinstance(changes, dict):
        raise UnprocessableEntity("Send an object.")
    unknown = changes.keys() - {"station", "volume"}
    if unknown:
        raise UnprocessableEntity("Unknown: " + ", ".join(sorted(unknown)))
    if "station" in changes and not isinstance(changes["station"], str):
        raise UnprocessableEntity("station must be a text")
    if "volume" in changes and (type(changes["volume"]) is not int or not 0 <= changes["volume"] <= 100):
        raise UnprocessableEntity("volume must be from 0 to 100")
    return changes


@app.get("/")
def page():
    return render_template("alarm.html", state=asdict(current["preferences"]), zone=request.args.get("zone", "UTC"))


@app.get("/preferences")
def show():
    return asdict(current["preferences"])


@app.patch("/preferences")
def change():
    if not request.is_json:
        return jsonify(code=415, message="application/json, please"), 415
    changes = checked(request.get_json(silent=True) or {})
    current["preferences"] = replace(current["preferences"], **changes)
    return asdict(current["preferences"])
