import math

from flask import jsonify, request, url_for
from sqlalchemy import select

from station import app
from station.db import Reading, db


@app.get("/readings")
def readings():
    rows = db.session.scalars(select(Reading).order_by(Reading.id))
    return jsonify([{"place": r.place, "celsius": r.celsius} for r in rows])


@app.post("/readings")
def add():
    data = request.get_json()
    if not isinstance(data, dict) or not isinstance(data.get("place"), str):
        return {"error": "place is required"}, 422
    try:
        celsius = float(data.get("celsius"))
    except (TypeError, ValueError):
        celsius = math.nan
    if not -90 <= celsius <= 60:
        return {"error": "celsius must be a number between -90 and 60"}, 422
    db.session.add(Reading(place=data["place"][:80], celsius=celsius))
    db.session.commit()
    return {}, 201, {"Location": url_for("readings")}
