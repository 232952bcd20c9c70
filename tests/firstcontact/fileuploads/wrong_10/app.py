"""Avatars and attachments of a forum, as a JSON API."""
import tempfile
import uuid
from pathlib import Path

from flask import Flask, current_app, jsonify, request, send_from_directory, url_for
from flask.views import MethodView
from werkzeug.utils import secure_filename


class UploadError(Exception):
    def __init__(self, status, message):
        self.status, self.message = status, message


class Attachments(MethodView):
    def get(self):
        names = sorted(p.name for p in self.folder.iterdir())
        return jsonify([url_for("attachment", name=n) for n in names])

    def post(self):
        file = request.files.get("attachment")
        if file is None or file.filename == "":
            raise UploadError(400, "The field 'attachment' has no file.")

        target = self.store(file)
        self.check(target, file.filename)
        url = url_for("attachment", name=target.name)
        return jsonify(url=url, size=target.stat().st_size), 201, {"Location": url}

    @property
    def folder(self):
        folder = Path(current_app.config["ATTACHMENTS"])
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def store(self, file):
        target = self.folder / secure_filename(file.filename)
        file.save(target)
        return target

    def check(self, path, original):
        extension = Path(original).suffix.lower().lstrip(".")
        if extension not in current_app.config["ATTACHMENT_TYPES"]:
            raise UploadError(415, f"{path.name} is not of an allowed type.")


app = Flask(__name__)
app.config.update(
    ATTACHMENTS=str(Path(tempfile.gettempdir(), "forum-attachments")),
    ATTACHMENT_TYPES={"png", "jpeg", "jpg", "gif", "webp"},
    MAX_CONTENT_LENGTH=4_000_000,
)
app.add_url_rule("/api/attachments", view_func=Attachments.as_view("attachments"))


@app.get("/attachments/<name>")
def attachment(name):
    return send_from_directory(app.config["ATTACHMENTS"], name, max_age=3600)


@app.errorhandler(UploadError)
def refused(error):
    return jsonify(error=error.message, id=str(uuid.uuid4())), error.status


@app.errorhandler(413)
def too_large(error):
    return jsonify(error="At most 4 MB."), 413
