"""Handbook of a sailing school, one version per boat class."""
from flask import Blueprint, Flask, g, render_template

CLASSES = {
    "laser": {"name": "Laser", "crew": 1, "knots": ["Bowline"]},
    "470er": {"name": "470er", "crew": 2, "knots": ["Bowline", "Clove hitch"]},
    "dragon": {"name": "Dragon", "crew": 3, "knots": ["Bowline", "Reef knot"]},
}
handbook = Blueprint("handbook", __name__, url_prefix="/<boat>")


@handbook.url_value_preprocessor
def pull_boat(endpoint, values):
    g.boat = values.pop("boat")


@handbook.url_defaults
def add_boat(endpoint, values):
    if "boat" in g:
        values.setdefault("boat", g.boat)


@handbook.context_processor
def boat():
    return {"boat": CLASSES[g.boat]}


@handbook.get("/")
def cover():
    return render_template("cover.html")


@handbook.get("/knots")
def knots():
    return render_template("knots.html")


@handbook.get("/crew")
def crew():
    return render_template("crew.html")


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.register_blueprint(handbook)

    @app.get("/")
    def classes():
        return render_template("classes.html", classes=CLASSES)

    return app
