"""Price lists for a workshop; each trade has its own row layout."""
from typing import NamedTuple

from flask import Flask, render_template


class Job(NamedTuple):
    name: str
    minutes: int
    price: int


JOBS = [Job("Puncture", 20, 15), Job("Chain", 35, 40), Job("Wheel", 90, 75)]
app = Flask(__name__)


@app.get("/")
def home():
    return render_template("home.html")


@app.get("/prices")
def prices():
    return render_template("prices.html", jobs=JOBS)


@app.get("/times")
def times():
    return render_template("times.html", jobs=JOBS)


@app.errorhandler(404)
def missing(error):
    return render_template("404.html"), 404
