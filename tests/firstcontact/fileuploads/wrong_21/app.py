"""Lab notebook: a run's raw data is uploaded from the instrument's PC."""
import os
from urllib.parse import quote

from flask import Flask, flash, redirect, render_template_string, request, send_from_directory
from werkzeug.utils import secure_filename

DATA_TYPES = frozenset(("csv", "txt", "tsv", "json"))

app = Flask(__name__)
app.config.update(
    SECRET_KEY="lab",
    RAW_DATA=os.path.join(app.instance_path, "raw"),
    MAX_CONTENT_LENGTH=32 * 1000 * 1000,
)

TEMPLATE = """<!doctype html>
<title>{{ title }}</title>
{% with messages = get_flashed_messages() %}
{% for m in messages %}<div class="note">{{ m }}</div>{% endfor %}
{% endwith %}
{% if url %}
<p>Stored. <a href="{{ url }}">{{ label }}</a></p>
{% else %}
<form method="POST" enctype="multipart/form-data">
  <input type="file" name="run">
  <input type="submit" value="Store">
</form>
{% endif %}
"""


def is_data(filename):
    return "." in filename and filename.rsplit(".", 1)[1].lower() in DATA_TYPES


def store(upload):
    os.makedirs(app.config["RAW_DATA"], exist_ok=True)
    name = secure_filename(upload.filename)
    if "." not in name:
        name = f"run.{name}"
    upload.save(os.path.join(app.config["RAW_DATA"], name))


@app.route("/runs/new", methods=["GET"])
def new_run():
    return render_template_string(TEMPLATE, title="New run")


@app.route("/runs/new", methods=["POST"])
def store_run():
    upload = request.files.get("run")
    if upload is None or upload.filename == "":
        flash("No file was selected.")
        return redirect("/runs/new")
    if not is_data(upload.filename):
        flash("Only " + ", ".join(sorted(DATA_TYPES)))
        return redirect("/runs/new")
    store(upload)
    return render_template_string(
        TEMPLATE,
        title="Stored",
        url="/runs/raw/" + quote(upload.filename, safe=""),
        label=upload.filename,
    )


@app.route("/runs/raw/<name>")
def raw(name):
    return send_from_directory(os.path.abspath(app.config["RAW_DATA"]), name)
