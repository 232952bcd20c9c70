"""Object store with a JSON API; objects get new names, the old ones are kept beside them."""
import json
import secrets
from pathlib import Path

from flask import Blueprint, Flask, current_app, jsonify, request, send_from_directory, url_for
from werkzeug.exceptions import HTTPException, NotFound, UnprocessableEntity, UnsupportedMediaType

api = Blueprint("api", __name__, url_prefix="/api/v2")


def folder():
    path = Path(current_app.config["OBJECTS"]).resolve()
    (path / "meta").mkdir(parents=True, exist_ok=True)
    return path


@api.errorhandler(HTTPException)
def problem(e):
    response = jsonify(type="about:blank", title=e.name, detail=e.description, status=e.code)
    response.mimetype = "application/problem+json"
    return response, e.code


@api.post("/objects")
def create():
    part = request.files.get("object")
    if part is None:
        raise UnprocessableEntity("There is no part named 'object'.")
    if not part.filename:
        raise UnprocessableEntity("The part 'object' is no file.")
    suffix = Path("_" + part.filename.replace("\\", "/").rsplit("/", 1)[-1]).suffix.lower()
    if suffix not in current_app.config["SUFFIXES"]:
        raise UnsupportedMediaType(f"Objects of kind {suffix or 'unknown'!r} are not stored here.")
    where = folder()
    name = secrets.token_urlsafe(12) + suffix
    part.save(where / name)
    meta = {"original": part.filename, "size": (where / name).stat().st_size}
    (where / "meta" / f"{name}.json").write_text(json.dumps(meta))
    url = url_for(".read", name=name, _external=True)
    return jsonify(id=name, links={"content": url}, **meta), 201, {"Location": url}


@api.get("/objects/<name>")
def read(name):
    where = folder()
    meta = where / "meta" / f"{name}.json"
    if not meta.is_file():
        raise NotFound("There is no such object.")
    original = json.loads(meta.read_text())["original"].replace("\\", "/").rsplit("/", 1)[-1]
    response = send_from_directory(where, name, as_attachment=True, download_name=original)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox"
    return response


def create_app(config=None):
    app = Flask(__name__)
    app.config["OBJECTS"] = Path(app.instance_path) / "objects"
    app.config["SUFFIXES"] = {".csv", ".parquet", ".json", ".svg"}
    app.config["MAX_CONTENT_LENGTH"] = 3_000_000
    app.config.update(config or {})
    app.register_blueprint(api)

    @app.get("/")
    def console():
        return f"""<!doctype html><title>Objects</title>
<form method="post" action="{url_for('api.create')}" enctype="multipart/form-data">
<input type="file" name="object" required><button>Store</button></form>"""

    return app
