"""Visitor information of an island, in three languages."""
from flask import Flask, abort, g, redirect, render_template, url_for

app = Flask(__name__)
TEXTS = {
    "en": {"home": "Welcome", "ferry": "Ferry", "lost": "There is no such page."},
    "de": {"home": "Willkommen", "ferry": "Fähre", "lost": "Diese Seite gibt es nicht."},
    "sv": {"home": "Välkommen", "ferry": "Färja", "lost": "Sidan finns inte."},
}


@app.url_defaults
def add_language_code(endpoint, values):
    if "lang_code" in values or not g.get("lang_code"):
        return
    if app.url_map.is_endpoint_expecting(endpoint, "lang_code"):
        values["lang_code"] = g.lang_code


@app.url_value_preprocessor
def pull_lang_code(endpoint, values):
    g.lang_code = values.pop("lang_code", None)
    if g.lang_code is not None and g.lang_code not in TEXTS:
        abort(404)


@app.context_processor
def texts():
    return {"t": TEXTS.get(g.get("lang_code"), TEXTS["en"]), "languages": list(TEXTS)}


@app.get("/")
def start():
    return redirect(url_for("home", lang_code="en"))


@app.get("/<lang_code>/")
def home():
    return render_template("page.html", title="home")


@app.get("/<lang_code>/ferry")
def ferry():
    return render_template("page.html", title="ferry")


@app.get("/status")
def status():
    return {"ok": True}


@app.errorhandler(404)
def lost(error):
    if g.get("lang_code") not in TEXTS:
        g.lang_code = "en"
    return render_template("page.html", title="lost"), 404
