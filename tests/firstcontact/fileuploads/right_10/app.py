"""Several files at once, with a progress bar; the limit holds for the upload only."""
import os
import tempfile
from itertools import count
from pathlib import Path

from flask import Flask, Response, render_template, request, send_from_directory, url_for
from werkzeug.utils import secure_filename

LIMIT = 3_000_000
KNOWN = {".ogg": "audio/ogg", ".mp3": "audio/mpeg", ".flac": "audio/flac", ".txt": "text/plain"}

app = Flask(__name__)
app.config["TONE"] = os.path.join(tempfile.gettempdir(), "tonarchiv")


def free_path(folder, wanted):
    """Nothing is ever overwritten: lied.mp3, lied-2.mp3, lied-3.mp3 …"""
    path = folder / wanted
    for number in count(2):
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o640))
            return path
        except FileExistsError:
            path = folder / f"{Path(wanted).stem}-{number}{Path(wanted).suffix}"


@app.before_request
def limit():
    request.max_content_length = LIMIT if request.endpoint == "hochladen" else 10_000


@app.get("/tonarchiv/")
def seite():
    return render_template("seite.html", arten=sorted(KNOWN), limit=LIMIT)


@app.post("/tonarchiv/hochladen")
def hochladen():
    files = [f for f in request.files.getlist("aufnahmen") if f.filename]
    if not files:
        return render_template("ergebnis.html", fehler="Es wurde keine Datei gewählt."), 400
    wanted = []
    for file in files:
        name = secure_filename(file.filename)
        extension = Path(file.filename).suffix.lower()
        if extension not in KNOWN:
            return render_template("ergebnis.html", fehler=f"Nicht erlaubt: {file.filename}"), 415
        stem = Path(name).stem if Path(name).suffix else "aufnahme"
        wanted.append((file, f"{stem}{extension}"))
    folder = Path(app.config["TONE"])
    folder.mkdir(parents=True, exist_ok=True)
    saved = []
    for file, name in wanted:
        path = free_path(folder, name)
        file.save(path)
        saved.append(path.name)
    return render_template("ergebnis.html", namen=saved)


@app.get("/tonarchiv/datei/<name>")
def datei(name):
    response = send_from_directory(app.config["TONE"], name, conditional=True)
    response.headers["Content-Security-Policy"] = "sandbox"
    return response


@app.errorhandler(413)
def zu_gross(error):
    return render_template("ergebnis.html", fehler="Das ist zu groß."), 413
