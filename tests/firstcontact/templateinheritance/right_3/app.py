"""Menu d'un bistrot ; les gabarits sont dans le module."""
from flask import Flask, abort, render_template
from jinja2 import DictLoader

CARTE = {"entrees": ["Œuf mimosa", "Soupe à l'oignon"], "plats": ["Sole & beurre", "Aligot"], "desserts": ["Île flottante"]}
GABARITS = {
    "ossature.html": """<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<title>{% block titre required %}{% endblock %} – Chez Lulu</title>
{% block tete %}<style>body { font-family: sans-serif }</style>{% endblock %}
</head>
<body>
<nav>{% for rubrique in carte %}<a href="{{ url_for('rubrique', nom=rubrique) }}">{{ rubrique|capitalize }}</a> {% endfor %}</nav>
{% block corps required %}{% endblock %}
<footer>{% block pied %}Service compris{% endblock %}</footer>
</body>
</html>
""",
    "accueil.html": """{% extends "ossature.html" %}
{% block titre %}Accueil{% endblock %}
{% block corps %}<h1>{{ self.titre() }}</h1><p>Ce soir : {{ carte.plats|first }}</p>{% endblock %}
""",
    "rubrique.html": """{% extends "ossature.html" %}
{% block titre %}{{ nom|capitalize }}{% endblock %}
{% block tete %}{{ super() }}<style>li { list-style: square }</style>{% endblock %}
{% block corps %}<h1>{{ self.titre() }}</h1>
<ul>{% for plat in carte[nom] %}{% block ligne scoped %}<li>{{ plat }}</li>{% endblock %}{% endfor %}</ul>{% endblock %}
{% block pied %}{{ super() }} – {{ carte[nom]|length }} au choix{% endblock %}
""",
    "absent.html": """{% extends "ossature.html" %}
{% block titre %}Introuvable{% endblock %}
{% block corps %}<p>Ce n'est pas à la carte.</p>{% endblock %}
""",
}

app = Flask(__name__, template_folder=None)
app.jinja_loader = DictLoader(GABARITS)


@app.context_processor
def commun():
    return {"carte": CARTE}


@app.route("/")
def accueil():
    return render_template("accueil.html")


@app.route("/carte/<nom>")
def rubrique(nom):
    if nom not in CARTE:
        abort(404)
    return render_template("rubrique.html", nom=nom)


@app.errorhandler(404)
def absent(erreur):
    return render_template("absent.html"), 404
