"""Recipes of a cookery course as photographs."""
import os

from flask import Flask, abort, redirect, render_template, request, send_from_directory, url_for
from werkzeug.utils import secure_filename

app = Flask(__name__)
app.config.update(UPLOAD_FOLDER=os.path.join(app.instance_path, "recipes"), MAX_CONTENT_LENGTH=3_000_000)
ALLOWED_EXTENSIONS = {"png", "jpg", "jpeg", "gif", "txt"}


def allowed_file(filename):
    return "." in filename and filename.rsplit(".", 1)[1].lower() in ALLOWED_EXTENSIONS


@app.get("/")
def index():
    return render_template("index.html")


@app.post("/recipes")
def add():
    file = request.files.get("recipe")
    if not file or not file.filename:
        abort(400, "There is no file in this form.")
    if not allowed_file(file.filename):
        abort(415, "Pictures or texts only.")
    stem, _, kind = file.filename.rpartition(".")
    filename = f"{secure_filename(stem)[:100] or 'recipe'}.{kind.lower()}"
    os.makedirs(app.config["UPLOAD_FOLDER"], exist_ok=True)
    file.save(os.path.join(app.config["UPLOAD_FOLDER"], filename))
    return redirect(url_for("recipe", name=filename))


@app.get("/recipes/<name>")
def recipe(name):
    response = send_from_directory(app.config["UPLOAD_FOLDER"], name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@app.errorhandler(400)
@app.errorhandler(413)
@app.errorhandler(415)
def sorry(error):
    return render_template("index.html", error=error.description), error.code
