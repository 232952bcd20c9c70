"""Template filters and globals; they have to be there before the first request."""
from flask import current_app

from .reports import round_price


def init_app(app):
    @app.template_filter("price")
    def price(cents):
        return f"{round_price(cents)} {current_app.config['CURRENCY']}"

    @app.context_processor
    def shop():
        return {"shop_name": "The Corner Bakery"}
