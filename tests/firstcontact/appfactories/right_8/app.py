"""A weather feed as XML, cached per app, behind a proxy, with a Flask subclass."""
import itertools
from xml.sax.saxutils import escape, quoteattr

from flask import Blueprint, Flask, Response, current_app
from flask_caching import Cache
from werkzeug.middleware.proxy_fix import ProxyFix

cache = Cache()
feed = Blueprint("feed", __name__)


@feed.get("/forecast.xml")
@cache.cached(timeout=300)
def forecast():
    settings = current_app.config.get_namespace("WEATHER_")
    current_app.extensions["computed"] = next(current_app.extensions["counter"])
    return Response(
        f"<?xml version='1.0'?><forecast station={quoteattr(settings['station'])}>"
        f"<max unit={quoteattr(settings['unit'])}>21</max></forecast>",
        mimetype="application/xml",
    )


@feed.get("/")
def index():
    return Response(f"<feeds><feed href='forecast.xml' name={quoteattr(banner())}/></feeds>", mimetype="text/xml")


def banner():
    """What the cache, an extension, holds of the station's name."""
    key = "banner"
    value = cache.get(key)
    if value is None:
        value = f"Weather at {current_app.config['WEATHER_STATION']}"
        cache.set(key, value)
    return value


class WeatherApp(Flask):
    default_config = {**Flask.default_config, "WEATHER_STATION": "Pole", "WEATHER_UNIT": "C",
                      "CACHE_TYPE": "SimpleCache", "PROXIES": 1}

    def setup(self):
        cache.init_app(self)
        self.extensions["counter"] = itertools.count(1)
        self.register_blueprint(feed)
        self.register_error_handler(404, lambda error: (Response(
            f"<error>{escape(error.name)}</error>", mimetype="application/xml"), 404))
        if self.config["PROXIES"]:
            self.wsgi_app = ProxyFix(self.wsgi_app, x_for=self.config["PROXIES"], x_proto=self.config["PROXIES"])
        return self


def create_app(config=None):
    app = WeatherApp(__name__)
    app.config.update(config or ())
    return app.setup()
