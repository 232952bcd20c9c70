"""Queue of a repair café; a screen polls /status."""
import os
from itertools import count

from flask import Flask, abort, flash, g, get_flashed_messages, jsonify, redirect, render_template, request, session, url_for

HELPERS = {"ines": "schraube"}


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY=os.environ.get("SECRET_KEY", "cafe-dev"), SESSION_COOKIE_SAMESITE="Lax")
    app.config.from_mapping(config or {})
    numbers = count(1)
    waiting = []

    @app.before_request
    def messages():
        if request.endpoint != "static":
            g.messages = get_flashed_messages(with_categories=True)

    @app.get("/")
    def index():
        return render_template("index.html", waiting=waiting)

    @app.get("/status")
    def status():
        return jsonify(waiting=len(waiting))

    @app.post("/tickets")
    def take():
        thing = request.form.get("thing", "")
        if not thing.strip() or len(thing) > 200:
            abort(400)
        waiting.append((next(numbers), thing))
        del waiting[:-50]
        flash(thing, "ticket")
        return redirect(url_for("index"), 303)

    @app.route("/helper", methods=["GET", "POST"])
    def helper():
        error = None
        if request.method == "POST":
            if HELPERS.get(request.form["name"]) == request.form["password"]:
                session["helper"] = request.form["name"]
                flash("Have fun with the screws.", "success")
                return redirect(url_for("index"), 303)
            error = "Sorry, not a helper."
        return render_template("helper.html", error=error)

    @app.get("/home")
    def home():
        return redirect(url_for("index"))

    return app
