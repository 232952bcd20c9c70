from flask import Blueprint, jsonify

from menuboard.dishes import week

bp = Blueprint("admin", __name__, url_prefix="/kitchen")


@bp.get("/count")
def count():
    return jsonify({day: len(dishes) for day, dishes in week().items()})


@bp.get("/ping")
def ping():
    return jsonify(ok=True)
