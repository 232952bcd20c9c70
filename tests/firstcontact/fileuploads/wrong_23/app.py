"""Paste-and-share: small text files and pictures, counted when they are read."""
import os
from collections import Counter

from flask import Flask, abort, current_app, flash, get_flashed_messages, make_response
from flask import redirect, request, url_for
from markupsafe import escape
from werkzeug.security import safe_join
from werkzeug.utils import secure_filename

SHARED = {"txt", "log", "md", "csv"}
reads = Counter()


def shared_extension(name):
    return "." in name and name.rsplit(".", 1)[1].lower() in SHARED


def create_app(test_config=None):
    app = Flask(__name__, instance_relative_config=True)
    app.config.from_mapping(
        SECRET_KEY="dev",
        UPLOADS=os.path.join(app.instance_path, "shared"),
        MAX_CONTENT_LENGTH=500_000,
    )
    if test_config:
        app.config.update(test_config)

    @app.route("/share", methods=("GET", "POST"))
    def share():
        if request.method == "POST":
            file = request.files.get("file")
            if not file or not file.filename:
                flash("Nothing to share.")
                return redirect(url_for("share"))
            if not shared_extension(file.filename):
                flash("Only text can be shared.")
                return redirect(url_for("share"))
            name = secure_filename(file.filename)
            if "." not in name:
                name = f"shared.{name}"
            os.makedirs(current_app.config["UPLOADS"], exist_ok=True)
            file.save(os.path.join(current_app.config["UPLOADS"], name))
            return redirect(url_for("read", name=name))
        notes = "".join(f"<p>{escape(m)}</p>" for m in get_flashed_messages())
        return f"""<!doctype html><title>Share</title>{notes}
<form method="post" enctype="multipart/form-data">
<input type="file" name="file"><input type="submit"></form>"""

    @app.route("/s/<name>")
    def read(name):
        path = safe_join(current_app.config["UPLOADS"], name)
        if path is None or not os.path.isfile(path):
            abort(404)
        reads[name] += 1
        with open(path, "rb") as f:
            response = make_response(f.read())
        response.headers["X-Reads"] = str(reads[name])
        response.headers["Cache-Control"] = "no-store"
        return response

    return app
