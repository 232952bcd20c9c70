"""Commandes d'une fromagerie : SQLAlchemy, une tâche par commande, après la validation."""
import secrets

from flask import Flask, abort, jsonify, redirect, request, session, url_for
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

db = SQLAlchemy()
FILE = []
COMPTES = {"zoé": "brie", "luc": "comté"}
METHODES = {"PUT", "PATCH", "DELETE"}


def mettre_en_file(numero):
    FILE.append(numero)


class Commande(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    nom: Mapped[str]
    kilos: Mapped[int] = mapped_column(db.CheckConstraint("kilos > 0"))


class Remplacement:
    """Remplace la méthode d'un POST par celle de son en-tête."""

    def __init__(self, suite):
        self.suite = suite

    def __call__(self, environ, start_response):
        if environ["REQUEST_METHOD"] == "POST":
            methode = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").upper()
            if methode in METHODES:
                environ["REQUEST_METHOD"] = methode
        return self.suite(environ, start_response)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY=secrets.token_bytes(), SQLALCHEMY_DATABASE_URI="sqlite://")
    app.config.from_mapping(config or {}, SESSION_COOKIE_SAMESITE="Lax")
    db.init_app(app)
    app.wsgi_app = Remplacement(app.wsgi_app)
    with app.app_context():
        db.create_all()

    def membre():
        if session.get("nom") not in COMPTES:
            abort(401)

    @app.get("/commandes")
    def commandes():
        return jsonify(db.session.scalars(db.select(Commande.nom).order_by(Commande.id)).all())

    @app.post("/commandes")
    def commander():
        nom = request.form.get("nom", "")
        kilos = request.form.get("kilos", 1, type=int)
        if not nom.strip() or abs(kilos) > 10**6:
            abort(400)
        commande = Commande(nom=nom, kilos=1)
        db.session.add(commande)
        db.session.flush()
        try:
            commande.kilos = kilos
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            return {"erreur": "Il faut au moins un kilo."}, 422
        mettre_en_file(commande.id)
        return {"nom": nom, "numero": commande.id}, 201

    @app.delete("/commandes/<path:nom>")
    def annuler(nom):
        membre()
        retirees = db.session.execute(db.delete(Commande).where(Commande.nom == nom)).rowcount
        db.session.commit()
        return ("", 204) if retirees else ({"erreur": "inconnue"}, 404)

    @app.get("/compte")
    def compte():
        membre()
        return {"nom": session["nom"]}

    @app.post("/entree")
    def entree():
        nom = request.form.get("nom", "")
        if nom not in COMPTES or COMPTES[nom] != request.form.get("mot"):
            abort(401)
        session["nom"] = nom
        return redirect(url_for("compte"), 303)

    @app.post("/sortie")
    def sortie():
        session.clear()
        return redirect(url_for("commandes"), 303)

    return app
