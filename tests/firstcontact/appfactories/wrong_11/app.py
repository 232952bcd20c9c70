"""A wiki's read-only front end, with maintenance mode."""
from flask import Blueprint, Flask, abort, current_app, g, render_template_string, request

wiki = Blueprint("wiki", __name__, url_prefix="/wiki")
health = Blueprint("health", __name__)

PAGES = {"Start": "Welcome to the wiki.", "Help": "Nobody can help you."}

TEMPLATE = """<!doctype html>
<title>{{ title }} - {{ config.WIKI_NAME }}</title>
<header>{{ config.WIKI_NAME }}{% if g.reader %} - {{ g.reader }}{% endif %}</header>
<main>{{ body }}</main>"""


@wiki.get("/")
def start():
    return render_template_string(TEMPLATE, title="Start", body=PAGES["Start"])


@wiki.get("/<name>")
def page(name):
    if name not in PAGES:
        abort(404)
    return render_template_string(TEMPLATE, title=name, body=PAGES[name])


@health.get("/healthz")
def healthz():
    return {"status": "ok", "wiki": current_app.config["WIKI_NAME"]}


class Motto:
    def init_app(self, app):
        app.extensions["motto"] = f"{app.config['WIKI_NAME']}: all you need to know"

    def text(self):
        return current_app.extensions["motto"]


motto = Motto()


def setup_wiki(app):
    """The blueprint's part of the setup: hooks that depend on the configuration."""

    @wiki.before_request
    def identify():
        g.reader = request.headers.get("X-Reader", "")[:40]

    if app.config["MAINTENANCE"]:

        @wiki.before_request
        def closed():
            return "Back soon.", 503, {"Retry-After": "600"}

    app.register_blueprint(wiki)


def create_app(settings=None):
    app = Flask(__name__)
    app.config.from_mapping(WIKI_NAME="Wiki", MAINTENANCE=False)
    app.config.from_mapping(settings or {})
    motto.init_app(app)
    setup_wiki(app)
    app.register_blueprint(health)
    return app
