"""Portail des adhérents : dépôt de justificatifs, avec Flask-WTF et connexion."""
from pathlib import Path

from flask import Flask, abort, current_app, redirect, render_template, request, send_from_directory, url_for
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user, logout_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileAllowed, FileField, FileRequired
from werkzeug.utils import secure_filename
from wtforms import PasswordField, StringField, SubmitField

ADHERENTS = {"colette": "sido", "boris": "vian"}
EXTENSIONS = ["pdf", "jpg", "jpeg", "png"]

login_manager = LoginManager()
login_manager.login_view = "connexion"


class Adherent(UserMixin):
    def __init__(self, nom):
        self.id = nom


@login_manager.user_loader
def charger(nom):
    return Adherent(nom) if nom in ADHERENTS else None


class Connexion(FlaskForm):
    class Meta:
        csrf = False

    nom = StringField()
    secret = PasswordField()


class Depot(FlaskForm):
    piece = FileField(
        "Justificatif",
        [
            FileRequired("Veuillez choisir un fichier."),
            FileAllowed(EXTENSIONS, "Ce type de fichier n’est pas accepté."),
        ],
    )
    envoyer = SubmitField("Envoyer")


def dossier():
    chemin = Path(current_app.config["JUSTIFICATIFS"]).resolve() / current_user.id
    chemin.mkdir(parents=True, exist_ok=True)
    return chemin


def create_app():
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY="adhérents",
        JUSTIFICATIFS=str(Path(app.instance_path) / "justificatifs"),
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
    )
    login_manager.init_app(app)

    @app.route("/connexion", methods=["GET", "POST"])
    def connexion():
        form = Connexion()
        if form.validate_on_submit():
            if ADHERENTS.get(form.nom.data) == form.secret.data:
                login_user(Adherent(form.nom.data))
                return redirect(url_for("depot"))
            return render_template("connexion.html", erreur="Identifiants inconnus."), 401
        return render_template("connexion.html")

    @app.get("/deconnexion")
    def deconnexion():
        logout_user()
        return redirect(url_for("connexion"))

    @app.route("/depot", methods=["GET", "POST"])
    @login_required
    def depot():
        form = Depot()
        if form.validate_on_submit():
            nom = secure_filename(form.piece.data.filename)
            if len(nom) > 100:
                nom = nom[-100:]
            if "." not in nom:  # « été.pdf » garde son extension, « é.pdf » non
                nom = "piece." + form.piece.data.filename.rsplit(".", 1)[1].lower()
            form.piece.data.save(dossier() / nom)
            return redirect(url_for("piece", nom=nom), 303)
        return render_template("depot.html", form=form), 400 if form.errors else 200

    @app.get("/pieces/<nom>")
    @login_required
    def piece(nom):
        return send_from_directory(dossier(), nom)

    return app
