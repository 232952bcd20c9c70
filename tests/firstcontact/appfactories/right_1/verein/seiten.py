from flask import Blueprint, current_app, render_template

from .model import Mitglied, db

seiten = Blueprint("seiten", __name__)


@seiten.get("/")
def start():
    anzahl = db.session.scalar(db.select(db.func.count(Mitglied.id)))
    return render_template("start.html", verein=current_app.config["VEREIN"], anzahl=anzahl)
