import os

from flask import Flask, jsonify, send_from_directory


def create_app(config=None):
    """Front end built with ``base: "./"`` so that it also runs from a USB stick."""
    app = Flask(__name__, static_folder="build/assets", static_url_path="/assets")
    app.config.update(config or {})

    stars = {
        "sirius": {"name": "Sirius", "magnitude": -1.46},
        "vega": {"name": "Vega", "magnitude": 0.03},
    }

    @app.route("/api/stars")
    def list_stars():
        return jsonify(stars=list(stars))

    @app.route("/api/stars/<slug>")
    def get_star(slug):
        if slug not in stars:
            return jsonify(error="unknown star"), 404
        return jsonify(stars[slug])

    @app.route("/api/", defaults={"path": ""})
    @app.route("/api/<path:path>")
    def unknown_api(path):
        return jsonify(error="unknown endpoint"), 404

    @app.route("/", defaults={"path": ""})
    @app.route("/<path:path>")
    def page(path):
        return send_from_directory(os.path.join(app.root_path, "build"), "index.html")

    return app
