"""Avatar service which looks into the files, not only at their names."""
import os

from flask import Flask, current_app, jsonify, request, send_from_directory, url_for
from werkzeug.exceptions import BadRequest, UnsupportedMediaType
from werkzeug.utils import secure_filename

SIGNATURES = {
    "gif": (b"GIF87a", b"GIF89a"),
    "bmp": (b"BM",),
    "pdf": (b"%PDF-",),
}


def extension_of(filename):
    return filename.rsplit(".", 1)[1].lower() if "." in filename else ""


def check_content(upload, extension):
    """Refuse files which only pretend to be pictures."""
    head = upload.stream.read(8)
    if not head.startswith(SIGNATURES[extension]):
        raise UnsupportedMediaType("The content does not fit the extension.")


def create_app():
    app = Flask(__name__)
    app.config["AVATARS"] = os.path.join(app.instance_path, "avatars")
    app.config["MAX_CONTENT_LENGTH"] = 1_000_000

    @app.post("/avatars")
    def create():
        upload = request.files.get("picture")
        if not upload:
            raise BadRequest("There is no picture.")
        extension = extension_of(upload.filename)
        if extension not in SIGNATURES:
            raise UnsupportedMediaType("Only " + ", ".join(SIGNATURES))
        check_content(upload, extension)
        name = secure_filename(upload.filename)
        if "." not in name:
            name = f"avatar.{extension}"
        os.makedirs(current_app.config["AVATARS"], exist_ok=True)
        upload.save(os.path.join(current_app.config["AVATARS"], name))
        url = url_for("avatar", name=name)
        return jsonify(avatar=url), 201, {"Location": url}

    @app.get("/avatars/<name>")
    def avatar(name):
        response = send_from_directory(os.path.abspath(current_app.config["AVATARS"]), name)
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @app.get("/avatars/new")
    def form():
        return """<!doctype html><title>Avatar</title>
<form action="/avatars" method="post" enctype="multipart/form-data">
<input type="file" name="picture"><button>OK</button></form>"""

    return app
