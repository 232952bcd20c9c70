from flask import Blueprint, abort, render_template, request

from questions import QUESTIONS, right

bp = Blueprint("quiz", __name__)


@bp.get("/")
def index():
    return render_template("index.html", questions=QUESTIONS)


@bp.route("/questions/<int:number>", methods=["GET", "POST"])
def question(number):
    if number >= len(QUESTIONS):
        abort(404)
    verdict = None
    if request.method == "POST":
        verdict = right(number, request.form.get("answer", ""))
    return render_template("question.html", text=QUESTIONS[number][0], verdict=verdict)


@bp.get("/rules")
def rules():
    return render_template("rules.html")
