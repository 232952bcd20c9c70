"""Bibliothèque : sa propre version de after_this_request, dans flask.g."""
from flask import Flask, g, render_template, request

app = Flask(__name__)
LANGUES = ("fr", "oc", "en")
MOTS = {"fr": "Bienvenue", "oc": "Benvenguda", "en": "Welcome"}


def plus_tard(fonction):
    g.setdefault("_plus_tard", []).append(fonction)
    return fonction


def executer(response):
    fonctions = g.get("_plus_tard", [])
    while fonctions:
        response = fonctions.pop(0)(response)
    return response


def init_app(app):
    app.after_request_funcs.setdefault(None, []).insert(0, executer)


def langue():
    choix = request.cookies.get("langue")
    if choix in LANGUES:
        g.langue = choix
        return
    g.langue = request.accept_languages.best_match(LANGUES, default="fr")
    plus_tard(Souvenir("langue", g.langue))


class Souvenir:
    def __init__(self, nom, valeur):
        self.nom, self.valeur = nom, valeur

    def __call__(self, response):
        response.set_cookie(self.nom, self.valeur, max_age=10**7, samesite="Lax", httponly=True)
        return response


init_app(app)
app.before_request(langue)


@app.route("/")
def accueil():
    return render_template("accueil.html", mot=MOTS[g.langue])


@app.route("/livres")
def livres():
    return {"livres": ["Émile"], "langue": g.langue}
