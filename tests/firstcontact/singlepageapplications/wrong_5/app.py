"""Dashboard of a greenhouse: the build's files lie in dist/, everything else is index.html."""
import os

from flask import Flask, jsonify, send_file


def create_app(config=None):
    app = Flask(__name__, static_folder=None)
    app.config.from_mapping(config or {})
    dist = os.path.join(app.root_path, "dist")
    readings = [{"bed": 1, "celsius": 21.5}, {"bed": 2, "celsius": 19.0}]

    @app.get("/api/readings")
    def all_readings():
        return jsonify(readings)

    @app.get("/api/readings/<int:bed>")
    def reading(bed):
        found = [r for r in readings if r["bed"] == bed]
        return found[0] if found else (jsonify(error="no such bed"), 404)

    @app.get("/api/<path:rest>")
    def no_api(rest):
        return jsonify(error="not found"), 404

    @app.get("/", defaults={"path": "index.html"})
    @app.get("/<path:path>")
    def client(path):
        file = os.path.join(dist, path)
        if os.path.isfile(file):
            return send_file(file)
        return send_file(os.path.join(dist, "index.html"))

    return app
