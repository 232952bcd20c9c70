from flask import Blueprint, render_template

bp = Blueprint(
    "atlas", __name__, url_prefix="/atlas", static_folder="static", template_folder="templates"
)
SHEETS = ["North", "South"]


@bp.get("/")
def sheets():
    return render_template("atlas/sheets.html", sheets=SHEETS)


@bp.get("/<int:n>")
def sheet(n):
    return render_template("atlas/sheets.html", sheets=SHEETS[n:n + 1])
