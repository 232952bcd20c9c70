from flask import render_template

from planner import app
from planner.roster import SHIFTS, open_shifts


@app.route("/")
def index():
    return render_template("index.html", shifts=SHIFTS)


@app.route("/open")
def open_list():
    return render_template("index.html", shifts=open_shifts())
