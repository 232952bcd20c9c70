from flask import Blueprint, abort, jsonify

from gezeiten.tabelle import hochwasser

bp = Blueprint("haefen", __name__, url_prefix="/haefen")


@bp.get("/")
def alle():
    return jsonify(sorted(hochwasser()))


@bp.get("/<name>")
def hafen(name):
    zeiten = hochwasser().get(name)
    if zeiten is None:
        abort(404)
    return jsonify(hafen=name, hochwasser=[f"{z:%H:%M}" for z in zeiten])
