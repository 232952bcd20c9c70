"""Opening hours of libraries: one installation for each town."""
from flask import Blueprint, Flask, render_template


class Signature:
    """Signs the mails of a library."""

    def __init__(self, app=None):
        if app is not None:
            self.init_app(app)

    def init_app(self, app):
        app.config.setdefault("LIBRARY_NAME", "Town library")
        self.text = f"Kind regards, {app.config['LIBRARY_NAME']}"
        app.extensions["signature"] = self

    def sign(self, text):
        return f"{text}\n\n{self.text}"


signature = Signature()
front = Blueprint("front", __name__)
desk = Blueprint("desk", __name__, url_prefix="/desk")


def mail_signature():
    return signature.sign("")


@front.get("/")
def hours():
    return render_template("hours.html")


@desk.get("/")
def reminders():
    return render_template("reminder.html", mail=signature.sign("Please return the book."))


def create_app(config=None):
    app = Flask(__name__)
    if config:
        app.config.from_mapping(config)
    signature.init_app(app)
    app.register_blueprint(front)
    app.register_blueprint(desk)
    return app
