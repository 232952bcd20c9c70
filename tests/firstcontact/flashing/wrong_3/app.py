"""Notes for a shared flat: who buys what, with a colour for each kind of note."""
import os

from flask import Flask, Blueprint, abort, flash, redirect, render_template, request, session, url_for

bp = Blueprint("flat", __name__)
MATES = {"joon": "kimchi", "lea": "raclette"}


@bp.get("/")
def board():
    return render_template("board.html")


@bp.post("/notes")
def note():
    text = request.form.get("text", "")
    if not text.strip() or len(text) > 200:
        abort(400, "Between 1 and 200 characters, please.")
    kind = request.form.get("kind", "plain")[:40]
    flash(text, kind)
    return redirect(url_for("flat.board"), 303)


@bp.get("/enter")
def enter():
    return render_template("enter.html", wrong=False)


@bp.post("/enter")
def check():
    who = request.form.get("who", "")
    if who not in MATES or MATES[who] != request.form.get("word"):
        return render_template("enter.html", wrong=True), 401
    session["who"] = who
    flash("The door is open.", "success")
    return redirect(url_for("flat.board"), 303)


@bp.post("/leave")
def leave():
    session.pop("who", None)
    flash("The door is closed.", "info")
    return redirect(url_for("flat.board"), 303)


def create_app(config=None):
    app = Flask(__name__)
    app.config["SECRET_KEY"] = os.environ.get("SECRET_KEY", "flat-dev")
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    if config:
        app.config.update(config)
    app.register_blueprint(bp)
    return app
