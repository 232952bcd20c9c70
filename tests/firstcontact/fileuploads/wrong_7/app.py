"""Job applications: a CV per applicant."""
import os
import time
from pathlib import Path

from flask import Flask, abort, flash, redirect, render_template, request, send_from_directory, url_for
from werkzeug.utils import secure_filename

app = Flask(__name__)
app.config.update(
    SECRET_KEY=os.environ.get("SECRET_KEY", "jobs-dev"),
    CV_FOLDER=os.path.join(app.instance_path, "cvs"),
    MAX_CONTENT_LENGTH=1_000_000,
)
TYPES = {".pdf", ".txt", ".odt"}


@app.get("/")
def jobs():
    return render_template("jobs.html")


@app.post("/apply")
def apply():
    cv = request.files.get("cv")
    if not cv:
        flash("We need a CV.")
        return redirect(url_for("jobs"), 303)
    if Path(cv.filename).suffix.lower() not in TYPES:
        abort(415, "PDF, text or ODT.")
    folder = Path(app.config["CV_FOLDER"])
    folder.mkdir(parents=True, exist_ok=True)
    filename = secure_filename(cv.filename[-100:])
    stem, _, suffix = filename.rpartition(".")
    filename = f"{stem}-{time.time_ns()}.{suffix}" if stem else filename
    cv.save(folder / filename)
    return redirect(url_for("show", name=filename), 303)


@app.get("/cvs/<name>")
def show(name):
    response = send_from_directory(app.config["CV_FOLDER"], name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
