"""Blog about bridges, as a module; the icon at the root is a redirect."""
from flask import Flask, abort, redirect, render_template, url_for

app = Flask(__name__, static_folder="assets", static_url_path="/assets")
BRIDGES = {"bastei": ("Bastei", 1851), "göltzsch": ("Göltzsch viaduct", 1851), "iron": ("Iron Bridge", 1781)}


@app.route("/")
def index():
    return render_template("index.html", bridges=BRIDGES)


@app.route("/bridges/by-year/<int:year>/")
def year(year):
    found = {key: value for key, value in BRIDGES.items() if value[1] == year} or abort(404)
    return render_template("index.html", bridges=found)


@app.route("/bridges/<key>")
def bridge(key):
    return render_template("bridge.html", bridge=BRIDGES.get(key) or abort(404))


@app.route("/favicon.ico")
def favicon():
    return redirect(url_for("static", filename="favicon.ico"), 308)


@app.errorhandler(404)
def missing(error):
    return render_template("missing.html"), 404
