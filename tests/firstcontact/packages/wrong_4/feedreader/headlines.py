from flask import Blueprint, render_template

from feedreader.data import SOURCES
from feedreader.extensions import cache

bp = Blueprint("headlines", __name__)


@bp.get("/")
@cache.cached()
def index():
    lines = sorted(line for lines in SOURCES.values() for line in lines)
    return render_template("headlines.html", lines=lines)
