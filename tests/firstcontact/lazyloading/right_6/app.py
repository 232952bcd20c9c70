"""Stadtbücherei: Anwendung mit zentraler URL-Tabelle."""
import importlib

from flask import Flask, jsonify


def spaet(import_name):
    """Eine Ansicht, die ihr Modul erst beim ersten Aufruf lädt."""
    modul, _, name = import_name.rpartition(".")
    echte = None

    def ansicht(*args, **kwargs):
        nonlocal echte
        if echte is None:
            echte = getattr(importlib.import_module(modul), name)
        return echte(*args, **kwargs)

    ansicht.__name__ = name
    ansicht.__qualname__ = name
    ansicht.__module__ = modul
    return ansicht


def create_app(config=None):
    app = Flask(__name__)
    app.json.ensure_ascii = False
    app.config.from_mapping(SECRET_KEY="nur zum Entwickeln")
    app.config.from_mapping(config or {})

    for regel, name, optionen in (
        ("/", "buecherei.start.willkommen", {}),
        ("/medien/<int:nummer>", "buecherei.medien.medium", {}),
        ("/medien/<int:nummer>/vormerkung", "buecherei.medien.vormerken", {"methods": ["POST"]}),
        ("/leser/<name>", "buecherei.leser.konto", {}),
    ):
        app.add_url_rule(regel, view_func=spaet(name), **optionen)

    @app.errorhandler(404)
    def nicht_gefunden(fehler):
        return jsonify(fehler="Das gibt es hier nicht."), 404

    @app.after_request
    def sprache(antwort):
        antwort.headers["Content-Language"] = "de"
        return antwort

    return app
