"""A marketplace: a preferred currency, kept by a class-based structure."""
from flask import Flask, after_this_request, g, redirect, render_template, request, url_for
from flask.views import MethodView


class Preference:
    """A value with a cookie to remember it and a header to guess it."""

    def __init__(self, cookie, header, values):
        self.cookie, self.header, self.values = cookie, header, tuple(values)

    def stored(self):
        value = request.cookies.get(self.cookie)
        return value if value in self.values else None

    def guess(self):
        for item in request.headers.get(self.header, "").split(","):
            if item.strip() in self.values:
                return item.strip()
        return self.values[0]

    def keep(self, response, value):
        response.set_cookie(
            self.cookie, value, max_age=3600 * 24 * 90, secure=request.is_secure, httponly=True, samesite="Lax"
        )
        return response

    def __call__(self):
        value = self.stored()
        if value is None:
            value = self.guess()
            after_this_request(lambda response: self.keep(response, g.currency))
        g.currency = value


currency = Preference("currency", "X-Currency", ["EUR", "GBP", "JPY"])
PRICES = {"EUR": "10 €", "GBP": "£9", "JPY": "¥1600"}


class Market(MethodView):
    def get(self):
        return render_template("market.html", price=PRICES[g.currency], currencies=currency.values)


class Choice(MethodView):
    def post(self):
        value = request.form.get("currency")
        if value not in currency.values:
            return "Unknown currency", 400
        g.currency = value
        if currency.stored():
            after_this_request(lambda response: currency.keep(response, value))
        return redirect(url_for("market"), 303)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.before_request(currency)
    app.add_url_rule("/market", view_func=Market.as_view("market"))
    app.add_url_rule("/currency", view_func=Choice.as_view("choice"))
    return app
