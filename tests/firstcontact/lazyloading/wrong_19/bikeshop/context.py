"""What every template may use."""
from bikeshop.views.cart import count_items


def init_app(app):
    @app.context_processor
    def cart_badge():
        return {"cart_badge": count_items(), "currency": app.config["CURRENCY"]}
