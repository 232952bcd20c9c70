"""Podcast host: episodes are uploaded by the editors."""
import os

from flask import Flask, abort, current_app, redirect, request, send_from_directory, url_for
from werkzeug.utils import secure_filename


class Config:
    EPISODES = "/tmp/podcast-episodes"
    EPISODE_TYPES = ["mp3", "ogg", "txt"]
    # uploads of more than one megabyte are refused
    MAX_FORM_MEMORY_SIZE = 1_000_000
    MAX_FORM_PARTS = 20


class Store:
    """Where the episodes are."""

    def __init__(self, config):
        self.folder = os.path.abspath(config["EPISODES"])
        self.types = config["EPISODE_TYPES"]
        os.makedirs(self.folder, exist_ok=True)

    def accepts(self, name):
        return "." in name and name.rsplit(".", 1)[1].lower() in self.types

    def add(self, file):
        name = secure_filename(file.filename)
        if "." not in name:
            name = f"episode.{name}"
        file.save(os.path.join(self.folder, name))
        return name


def create_app(config=Config):
    app = Flask(__name__)
    app.config.from_object(config)

    @app.get("/episodes/upload")
    def form():
        limit = current_app.config["MAX_FORM_MEMORY_SIZE"] // 1_000_000
        return f"""<!doctype html>
<title>Upload an episode</title>
<p>At most {limit} MB.</p>
<form method="post" enctype="multipart/form-data">
<p><input name="title" placeholder="Title"></p>
<p><input name="audio" type="file"></p>
<p><button>Upload</button></p>
</form>"""

    @app.post("/episodes/upload")
    def upload():
        store = Store(current_app.config)
        audio = request.files.get("audio")
        if audio is None or audio.filename == "":
            abort(400, "Choose a file.")
        if not store.accepts(audio.filename):
            abort(415, "Only " + ", ".join(store.types))
        return redirect(url_for("episode", name=store.add(audio)))

    @app.get("/episodes/<name>")
    def episode(name):
        return send_from_directory(Store(current_app.config).folder, name)

    @app.errorhandler(413)
    def too_large(e):
        return "<p>Episodes may have one megabyte at most.", 413

    return app
