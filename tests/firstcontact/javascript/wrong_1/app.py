"""Rainfall of a small weather club, drawn by the browser."""
from flask import Flask, abort, jsonify, render_template, request

STATIONS = {
    "1": {"id": "1", "name": "Hilltop", "readings": [3, 0, 12]},
    "2": {"id": "2", "name": "Harbour", "readings": [8, 4, 1]},
}


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})

    @app.get("/")
    def overview():
        title = request.args.get("title", "Rainfall")
        chart = {"title": title, "series": [s["readings"] for s in STATIONS.values()]}
        return render_template("overview.html", chart=chart)

    @app.get("/api/stations")
    def stations():
        return jsonify(list(STATIONS.values()))

    @app.get("/api/stations/<id>")
    def station(id):
        if id not in STATIONS:
            abort(404)
        return STATIONS[id]

    @app.get("/about")
    def about():
        return render_template("about.html")

    return app
