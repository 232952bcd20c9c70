"""Newspaper editions: a blueprint that can be mounted in any app."""

from flask import Blueprint, Flask, abort, g, redirect, request, url_for
from markupsafe import Markup

EDITIONS = {"en": ("Morning", "Weather"), "de": ("Morgen", "Wetter"), "pt-br": ("Manhã", "Tempo")}
PAGE = Markup('<!doctype html><html lang="{code}"><head><meta charset="utf-8"><title>{title}</title></head><body>{links}<h1>{title}</h1></body></html>')
LINK = Markup('<a href="{}">{}</a> ')
edition = Blueprint("edition", __name__, url_prefix="/<lang_code>")


@edition.url_value_preprocessor
def pull(endpoint, values):
    code = values.pop("lang_code")
    if code not in EDITIONS:
        abort(404, "There is no such edition.")
    g.lang_code = code


@edition.url_defaults
def push(endpoint, values):
    if "lang_code" in g:
        values.setdefault("lang_code", g.lang_code)


def show(number):
    titles = EDITIONS[g.lang_code]
    links = Markup("").join([
        LINK.format(url_for(".front"), titles[0]), LINK.format(url_for(".weather"), titles[1]),
        *(LINK.format(url_for(request.endpoint, lang_code=code), code) for code in EDITIONS if code != g.lang_code)])
    return PAGE.format(code=g.lang_code, title=titles[number], links=links)


@edition.get("/")
def front():
    return show(0)


@edition.get("/weather")
def weather():
    return show(1)


@edition.get("/today")
def today():
    return redirect(url_for(".front"), 307)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.register_blueprint(edition)

    @app.get("/")
    def choose():
        best = request.accept_languages.best_match(["en", "de", "pt-BR"], "en").lower()
        answer = redirect(url_for("edition.front", lang_code=best))
        answer.vary.add("Accept-Language")
        return answer

    @app.get("/editions")
    def editions():
        return {code: url_for("edition.weather", lang_code=code) for code in EDITIONS}

    return app
