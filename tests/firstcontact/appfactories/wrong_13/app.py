"""A booking page for a chain of hotels: one process, one app for each hotel."""
from flask import Blueprint, Flask, abort, current_app, render_template_string, request


class BaseConfig:
    HOTEL = "Grand Hotel"
    ROOMS = 12
    CURRENCY = "EUR"

    @classmethod
    def override(cls, values):
        """Return this configuration with some values replaced."""
        for key, value in values.items():
            if not key.isupper():
                raise ValueError(f"not the name of a setting: {key}")
            setattr(cls, key, value)
        return cls


bp = Blueprint("booking", __name__)

PAGE = """<!doctype html><html lang=en><title>{{ config.HOTEL }}</title>
<h1>{{ config.HOTEL }}</h1><p>We have {{ config.ROOMS }} rooms.
<form action="{{ url_for('booking.price') }}"><input name=nights type=number min=1><button>Price</button></form>"""


@bp.route("/")
def front():
    return render_template_string(PAGE)


@bp.route("/price")
def price():
    nights = request.args.get("nights", 1, type=int)
    if not 1 <= nights <= 30:
        abort(400, "Between 1 and 30 nights, please.")
    return f"{nights * 90} {current_app.config['CURRENCY']}"


class Receipts:
    def init_app(self, app):
        app.extensions["receipts"] = app.config["HOTEL"].upper()

    def heading(self):
        return f"RECEIPT - {current_app.extensions['receipts']}"


receipts = Receipts()


def create_app(**overrides):
    app = Flask(__name__)
    app.config.from_object(BaseConfig.override(overrides))
    receipts.init_app(app)
    app.register_blueprint(bp)
    return app
