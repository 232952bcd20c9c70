from itertools import cycle

from flask import Blueprint, Flask, render_template, request

FACTS = [
    "Granite is an igneous rock.",
    "The Alps still rise by a millimetre a year.",
    "Amber isn't a mineral.",
]
turn = cycle(FACTS)
pages = Blueprint("pages", __name__)
api = Blueprint("api", __name__, url_prefix="/api")


@pages.route("/")
def index():
    return render_template("index.html", fact=next(turn), unit=request.args.get("unit", "mm"))


@pages.route("/fact")
def fact():
    about = request.args.get("about")
    return render_template("_fact.html", fact=next(turn), about=about)


@api.route("/facts")
def facts():
    return list(FACTS)


@api.route("/facts/<int:number>")
def one_fact(number):
    try:
        return {"number": number, "fact": FACTS[number]}
    except IndexError:
        return {"error": "no such fact"}, 404


def create_app():
    app = Flask(__name__)
    app.register_blueprint(pages)
    app.register_blueprint(api)
    return app
