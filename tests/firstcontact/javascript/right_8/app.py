"""Le plan de la médiathèque, derrière un proxy qui ajoute un préfixe."""
from flask import Flask, Response, json, render_template, request
from werkzeug.exceptions import NotFound, UnsupportedMediaType
from werkzeug.middleware.proxy_fix import ProxyFix

app = Flask(__name__)
app.wsgi_app = ProxyFix(app.wsgi_app, x_prefix=1, x_proto=1, x_host=1)
RAYONS = [
    {"cote": "a1", "nom": "Contes d'hiver", "etage": 0},
    {"cote": "b2", "nom": "Bandes dessinées", "etage": 1},
]


def rayon(cote):
    for r in RAYONS:
        if r["cote"] == cote:
            return r
    raise NotFound("Aucun rayon n'a cette cote.")


def en_json(objet, statut=200):
    return Response(json.dumps(objet), statut, content_type="application/json; charset=utf-8")


@app.route("/", endpoint="racine")
def plan():
    return render_template("plan.html", plan={"recherche": request.args.get("recherche", "l'hiver"), "rayons": RAYONS})


@app.route("/donnees/rayons")
def rayons():
    return en_json(RAYONS)


@app.route("/donnees/rayons/<cote>", methods=["GET", "PATCH"])
def un_rayon(cote):
    trouve = rayon(cote)
    if request.method == "GET":
        return en_json(trouve)
    if request.mimetype != "application/json":
        raise UnsupportedMediaType()
    try:
        corps = json.loads(request.get_data())
    except ValueError:
        return en_json({"erreur": "JSON illisible"}, 400)
    if type(corps) is not dict or not corps.keys() <= {"nom", "etage"} or not corps:
        return en_json({"erreur": "nom ou etage"}, 422)
    if not isinstance(corps.get("nom", ""), str):
        return en_json({"erreur": "nom : du texte"}, 422)
    if type(corps.get("etage", 0)) is not int or not -3 <= corps.get("etage", 0) <= 30:
        return en_json({"erreur": "etage : entre -3 et 30"}, 422)
    trouve.update(corps)
    return en_json(trouve)


@app.route("/fragment")
def fragment():
    mots = request.args.get("recherche", "").lower()
    choix = [r for r in RAYONS if mots in r["nom"].lower()]
    return render_template("fragment.html", mots=request.args.get("recherche", ""), choix=choix)
