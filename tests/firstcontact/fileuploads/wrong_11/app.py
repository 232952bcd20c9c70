"""Shared folder of an office. Keeps the names of the files as people know them."""
import os
import tempfile

from flask import Flask, abort, redirect, render_template_string, request, send_from_directory, url_for

app = Flask(__name__)
app.config["UPLOAD_FOLDER"] = os.path.join(tempfile.gettempdir(), "office", "shared")
app.config["MAX_CONTENT_LENGTH"] = 16 * 1000 * 1000

ALLOWED_EXTENSIONS = {"txt", "csv", "pdf", "docx", "xlsx"}

PAGE = """<!doctype html>
<html lang="en">
<title>Shared folder</title>
<h1>Shared folder</h1>
<form method="post" action="{{ url_for('share') }}" enctype="multipart/form-data">
  <input type="file" name="file" required>
  <input type="submit" value="Share">
</form>
<ul>{% for name in names %}<li><a href="{{ url_for('shared', name=name) }}">{{ name }}</a>{% endfor %}</ul>
"""


def clean(filename):
    # secure_filename() turns "Übersicht März.pdf" into "Ubersicht_Marz.pdf",
    # which nobody finds again, so only take out what is dangerous.
    filename = filename.replace("\\", "/").replace("\0", "")
    filename = filename.replace("../", "")
    return filename.strip()


def allowed_file(filename):
    return "." in filename and filename.rsplit(".", 1)[1].lower() in ALLOWED_EXTENSIONS


@app.get("/")
def index():
    folder = app.config["UPLOAD_FOLDER"]
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return render_template_string(PAGE, names=names)


@app.post("/share")
def share():
    if "file" not in request.files:
        abort(400, "No file part")
    file = request.files["file"]
    if file.filename == "":
        abort(400, "No selected file")
    filename = clean(file.filename)
    if not filename or not allowed_file(filename):
        abort(415, "Only " + ", ".join(sorted(ALLOWED_EXTENSIONS)))
    os.makedirs(app.config["UPLOAD_FOLDER"], exist_ok=True)
    file.save(os.path.join(app.config["UPLOAD_FOLDER"], filename))
    return redirect(url_for("shared", name=filename), 303)


@app.get("/shared/<path:name>")
def shared(name):
    return send_from_directory(app.config["UPLOAD_FOLDER"], name, as_attachment=True)
