"""A quiz: the questions travel to the script in the page, answers go back as JSON."""
import json

from flask import Blueprint, Flask, abort, jsonify, render_template, request
from markupsafe import Markup

bp = Blueprint("quiz", __name__)
QUESTIONS = {
    1: {"id": 1, "text": "Capital of Norway?", "points": 2},
    2: {"id": 2, "text": "Legs of a spider?", "points": 1},
}


@bp.app_template_filter("js")
def js(value):
    # not tojson: that one sorts the keys, and the order of the questions matters
    text = json.dumps(value, sort_keys=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e"))


@bp.get("/")
def play():
    player = request.args.get("player", "nobody")
    return render_template(
        "play.html", quiz={"player": player, "questions": [q["text"] for q in QUESTIONS.values()]}
    )


@bp.get("/api/questions")
def questions():
    return jsonify(list(QUESTIONS.values()))


@bp.get("/api/questions/<int:id>")
def question(id):
    return QUESTIONS.get(id) or abort(404)


@bp.post("/api/questions/<int:id>")
def update(id):
    if id not in QUESTIONS:
        abort(404)
    data = request.json
    if not isinstance(data, dict):
        abort(400, "an object, please")
    text, points = data.get("text"), data.get("points")
    if not isinstance(text, str) or not text:
        abort(400, "text is missing")
    if not isinstance(points, int) or isinstance(points, bool) or not 0 <= points <= 100:
        abort(400, "points: 0 to 100")
    QUESTIONS[id].update(text=text, points=points)
    return QUESTIONS[id]


def create_app():
    app = Flask(__name__)
    app.register_blueprint(bp)
    return app
