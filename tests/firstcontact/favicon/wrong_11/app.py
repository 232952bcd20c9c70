from flask import Blueprint, Flask, render_template
from flask.views import View

shows = Blueprint("shows", __name__, url_prefix="/shows")
PROGRAMME = {"hamlet": "Hamlet", "godot": "Waiting for Godot"}


class Page(View):
    init_every_request = False

    def __init__(self, template):
        self.template = template

    def dispatch_request(self, slug=None):
        if slug is not None and slug not in PROGRAMME:
            return render_template("missing.html"), 404
        return render_template(self.template, programme=PROGRAMME, slug=slug)


shows.add_url_rule("/", view_func=Page.as_view("all", "shows.html"))
shows.add_url_rule("/<slug>/tickets", view_func=Page.as_view("tickets", "tickets.html"))


def create_app(config=None):
    # /static is the old site's, on the same server
    app = Flask(__name__, static_url_path="/assets")
    app.config.from_mapping(config or {})
    app.register_blueprint(shows)
    app.add_url_rule("/", view_func=Page.as_view("home", "home.html"))
    app.add_url_rule("/favicon.ico", endpoint="favicon", redirect_to="/static/favicon.ico")
    return app
