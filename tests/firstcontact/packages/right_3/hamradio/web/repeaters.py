from flask import Blueprint, abort, render_template

from hamradio import repeaters

bp = Blueprint("repeaters", __name__, url_prefix="/repeaters")


def home():
    return render_template("home.html")


@bp.get("/")
def index():
    return render_template("repeaters.html", repeaters=repeaters.ALL)


@bp.get("/<call>")
def one(call):
    return render_template("repeaters.html", repeaters=[repeaters.find(call) or abort(404)])
