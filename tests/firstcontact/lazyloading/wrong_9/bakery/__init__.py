from flask import Flask

from .lazy import LazyView
from .urls import register


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="dev", CURRENCY="EUR")
    app.config.from_mapping(config or {})
    register(app)

    from . import filters

    filters.init_app(app)
    return app
