"""Carnet de voyage : les pages inconnues sont rendues par le client, par le gestionnaire des 404."""
from pathlib import Path

from flask import Flask, json, jsonify, request, send_from_directory
from werkzeug.exceptions import HTTPException, NotFound

RACINE = Path(__file__).parent / "site"
ETAPES = [{"ville": "Nîmes", "nuits": 2}, {"ville": "Sète", "nuits": 1}]


def create_app(config=None):
    app = Flask(__name__, static_folder=None)
    app.config.from_mapping(config or {})

    @app.get("/donnees/etapes")
    def etapes():
        return jsonify(ETAPES)

    @app.get("/donnees/total")
    def total():
        return {"nuits": sum(etape["nuits"] for etape in ETAPES)}

    @app.get("/fichiers/<path:nom>")
    def fichier(nom):
        return send_from_directory(RACINE / "fichiers", nom, max_age=3600)

    @app.get("/")
    def entree():
        return send_from_directory(RACINE, "index.html")

    @app.errorhandler(NotFound)
    def inconnu(erreur):
        interne = request.path.startswith(("/donnees/", "/fichiers/"))
        if interne or request.method not in ("GET", "HEAD"):
            return erreur_json(erreur)
        return entree(), 200

    @app.errorhandler(HTTPException)
    def erreur_json(erreur):
        reponse = erreur.get_response()
        reponse.data = json.dumps({"erreur": erreur.name})
        reponse.content_type = "application/json"
        return reponse

    return app
