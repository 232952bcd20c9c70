"""Drop box of a translation office; documents come back by link."""
import os
import secrets

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask import send_from_directory
from werkzeug.utils import secure_filename

bp = Blueprint("box", __name__)
EXTENSIONS = frozenset(["txt", "pdf", "html", "png"])


def extension(filename):
    return filename.rsplit(".", 1)[-1].lower() if "." in filename else None


@bp.get("/")
def form():
    return render_template("form.html")


@bp.post("/")
def upload():
    document = request.files.get("document")
    if not document:
        flash("Please choose a document.")
        return redirect(url_for("box.form"), 303)
    if extension(document.filename) not in EXTENSIONS:
        flash("Documents are txt, pdf, html or png.")
        return redirect(url_for("box.form"), 303)
    name = secure_filename(f"{secrets.token_hex(6)}_{document.filename[-100:]}")
    folder = current_app.config["BOX"]
    os.makedirs(folder, exist_ok=True)
    document.save(os.path.join(folder, name))
    return redirect(url_for("box.document", name=name), 303)


@bp.get("/documents/<name>")
def document(name):
    response = send_from_directory(current_app.config["BOX"], name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@bp.app_errorhandler(413)
def too_large(error):
    return render_template("form.html", error="At most 4 MB."), 413


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY=os.environ.get("SECRET_KEY", "office-dev"),
        BOX=os.path.join(app.instance_path, "box"),
        MAX_CONTENT_LENGTH=4 * 1000 * 1000,
    )
    app.config.from_mapping(config or {})
    app.register_blueprint(bp)
    return app
