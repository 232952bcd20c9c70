"""Recipes in several languages: any spelling of the code, cached pages, remembered choice."""
from flask import Flask, abort, g, redirect, render_template_string, request, session, url_for
from flask_caching import Cache

LANGS = ("uk", "ca", "eu")
RECIPES = {"borsch": ("Борщ", "Borsch", "Borscha"), "escudella": ("Ескуделья", "Escudella", "Eskudela")}

cache = Cache(config={"CACHE_TYPE": "SimpleCache"})
app = Flask(__name__)
app.secret_key = "recipes"
cache.init_app(app)


@app.url_value_preprocessor
def pull_lang_code(endpoint, values):
    code = values.pop("lang_code", None) if values is not None else None
    g.in_url = code is not None
    # pages without a language link to the language the visitor read last
    g.lang_code = code if code is not None else session.get("last")


@app.before_request
def tidy_language():
    if not g.in_url:
        return None
    if g.lang_code.lower() not in LANGS:
        abort(404)
    if g.lang_code != g.lang_code.lower():
        g.lang_code = g.lang_code.lower()
        return redirect(url_for(request.endpoint, **request.view_args), 308)
    if session.get("last") != g.lang_code:
        session["last"] = g.lang_code
    return None


@app.url_defaults
def add_lang_code(endpoint, values):
    if app.url_map.is_endpoint_expecting(endpoint, "lang_code") and "lang_code" not in values:
        code = g.get("lang_code")
        if code is not None:
            values["lang_code"] = code


def page_key():
    return f"{g.lang_code}:{request.path}"


LIST = """<!doctype html><html lang="{{ g.lang_code }}"><ol>
{% for slug, names in recipes.items() %}
<li><a href="{{ url_for('recipe', slug=slug) }}">{{ names[i] }}</a></li>
{% endfor %}</ol></html>"""


@app.get("/<lang_code>/recipes")
@cache.cached(make_cache_key=lambda *a, **k: page_key())
def recipes():
    return render_template_string(LIST, recipes=RECIPES, i=LANGS.index(g.lang_code))


@app.get("/<lang_code>/recipes/<slug>")
def recipe(slug):
    if slug not in RECIPES:
        abort(404)
    name = RECIPES[slug][LANGS.index(g.lang_code)]
    return f'<h1>{name}</h1><a rel="up" href="{url_for("recipes")}">…</a>'


@app.get("/about")
def about():
    start = url_for("recipes") if g.lang_code else url_for("recipes", lang_code=LANGS[0])
    return f'<p>Since 2009. <a href="{start}">Recipes</a></p>'


@app.get("/")
def home():
    best = request.accept_languages.best_match(LANGS, LANGS[0])
    return redirect(url_for("recipes", lang_code=g.lang_code or best))
