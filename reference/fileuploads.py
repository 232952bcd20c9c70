"""Uploading files.

A file is stored under a name of our own: nothing that the client sends becomes
part of a path, so that no name can leave the folder, lose its extension, be too
long or hit a file that is already there. Only the extension is taken from the
client's name, and only one that is allowed. The page shows its own progress;
it knows best how much it has sent.
"""

from __future__ import annotations

import uuid
from pathlib import Path, PurePosixPath

from flask import (
    Blueprint,
    Flask,
    current_app,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

ALLOWED_EXTENSIONS = {"txt", "pdf", "png", "jpg", "jpeg", "gif"}

bp = Blueprint("fileuploads", __name__, url_prefix="/fileuploads")


def upload_folder() -> Path:
    """Return the upload folder; a relative one is below the instance folder."""
    return Path(current_app.instance_path, current_app.config["UPLOAD_FOLDER"])


@bp.get("/")
def page() -> str:
    return render_template("fileuploads/page.html", extensions=sorted(ALLOWED_EXTENSIONS))


@bp.post("/")
def upload() -> Response | tuple[str, int]:
    file = request.files.get("file")
    # A form that is sent with no file selected has an empty file without a name.
    if file is None or not file.filename:
        return refused("No file was selected.", 400)
    extension = PurePosixPath(file.filename).suffix.removeprefix(".").lower()
    if extension not in ALLOWED_EXTENSIONS:
        return refused("Files of this kind are not accepted.", 400)
    folder = upload_folder()
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{uuid.uuid4().hex}.{extension}"
    file.save(folder / name)
    return redirect(url_for(".download", name=name), 303)


@bp.get("/files/<name>")
def download(name: str) -> Response:
    response = send_from_directory(upload_folder(), name)
    # The browser is to believe the type, whatever the bytes look like.
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@bp.errorhandler(413)
def too_large(error: RequestEntityTooLarge) -> tuple[str, int]:
    return refused("The file is too large.", 413)


def refused(message: str, status: int) -> tuple[str, int]:
    """Return the form again, with the reason; the page's script shows it too."""
    extensions = sorted(ALLOWED_EXTENSIONS)
    return render_template("fileuploads/page.html", extensions=extensions, error=message), status


def init_app(app: Flask) -> None:
    """Register the pages; `UPLOAD_FOLDER` and `MAX_CONTENT_LENGTH` may be set before."""
    app.config.setdefault("UPLOAD_FOLDER", "uploads")
    if app.config["MAX_CONTENT_LENGTH"] is None:
        app.config["MAX_CONTENT_LENGTH"] = 16 * 1000 * 1000
    app.register_blueprint(bp)
