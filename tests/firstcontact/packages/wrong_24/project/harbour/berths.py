from flask import Blueprint, abort, request

bp = Blueprint("berths", __name__, url_prefix="/berths")

BERTHS = {"A1": 12.0, "A2": 9.5, "B1": 18.0}


@bp.get("/")
def berths():
    length = request.args.get("length", 0.0, type=float)
    return {name: metres for name, metres in BERTHS.items() if metres >= length}


@bp.get("/<name>")
def berth(name):
    if name not in BERTHS:
        abort(404)
    return {"name": name, "metres": BERTHS[name]}
