"""City guide: a start page that lets you choose, and pages per city."""
from flask import Blueprint, Flask, abort, g, render_template

CITIES = {"graz": "Graz", "linz": "Linz", "wien": "Wien"}
SIGHTS = {"graz": ["Uhrturm"], "linz": ["Pöstlingberg"], "wien": ["Stephansdom", "Prater"]}
guide = Blueprint("guide", __name__, url_prefix="/<city>")
front = Blueprint("front", __name__)


@guide.url_defaults
def add_city(endpoint, values):
    values.setdefault("city", g.city)


@guide.url_value_preprocessor
def pull_city(endpoint, values):
    g.city = values.pop("city")
    if g.city not in CITIES:
        abort(404)


@guide.get("/")
def overview():
    return render_template("overview.html", name=CITIES[g.city])


@guide.get("/sights")
def sights():
    return render_template("sights.html", name=CITIES[g.city], sights=SIGHTS[g.city])


@front.get("/")
def start():
    return render_template("start.html", cities=CITIES)


@front.get("/imprint")
def imprint():
    return render_template("imprint.html")


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.register_blueprint(front)
    app.register_blueprint(guide)
    return app
