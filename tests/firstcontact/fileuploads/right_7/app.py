"""Content-addressed store of blobs as a JSON API; no pages at all."""
import hashlib
import os
import tempfile

from flask import Blueprint, Flask, current_app, json, request, send_from_directory, url_for
from werkzeug.exceptions import BadRequest, HTTPException, UnprocessableEntity, UnsupportedMediaType

api = Blueprint("blobs", __name__, url_prefix="/v1/blobs")


def extension_of(filename):
    stem, dot, extension = filename.replace("\\", "/").rpartition("/")[2].rpartition(".")
    extension = extension.lower()
    if not stem or not dot or extension not in current_app.config["BLOB_TYPES"]:
        raise UnsupportedMediaType("Allowed: " + " ".join(sorted(current_app.config["BLOB_TYPES"])))
    return extension


@api.post("")
def create():
    parts = request.files.getlist("blob")
    if len(parts) != 1 or not parts[0].filename:
        raise BadRequest("Send exactly one file in the part 'blob'.")
    part = parts[0]
    extension = extension_of(part.filename)
    digest = hashlib.sha256()
    while chunk := part.stream.read(65536):
        digest.update(chunk)
    if part.stream.tell() == 0:
        raise UnprocessableEntity("The file is empty.")
    part.stream.seek(0)
    name = f"{digest.hexdigest()}.{extension}"
    folder = current_app.config["BLOB_STORE"]
    target = os.path.join(folder, name)
    created = not os.path.exists(target)
    if created:
        os.makedirs(folder, exist_ok=True)
        part.save(target + ".part")
        os.replace(target + ".part", target)
    url = url_for(".read", name=name, _external=True)
    return {"id": name, "links": {"self": url}}, 201 if created else 200, {"Location": url}


@api.get("/<name>")
def read(name):
    response = send_from_directory(
        current_app.config["BLOB_STORE"], name, mimetype="application/octet-stream", max_age=31536000
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def create_app(config=None):
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.config.from_mapping(
        BLOB_STORE=os.path.join(tempfile.gettempdir(), "blobs"),
        BLOB_TYPES=frozenset({"csv", "json", "parquet", "gz"}),
        MAX_CONTENT_LENGTH=2**20,
    )
    app.config.from_mapping(config or {})
    app.register_blueprint(api)

    @app.errorhandler(HTTPException)
    def problem(error):
        body = {"type": "about:blank", "title": error.name, "status": error.code, "detail": error.description}
        return json.dumps(body), error.code, {"Content-Type": "application/problem+json"}

    return app
