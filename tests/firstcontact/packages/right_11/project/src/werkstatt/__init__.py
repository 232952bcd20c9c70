from flask import Flask, render_template

from .__about__ import __version__
from .anmeldung import anmeldung


def create_app(einstellungen=None):
    app = Flask(__name__, static_url_path="/werkstatt/statisch")
    app.config.from_mapping(SECRET_KEY="nur zum Entwickeln", VERSION=__version__)
    app.config.from_mapping(einstellungen or {})
    anmeldung.init_app(app)

    from . import auftraege, konto

    app.register_blueprint(konto.bp, url_prefix="/werkstatt")
    app.register_blueprint(auftraege.bp, url_prefix="/werkstatt/aufträge")

    @app.get("/werkstatt/")
    def start():
        return render_template("start.html")

    return app
