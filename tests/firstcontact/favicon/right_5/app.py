"""Film club; static files are served from the root, the icon with them."""
from flask import Flask, abort, render_template

app = Flask(__name__, static_url_path="", static_folder="public")
NIGHTS = {"2024-05-02": "Playtime", "2024-05-09": "Tampopo", "2024-05-16": "Ikiru"}


@app.get("/")
def programme():
    return render_template("programme.html", nights=NIGHTS)


@app.get("/nights/<day>")
def night(day):
    if day not in NIGHTS:
        abort(404)
    return render_template("night.html", day=day, film=NIGHTS[day])


@app.get("/club/house/rules")
def rules():
    return render_template("rules.html")


@app.errorhandler(404)
def missing(error):
    return render_template("missing.html"), 404
