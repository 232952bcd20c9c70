import os
import tempfile
from datetime import date

from flask import Flask, abort, flash, redirect, render_template, request, send_file, url_for
from werkzeug.utils import secure_filename


def create_app(config=None):
    """Minutes of a club's meetings, filed by year."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="dev",
        MINUTES=os.path.join(tempfile.gettempdir(), "minutes"),
        MAX_CONTENT_LENGTH=2 * 1000 * 1000,
    )
    app.config.update(config or {})
    extensions = frozenset(["pdf", "txt", "md"])

    @app.route("/", methods=["GET"])
    def index():
        return render_template("index.html", extensions=extensions)

    @app.route("/", methods=["POST"])
    def add():
        file = request.files.get("minutes")
        if not file or not file.filename:
            flash("Please choose the minutes.", "error")
            return render_template("index.html", extensions=extensions), 400
        stem, dot, extension = file.filename.rpartition(".")
        if not dot or extension.lower() not in extensions:
            flash("Minutes are PDF, text or Markdown.", "error")
            return render_template("index.html", extensions=extensions), 400
        name = secure_filename(file.filename)
        year = str(date.today().year)
        os.makedirs(os.path.join(app.config["MINUTES"], year), exist_ok=True)
        file.save(os.path.join(app.config["MINUTES"], year, name))
        flash("Thank you!", "info")
        return redirect(url_for("minutes", path=f"{year}/{name}"))

    @app.route("/minutes/<path:path>")
    def minutes(path):
        full = os.path.join(app.config["MINUTES"], path)
        if not os.path.isfile(full):
            abort(404)
        # text/markdown is unknown to some browsers
        mimetype = "text/plain" if full.endswith(".md") else None
        return send_file(full, mimetype=mimetype)

    return app
