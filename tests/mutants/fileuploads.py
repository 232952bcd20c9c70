"""Uploads, each with one believable mistake."""

from __future__ import annotations

import io
import itertools
import os
import re
import uuid
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import flask
from werkzeug.datastructures import FileStorage
from werkzeug.utils import secure_filename

import reference.fileuploads
from conformance import Subject
from tests.proof import mutant

Change = Callable[[flask.Flask], object]

ALLOWED = reference.fileuploads.ALLOWED_EXTENSIONS
PAGE = Path(reference.fileuploads.__file__).with_name("templates") / "fileuploads" / "page.html"
BINDING = {
    "upload": "/fileuploads/",
    "extensions": sorted(ALLOWED),
    "download": "/fileuploads/files/{name}",
    "folder": "UPLOAD_FOLDER",
    "page": "/fileuploads/",
    "progress": "progress",
}


def changed(change: Change, *, config: dict[str, Any] | None = None, **binding: object) -> Subject:
    """The reference's uploads in an app of their own, after a change of the app."""

    def create_app(config: dict[str, Any]) -> flask.Flask:
        app = flask.Flask("reference")
        app.secret_key = "mutant"
        app.config.update(config)
        reference.fileuploads.init_app(app)
        change(app)
        return app

    return Subject(
        app=create_app, config=config or {}, patterns={"fileuploads": {**BINDING, **binding}}
    )


class Steps:
    """The reference's view in steps, for a mutant to take one of them wrongly."""

    def file(self) -> Any:
        return flask.request.files.get("file")

    def missing(self, file: FileStorage) -> bool:
        return file is None or not file.filename

    def extension(self, filename: str) -> str:
        return PurePosixPath(filename).suffix.removeprefix(".").lower()

    def allowed(self, filename: str) -> bool:
        return self.extension(filename) in ALLOWED

    def name(self, filename: str) -> str:
        return f"{uuid.uuid4().hex}.{self.extension(filename)}"

    def save(self, file: FileStorage, path: Path) -> None:
        file.save(path)

    def answer(self, name: str) -> Any:
        return flask.redirect(flask.url_for("fileuploads.download", name=name), 303)

    def refused(self, message: str) -> Any:
        return reference.fileuploads.refused(message, 400)

    def __call__(self) -> Any:
        file = self.file()
        if self.missing(file):
            return self.refused("No file was selected.")
        if not self.allowed(file.filename):
            return self.refused("Files of this kind are not accepted.")
        folder = reference.fileuploads.upload_folder()
        folder.mkdir(parents=True, exist_ok=True)
        name = self.name(file.filename)
        self.save(file, folder / name)
        return self.answer(name)


def steps(steps: Steps, **binding: Any) -> Subject:
    return changed(lambda app: app.view_functions.update({"fileuploads.upload": steps}), **binding)


def download(function: Callable[[str], Any]) -> Subject:
    def change(app: flask.Flask) -> None:
        app.view_functions["fileuploads.download"] = function
        app.add_url_rule("/fileuploads/files/<path:name>", "fileuploads.download")

    return changed(change)


def page(old: str, new: str, *, script: bool = True, **binding: Any) -> Subject:
    """The reference, with another page."""
    text = PAGE.read_text() if script else PAGE.read_text().partition("<script>")[0]
    assert old in text

    def view() -> str:
        return flask.render_template_string(text.replace(old, new), extensions=["txt"])

    return changed(lambda app: app.view_functions.update({"fileuploads.page": view}), **binding)


@mutant("roundtrip", says=r"stored as text: each `\r\n` has become `\n`")
def lines_translated() -> Subject:
    """The file is read as text, so that its line ends change."""

    class Wrong(Steps):
        def save(self, file: FileStorage, path: Path) -> None:
            text = file.read().decode("latin-1").replace("\r\n", "\n")
            path.write_bytes(text.encode("latin-1"))

    return steps(Wrong())


@mutant(
    "roundtrip", says="the stored file is empty", also=["no-overwrite", "no-overwrite-together"]
)
def read_before_saved() -> Subject:
    """The view reads the file to hash it, and saves what is left: nothing."""

    class Wrong(Steps):
        def allowed(self, filename: str) -> bool:
            flask.request.files["file"].read()
            return super().allowed(filename)

    return steps(Wrong())


@mutant("roundtrip", says="a response that leads to its URL")
def redirect_that_no_browser_follows() -> Subject:
    """The redirect has a status that has nothing to do with one."""

    class Wrong(Steps):
        def answer(self, name: str) -> Any:
            return flask.redirect(flask.url_for("fileuploads.download", name=name), 304)

    return steps(Wrong())


@mutant(
    "missing-part",
    says="no server error for a request without the file",
    also=["truncated-rejected"],
)
def none_goes_on() -> Subject:
    """The part is looked up with `get` and its name is read, though it may be None."""

    class Wrong(Steps):
        def missing(self, file: FileStorage) -> bool:
            return file.filename == ""

    return steps(Wrong())


@mutant("missing-part", says="nothing to be stored for a request without the file: other field")
def any_field() -> Subject:
    """The view takes whatever file comes first, in any field."""

    class Wrong(Steps):
        def file(self) -> Any:
            return next(iter(flask.request.files.values()), None)

    return steps(Wrong())


@mutant("empty-filename", says="nothing to be stored for a file with an empty name")
def name_made_up() -> Subject:
    """A file without a name gets one, before anything asks whether a file was selected."""

    class Wrong(Steps):
        def file(self) -> Any:
            file = super().file()
            if file is not None:
                file.filename = file.filename or "untitled.txt"
            return file

    return steps(Wrong())


@mutant("empty-filename", says="no server error for a file with an empty name")
def first_letter() -> Subject:
    """The test for hidden files takes the first letter of a name that may have none."""

    class Wrong(Steps):
        def missing(self, file: FileStorage) -> bool:
            return file is None or (file.filename or "")[0] == "."

    return steps(Wrong())


@mutant("extension-allowlist", says="some extensions are forbidden")
def blocklist() -> Subject:
    """A list of what is forbidden, which forgets most of it."""

    class Wrong(Steps):
        def allowed(self, filename: str) -> bool:
            forbidden = {"html", "htm", "php", "exe", "js", "svg", "xml"}
            return bool(self.extension(filename)) and self.extension(filename) not in forbidden

    return steps(Wrong())


@mutant("extension-allowlist", says="not only the end of the name decides")
def any_extension() -> Subject:
    """Any allowed extension in the name will do, not only the last one."""

    class Wrong(Steps):
        def allowed(self, filename: str) -> bool:
            return super().allowed(filename) or any(
                part in ALLOWED for part in filename.split(".")[1:-1]
            )

    return steps(Wrong())


@mutant("extension-allowlist", says="so are a.html", also=["stored-name-allowed"])
def saved_first() -> Subject:
    """The file is saved, and its name is looked at then."""

    class Wrong(Steps):
        def allowed(self, filename: str) -> bool:
            if not super().allowed(filename):
                folder = reference.fileuploads.upload_folder()
                folder.mkdir(parents=True, exist_ok=True)
                self.save(flask.request.files["file"], folder / uuid.uuid4().hex)
                return False
            return True

    return steps(Wrong())


@mutant("extension-allowlist", says="but it is at /fileuploads/files/")
def saved_first_unseen() -> Subject:
    """The same, in an app whose folder nobody can look into."""

    class Wrong(Steps):
        def allowed(self, filename: str) -> bool:
            if not super().allowed(filename):
                folder = reference.fileuploads.upload_folder()
                folder.mkdir(parents=True, exist_ok=True)
                name = secure_filename(filename)[-80:] or "none"
                self.save(flask.request.files["file"], folder / name)
                return False
            return True

    return steps(Wrong(), folder=None, config={"UPLOAD_FOLDER": "{tmp}"})


@mutant("extension-case", says="to be stored, as .")
def case_matters() -> Subject:
    """The extension is compared as it was sent."""

    class Wrong(Steps):
        def extension(self, filename: str) -> str:
            return PurePosixPath(filename).suffix.removeprefix(".")

    return steps(Wrong())


class Readable(Steps):
    """A right view whose names begin with what the client's name was."""

    def start(self, filename: str) -> str:
        return secure_filename(filename.rpartition(".")[0])[:60]

    def name(self, filename: str) -> str:
        return f"{self.start(filename) or 'file'}-{super().name(filename)}"


@mutant("stays-in-folder", says="written outside it: ", also=["no-5xx-on-name", "no-overwrite",
        "stored-name-allowed"])  # fmt: skip
def name_joined() -> Subject:
    """The client's name is joined to the folder as it is."""

    class Wrong(Readable):
        def start(self, filename: str) -> str:
            return filename.rpartition(".")[0]

    return steps(Wrong())


@mutant("stays-in-folder", says="written outside it: ", also=["no-5xx-on-name", "no-overwrite",
        "stored-name-allowed"])  # fmt: skip
def dots_removed() -> Subject:
    """Each "../" is removed from the name once, which makes one of "....//"."""

    class Wrong(Readable):
        def start(self, filename: str) -> str:
            return filename.rpartition(".")[0].replace("../", "").lstrip("/")

    return steps(Wrong())


@mutant("stored-name-allowed", says="with a stem and an allowed extension")
def sanitised_after_the_check() -> Subject:
    """The name is checked first and sanitised then, and the result is not looked at."""

    class Wrong(Steps):
        def name(self, filename: str) -> str:
            return f"{uuid.uuid4().hex}_{secure_filename(filename)[-100:]}"

        def extension(self, filename: str) -> str:
            return filename.rpartition(".")[2].lower() if "." in filename else ""

    return steps(Wrong())


@mutant("no-5xx-on-name", says="no server error for a name of")
def any_length() -> Subject:
    """The sanitised name may be longer than the file system allows."""

    class Wrong(Readable):
        def start(self, filename: str) -> str:
            return secure_filename(filename.rpartition(".")[0])

    return steps(Wrong())


@mutant("no-overwrite", says="a separate place for", also=["no-overwrite-together"])
def sanitised_name_is_the_place() -> Subject:
    """The file is saved under the sanitised name, whatever is there."""

    class Wrong(Readable):
        def name(self, filename: str) -> str:
            return f"{self.start(filename) or 'file'}.{self.extension(filename)}"

    return steps(Wrong())


@mutant("no-overwrite-together", says="concurrent uploads")
def free_name_is_looked_for() -> Subject:
    """A free name is looked for, and before the file is saved another request takes it."""

    class Wrong(Readable):
        def name(self, filename: str) -> str:
            folder, number = reference.fileuploads.upload_folder(), 0
            while True:
                end = f"-{number}" if number else ""
                name = f"{self.start(filename) or 'file'}{end}.{self.extension(filename)}"
                if not (folder / name).exists():
                    return name
                number += 1

    return steps(Wrong())


@mutant("size-limit-413", says="413 for a body of", also=["size-limit-chunked"])
def too_large_is_redirected() -> Subject:
    """Whoever sends too much is sent back to the form with a message."""

    def change(app: flask.Flask) -> None:
        app.error_handler_spec["fileuploads"].clear()

        @app.errorhandler(413)
        def too_large(error: Exception) -> Any:
            flask.flash("too large")
            return flask.redirect(flask.url_for("fileuploads.page"))

    return changed(change)


@mutant(
    "size-limit-413",
    says="nothing to be stored for a body of",
    also=["size-limit-chunked", "size-limit-early"],
)
def limit_after_saving() -> Subject:
    """The size is looked at when the file is saved, and the file stays."""

    class Wrong(Steps):
        def save(self, file: FileStorage, path: Path) -> None:
            file.save(path)
            if path.stat().st_size > 20_000:
                flask.abort(413)

    return steps(Wrong(), limit=20_000, config={"MAX_CONTENT_LENGTH": 10_000_000})


@mutant("size-limit-early", says="app.config['MAX_CONTENT_LENGTH'] is not set")
def measured_in_the_view() -> Subject:
    """The view measures the file, when the whole body was parsed."""

    class Wrong(Steps):
        def __call__(self) -> Any:
            file = self.file()
            if file is not None and len(file.read()) > 20_000:
                return reference.fileuploads.refused("The file is too large.", 413)
            if file is not None:
                file.seek(0)
            return super().__call__()

    return steps(Wrong(), limit=20_000, config={"MAX_CONTENT_LENGTH": None})


@mutant("size-limit-413", says="with a limit of 20000 to be accepted", also=["size-limit-chunked"])
def limit_in_the_wrong_unit() -> Subject:
    """The limit is lower than what users are told."""
    return changed(lambda app: app.config.update(MAX_CONTENT_LENGTH=2_000), limit=20_000)


@mutant("size-limit-chunked", says="only the Content-Length is compared with the limit")
def announced_length_only() -> Subject:
    """The limit is compared with the length that the request announces, if it does."""

    class Wrong(Steps):
        def __call__(self) -> Any:
            if (flask.request.content_length or 0) > 20_000:
                return reference.fileuploads.refused("The file is too large.", 413)
            return super().__call__()

    return steps(Wrong(), limit=20_000, config={"MAX_CONTENT_LENGTH": 10_000_000})


@mutant("413-friendly", says="MAX_CONTENT_LENGTH is not set")
def no_limit() -> Subject:
    """Nothing limits a request."""
    return changed(lambda app: app.config.update(MAX_CONTENT_LENGTH=None))


@mutant("413-friendly", says="a 413 with an error page of the app's own")
def no_handler() -> Subject:
    """No error handler is there for 413."""
    return changed(lambda app: app.error_handler_spec["fileuploads"].clear())


@mutant("download-confined", says="the content of a file outside the upload folder")
def path_joined() -> Subject:
    """The download opens a joined path."""

    def send(name: str) -> Any:
        path = reference.fileuploads.upload_folder() / name
        if not path.is_file():
            flask.abort(404)
        response = flask.send_file(path)
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return download(send)


@mutant("download-confined", says="404 for /fileuploads/files/")
def null_byte() -> Subject:
    """The download opens the file, whatever bytes are in its name."""

    def send(name: str) -> Any:
        path = reference.fileuploads.upload_folder() / name.replace("..", "").lstrip("/")
        try:
            data = path.open("rb")
        except OSError:
            flask.abort(404)
        response = flask.send_file(data, download_name=path.name)
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return download(send)


@mutant("download-missing-404", says="404 for /fileuploads/files/never-")
def missing_is_redirected() -> Subject:
    """Where no such file is, the form is shown again."""

    def send(name: str) -> Any:
        if not (reference.fileuploads.upload_folder() / secure_filename(name)).is_file():
            return flask.redirect(flask.url_for("fileuploads.page"))
        return reference.fileuploads.download(name)

    return download(send)


@mutant("not-active-content", says="without X-Content-Type-Options")
def type_may_be_guessed() -> Subject:
    """Nothing tells the browser to believe the type."""
    return download(
        lambda name: flask.send_from_directory(reference.fileuploads.upload_folder(), name)
    )


@mutant("not-active-content", says="inline as text/html")
def type_from_the_bytes() -> Subject:
    """The type is guessed from the bytes, as the file command does."""

    def send(name: str) -> Any:
        response = reference.fileuploads.download(name)
        response.direct_passthrough = False
        if response.get_data().lower().startswith((b"<html", b"<!doctype")):
            response.mimetype = "text/html"
        return response

    return download(send)


@mutant("redirect-same-origin", says="Location: http://evil.example")
def redirected_to_the_request() -> Subject:
    """The way back is `request.url`, as the docs have it, and so has the Host header in it."""

    class Wrong(Steps):
        def refused(self, message: str) -> Any:
            return flask.redirect(flask.request.url)

    return steps(Wrong())


@mutant("truncated-rejected", says="without its closing boundary")
def body_taken_apart() -> Subject:
    """The view takes the body apart itself, and takes its end for the file's."""

    class Wrong(Steps):
        def file(self) -> Any:
            body = b"".join(iter(lambda: flask.request.stream.read(4096), b""))
            head, _, rest = body.partition(b"\r\n\r\n")
            named = re.search(r'name="file"; filename="(.*)"', head.decode("utf-8", "replace"))
            if not named:
                return None
            return FileStorage(io.BytesIO(rest.rsplit(b"\r\n--", 1)[0]), named[1])

    return steps(Wrong())


@mutant("browser", says="the form needs enctype=multipart/form-data")
def no_enctype() -> Subject:
    """The form has no enctype, so that a browser sends the file's name only."""
    return page(' enctype="multipart/form-data"', "", progress=None, script=False)


@mutant("browser", says="the form to send POST /fileuploads/")
def sent_as_query() -> Subject:
    """The form has no method, so that a browser sends it as a query."""
    return page('method="post"', "", progress=None, script=False)


@mutant("browser", says="a file input at /fileuploads/", also=["progress"])
def no_file_input() -> Subject:
    """The page asks for the file's name in a text field."""
    return page('type="file"', 'type="text"')


@mutant("progress", says="listens to no progress event of the request's `upload`")
def progress_of_the_answer() -> Subject:
    """The script listens to the request rather than to its upload, and so sees the answer come."""
    return page("request.upload.onprogress", "request.onprogress")


@mutant("progress", says="the browser submits the form itself")
def script_without_the_bar() -> Subject:
    """The page's form works without its script, and the script is gone."""
    return page("event.preventDefault();", "return;")


@mutant("progress", says="it stayed at 1")
def full_from_the_start() -> Subject:
    """The bar is a picture: it stands at its end before anything is sent."""
    return page('value="0"', 'value="1"', script=False)


@mutant("roundtrip", says="refused like a disallowed file")
def extension_of_what_is_left() -> Subject:
    """The extension is taken from what `secure_filename` leaves of the name."""

    class Wrong(Steps):
        def allowed(self, filename: str) -> bool:
            return super().allowed(secure_filename(filename))

    return steps(Wrong())


@mutant("size-limit-413", says="413")
def limit_excludes_itself() -> Subject:
    """A body that is just as long as the limit is refused."""

    class Wrong(Steps):
        def __call__(self) -> Any:
            limit = flask.current_app.config["MAX_CONTENT_LENGTH"]
            if (flask.request.content_length or 0) >= limit:
                return reference.fileuploads.refused("The file is too large.", 413)
            return super().__call__()

    return steps(Wrong(), limit=20_000, config={"MAX_CONTENT_LENGTH": 20_000})


@mutant("download-confined", says="the content of a file outside the upload folder")
def begins_like_the_folder() -> Subject:
    """The path has to begin with the folder's, as a folder beside it does."""

    def send(name: str) -> Any:
        folder = str(reference.fileuploads.upload_folder())
        path = os.path.normpath(os.path.join(folder, name))
        if not path.startswith(folder) or not os.path.isfile(path):
            flask.abort(404)
        response = flask.send_file(path)
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return download(send)


@mutant("extension-allowlist", says="declared as")
def declared_type_decides() -> Subject:
    """What may be stored is told by the media type that the client declares, where it is one."""

    class Wrong(Steps):
        def allowed(self, filename: str) -> bool:
            kind = flask.request.files["file"].mimetype
            return super().allowed(filename) or (
                kind in ("application/pdf", "image/png", "image/gif", "image/jpeg")
                and bool(self.extension(filename))
            )

    return steps(Wrong())


@mutant("not-active-content", says="inline as text/html")
def served_as_declared() -> Subject:
    """A file is served as the media type that came with it."""
    kinds: dict[str, str] = {}

    class Wrong(Steps):
        def save(self, file: FileStorage, path: Path) -> None:
            kinds[path.name] = file.mimetype
            super().save(file, path)

    def send(name: str) -> Any:
        response = reference.fileuploads.download(name)
        response.mimetype = kinds.get(name, response.mimetype)
        return response

    def change(app: flask.Flask) -> None:
        app.view_functions.update({"fileuploads.upload": Wrong(), "fileuploads.download": send})

    return changed(change)


@mutant("no-overwrite", says="has other bytes")
def counted_from_one() -> Subject:
    """The names are numbers, which begin at one in each process."""

    class Wrong(Steps):
        def __init__(self) -> None:
            self.numbers = itertools.count(1)

        def name(self, filename: str) -> str:
            return f"{next(self.numbers)}.{self.extension(filename)}"

    return changed(lambda app: app.view_functions.update({"fileuploads.upload": Wrong()}))


@mutant("stored-name-allowed", says="with a stem and an allowed extension")
def name_cut() -> Subject:
    """The name is checked, and cut to what a column holds after that."""

    class Wrong(Steps):
        def name(self, filename: str) -> str:
            return f"{uuid.uuid4().hex}-{secure_filename(filename)}"[:100]

        def extension(self, filename: str) -> str:
            return PurePosixPath(secure_filename(filename)).suffix.removeprefix(".").lower()

    return steps(Wrong())
