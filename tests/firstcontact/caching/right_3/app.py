"""Deutsch: ein eigener Speicher für jede App, ein Eintrag wird nur einmal zugleich berechnet; kein Rahmenwerk."""
import collections
import functools
import secrets
import threading
import time

from flask import Flask, current_app, request
from flask.views import MethodView
from markupsafe import escape


class Speicher:
    """Die zuletzt gebrauchten Einträge; wer denselben berechnen will, wartet auf den, der es schon tut."""

    def __init__(self, plaetze=50):
        self.plaetze = plaetze
        self.eintraege = collections.OrderedDict()
        self.riegel = threading.RLock()
        self.laeuft = {}

    def nimm(self, schluessel, dauer, mache):
        with self.riegel:
            if (wert := self._frisch(schluessel)) is not None:
                return wert[0]
            eigener = self.laeuft.setdefault(schluessel, [threading.Lock(), 0])
            eigener[1] += 1
        try:
            with eigener[0]:
                with self.riegel:
                    if (wert := self._frisch(schluessel)) is not None:
                        return wert[0]
                begonnen = time.time()
                wert = mache()  # misslingt es, bleibt nichts zurück
                with self.riegel:
                    self.eintraege[schluessel] = wert, begonnen + dauer
                    while len(self.eintraege) > self.plaetze:
                        self.eintraege.popitem(last=False)
                return wert
        finally:
            with self.riegel:
                eigener[1] -= 1
                if not eigener[1]:
                    self.laeuft.pop(schluessel, None)

    def _frisch(self, schluessel):
        eintrag = self.eintraege.get(schluessel)
        if eintrag is None:
            return None
        if eintrag[1] <= time.time():
            del self.eintraege[schluessel]
            return None
        self.eintraege.move_to_end(schluessel)
        return eintrag

    def vergiss(self, schluessel):
        with self.riegel:
            self.eintraege.pop(schluessel, None)


class Kurs(MethodView):
    def get(self, welcher):
        speicher = current_app.extensions["speicher"]
        tag = request.args.get("tag", "heute")
        inhalt = speicher.nimm(("kurs", welcher, tag), 30, functools.partial(self.rechne, welcher, tag))
        return inhalt, {"Cache-Control": "public, max-age=0"}

    def rechne(self, welcher, tag):
        if current_app.config.get("KAPUTT"):
            raise OSError("keine Verbindung zur Börse")
        return f"<p>{escape(welcher)} am Tag {escape(tag)}: {secrets.randbelow(10**15)}"

    def delete(self, welcher):
        current_app.config["KAPUTT"] = True
        return "", 202

    def post(self, welcher):
        current_app.config["KAPUTT"] = False
        return "", 202


class Spruch(MethodView):
    def get(self):
        app = current_app._get_current_object()
        fassung, text = app.extensions["spruch"]
        return {"spruch": app.extensions["speicher"].nimm(("spruch", fassung), 30, lambda: text)}

    def post(self):
        app = current_app
        with app.extensions["spruchriegel"]:
            fassung, _ = app.extensions["spruch"]
            app.extensions["spruch"] = fassung + 1, request.form["spruch"]
        app.extensions["speicher"].vergiss(("spruch", fassung))
        return self.get()


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.extensions.update(speicher=Speicher(), spruchriegel=threading.Lock(), spruch=(0, "noch keiner"))
    app.add_url_rule("/kurs/<welcher>", view_func=Kurs.as_view("kurs"))
    app.add_url_rule("/spruch", view_func=Spruch.as_view("spruch"))
    return app
