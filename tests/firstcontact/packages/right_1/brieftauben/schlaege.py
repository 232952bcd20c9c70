from flask import abort, render_template

from . import app
from .daten import SCHLAEGE


@app.get("/")
def start():
    return render_template("start.html", schlaege=SCHLAEGE)


@app.get("/schlaege/<name>")
def schlag(name):
    if name not in SCHLAEGE:
        abort(404)
    return render_template("schlag.html", name=name, tauben=SCHLAEGE[name])
