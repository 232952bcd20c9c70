"""Ticket desk for several theatres; the house is part of the URL."""
from flask import Flask, abort, g, redirect, render_template, url_for

HOUSES = {"globe": ["Hamlet", "The Tempest"], "odeon": ["Phèdre"], "burg": ["Nathan"]}


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})

    @app.url_value_preprocessor
    def pull_house(endpoint, values):
        g.house = (values or {}).pop("house", None)
        if g.house is not None and g.house not in HOUSES:
            abort(404)

    @app.url_defaults
    def add_house(endpoint, values):
        if g.get("house"):
            values.setdefault("house", g.house)

    @app.get("/")
    def houses():
        return render_template("houses.html", houses=HOUSES)

    @app.get("/<house>/")
    def programme():
        return render_template("programme.html", plays=HOUSES[g.house])

    @app.get("/<house>/plays/<int:number>")
    def play(number):
        if not 1 <= number <= len(HOUSES[g.house]):
            abort(404)
        return render_template("play.html", play=HOUSES[g.house][number - 1])

    @app.get("/<house>/next")
    def next_play():
        return redirect(url_for("play", number=1))

    @app.get("/imprint")
    def imprint():
        return render_template("imprint.html")

    return app
