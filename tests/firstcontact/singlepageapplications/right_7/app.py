"""Addressbuch, das unter jedem Präfix laufen kann."""
from flask import Flask, abort, jsonify, render_template, request, url_for
from werkzeug.middleware.proxy_fix import ProxyFix


def create_app(config=None):
    app = Flask(__name__, template_folder="oberflaeche", static_folder="oberflaeche/dateien", static_url_path="/dateien")
    app.json.ensure_ascii = False
    app.config.from_mapping(config or {})
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_prefix=1)

    personen = {1: {"name": "Jürg Müller", "ort": "Köln"}, 2: {"name": "Zoë Groß", "ort": "Graz"}}

    @app.get("/schnittstelle/personen")
    def alle():
        return jsonify([{"name": p["name"], "href": url_for("eine", nr=nr)} for nr, p in personen.items()])

    @app.get("/schnittstelle/personen/<int:nr>")
    def eine(nr):
        return jsonify(personen.get(nr) or abort(404))

    @app.route("/schnittstelle/", defaults={"rest": ""}, methods=["GET", "POST"])
    @app.route("/schnittstelle/<path:rest>", methods=["GET", "POST"])
    def unbekannt(rest):
        abort(404)

    @app.errorhandler(404)
    @app.errorhandler(405)
    def fehler(e):
        if request.path.startswith("/schnittstelle/"):
            return jsonify(fehler="Nicht gefunden" if e.code == 404 else "Nicht erlaubt"), e.code
        return e

    @app.get("/")
    @app.get("/<path:weg>")
    def oberflaeche(weg=""):
        return render_template("seite.html", wurzel=request.script_root + "/")

    return app
