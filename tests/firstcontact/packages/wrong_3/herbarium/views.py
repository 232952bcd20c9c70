from flask import abort, render_template

from herbarium import app
from herbarium.core.plants import PLANTS


@app.route("/")
def index():
    return render_template("index.html", plants=PLANTS)


@app.route("/plants/<int:number>")
def plant(number):
    if number not in PLANTS:
        abort(404)
    return render_template("plant.html", plant=PLANTS[number])
