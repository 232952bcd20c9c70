from flask import Flask, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from buecherei.spaet import spaete_ansicht
from buecherei.verzeichnis import VERZEICHNIS


def erstelle_app():
    app = Flask("buecherei")
    app.json.ensure_ascii = False
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_prefix=1)

    @app.before_request
    def annehmbar():
        if request.accept_mimetypes and not (
            request.accept_mimetypes.accept_json or request.accept_mimetypes.accept_html
        ):
            return jsonify(fehler="Nur JSON oder HTML"), 406

    @app.errorhandler(HTTPException)
    def fehler(error):
        return jsonify(fehler=error.name), error.code

    for endpunkt, (regel, ziel, methoden) in VERZEICHNIS.items():
        app.add_url_rule(regel, endpunkt, spaete_ansicht(ziel), methods=methoden)
    return app
