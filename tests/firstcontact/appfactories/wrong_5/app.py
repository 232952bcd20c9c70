"""Bus stop displays, each with its own stop.cfg next to the program."""
from flask import Blueprint, Flask, current_app, render_template

display = Blueprint("display", __name__)
admin = Blueprint("admin", __name__, url_prefix="/admin")


class Announcer:
    def init_app(self, app):
        app.extensions["announcer"] = f"This is {app.config.get('STOP_NAME', '')}."


announcer = Announcer()


def announcement():
    return current_app.extensions["announcer"]


@display.get("/")
def departures():
    return render_template(
        "departures.html", stop=current_app.config.get("STOP_NAME", ""), lines=["4", "11", "N2"]
    )


@admin.get("/")
def overview():
    return {"brightness": current_app.config.get("BRIGHTNESS", 50)}


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_pyfile("stop.cfg", silent=True)
    app.config.from_mapping(config or {})
    announcer.init_app(app)
    app.register_blueprint(display)
    app.register_blueprint(admin)
    return app
