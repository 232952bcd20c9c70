from flask import abort, jsonify, url_for

RECIPES = {
    "borscht": {"title": "Borscht", "minutes": 90},
    "shakshuka": {"title": "Shakshuka", "minutes": 25},
}


def listing():
    return jsonify([
        {"title": r["title"], "url": url_for("recipe", slug=slug)}
        for slug, r in RECIPES.items()
    ])


def detail(slug):
    if slug not in RECIPES:
        abort(404)
    return jsonify(RECIPES[slug])
