from flask import url_for


def home():
    return f'<h1>Recipe box</h1><a href="{url_for("recipe_list")}">All recipes</a>'
