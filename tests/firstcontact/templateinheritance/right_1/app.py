"""Museum site: three levels of templates, a folder of templates per blueprint."""
from flask import Blueprint, Flask, abort, render_template

ROOMS = {"amber": ("Amber", ["Bead", "Comb"]), "iron": ("Iron", ["Axe"])}
front = Blueprint("front", __name__)
rooms = Blueprint("rooms", __name__, url_prefix="/rooms", template_folder="rooms/templates")


@front.get("/")
def welcome():
    return render_template("front/welcome.html")


@front.get("/visit")
def visit():
    return render_template("front/visit.html", hours={"Tuesday–Sunday": "10–18"})


@rooms.get("/")
def plan():
    return render_template("rooms/plan.html", rooms=ROOMS)


@rooms.get("/<key>")
def room(key):
    name, things = ROOMS.get(key) or abort(404)
    return render_template("rooms/room.html", name=name, things=things)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.register_blueprint(front)
    app.register_blueprint(rooms)

    @app.errorhandler(404)
    def lost(error):
        return render_template("front/lost.html"), 404

    return app
