"""Un musée : trois niveaux de gabarits, en français, un paquet de vues pour chaque partie."""
from flask import Blueprint, Flask, render_template
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException, NotFound

visite = Blueprint("visite", __name__, url_prefix="/visite")
boutique = Blueprint("boutique", __name__, url_prefix="/boutique")

SALLES = {
    "egypte": ("Égypte & Nubie", "Des *momies* et des <sphinx>."),
    "grece": ("Grèce", "Des amphores, *toutes* cassées."),
}
ARTICLES = [("Carte postale", 150), ("Affiche", 1200)]


def mise_en_forme(texte):
    """*important* devient <em>important</em> ; tout le reste est échappé."""
    morceaux = texte.split("*")
    return Markup("").join(
        Markup("<em>{}</em>").format(m) if i % 2 and i < len(morceaux) - 1 else escape(m)
        for i, m in enumerate(morceaux)
    )


@visite.get("/<salle>")
def salle(salle):
    if salle not in SALLES:
        raise NotFound("Cette salle n'existe pas.")
    nom, texte = SALLES[salle]
    return render_template("visite/salle.html", nom=nom, texte=mise_en_forme(texte), cle=salle)


@visite.get("/")
def plan():
    return render_template("visite/plan.html", salles=SALLES)


@boutique.get("/")
def articles():
    return render_template("boutique/articles.html", articles=ARTICLES)


def erreur(e):
    return render_template("erreur.html", erreur=e), e.code


def create_app():
    app = Flask(__name__, static_url_path="/statique", template_folder="gabarits")
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.add_template_filter(lambda centimes: f"{centimes / 100:.2f} €".replace(".", ","), "prix")
    app.register_blueprint(visite)
    app.register_blueprint(boutique)
    app.register_error_handler(HTTPException, erreur)
    return app
