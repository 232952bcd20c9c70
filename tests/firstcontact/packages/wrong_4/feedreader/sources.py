from flask import Blueprint, abort, render_template

from feedreader.data import SOURCES

bp = Blueprint("sources", __name__)


@bp.get("/")
def index():
    return render_template("sources.html", sources=SOURCES)


@bp.get("/<name>")
def source(name):
    if name not in SOURCES:
        abort(404)
    return render_template("headlines.html", lines=SOURCES[name])
