"""Herbier : plusieurs icônes, une page d'impression avec sa propre ossature."""
from flask import Blueprint, Flask, current_app, render_template, send_from_directory
from werkzeug.exceptions import NotFound

herbier = Blueprint("herbier", __name__)
PLANTES = {"pavot": "Papaver rhoeas", "bleuet": "Centaurea cyanus"}


@herbier.get("/")
def accueil():
    return render_template("accueil.html", plantes=PLANTES)


@herbier.get("/plantes/<nom>")
def plante(nom):
    if nom not in PLANTES:
        raise NotFound
    return render_template("plante.html", nom=nom, latin=PLANTES[nom])


@herbier.get("/plantes/<nom>/imprimer")
def imprimer(nom):
    if nom not in PLANTES:
        raise NotFound
    return render_template("imprimer.html", nom=nom, latin=PLANTES[nom])


@herbier.get("/favicon.ico")
def icone():
    return send_from_directory(current_app.static_folder, "icones/favicon.ico", max_age=7 * 86400)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.register_blueprint(herbier)
    return app
