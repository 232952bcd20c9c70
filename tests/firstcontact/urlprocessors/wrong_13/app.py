"""City portal which remembers the visitor's language."""
from flask import Flask, g, redirect, render_template_string, request, session, url_for

SUPPORTED = ("de", "en", "tr")
GREETING = {"de": "Willkommen", "en": "Welcome", "tr": "Hoş geldiniz"}
TRANSIT = {"de": "Bus und Bahn", "en": "Public transport", "tr": "Toplu taşıma"}

BASE = """<!doctype html>
<html lang="{{ g.lang }}">
<title>{{ title }}</title>
<nav>
  <a href="{{ url_for('welcome') }}">{{ greeting }}</a>
  <a href="{{ url_for('transit') }}">{{ transit }}</a>
</nav>
<h1>{{ title }}</h1>
</html>
"""


def create_app():
    app = Flask(__name__)
    app.secret_key = "city-portal-dev"

    @app.url_value_preprocessor
    def choose_language(endpoint, values):
        from_url = values.pop("lang", None) if values else None
        # a visitor who chose a language keeps it
        g.lang = session.get("lang") or from_url
        if from_url in SUPPORTED and "lang" not in session:
            session["lang"] = from_url

    @app.url_defaults
    def language_in_urls(endpoint, values):
        lang = g.get("lang")
        if lang and app.url_map.is_endpoint_expecting(endpoint, "lang"):
            values.setdefault("lang", lang)

    def page(title):
        return render_template_string(
            BASE,
            title=title,
            greeting=GREETING[g.lang],
            transit=TRANSIT[g.lang],
        )

    @app.route("/<any(de, en, tr):lang>/")
    def welcome():
        return page(GREETING[g.lang])

    @app.route("/<any(de, en, tr):lang>/transit")
    def transit():
        return page(TRANSIT[g.lang])

    @app.route("/status")
    def status():
        return {"status": "ok", "start": url_for("welcome", lang="de")}

    @app.route("/")
    def entrance():
        best = g.lang or request.accept_languages.best_match(SUPPORTED, "de")
        return redirect(url_for("welcome", lang=best))

    return app
