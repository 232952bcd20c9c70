"""Status pages of several hosting customers."""
import functools

from flask import Blueprint, Flask, current_app, render_template

pages = Blueprint("pages", __name__)
INCIDENTS = ["Disk replaced", "Router restarted"]


class Badge:
    def init_app(self, app):
        app.config.setdefault("CUSTOMER", "Example Ltd.")
        app.extensions["badge"] = f"status of {app.config['CUSTOMER']}"


badge = Badge()


def badge_text():
    return current_app.extensions["badge"]


@functools.lru_cache(maxsize=32)
def render_page(template):
    return render_template(
        template, customer=current_app.config["CUSTOMER"], incidents=INCIDENTS
    )


@pages.get("/")
def status():
    return render_page("status.html")


@pages.get("/incidents")
def incidents():
    return render_page("incidents.html")


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    badge.init_app(app)
    app.register_blueprint(pages)
    return app
