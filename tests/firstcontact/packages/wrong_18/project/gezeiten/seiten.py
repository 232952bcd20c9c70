from flask import Blueprint, render_template

bp = Blueprint("seiten", __name__)


@bp.get("/")
def start():
    return render_template("start.html")


@bp.get("/impressum")
def impressum():
    return render_template("start.html", text="Impressum")
