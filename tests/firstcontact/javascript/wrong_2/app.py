"""A quiz night: the browser gets the questions together with the page."""
import json

from flask import Flask, abort, jsonify, render_template, request

app = Flask(__name__)

QUESTIONS = [
    {"id": 1, "text": "What does HTTP stand for?", "points": 2},
    {"id": 2, "text": "Who wrote the first compiler?", "points": 3},
]


@app.get("/")
def start():
    return render_template("start.html")


@app.get("/play")
def play():
    state = {"team": request.args.get("team", "Guests"), "questions": QUESTIONS}
    return render_template("play.html", state=json.dumps(state))


@app.get("/api/questions")
def questions():
    return jsonify(QUESTIONS)


@app.get("/api/questions/<int:id>")
def question(id):
    for entry in QUESTIONS:
        if entry["id"] == id:
            return entry
    abort(404)


@app.errorhandler(404)
def missing(error):
    return jsonify(error="not found"), 404
