"""Photo service with limits that differ by view."""
import os
import tempfile
import uuid

from flask import Blueprint, Flask, Request, current_app, jsonify, request, send_from_directory, url_for

photos = Blueprint("photos", __name__)


class LimitedRequest(Request):
    """Limits of the body by endpoint; what has no entry is not limited here."""

    @property
    def max_content_length(self):
        limits = current_app.config["BODY_LIMITS"]
        return limits.get(self.endpoint)


@photos.post("/photos")
def upload():
    photo = request.files.get("photo")
    if photo is None or not photo.filename:
        return jsonify(error="photo is missing"), 400
    extension = os.path.splitext(photo.filename)[1].lower()
    if extension not in (".jpg", ".jpeg", ".png"):
        return jsonify(error="JPEG or PNG only"), 415
    name = uuid.uuid4().hex + extension
    photo.save(os.path.join(current_app.config["PHOTOS"], name))
    return jsonify(name=name, href=url_for(".download", name=name)), 201


@photos.get("/photos/<name>")
def download(name):
    return send_from_directory(current_app.config["PHOTOS"], name)


@photos.get("/photos/new")
def form():
    return """<!doctype html><title>New photo</title>
    <form action="/photos" method="post" enctype="multipart/form-data">
    <input type="file" name="photo" accept="image/jpeg,image/png"><button>Send</button></form>"""


@photos.post("/feedback")
def feedback():
    return jsonify(thanks=request.form.get("text", "")[:200])


def create_app(config=None):
    app = Flask(__name__)
    app.request_class = LimitedRequest
    app.config.update(
        PHOTOS=tempfile.mkdtemp(prefix="photos"),
        BODY_LIMITS={"upload": 1_000_000, "feedback": 10_000},
    )
    app.config.update(config or {})
    app.register_blueprint(photos)

    @app.errorhandler(413)
    def too_large(error):
        return jsonify(error="too large"), 413

    return app
