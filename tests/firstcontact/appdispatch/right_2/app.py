"""Journaux par sous-domaine : une classe avec un verrou, et l'hôte lu par Werkzeug."""
import threading

from flask import Flask, current_app
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Request

JOURNAUX = {"nord": "Le Nord", "sud": "Le Sud", "": "Tous les journaux"}


class ParSousDomaine:
    def __init__(self, domaine, fabrique):
        self._domaine = domaine.lower().strip(".")
        self._fabrique = fabrique
        self._verrou = threading.Lock()
        self._instances = {}

    def _sous_domaine(self, environ):
        hote = Request(environ).host.lower()
        nom = hote.rsplit(":", 1)[0] if not hote.endswith("]") else hote
        nom = nom.rstrip(".")
        if nom == self._domaine:
            return ""
        if not nom.endswith("." + self._domaine):
            return None
        return nom[: -len(self._domaine) - 1]

    def _instance(self, sous):
        with self._verrou:
            try:
                return self._instances[sous]
            except KeyError:
                instance = self._fabrique(sous)
                if not isinstance(instance, HTTPException):
                    self._instances[sous] = instance
                return instance

    def __call__(self, environ, start_response):
        sous = self._sous_domaine(environ)
        instance = NotFound() if sous is None else self._instance(sous)
        return instance(environ, start_response)


def journal(sous):
    if sous not in JOURNAUX:
        return NotFound()
    app = Flask(__name__)
    app.config["TITRE"] = JOURNAUX[sous]
    app.add_url_rule("/", "une", lambda: {"titre": current_app.config["TITRE"]})
    app.add_url_rule("/abonnement", "abonnement", lambda: {"prix": "3 €"})
    return app


application = ParSousDomaine("journaux.example", journal)
app = journal("")
