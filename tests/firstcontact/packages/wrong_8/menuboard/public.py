from flask import Blueprint, abort, render_template

from menuboard.dishes import week

bp = Blueprint("public", __name__)


@bp.get("/")
def index():
    return render_template("week.html", week=week())


@bp.get("/days/<day>")
def day(day):
    dishes = week().get(day)
    if dishes is None:
        abort(404)
    return render_template("day.html", day=day, dishes=dishes)
