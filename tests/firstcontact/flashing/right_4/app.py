"""Tide log of a harbour; the long log is streamed."""
import os
from datetime import date, timedelta

from flask import Flask, abort, flash, get_flashed_messages, redirect, render_template, request, session, stream_template, url_for

app = Flask(__name__)
app.config.update(SECRET_KEY=os.environ.get("SECRET_KEY", "tide-dev"), SESSION_COOKIE_SAMESITE="Lax")
PILOTS = {"grace": "knots"}
LEVELS = ("error", "warning", "message")


def tides():
    day = date(2024, 1, 1)
    for number in range(366):
        yield day + timedelta(days=number), 200 + number * 53 % 180


@app.get("/")
def harbour():
    return render_template("harbour.html")


@app.get("/blocks")
def blocks():
    return render_template("blocks.html")


@app.get("/log")
def log():
    messages = get_flashed_messages(with_categories=True)
    return stream_template("log.html", messages=messages, tides=tides())


@app.get("/current")
def current():
    return redirect(url_for("log"))


@app.post("/signals")
def signal():
    text = request.form.get("text", "")
    level = request.form.get("level") or "message"
    if not text.strip() or len(text) > 200:
        abort(400)
    if level not in LEVELS:
        abort(422)
    flash(text, level)
    return redirect(url_for("harbour"), 303)


@app.route("/pilot", methods=["GET", "POST"])
def pilot():
    error = None
    if request.method == "POST":
        name = request.form.get("name", "")
        if name in PILOTS and PILOTS[name] == request.form.get("password"):
            session["pilot"] = name
            flash("All hands on deck.")
            return redirect(url_for("harbour"), 303)
        error = "Not on the crew list."
    return render_template("pilot.html", error=error), 403 if error else 200
