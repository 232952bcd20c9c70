import board
from flask import Blueprint, redirect, render_template, request, url_for

bp = Blueprint("admin", __name__)


@bp.route("/notices", methods=["GET", "POST"])
def notices():
    if request.method == "POST":
        text = request.form.get("text", "").strip()
        if text:
            board.post(text)
        return redirect(url_for(".notices"), 303)
    return render_template("notices.html", notices=board.latest(50))
