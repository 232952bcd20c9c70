"""Terminkalender: die Anwendung braucht eine TOML-Datei mit ihren Einstellungen."""
import tomllib

from flask import Blueprint, Flask, current_app, render_template
from werkzeug.local import LocalProxy

kalender = Blueprint("kalender", __name__, url_prefix="/kalender", template_folder="vorlagen")

TERMINE = [("2026-12-01", "Vereinssitzung"), ("2026-12-24", "Weihnachtsfeier")]


@kalender.route("/", strict_slashes=False)
def uebersicht():
    return render_template("uebersicht.html", termine=TERMINE)


@kalender.route("/termine.ics")
def export():
    zeilen = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{ics.kennung()}"]
    for tag, titel in TERMINE:
        zeilen += ["BEGIN:VEVENT", f"UID:{tag}@example.org", f"DTSTAMP:{tag.replace('-', '')}T000000Z",
                   f"DTSTART;VALUE=DATE:{tag.replace('-', '')}", f"SUMMARY:{titel}", "END:VEVENT"]
    return current_app.response_class("\r\n".join([*zeilen, "END:VCALENDAR", ""]), mimetype="text/calendar")


class Ics:
    """Erweiterung; ihr Zustand liegt in app.extensions."""

    def init_app(self, app):
        app.extensions["ics"] = f"-//{app.config['VEREIN']}//Kalender//DE"

    def kennung(self):
        return current_app.extensions["ics"]


ics = Ics()


def nicht_gefunden(fehler):
    return render_template("fehlt.html"), 404


def create_app(config_filename="kalender.toml", /, **einstellungen):
    app = Flask(__name__, static_folder=None)
    app.config.from_file(config_filename, load=tomllib.load, text=False)
    app.config.from_mapping(einstellungen)
    ics.init_app(app)
    app.register_blueprint(kalender)
    app.register_error_handler(404, nicht_gefunden)
    return app
