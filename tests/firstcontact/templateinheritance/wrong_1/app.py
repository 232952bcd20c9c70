"""Programme of a small cinema."""
from flask import Flask, abort, render_template

app = Flask(__name__)
FILMS = {
    "metropolis": {"title": "Metropolis", "year": 1927, "text": "Above, the gardens; below, the machines."},
    "m": {"title": "M", "year": 1931, "text": "A city looks for a murderer."},
    "sunrise": {"title": "Sunrise", "year": 1927, "text": "A song of two humans."},
}


@app.get("/")
def programme():
    return render_template("programme.html", films=FILMS)


@app.get("/films/<key>")
def film(key):
    if key not in FILMS:
        abort(404)
    return render_template("film.html", film=FILMS[key])


@app.get("/prices")
def prices():
    return render_template("prices.html", prices=[("Stalls", 9), ("Balcony", 12)])


@app.errorhandler(404)
def missing(error):
    return render_template("missing.html"), 404
