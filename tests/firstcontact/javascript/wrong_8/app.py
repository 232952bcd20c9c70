"""A museum's guide: the page loads another greeting without a reload."""
import random

from flask import Flask, abort, jsonify, redirect, render_template, request, url_for

app = Flask(__name__)
EXHIBITS = {"1": {"id": "1", "title": "Amphora"}, "2": {"id": "2", "title": "Astrolabe"}}
FACTS = ["The amphora is from Corinth.", "The astrolabe still works."]


@app.get("/")
def hall():
    visitor = request.args.get("visitor", "guest")
    return render_template("hall.html", visitor=visitor, fact=FACTS[0])


@app.get("/fact")
def fact():
    visitor = request.args.get("visitor", "guest")
    return f"<p>{random.choice(FACTS)} Enjoy your visit, <b>{visitor}</b>!</p>"


@app.get("/exhibits")
def exhibits():
    return jsonify(list(EXHIBITS.values()))


@app.get("/exhibits/<id>")
def exhibit(id):
    if id not in EXHIBITS:
        abort(404)
    return EXHIBITS[id]


@app.get("/home")
def home():
    return redirect(url_for("hall"))
