"""A booking page for tennis courts."""
import threading

from flask import Blueprint, Flask, current_app, render_template

courts = Blueprint("courts", __name__)
_lock = threading.Lock()
_app = None


@courts.get("/")
def index():
    return render_template("courts.html", club=current_app.config["CLUB"], courts=[1, 2, 3])


@courts.get("/rules")
def rules():
    return render_template("rules.html")


@courts.app_errorhandler(404)
def missing(error):
    return render_template("rules.html"), 404


def banner():
    return current_app.extensions["banner"]


def create_app(config=None):
    """Returns the app; safe to call from several workers' threads."""
    global _app
    with _lock:
        if _app is None:
            app = Flask(__name__)
            app.config.from_mapping(CLUB="Tennis club")
            app.config.from_mapping(config or {})
            app.extensions["banner"] = f"Welcome at {app.config['CLUB']}"
            app.register_blueprint(courts)
            _app = app
    return _app
