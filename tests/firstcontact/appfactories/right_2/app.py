"""Weather stations: a callable object makes the apps, a TOML file gives the defaults."""
import time
import tomllib

from flask import Blueprint, Flask, current_app, render_template
from werkzeug.local import LocalProxy

caption = LocalProxy(lambda: current_app.extensions["caption"])


class Caption:
    def __init__(self, station):
        self.station = station

    def __str__(self):
        return f"Measured at {self.station}"


def caption_text():
    return str(caption)


def make_pages():
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    def now():
        return render_template("now.html", station=current_app.config["STATION"])

    @pages.get("/health")
    def health():
        return {"healthy": True}

    @pages.record_once
    def setup(state):
        state.app.jinja_env.globals["unit"] = state.app.config["UNIT"]

    return pages


class Timed:
    """WSGI middleware: tells how long a response took to begin."""

    def __init__(self, wsgi_app):
        self.wsgi_app = wsgi_app

    def __call__(self, environ, start_response):
        begin = time.perf_counter()

        def timed(status, headers, exc_info=None):
            duration = (time.perf_counter() - begin) * 1000
            return start_response(status, [*headers, ("Server-Timing", f"app;dur={duration:.1f}")], exc_info)

        return self.wsgi_app(environ, timed)


class Maker:
    def __init__(self, name):
        self.name = name

    def __call__(self, config=None):
        app = Flask(self.name)
        app.config.from_file("station.toml", load=tomllib.load, text=False)
        app.config.update(config or {})
        app.extensions["caption"] = Caption(app.config["STATION"])
        app.register_blueprint(make_pages())
        app.wsgi_app = Timed(app.wsgi_app)
        return app


create_app = Maker(__name__)
