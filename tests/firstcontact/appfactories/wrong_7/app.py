"""Menus of canteens; a new canteen needs only a few settings."""
from flask import Blueprint, Flask, current_app, render_template

DEFAULTS = {
    "CANTEEN": "Canteen",
    "CURRENCY": "€",
    "DISHES": ["Soup", "Salad"],
}
menu = Blueprint("menu", __name__)


class Receipt:
    def init_app(self, app):
        app.extensions["receipt"] = f"Thank you for eating at {app.config['CANTEEN']}"


receipt = Receipt()


def receipt_text():
    return current_app.extensions["receipt"]


@menu.get("/")
def today():
    return render_template("today.html")


@menu.get("/prices")
def prices():
    return {dish: f"4 {current_app.config['CURRENCY']}" for dish in current_app.config["DISHES"]}


def settings(overrides):
    merged = DEFAULTS
    merged.update(overrides or {})
    return merged


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(settings(config))
    receipt.init_app(app)
    app.register_blueprint(menu)
    return app
