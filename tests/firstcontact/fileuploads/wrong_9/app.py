"""Homework hand-in for a school."""
import os
import tempfile

from flask import Blueprint, Flask, current_app, flash, redirect, render_template_string, request, send_from_directory, url_for
from werkzeug.utils import secure_filename

bp = Blueprint("homework", __name__, url_prefix="/homework")

PAGE = """<!doctype html>
<title>Hand in</title>
<h1>Hand in your homework</h1>
{% for message in get_flashed_messages() %}<p class="flash">{{ message }}</p>{% endfor %}
<form method="post" enctype="multipart/form-data">
  <label>Your work <input type="file" name="work" accept=".pdf,.txt,.png,.jpg"></label>
  <button>Hand in</button>
</form>
"""


def allowed(filename):
    parts = filename.lower().split(".")
    return len(parts) > 1 and parts[1] in current_app.config["HOMEWORK_TYPES"]


@bp.route("/", methods=["GET", "POST"])
def hand_in():
    if request.method == "GET":
        return render_template_string(PAGE)

    work = request.files.get("work")
    if work is None or not work.filename:
        flash("Choose a file first.")
        return redirect(url_for(".hand_in"))

    if not allowed(work.filename):
        flash("That type of file cannot be handed in.")
        return redirect(url_for(".hand_in"))

    folder = current_app.config["HOMEWORK_FOLDER"]
    os.makedirs(folder, exist_ok=True)
    name = secure_filename(work.filename)
    work.save(os.path.join(folder, name))
    return redirect(url_for(".show", name=name))


@bp.route("/handed-in/<name>")
def show(name):
    return send_from_directory(current_app.config["HOMEWORK_FOLDER"], name)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY="dev",
        HOMEWORK_FOLDER=os.path.join(tempfile.gettempdir(), "homework"),
        HOMEWORK_TYPES={"pdf", "txt", "png", "jpg"},
        MAX_CONTENT_LENGTH=8 * 1000 * 1000,
    )
    app.config.from_mapping(config or {})
    app.register_blueprint(bp)
    return app
