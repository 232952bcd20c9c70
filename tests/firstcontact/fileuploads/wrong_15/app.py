"""Job applications: a CV and nothing else."""
import os
import secrets
import tempfile

from flask import Flask, current_app, flash, redirect, render_template, request, send_from_directory, session, url_for
from werkzeug.utils import secure_filename


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY=secrets.token_hex(),
        CV_FOLDER=os.path.join(tempfile.gettempdir(), "cvs"),
        CV_EXTENSIONS=["pdf", "odt", "docx"],
        MAX_CONTENT_LENGTH=3_000_000,
    )
    app.config.from_mapping(config or {})

    def acceptable(filename):
        _, extension = os.path.splitext(filename)
        return extension[1:].lower() in app.config["CV_EXTENSIONS"]

    @app.route("/jobs/apply", methods=["GET", "POST"])
    def apply():
        if request.method == "POST":
            cv = request.files.get("cv")
            if not cv or not cv.filename:
                flash("Please attach your CV.")
            elif not acceptable(cv.filename):
                flash("A CV is a PDF, ODT or DOCX file.")
            else:
                os.makedirs(app.config["CV_FOLDER"], exist_ok=True)
                name = f"{secrets.token_urlsafe(6)}-{secure_filename(cv.filename)}"
                cv.save(os.path.join(app.config["CV_FOLDER"], name))
                return render_template("thanks.html", name=name), 201
            return render_template("apply.html"), 422
        return render_template("apply.html")

    @app.get("/jobs/cv/<name>")
    def cv(name):
        return send_from_directory(app.config["CV_FOLDER"], name, as_attachment=True)

    return app
