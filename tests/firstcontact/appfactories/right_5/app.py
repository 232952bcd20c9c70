"""Notices of a school, with keyword arguments, an object as configuration, and a hook per blueprint."""
from types import SimpleNamespace

from flask import Blueprint, Flask, current_app, g, jsonify, render_template


class Defaults:
    SCHOOL = "Elementary school"
    NOTICES = ("Holidays begin on Friday.",)


class Seal:
    key = "seal"

    def __init__(self, app=None):
        if app is not None:
            self.init_app(app)

    def init_app(self, app):
        app.extensions[self.key] = SimpleNamespace(text=f"§ {app.config['SCHOOL']} §")

    @property
    def text(self):
        return current_app.extensions[self.key].text


seal = Seal()
notices = Blueprint("notices", __name__, url_prefix="/notices")
api = Blueprint("api", __name__, url_prefix="/api")


def seal_text():
    return seal.text


@notices.before_request
def remember_school():
    g.school = current_app.config["SCHOOL"]


@notices.get("", strict_slashes=False)
def listing():
    return render_template("notices.html", notices=current_app.config["NOTICES"])


@api.get("/notices")
def as_json():
    return jsonify(school=current_app.config["SCHOOL"], notices=current_app.config["NOTICES"])


def install(app, *blueprints):
    for blueprint in blueprints:
        app.register_blueprint(blueprint)


def create_app(config=None, **settings):
    app = Flask(__name__, static_folder=None)
    app.config.from_object(Defaults)
    app.config.from_mapping(config or {}, **settings)
    seal.init_app(app)
    install(app, notices, api)
    return app
