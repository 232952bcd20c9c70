"""Recipes of a canteen, loaded one by one by the page's script."""
from flask import Flask, abort, jsonify, render_template, request

app = Flask(__name__)
RECIPES = {
    1: {"id": 1, "name": "Lentil soup", "serves": 4},
    2: {"id": 2, "name": "Crêpes", "serves": 6},
}


@app.get("/")
def menu():
    return render_template("menu.html", recipes=RECIPES.values())


@app.get("/recipe")
def recipe():
    diet = request.args.get("diet", "any")
    return render_template("recipe.html", diet=diet)


@app.get("/suggestions/<path:diet>")
def suggestions(diet):
    return jsonify(diet=diet, names=[r["name"] for r in RECIPES.values()])


@app.get("/api/recipes")
def recipes():
    return jsonify(list(RECIPES.values()))


@app.get("/api/recipes/<int:id>")
def one(id):
    if id not in RECIPES:
        abort(404)
    return RECIPES[id]
