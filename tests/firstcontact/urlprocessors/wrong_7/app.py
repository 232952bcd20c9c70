"""Programme of a festival in English, Spanish and Basque."""
from functools import lru_cache

from flask import Flask, abort, g, render_template, request, url_for

LABELS = {
    "en": {"index": "Festival", "stages": "Stages", "camping": "Camping"},
    "es": {"index": "Festival", "stages": "Escenarios", "camping": "Acampada"},
    "eu": {"index": "Jaialdia", "stages": "Agertokiak", "camping": "Kanpina"},
}
app = Flask(__name__)


@app.url_value_preprocessor
def pull_lang_code(endpoint, values):
    g.lang_code = values.pop("lang_code", None) if values else None
    if g.lang_code and g.lang_code not in LABELS:
        g.lang_code = None
        abort(404)


@app.url_defaults
def add_lang_code(endpoint, values):
    if "lang_code" not in values and g.get("lang_code"):
        if app.url_map.is_endpoint_expecting(endpoint, "lang_code"):
            values["lang_code"] = g.lang_code


@lru_cache(maxsize=32)
def menu(current):
    return [(name, url_for(name), name == current) for name in ("index", "stages", "camping")]


@app.context_processor
def navigation():
    if not g.get("lang_code"):
        return {}
    return {"menu": menu(request.endpoint), "labels": LABELS[g.lang_code]}


@app.get("/<lang_code>/")
def index():
    return render_template("page.html", key="index")


@app.get("/<lang_code>/stages")
def stages():
    return render_template("page.html", key="stages")


@app.get("/<lang_code>/camping")
def camping():
    return render_template("page.html", key="camping")


@app.get("/")
def choose():
    return render_template("choose.html", codes=LABELS)
