"""Bug reports with an attachment; the form shows how far the upload is."""
import os
import uuid

from flask import Flask, jsonify, render_template, request, send_from_directory, url_for
from werkzeug.utils import secure_filename

app = Flask(__name__)
app.config.update(ATTACHMENTS=os.path.join(app.instance_path, "attachments"), MAX_CONTENT_LENGTH=2_000_000)
ALLOWED = {"txt", "log", "png", "zip"}


@app.get("/")
def report():
    return render_template("report.html")


@app.post("/attachments")
def attach():
    file = request.files.get("file")
    if file is None or file.filename == "":
        return jsonify(error="There is no file."), 400
    stem, dot, kind = file.filename.rpartition(".")
    if not dot or kind.lower() not in ALLOWED:
        return jsonify(error="This type is not allowed."), 415
    os.makedirs(app.config["ATTACHMENTS"], exist_ok=True)
    name = f"{uuid.uuid4().hex}-{secure_filename(stem) or 'file'}.{kind.lower()}"
    file.save(os.path.join(app.config["ATTACHMENTS"], name))
    return jsonify(url=url_for("attachment", name=name)), 201


@app.get("/attachments/<name>")
def attachment(name):
    response = send_from_directory(app.config["ATTACHMENTS"], name, as_attachment=True)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@app.errorhandler(413)
def too_large(error):
    return jsonify(error="At most 2 MB."), 413
