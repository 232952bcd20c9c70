from flask import Blueprint, render_template

bp = Blueprint("public", __name__, template_folder="pages")


@bp.route("/")
def index():
    return render_template("start.html")
