"""Bilderdienst: prüft den Inhalt, speichert nach Prüfsumme, liefert per Middleware aus."""
import hashlib
import os
import shutil
import tempfile

from flask import Flask, flash, get_flashed_messages, redirect, request, url_for
from markupsafe import escape
from werkzeug.middleware.shared_data import SharedDataMiddleware

KOPF = {
    "gif": (b"GIF87a", b"GIF89a"),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "pdf": (b"%PDF-",),
}


class Ausgabe:
    """Serves the files of the folder that is configured at the time of the request."""

    def __init__(self, app, weiter):
        self.app, self.weiter = app, weiter

    def __call__(self, environ, start_response):
        ordner = os.path.abspath(self.app.config["BILDER"])
        dienst = SharedDataMiddleware(self.weiter, {"/bilder": ordner}, cache_timeout=31536000)
        return dienst(environ, start_response)


app = Flask(__name__)
app.config.update(
    SECRET_KEY="bilder",
    BILDER=os.path.join(app.instance_path, "bilder"),
    MAX_CONTENT_LENGTH=1_500_000,
)
app.add_url_rule("/bilder/<name>", endpoint="bild", build_only=True)
app.wsgi_app = Ausgabe(app, app.wsgi_app)


def ablehnen(grund):
    flash(grund)
    return redirect(url_for("formular"), 303)


def art(bild):
    """The file's extension, if its content fits, else None."""
    stamm, punkt, endung = bild.filename.rpartition(".")
    endung = endung.lower()
    anfang = bild.stream.read(16)
    bild.stream.seek(0)
    if not punkt or not anfang.startswith(KOPF.get(endung, ())):
        return None
    return endung


@app.get("/hochladen")
def formular():
    hinweise = "".join(f"<p class=hinweis>{escape(m)}</p>" for m in get_flashed_messages())
    return f"""<!doctype html><html lang=de><title>Hochladen</title>{hinweise}
<form method=post enctype=multipart/form-data>
<input type=file name=bild accept=".gif,.png,.pdf"><button>Hochladen</button>
</form></html>"""


@app.post("/hochladen")
def hochladen():
    bild = request.files.get("bild")
    if bild is None or not bild.filename:
        return ablehnen("Bitte eine Datei auswählen.")
    endung = art(bild)
    if endung is None:
        return ablehnen("Nur GIF, PNG und PDF sind erlaubt.")
    ordner = app.config["BILDER"]
    os.makedirs(ordner, exist_ok=True)
    summe = hashlib.sha256()
    with tempfile.NamedTemporaryFile(delete=False) as entwurf:
        while block := bild.stream.read(65536):
            summe.update(block)
            entwurf.write(block)
    name = f"{summe.hexdigest()[:32]}.{endung}"
    shutil.move(entwurf.name, os.path.join(ordner, name))
    return redirect(url_for("bild", name=name), 303)
