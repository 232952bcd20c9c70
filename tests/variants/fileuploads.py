"""Uploads, done right in other ways than the reference's."""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import flask
from flask.views import MethodView
from markupsafe import escape
from werkzeug.middleware.shared_data import SharedDataMiddleware
from werkzeug.utils import secure_filename

from conformance import Subject
from tests.proof import new_folder, variant

EXTENSIONS = ["txt", "pdf", "png"]

FORM = """<!doctype html><title>Upload</title>
<form method="post" enctype="multipart/form-data">
  <input type="file" name="file"><input type="submit" value="Upload">
</form>"""


@variant
def sanitised_names_with_numbers() -> Subject:
    """The page's own design, mended: names checked after sanitising, never overwritten."""

    def create_app() -> flask.Flask:
        app = flask.Flask("shop")
        app.secret_key = "variant"
        app.config["MAX_CONTENT_LENGTH"] = 16 * 1000 * 1000

        def keep(file: Any) -> str | None:
            stem, dot, extension = (file.filename or "").rpartition(".")
            stem, extension = secure_filename(stem)[:100], extension.lower()
            if not dot or extension not in EXTENSIONS:
                return None
            for number in range(1000):
                name = f"{stem or 'file'}{f'-{number}' if number else ''}.{extension}"
                try:
                    with open(os.path.join(app.config["UPLOAD_FOLDER"], name), "xb") as target:
                        file.save(target)
                except FileExistsError:
                    continue
                return name
            return None

        @app.route("/", methods=["GET", "POST"])
        def upload_file() -> Any:
            if flask.request.method == "POST":
                if "file" not in flask.request.files:
                    flask.flash("No file part")
                    return flask.redirect(flask.request.path)
                name = keep(flask.request.files["file"])
                if name is not None:
                    return flask.redirect(flask.url_for("download_file", name=name))
                flask.flash("No file, or not one of a kind that is allowed")
                return flask.redirect(flask.request.path)
            return f"{FORM}<p>{escape(' '.join(flask.get_flashed_messages()))}</p>"

        @app.route("/uploads/<name>")
        def download_file(name: str) -> Any:
            folder = app.config["UPLOAD_FOLDER"]
            return flask.send_from_directory(folder, name, as_attachment=True)

        @app.errorhandler(413)
        def too_large(error: Exception) -> Any:
            return "At most 16 megabytes, please.", 413

        return app

    binding = {
        "upload": "/",
        "extensions": EXTENSIONS,
        "download": "/uploads/{name}",
        "folder": "UPLOAD_FOLDER",
        "page": "/",
    }
    return Subject(
        app=create_app, config={"UPLOAD_FOLDER": "{tmp}"}, patterns={"fileuploads": binding}
    )


@variant
def addressed_by_content() -> Subject:
    """A JSON API: contents under their hash, names in a table, a limit of its own for the file."""
    limit = 30_000

    def create_app(config: dict[str, Any]) -> flask.Flask:
        app = flask.Flask("api")
        # For a file, and what is around it.
        app.config["MAX_CONTENT_LENGTH"] = 2 * limit
        app.config.update(config)
        folder = Path(app.config["BLOBS"])
        database = folder / "files.sqlite"
        with sqlite3.connect(database) as db:
            db.execute("create table file (id text primary key, digest text, name text)")
        db.close()

        def problem(status: int, title: str) -> Any:
            return flask.jsonify(title=title), status

        @app.errorhandler(413)
        def too_large(error: Exception) -> Any:
            return problem(413, f"at most {limit} bytes")

        @app.post("/api/files")
        def create() -> Any:
            file = flask.request.files.get("upload")
            if file is None or not file.filename:
                return problem(422, "a file is wanted in 'upload'")
            if Path(file.filename).suffix.lower()[1:] not in EXTENSIONS:
                return problem(415, "not a kind of file that is kept here")
            content = file.read(limit + 1)
            if len(content) > limit:
                return problem(413, f"at most {limit} bytes")
            digest, key = hashlib.sha256(content).hexdigest(), secrets.token_urlsafe(8)
            (folder / digest).write_bytes(content)
            with sqlite3.connect(database, timeout=30) as db:
                name = file.filename[:500]
                db.execute(
                    "insert into file values (?, ?, ?)",
                    (key, digest, name.encode("utf-8", "replace").decode()),
                )
            db.close()
            links = {"self": "/api/files", "content": flask.url_for("content", key=key)}
            return flask.jsonify(id=key, links=links), 201

        @app.get("/api/files/<key>/content")
        def content(key: str) -> Any:
            with sqlite3.connect(database, timeout=30) as db:
                row = db.execute("select digest, name from file where id = ?", (key,)).fetchone()
            db.close()
            if row is None:
                return problem(404, "no such file")
            suffix = Path(row[1]).suffix
            name = f"{secure_filename(Path(row[1]).stem) or 'file'}{suffix}"
            response = flask.send_file(folder / row[0], as_attachment=True, download_name=name)
            response.headers["X-Content-Type-Options"] = "nosniff"
            return response

        return app

    binding = {
        "upload": "/api/files",
        "field": "upload",
        "extensions": EXTENSIONS,
        "download": "/api/files/{name}/content",
        "limit": limit,
    }
    return Subject(app=create_app, config={"BLOBS": "{tmp}"}, patterns={"fileuploads": binding})


@variant
def gallery_of_pictures() -> Subject:
    """A page that lists its pictures, with a form token; the bytes must be a picture's, too.

    Its bar has its full width from the start and moves by `aria-valuenow`; the console is silenced.
    """
    folder = new_folder()
    png = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360000000000500010d0a2db40000000049454e44ae426082"
    )
    samples = {"png": folder / "a.png", "gif": folder / "a.gif"}
    samples["png"].write_bytes(png)
    samples["gif"].write_bytes(b"GIF89a\x01\0\x01\0\0\0\0;")

    class Gallery(MethodView):
        starts = ((".png", b"\x89PNG\r\n\x1a\n"), (".gif", b"GIF89a"))

        def page(self, error: str = "", status: int = 200) -> Any:
            token = flask.session.setdefault("token", secrets.token_hex())
            pictures = sorted(os.listdir(flask.current_app.config["PICTURES"]))
            return flask.render_template_string(
                """<!doctype html><title>Gallery</title><p>{{ error }}</p>
                <form method="post" enctype="multipart/form-data">
                  <input type="hidden" name="token" value="{{ token }}">
                  <input name="title" required><input type="file" name="picture">
                  <button>Add</button></form>
                <div role="progressbar" aria-valuenow="0" style="width: 100%"></div>
                <script>
                  console.log = console.debug = () => {};
                  const form = document.querySelector("form");
                  form.addEventListener("submit", event => {
                    event.preventDefault();
                    const request = new XMLHttpRequest();
                    const bar = document.querySelector("[role=progressbar]");
                    request.upload.onprogress = e =>
                      bar.setAttribute("aria-valuenow", 100 * e.loaded / e.total);
                    request.onload = () =>
                      document.documentElement.innerHTML = request.responseText;
                    request.open("POST", "/gallery");
                    request.send(new FormData(form));
                  });
                </script>
                {% for each in pictures %}<img src="{{ url_for('picture', name=each) }}">
                {% endfor %}""",
                error=error,
                token=token,
                pictures=pictures,
            ), status

        def get(self) -> Any:
            return self.page()

        def post(self) -> Any:
            sent = flask.request.form.get("token", "")
            if not secrets.compare_digest(sent.encode(), flask.session.get("token", "-").encode()):
                return self.page("The form has expired.", 400)
            file = flask.request.files.get("picture")
            if not file or not flask.request.form.get("title"):
                return self.page("A title and a picture are wanted.")
            content = file.read()
            for suffix, start in self.starts:
                if content.startswith(start) and (file.filename or "").lower().endswith(suffix):
                    name = secrets.token_urlsafe(12) + suffix
                    Path(flask.current_app.config["PICTURES"], name).write_bytes(content)
                    return self.page()
            return self.page("Only PNG and GIF pictures.")

    app = flask.Flask("gallery")
    app.secret_key = "variant"
    app.config["MAX_CONTENT_LENGTH"] = 50_000
    app.add_url_rule("/gallery", view_func=Gallery.as_view("gallery"))

    @app.get("/gallery/pictures/<name>")
    def picture(name: str) -> Any:
        response = flask.send_from_directory(app.config["PICTURES"], name)
        response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return response

    @app.errorhandler(413)
    def too_large(error: Exception) -> Any:
        return flask.render_template_string("<p>That picture is too large."), 413

    binding = {
        "upload": {"path": "/gallery", "form": {"title": "A picture"}},
        "field": "picture",
        "extensions": ["png", "gif"],
        "samples": {extension: str(path) for extension, path in samples.items()},
        "download": "/gallery/pictures/{name}",
        "folder": "PICTURES",
        "page": "/gallery",
        "progress": "[role=progressbar]",
    }
    return Subject(app=app, patterns={"fileuploads": binding})


@variant
def served_by_the_front_server() -> Subject:
    """A build-only endpoint; a middleware serves the folder; a name that is taken is a conflict."""

    def create_app(config: dict[str, Any]) -> flask.Flask:
        app = flask.Flask("front")
        app.config.from_mapping({"MAX_CONTENT_LENGTH": 10_000, **config})
        app.register_error_handler(413, lambda error: ("At most 10 kilobytes.", 413))
        folder = app.config["UPLOADS"]
        app.add_url_rule("/media/<name>", endpoint="media", build_only=True)

        @app.put("/upload")
        def upload() -> Any:
            file = flask.request.files.get("file")
            name = secure_filename(file.filename or "") if file else ""
            stem, _, extension = name.rpartition(".")
            if not stem or len(name) > 200 or extension.lower() not in EXTENSIONS:
                flask.abort(400)
            try:
                with open(os.path.join(folder, name), "xb") as target:
                    file.save(target)
            except FileExistsError:
                flask.abort(409)
            return flask.url_for("media", name=name), 201, {"Content-Type": "text/plain"}

        files = SharedDataMiddleware(app.wsgi_app, {"/media": folder})

        def front(environ: Any, start_response: Any) -> Any:
            def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
                sniff = [("X-Content-Type-Options", "nosniff")]
                return start_response(status, headers + sniff, *exc_info)

            return files(environ, start)

        app.wsgi_app = front
        return app

    binding = {
        "upload": {"path": "/upload", "method": "PUT"},
        "extensions": EXTENSIONS,
        "download": "/media/{name}",
        "folder": "UPLOADS",
    }
    return Subject(app=create_app, config={"UPLOADS": "{tmp}"}, patterns={"fileuploads": binding})


@variant
def imported_and_never_served() -> Subject:
    """An import of tables: no download at all, only the folder; the answer is one line of text."""

    def create_app(config: dict[str, Any]) -> Any:
        app = flask.Flask("import")
        app.config.update(config)

        @app.post("/import")
        def upload() -> Any:
            file = flask.request.files.get("file")
            if not file or Path(file.filename or "").suffix.lower() not in (".csv", ".tsv"):
                return "a table, please", 400
            suffix = Path(file.filename or "").suffix.lower()
            with tempfile.NamedTemporaryFile(
                dir=app.config["INBOX"], suffix=suffix, delete=False
            ) as target:
                file.save(target)
            return "thank you"

        return app.wsgi_app

    binding = {"upload": "/import", "extensions": [".CSV", "tsv"], "folder": "INBOX"}
    return Subject(app=create_app, config={"INBOX": "{tmp}"}, patterns={"fileuploads": binding})
