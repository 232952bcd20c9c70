"""A cinema: public pages and an office with a layout of its own, both on the same base."""
from flask import Blueprint, Flask, abort, render_template

public = Blueprint("public", __name__)
office = Blueprint("office", __name__, url_prefix="/office")

FILMS = {
    "metropolis": {"title": "Metropolis", "year": 1927, "sold": 61},
    "playtime": {"title": "Playtime", "year": 1967, "sold": 44},
}


@public.get("/")
def index():
    return render_template("public/index.html", films=FILMS)


@public.get("/films/<slug>")
def film(slug):
    if slug not in FILMS:
        abort(404)
    return render_template("public/film.html", film=FILMS[slug])


@office.get("/")
def dashboard():
    return render_template("office/dashboard.html", films=FILMS)


@office.get("/sales")
def sales():
    return render_template("office/sales.html", films=FILMS)


def not_found(error):
    return render_template("404.html"), 404


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(CINEMA="Odeon")
    app.config.from_mapping(config or {})
    app.register_blueprint(public)
    app.register_blueprint(office)
    app.register_error_handler(404, not_found)
    return app
