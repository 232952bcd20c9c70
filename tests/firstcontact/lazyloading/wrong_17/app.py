"""Recipe box. Views are looked up when somebody asks for them."""
from flask import Flask, jsonify

from recipes.lazy import lazy_view

URLS = [
    ("/", "home", "recipes.pages.home"),
    ("/recipes", "recipe_list", "recipes.catalogue.listing"),
    ("/recipes/<slug>", "recipe", "recipes.catalogue.detail"),
]


def create_app():
    app = Flask(__name__)
    for rule, endpoint, target in URLS:
        app.add_url_rule(rule, endpoint=endpoint, view_func=lazy_view(target))

    @app.errorhandler(404)
    def missing(error):
        return jsonify(error="no such recipe"), 404

    return app
