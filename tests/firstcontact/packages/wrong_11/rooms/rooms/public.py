from flask import Blueprint, current_app, render_template

from rooms import board

bp = Blueprint("public", __name__)
ROOMS = {"Aula": 120, "Library": 30, "Lab": 16}


@bp.route("/")
def index():
    notices = board.latest(current_app.config["NOTICES"])
    return render_template("index.html", rooms=ROOMS, notices=notices)


@bp.route("/rooms.json")
def rooms_json():
    return ROOMS
