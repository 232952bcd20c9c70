"""A small newsletter site: every page and mail carries the newsletter's sender."""
from functools import cached_property

from flask import Blueprint, Flask, current_app, render_template_string, request
from markupsafe import escape


class Mailer:
    """Puts together mails. Usable without an app: ``mailer = Mailer()``, later ``mailer.init_app(app)``."""

    def __init__(self, app=None):
        if app is not None:
            self.init_app(app)

    def init_app(self, app):
        app.config.setdefault("NEWSLETTER", "The Gazette")
        app.config.setdefault("MAIL_DOMAIN", "example.org")
        app.extensions["mailer"] = {"outbox": []}

    @cached_property
    def sender(self):
        config = current_app.config
        local = config["NEWSLETTER"].lower().replace(" ", "-")
        return f'{config["NEWSLETTER"]} <{local}@{config["MAIL_DOMAIN"]}>'

    def from_line(self):
        return f"From: {self.sender}"

    def send(self, to, text):
        current_app.extensions["mailer"]["outbox"].append(
            f"{self.from_line()}\nTo: {to}\n\n{text}"
        )


mailer = Mailer()
bp = Blueprint("news", __name__)

PAGE = """<!doctype html><title>{{ config.NEWSLETTER }}</title>
<h1>{{ config.NEWSLETTER }}</h1>
<form method=post action="{{ url_for('news.subscribe') }}">
<input name=email type=email required><button>Subscribe</button></form>"""


@bp.get("/")
def index():
    return render_template_string(PAGE)


@bp.get("/imprint")
def imprint():
    return f"<!doctype html><title>Imprint</title><p>Published by {escape(current_app.config['NEWSLETTER'])}"


@bp.post("/subscribe")
def subscribe():
    email = request.form.get("email", "").strip()
    if "@" not in email or "\n" in email or "\r" in email:
        return "That is not an address.", 400
    mailer.send(email, "Welcome!")
    return "Thank you. We have sent you a mail.", 202


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(NEWSLETTER="The Gazette", MAIL_DOMAIN="example.org")
    if config:
        app.config.from_mapping(config)
    mailer.init_app(app)
    app.register_blueprint(bp)
    return app
