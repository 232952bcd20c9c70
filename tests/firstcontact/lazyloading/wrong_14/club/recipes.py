from flask import abort, render_template_string

RECIPES = {"soup": "Onion soup", "pie": "Apple pie"}


def index():
    return render_template_string(
        "<!doctype html><title>Recipes</title><ul>{% for s, t in r.items() %}<li><a href='{{ s }}'>{{ t }}</a>{% endfor %}</ul>",
        r=RECIPES,
    )


def show(slug):
    return {"recipe": RECIPES.get(slug) or abort(404)}
