"""Bücherschrank: Oberfläche unter /schrank/, API unter /schrank/api/."""
from flask import Blueprint, Flask, jsonify

schrank = Blueprint("schrank", __name__, url_prefix="/schrank", static_folder="oberflaeche", static_url_path="/dateien")
api = Blueprint("api", __name__, url_prefix="/api")
BUECHER = {1: "Effi Briest", 2: "Der Prozeß"}


@api.get("/buecher")
def buecher():
    return jsonify([{"nr": nr, "titel": titel} for nr, titel in BUECHER.items()])


@api.get("/buecher/<int:nr>")
def buch(nr):
    if nr not in BUECHER:
        return jsonify(fehler="unbekannt"), 404
    return jsonify(nr=nr, titel=BUECHER[nr])


@api.route("/", defaults={"rest": ""}, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@api.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def nichts(rest):
    return jsonify(fehler="unbekannt"), 404


schrank.register_blueprint(api)


@schrank.get("/", defaults={"pfad": ""})
@schrank.get("/<path:pfad>")
def oberflaeche(pfad):
    return schrank.send_static_file("index.html")


def create_app(config=None):
    app = Flask(__name__, static_folder=None)
    app.config.from_mapping(config or {})
    app.register_blueprint(schrank)

    @app.get("/")
    def start():
        return "<!doctype html><title>Start</title><a href='/schrank/'>Bücherschrank</a>"

    return app
