"""Room booking of a library; runs below the library's own site."""
from flask import Blueprint, Flask, abort, redirect, render_template, request, url_for

rooms = Blueprint("rooms", __name__)
ROOMS = {"a1": "Quiet room", "b2": "Group room"}


@rooms.get("/")
def index():
    return render_template("index.html", rooms=ROOMS)


@rooms.get("/rooms/<key>")
def room(key):
    if key not in ROOMS:
        abort(404)
    return render_template("room.html", name=ROOMS[key])


@rooms.post("/rooms/<key>")
def book(key):
    if key not in ROOMS or not request.form.get("when", "").strip():
        abort(400)
    return redirect(url_for(".room", key=key), 303)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.register_blueprint(rooms)

    @app.get("/favicon.ico")
    def favicon():
        return redirect(url_for("static", filename="favicon.ico"), 301)

    return app
