from flask import Blueprint, render_template

bp = Blueprint("blog", __name__)
POSTS = ["Slugs again", "The pump is repaired"]


@bp.get("/")
def index():
    return render_template("index.html", posts=POSTS)
