"""A news letter: several editions from one code base."""
from flask import Blueprint, Flask, current_app, render_template


class Sender:
    def init_app(self, app):
        app.config.setdefault("EDITION", "Daily")
        app.extensions["sender"] = {"subject": f"[{app.config['EDITION']}]"}

    @property
    def subject(self):
        return current_app.extensions["sender"]["subject"]


sender = Sender()
issues = Blueprint("issues", __name__)


def subject():
    return sender.subject


@issues.get("/")
def front():
    return render_template("front.html", edition=current_app.config["EDITION"])


@issues.get("/archive")
def archive():
    return render_template("archive.html", numbers=range(1, 4))


def register_extensions(app):
    sender.init_app(app)


def register_blueprints(app):
    app.register_blueprint(issues)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(EDITION="Daily")
    register_extensions(app)
    register_blueprints(app)
    app.config.from_mapping(config or {})
    return app
