"""A ticket desk that remembers the visitor's currency."""
from flask import Flask, abort, g, render_template, request

CURRENCIES = ["EUR", "USD", "CHF"]


def after_this_request(function):
    g.setdefault("deferred", []).append(function)
    return function


def init_app(app):
    """Runs the functions that after_this_request collects."""
    dispatch = app.dispatch_request

    def dispatch_request():
        response = app.make_response(dispatch())
        for function in g.pop("deferred", ()):
            response = function(response)
        return response

    app.dispatch_request = dispatch_request


def detect_currency():
    currency = request.cookies.get("currency")
    if currency not in CURRENCIES:
        currency = request.headers.get("X-Currency", "").upper()
        if currency not in CURRENCIES:
            currency = "EUR"

        @after_this_request
        def remember(response):
            response.set_cookie("currency", currency, samesite="Lax")
            return response

    g.currency = currency


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    init_app(app)
    app.before_request(detect_currency)

    @app.get("/")
    def desk():
        return render_template("desk.html")

    @app.get("/tickets/<int:id>")
    def ticket(id):
        if id > 3:
            abort(404)
        return {"id": id, "price": 12, "currency": g.currency}

    return app
