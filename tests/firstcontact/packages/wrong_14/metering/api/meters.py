from flask import abort, request

from . import app
from .. import readings


@app.get("/api/meters")
def list_meters():
    return readings.meters()


@app.post("/api/meters/<name>")
def add(name):
    value = request.get_json().get("value")
    if not isinstance(value, int):
        abort(400, "value must be an integer")
    readings.add(name, value)
    return {"meter": name, "values": readings.of(name)}, 201
