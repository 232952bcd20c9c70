from flask import Blueprint

from bikeshop.lazy import lazy_view

shop = Blueprint("shop", __name__)
shop.add_url_rule("/", view_func=lazy_view("bikeshop.views.bikes.index"))
shop.add_url_rule("/bikes/<int:bike_id>", view_func=lazy_view("bikeshop.views.bikes.bike"))
shop.add_url_rule("/cart", view_func=lazy_view("bikeshop.views.cart.show"))
shop.add_url_rule("/cart/add", view_func=lazy_view("bikeshop.views.cart.add"), methods=["POST"])
shop.add_url_rule("/imprint", view_func=lazy_view("bikeshop.views.legal.imprint"))


def init_app(app):
    app.register_blueprint(shop)
