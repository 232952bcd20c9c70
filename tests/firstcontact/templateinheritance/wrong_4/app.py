"""Field guide to lichens."""
from flask import Blueprint, Flask, abort, render_template

guide = Blueprint("guide", __name__)
LICHENS = {1: ("Xanthoria parietina", "orange"), 2: ("Evernia prunastri", "green"), 3: ("Usnea barbata", "grey")}


@guide.get("/")
def index():
    return render_template("guide/index.html", lichens=LICHENS)


@guide.get("/lichens/<int:number>")
def lichen(number):
    if number not in LICHENS:
        abort(404)
    name, colour = LICHENS[number]
    return render_template("guide/lichen.html", name=name, colour=colour)


@guide.get("/help")
def help():
    return render_template("guide/help.html")


def create_app():
    app = Flask(__name__)
    app.register_blueprint(guide)
    app.register_error_handler(404, lambda e: (render_template("guide/404.html"), 404))
    return app
