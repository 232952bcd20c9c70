"""Attachments API of a ticket tracker."""
import os

from flask import Flask, current_app, jsonify, request, send_from_directory, url_for
from flask.views import MethodView
from werkzeug.utils import secure_filename

ALLOWED_TYPES = {
    "text/plain": "txt",
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
}


def error(status, message):
    response = jsonify(error=message)
    response.status_code = status
    return response


class Attachments(MethodView):
    def get(self):
        return """<!doctype html><title>Attach</title>
        <form method="post" enctype="multipart/form-data">
        <input type="file" name="attachment"><button>Attach</button></form>"""

    def post(self):
        upload = request.files.get("attachment")
        if upload is None or not upload.filename:
            return error(400, "choose a file")
        if upload.mimetype not in ALLOWED_TYPES:
            return error(415, f"files of type {upload.mimetype} are not allowed")
        name = secure_filename(upload.filename)
        if not name:
            return error(400, "unusable file name")
        folder = current_app.config["ATTACHMENTS"]
        os.makedirs(folder, exist_ok=True)
        upload.save(os.path.join(folder, name))
        url = url_for("attachment", name=name)
        response = jsonify(name=name, url=url)
        response.status_code = 201
        response.headers["Location"] = url
        return response


class Attachment(MethodView):
    def get(self, name):
        return send_from_directory(os.path.abspath(current_app.config["ATTACHMENTS"]), name)


def create_app():
    app = Flask(__name__)
    app.config["ATTACHMENTS"] = os.path.join(app.instance_path, "attachments")
    app.config["MAX_CONTENT_LENGTH"] = 4 * 1000 * 1000
    app.add_url_rule("/attachments", view_func=Attachments.as_view("attachments"))
    app.add_url_rule("/attachments/<name>", view_func=Attachment.as_view("attachment"))

    @app.errorhandler(413)
    def too_large(e):
        return error(413, "the file is too large")

    return app
