"""Parish archive: members hand in scans and letters."""
import os
import uuid

from flask import Flask, flash, redirect, render_template, request, send_from_directory, url_for

ALLOWED = {"txt", "pdf", "png", "jpg"}


def allowed(filename):
    return "." in filename and filename.rsplit(".", 1)[1].lower() in ALLOWED


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY=os.environ.get("SECRET_KEY", "parish-dev"),
        UPLOAD_FOLDER=os.path.join(app.instance_path, "scans"),
        MAX_CONTENT_LENGTH=2 * 1000 * 1000,
    )
    app.config.from_mapping(config or {})

    @app.route("/", methods=["GET", "POST"])
    def index():
        if request.method == "POST":
            file = request.files.get("scan")
            if file is None or file.filename == "":
                flash("Please choose a file.")
                return redirect(request.url)
            name = file.filename.replace("\\", "/").lstrip("/")
            if not allowed(name):
                flash("Only texts, PDF files and pictures.")
                return redirect(request.url)
            os.makedirs(app.config["UPLOAD_FOLDER"], exist_ok=True)
            stem, ext = os.path.splitext(name)
            name = f"{stem[:100]}-{uuid.uuid4().hex[:12]}{ext.lower()}"
            file.save(os.path.join(app.config["UPLOAD_FOLDER"], name))
            return redirect(url_for("scan", name=name), 303)
        return render_template("index.html")

    @app.get("/scans/<path:name>")
    def scan(name):
        response = send_from_directory(app.config["UPLOAD_FOLDER"], name)
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return app
