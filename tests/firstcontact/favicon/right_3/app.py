"""Intranet with a login; the icon belongs to a blueprint's static files and is open to all."""
import hashlib
import os
from pathlib import Path

from flask import Blueprint, Flask, redirect, render_template, request, send_from_directory, session, url_for
from flask.views import View

look = Blueprint("look", __name__, url_prefix="/look", static_folder="look", static_url_path="/files")
ICON = Path(__file__).parent / "look" / "house.ico"
VERSION = hashlib.sha256(ICON.read_bytes()).hexdigest()[:8]
PEOPLE = {"ida": "linnea"}


class Favicon(View):
    methods = ["GET"]
    init_every_request = False

    def dispatch_request(self):
        return send_from_directory(ICON.parent, ICON.name, mimetype="image/x-icon")


def create_app(config=None):
    app = Flask(__name__, static_folder=None)
    app.config.from_mapping(SECRET_KEY=os.environ.get("SECRET_KEY", "house-dev"), SESSION_COOKIE_SAMESITE="Lax")
    app.config.from_mapping(config or {})
    app.register_blueprint(look)
    app.add_url_rule("/favicon.ico", view_func=Favicon.as_view("favicon"))
    app.jinja_env.globals["icon_version"] = VERSION

    @app.before_request
    def guard():
        if request.endpoint in {"login", "favicon", "look.static"} or "who" in session:
            return None
        return redirect(url_for("login"))

    @app.get("/")
    def index():
        return render_template("page.html", title="Intranet", who=session["who"])

    @app.get("/rules/fire/stairs")
    def stairs():
        return render_template("page.html", title="Stairs", who=session["who"])

    @app.route("/login", methods=["GET", "POST"])
    def login():
        wrong = False
        if request.method == "POST":
            who = request.form.get("who", "")
            if who in PEOPLE and PEOPLE[who] == request.form.get("word"):
                session.clear()
                session["who"] = who
                return redirect(url_for("index"), 303)
            wrong = True
        return render_template("login.html", wrong=wrong), 401 if wrong else 200

    return app
