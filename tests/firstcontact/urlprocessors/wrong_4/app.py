"""Weather for hikers, in several languages."""
from flask import Flask, abort, jsonify, render_template, url_for

WORDS = {
    "en": {"title": "Mountain weather", "huts": "Huts"},
    "de": {"title": "Bergwetter", "huts": "Hütten"},
    "it": {"title": "Meteo di montagna", "huts": "Rifugi"},
}
HUTS = ["Payer", "Zufall", "Marteller"]


class Weather(Flask):
    lang_code = None


app = Weather(__name__)


@app.url_value_preprocessor
def pull_lang_code(endpoint, values):
    app.lang_code = values.pop("lang_code", None) if values else None
    if app.lang_code and app.lang_code not in WORDS:
        app.lang_code = None
        abort(404)


@app.url_defaults
def add_language_code(endpoint, values):
    if app.lang_code and "lang_code" not in values and app.url_map.is_endpoint_expecting(endpoint, "lang_code"):
        values["lang_code"] = app.lang_code


@app.context_processor
def words():
    return {"words": WORDS[app.lang_code or "en"], "lang": app.lang_code or "en"}


@app.get("/<lang_code>/")
def index():
    return render_template("index.html")


@app.get("/<lang_code>/huts")
def huts():
    return render_template("huts.html", huts=HUTS)


@app.get("/api/languages")
def languages():
    return jsonify({code: url_for("index", lang_code=code) for code in WORDS})
