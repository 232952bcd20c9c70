"""Plots what is posted to it; numbers, lists and objects alike."""
import json as stdlib_json
import math

from flask import Flask, Response, request
from flask.json.provider import DefaultJSONProvider
from jinja2 import DictLoader
from werkzeug.exceptions import BadRequest
from flask import render_template


def finite(text):
    number = float(text)
    if math.isinf(number):
        raise ValueError("out of range")
    return number


def constant(name):
    raise ValueError(f"{name} is not JSON")


class StrictJSON(DefaultJSONProvider):
    sort_keys = False
    mimetype = "application/vnd.api+json"

    def loads(self, s, **kwargs):
        value = stdlib_json.loads(s, parse_float=finite, parse_constant=constant, **kwargs)
        stdlib_json.dumps(value, ensure_ascii=False).encode()   # no lone surrogates
        return value

    def dumps(self, obj, **kwargs):
        kwargs.setdefault("default", self.default)
        return stdlib_json.dumps(obj, **{**kwargs, "ensure_ascii": False, "allow_nan": False, "sort_keys": False})


class Plotter(Flask):
    json_provider_class = StrictJSON
    jinja_options = {"loader": DictLoader({"plot.html": """<!DOCTYPE html>
<html lang="eo"><head><meta charset="utf-8"><title>Grafikaĵo</title></head><body>
<form method="post"><textarea name="data"></textarea><button>Desegnu</button></form>
<script>
window.CHART = {{ chart|tojson }};
window.BASE = {{ request.url_root|tojson }};
const series_url = {{ url_for("series", name="unu")|tojson }};
fetch(window.BASE + "series/unu").then(r => r.json()).then(o => console.log(o.data, window.CHART));
</script></body></html>"""})}


app = Plotter(__name__, template_folder=None)
SERIES = {"unu": {"title": "Unu", "level": 1.5}, "du": {"title": "Du", "level": 2}}


@app.route("/plot", methods=["GET", "POST"])
def plot():
    chart = [1, 2, 3]
    if request.method == "POST":
        try:
            chart = app.json.loads(request.form["data"])
        except (ValueError, RecursionError) as error:
            raise BadRequest("Tio ne estas JSON.") from error
    return render_template("plot.html", chart=chart)


@app.get("/series")
def all_series():
    return list(SERIES)


@app.get("/series/<name>")
def series(name):
    if name not in SERIES:
        return {"errors": [{"status": "410" if name == "nul" else "404"}]}, 410 if name == "nul" else 404
    return {"data": SERIES[name], "links": {"self": request.path}}


@app.patch("/series/unu")
def merge():
    patch = request.json
    if not isinstance(patch, dict) or patch.keys() - {"title", "level"}:
        raise BadRequest("title, level")
    if "title" in patch and not isinstance(patch["title"], str):
        raise BadRequest("title")
    if "level" in patch and type(patch["level"]) not in (int, float):
        raise BadRequest("level")
    SERIES["unu"] = {**SERIES["unu"], **patch}
    return Response(app.json.dumps({"data": SERIES["unu"]}), 202, mimetype="application/json")


@app.post("/labels")
def label():
    return {"data": {"label": request.form["label"], "length": len(request.form["label"])}}
