"""Werkzeugverleih: Werkzeuge als JSON, mit klassenbasierten Views."""
import threading

from flask import Blueprint, Flask, abort, current_app, jsonify, render_template, request, url_for
from flask.views import MethodView

bp = Blueprint("verleih", __name__, url_prefix="/verleih")


class Lager:
    def __init__(self):
        self.lock = threading.Lock()
        self.teile = {1: ("Bohrmaschine", 3), 2: ("Säge", 5)}

    def als_json(self, nr):
        name, anzahl = self.teile[nr]
        return {"nr": nr, "name": name, "anzahl": anzahl}


def lager():
    return current_app.extensions["lager"]


class Werkzeuge(MethodView):
    def get(self):
        return jsonify([lager().als_json(nr) for nr in sorted(lager().teile)])


class Werkzeug(MethodView):
    def get(self, nr):
        if nr not in lager().teile:
            abort(404)
        return lager().als_json(nr)

    def patch(self, nr):
        if nr not in lager().teile:
            abort(404)
        daten = request.json
        if not isinstance(daten, dict):
            abort(400, "Ein Objekt wird erwartet.")
        name, anzahl = daten.get("name"), daten.get("anzahl")
        if not isinstance(name, str) or not name:
            abort(400, "Ein Name wird erwartet.")
        if isinstance(anzahl, bool) or not isinstance(anzahl, (int, float)) or not -1e9 < anzahl < 1e9:
            abort(400, "Eine Anzahl wird erwartet.")
        with lager().lock:
            lager().teile[nr] = (name, anzahl)
        return lager().als_json(nr)


bp.add_url_rule("/werkzeuge", view_func=Werkzeuge.as_view("liste"))
bp.add_url_rule("/werkzeuge/<int:nr>", view_func=Werkzeug.as_view("eines"))


@bp.get("/")
def start():
    return render_template("start.html", adresse=url_for(".liste"), wurzel=request.script_root)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.extensions["lager"] = Lager()
    app.register_blueprint(bp)
    return app
