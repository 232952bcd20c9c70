from flask import Blueprint, render_template

bp = Blueprint("guide", __name__, static_folder="../static", template_folder="templates")


@bp.get("/")
def contents():
    return render_template("guide/contents.html")
