"""Tide tables."""
from flask import Flask, render_template


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})

    from tidebook.stations import bp
    app.register_blueprint(bp)

    @app.get("/")
    def index():
        return render_template("index.html")

    @app.errorhandler(404)
    def missing(error):
        return render_template("missing.html"), 404

    return app
