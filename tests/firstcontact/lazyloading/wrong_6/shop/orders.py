from flask import current_app, g, request

TITLES = {"en": "No orders", "de": "Keine Bestellungen"}


def choose_language():
    g.language = request.accept_languages.best_match(TITLES, "de")


# before_request() itself refuses once the app has begun to serve
current_app.before_request_funcs[None].append(choose_language)


def index():
    return f"<h1>{TITLES[g.get('language', 'en')]}</h1>"


def create():
    return {"ordered": request.form["item"]}, 201
