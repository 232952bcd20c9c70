import requests
from flask import Blueprint, current_app, render_template
from sqlalchemy import create_engine, text

bp = Blueprint("tracking", __name__, url_prefix="/track")
engine = create_engine("sqlite://")


@bp.route("/<code>")
def track(code):
    try:
        reply = requests.get(current_app.config["CARRIER_URL"] + code, timeout=2)
        reply.raise_for_status()
        state = reply.json()["state"]
    except (requests.RequestException, KeyError, ValueError):
        state = "unknown"
    return render_template("start.html", code=code, state=state)


@bp.route("/health")
def health():
    with engine.connect() as connection:
        return {"database": connection.scalar(text("select 1"))}
