"""Intranet for several sites (plants); the plant is part of every URL."""
from functools import lru_cache

from flask import Blueprint, Flask, abort, g, render_template_string, url_for

PLANTS = {"lyon": "Usine de Lyon", "graz": "Werk Graz", "gdansk": "Zakład Gdańsk"}
SECTIONS = [("dashboard", "Dashboard"), ("shifts", "Shifts"), ("safety", "Safety")]

plant = Blueprint("plant", __name__, url_prefix="/plants/<plant>")


@plant.url_value_preprocessor
def pull_plant(endpoint, values):
    g.plant = values.pop("plant", None)
    if g.plant not in PLANTS:
        abort(404, "unknown plant")


@plant.url_defaults
def add_plant(endpoint, values):
    if "plant" not in values and g.get("plant"):
        values["plant"] = g.plant


@lru_cache(maxsize=None)
def menu():
    """Endpoints, titles and URLs of the side bar."""
    return [(e, title, url_for(f"plant.{e}")) for e, title in SECTIONS]


@plant.app_context_processor
def side_bar():
    return {"menu": menu() if g.get("plant") else []}


HTML = """<!doctype html>
<title>{{ title }} – {{ plants[g.plant] }}</title>
<aside>
{% for endpoint, title, url in menu %}
<a href="{{ url }}">{{ title }}</a>
{% endfor %}
</aside>
<main><h1>{{ title }}</h1><p>{{ plants[g.plant] }}</p></main>
"""


def view(title):
    def render():
        return render_template_string(HTML, title=title, plants=PLANTS)

    return render


for endpoint, title in SECTIONS:
    plant.add_url_rule(f"/{endpoint}", endpoint, view(title))


def create_app(**config):
    app = Flask(__name__)
    app.config.update(config)
    menu.cache_clear()
    app.register_blueprint(plant)

    @app.route("/plants")
    def plants():
        return {name: url_for("plant.dashboard", plant=name) for name in PLANTS}

    return app
