from flask import Blueprint, render_template

bp = Blueprint("start", __name__)


@bp.route("/")
def seite():
    return render_template("start.html")


@bp.route("/stand")
def stand():
    return "", 204
