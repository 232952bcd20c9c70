"""Backups of game saves: streamed to disk while they arrive, strict answers in Dutch."""
import os
import tempfile
import unicodedata

from flask import Flask, Request, Response, current_app, request, stream_with_context, url_for
from flask.views import View
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.security import safe_join

MAGIC = {"sav": "application/octet-stream", "txt": "text/plain", "json": "application/json"}
MAX_BYTES = 750_000


class BackupRequest(Request):
    """Files go to the disk at once, never to memory; the limit is the request's own."""

    max_content_length = MAX_BYTES

    def _get_file_stream(self, total_content_length, content_type, filename=None, content_length=None):
        return tempfile.TemporaryFile("w+b")


class BackupFlask(Flask):
    request_class = BackupRequest


class Weigering(HTTPException):
    code = 409

    def get_body(self, environ=None, scope=None):
        return f"geweigerd: {self.description}\n"

    def get_headers(self, environ=None, scope=None):
        return [("Content-Type", "text/plain; charset=utf-8")]


def veilig(name):
    """Letters and digits of any script, one extension; nothing else."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    stem, dot, extension = name.rpartition(".")
    extension = extension.lower()
    if not dot or extension not in MAGIC:
        raise Weigering("dit soort bestand wordt niet bewaard")
    stem = "".join(ch if ch.isalnum() else "-" for ch in stem).strip("-")[:60]
    return f"{stem or 'bestand'}.{extension}"


class Bewaar(View):
    methods = ["GET", "POST"]

    def dispatch_request(self):
        if request.method == "GET":
            return (
                "<!doctype html><html lang=nl><title>Bewaren</title>"
                "<form enctype='multipart/form-data' method='post'>"
                "<input name='spel'><input type='file' name='save'>"
                "<input type='submit' value='Bewaar'></form></html>"
            )
        save = request.files.get("save")
        if save is None or not save.filename:
            raise Weigering("er is geen bestand gekozen")
        name = veilig(save.filename)
        folder = current_app.config["SAVES"]
        os.makedirs(folder, exist_ok=True)
        save.save(safe_join(folder, name))
        return {"bewaard": name, "ophalen": url_for("haal", name=name)}, 202


class Haal(View):
    def dispatch_request(self, name):
        path = safe_join(current_app.config["SAVES"], name)
        if path is None or not os.path.isfile(path):
            return Response("niet gevonden\n", 404, mimetype="text/plain")
        type = MAGIC.get(name.rpartition(".")[2], "application/octet-stream")

        def chunks():
            with open(path, "rb") as f:
                while chunk := f.read(16384):
                    yield chunk

        response = Response(stream_with_context(chunks()), mimetype=type)
        response.content_length = os.path.getsize(path)
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


app = BackupFlask(__name__)
app.config["SAVES"] = os.path.join(tempfile.gettempdir(), "game-saves")
app.add_url_rule("/bewaar", view_func=Bewaar.as_view("bewaar"))
app.add_url_rule("/haal/<name>", view_func=Haal.as_view("haal"))


@app.errorhandler(RequestEntityTooLarge)
def te_groot(e):
    return Response("geweigerd: te groot\n", 413, mimetype="text/plain")
