"""Vereinsfotos: Formular mit Flask-WTF."""
import os
from uuid import uuid4

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, send_from_directory, url_for
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.file import FileAllowed, FileField, FileRequired
from werkzeug.utils import secure_filename

bp = Blueprint("fotos", __name__, url_prefix="/fotos")
ENDUNGEN = ["jpg", "jpeg", "png", "webp"]


class FotoForm(FlaskForm):
    foto = FileField("Foto", validators=[
        FileRequired("Bitte ein Foto wählen."),
        FileAllowed(ENDUNGEN, "Nur Fotos (jpg, png, webp)."),
    ])


@bp.route("/neu", methods=["GET", "POST"])
def neu():
    form = FotoForm()
    if form.validate_on_submit():
        stamm, _, endung = form.foto.data.filename.rpartition(".")
        name = f"{uuid4().hex}_{secure_filename(stamm)[:80] or 'foto'}.{endung.lower()}"
        ordner = current_app.config["FOTOS"]
        os.makedirs(ordner, exist_ok=True)
        form.foto.data.save(os.path.join(ordner, name))
        flash("Danke für das Foto!")
        return redirect(url_for(".foto", name=name), 303)
    return render_template("neu.html", form=form), 422 if form.is_submitted() else 200


@bp.get("/<name>")
def foto(name):
    antwort = send_from_directory(current_app.config["FOTOS"], name, max_age=3600)
    antwort.headers["X-Content-Type-Options"] = "nosniff"
    return antwort


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY=os.environ.get("SECRET_KEY", "verein-dev"),
        SESSION_COOKIE_SAMESITE="Lax",
        FOTOS=os.path.join(app.instance_path, "fotos"),
        MAX_CONTENT_LENGTH=6 * 1024 * 1024,
    )
    app.config.from_mapping(config or {})
    CSRFProtect(app)
    app.register_blueprint(bp)

    @app.errorhandler(413)
    def zu_gross(fehler):
        return "<!doctype html><html lang=de><title>Zu groß</title><p>Höchstens 6 MiB.</p></html>", 413

    return app
