"""Shared documents of a club, downloads with nice headers."""
import os
import time
from pathlib import Path

from flask import Flask, abort, redirect, render_template_string, request, send_file, url_for
from werkzeug.utils import secure_filename

app = Flask(__name__)
app.config["DOCS"] = str(Path(app.instance_path) / "docs")
app.config["MAX_CONTENT_LENGTH"] = 8 * 1024 * 1024

SUFFIXES = {".pdf", ".txt", ".odt", ".ods", ".png"}


def docs():
    folder = Path(app.config["DOCS"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder


PAGE = """<!doctype html>
<title>Documents</title>
{% if message %}<p role=alert>{{ message }}</p>{% endif %}
<table>
{% for doc in docs %}
<tr><td><a href="{{ url_for('document', name=doc.name) }}">{{ doc.name }}</a>
<td>{{ doc.stat().st_size }} bytes
{% endfor %}
</table>
<form method="post" action="{{ url_for('add') }}" enctype="multipart/form-data">
<label>New document <input type="file" name="file" required></label>
<button type="submit">Add</button>
</form>
"""


def page(message=None, status=200):
    listing = sorted(d for d in docs().iterdir() if d.is_file())
    return render_template_string(PAGE, docs=listing, message=message), status


@app.get("/documents/")
def index():
    return page()


@app.post("/documents/")
def add():
    file = request.files.get("file")
    if file is None or not file.filename:
        return page("No document was chosen.", 400)
    if os.path.splitext("_" + file.filename)[1].lower() not in SUFFIXES:
        return page("Documents of this kind are not accepted.", 400)
    name = secure_filename(file.filename)
    if "." not in name:  # nothing but the suffix is left of some names
        name = f"document.{name}"
    file.save(docs() / name)
    return redirect(url_for("document", name=name), 303)


@app.get("/documents/<path:name>")
def document(name):
    path = os.path.join(docs(), name)
    if not os.path.isfile(path):
        abort(404)
    response = send_file(path, conditional=True)
    age = time.time() - os.path.getmtime(path)
    response.cache_control.max_age = 60 if age < 3600 else 86400
    response.cache_control.private = True
    return response
