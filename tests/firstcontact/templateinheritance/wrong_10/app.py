"""A recipe site. Some pages have a script of their own."""
from flask import Flask, abort, render_template

RECIPES = {
    "scones": {"title": "Scones", "serves": 4, "needs": {"flour": 225, "butter": 55}},
    "soup": {"title": "Leek soup", "serves": 2, "needs": {"leek": 300, "cream": 50}},
}


def create_app():
    app = Flask(__name__)

    @app.get("/")
    def index():
        return render_template("index.html", recipes=RECIPES)

    @app.get("/recipes/<name>")
    def recipe(name):
        if name not in RECIPES:
            abort(404)
        return render_template("recipe.html", recipe=RECIPES[name])

    @app.errorhandler(404)
    def missing(error):
        return render_template("error.html", title="No such recipe"), 404

    return app
