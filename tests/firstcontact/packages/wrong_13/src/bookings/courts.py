from flask import Blueprint, current_app, render_template

bp = Blueprint("courts", __name__)
TAKEN = {(1, 480), (2, 540), (4, 1020)}


@bp.route("/")
def table():
    hours = range(480, 1200, 60)
    return render_template("courts.html", hours=hours, taken=TAKEN,
                           courts=range(1, current_app.config["COURTS"] + 1))


@bp.route("/<int:number>")
def court(number):
    free = [m for m in range(480, 1200, 60) if (number, m) not in TAKEN]
    return {"court": number, "free": free}
