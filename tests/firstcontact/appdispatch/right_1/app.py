"""Vereine unter ihrem ersten Pfadteil: Verteiler als Funktion mit Closure."""
from threading import RLock

from flask import Flask, current_app, render_template_string, request, url_for

VEREINE = {"chor": "Chor", "schach": "Schachverein"}
SEITE = """<!doctype html><html lang="de"><title>{{ name }}</title>
<h1>{{ name }}</h1><a href="{{ url_for("termine") }}">Termine</a></html>"""


def verteile_nach_pfad(standard, erzeuge):
    fertige, schloss = {}, RLock()

    def hole(name):
        with schloss:
            if name not in fertige:
                neu = erzeuge(name)
                if neu is None:
                    return None
                fertige[name] = neu
            return fertige[name]

    def verteiler(environ, start_response):
        pfad = environ.get("PATH_INFO", "")
        name, strich, rest = pfad.lstrip("/").partition("/")
        anwendung = hole(name)
        if anwendung is None:
            return standard(environ, start_response)
        umgebung = dict(environ)
        umgebung["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "").rstrip("/") + "/" + name
        umgebung["PATH_INFO"] = strich + rest
        return anwendung(umgebung, start_response)

    return verteiler


def verein(name):
    if name not in VEREINE:
        return None
    seite = Flask(__name__)
    seite.config["NAME"] = VEREINE[name]

    @seite.get("/")
    def start():
        return render_template_string(SEITE, name=current_app.config["NAME"])

    @seite.get("/termine")
    def termine():
        return {"verein": current_app.config["NAME"], "start": url_for("start")}

    return seite


app = Flask(__name__)


@app.get("/")
def liste():
    return {"vereine": sorted(VEREINE), "wurzel": request.script_root}


@app.get("/impressum")
def impressum():
    return "Impressum"


application = verteile_nach_pfad(app, verein)
