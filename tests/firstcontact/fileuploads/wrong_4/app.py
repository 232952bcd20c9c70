"""Sound snippets for a radio play, with metadata as JSON."""
import mimetypes
import os
import secrets

from flask import Flask, abort, jsonify, request, send_file, url_for
from werkzeug.security import safe_join

app = Flask(__name__)
app.config.update(SOUNDS=os.path.join(app.instance_path, "sounds"), MAX_SOUND=1_000_000)
KINDS = {"wav", "mp3", "ogg", "txt"}

PAGE = """<!doctype html><html lang="en"><title>Radio play</title><h1>Radio play</h1>
<form method="post" action="{}" enctype="multipart/form-data">
<label>Sound <input type="file" name="sound"></label><button>Upload</button></form></html>"""


@app.get("/")
def index():
    return PAGE.format(url_for("upload"))


@app.post("/sounds")
def upload():
    sound = request.files.get("sound")
    if sound is None or not sound.filename:
        return jsonify(error="no sound"), 400
    kind = os.path.splitext(sound.filename)[1][1:].lower()
    if kind not in KINDS:
        return jsonify(error="wav, mp3, ogg or txt"), 415
    data = sound.read()
    if len(data) > app.config["MAX_SOUND"]:
        return jsonify(error="at most 1 MB"), 413
    os.makedirs(app.config["SOUNDS"], exist_ok=True)
    name = f"{secrets.token_hex(8)}.{kind}"
    with open(os.path.join(app.config["SOUNDS"], name), "xb") as target:
        target.write(data)
    response = jsonify(name=name, url=url_for("sound", name=name), size=len(data))
    response.headers["Location"] = url_for("sound", name=name)
    return response, 201


@app.get("/sounds/<name>")
def sound(name):
    path = safe_join(app.config["SOUNDS"], name)
    if path is None or not os.path.isfile(path):
        abort(404)
    response = send_file(path, mimetype=mimetypes.guess_type(name)[0])
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
