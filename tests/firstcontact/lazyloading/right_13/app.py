import json
from pathlib import Path

from flask import Flask, make_response

from radio.deferred import deferred

app = Flask("radio")
app.url_map.strict_slashes = False


@app.template_filter("clock")
def clock(minutes):
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@app.errorhandler(404)
def introuvable(error):
    return make_response("<erreur>introuvable</erreur>", 404, {"Content-Type": "application/xml"})


with (Path(app.root_path) / "urls.json").open(encoding="utf-8") as f:
    for target, rules in json.load(f).items():
        view = deferred("radio.ressources." + target)
        for rule, methods in rules.items():
            app.add_url_rule(rule, view_func=view, methods=methods)
