"""A shop with Flask-Caching and nested blueprints; cached pages are kept for each app."""
from flask import Blueprint, Flask, current_app, render_template
from flask_caching import Cache

cache = Cache()


def shop_blueprint():
    shop = Blueprint("shop", __name__, url_prefix="/shop")
    basket = Blueprint("basket", __name__, url_prefix="/basket")

    @shop.get("/")
    @cache.cached(timeout=60)
    def window():
        return render_template("window.html", name=current_app.config["SHOP"])

    @basket.get("/")
    def content():
        return render_template("basket.html")

    shop.register_blueprint(basket)
    return shop


def key_prefix():
    """What the cache's keys begin with in this app."""
    return cache.cache.key_prefix if hasattr(cache.cache, "key_prefix") else current_app.config["CACHE_KEY_PREFIX"]


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SHOP="Corner shop", CACHE_TYPE="SimpleCache")
    app.config.from_mapping(config or {})
    app.config.setdefault("CACHE_KEY_PREFIX", app.config["SHOP"])
    cache.init_app(app)
    app.register_blueprint(shop_blueprint())

    @app.errorhandler(404)
    def missing(error):
        return render_template("missing.html"), 404

    return app
