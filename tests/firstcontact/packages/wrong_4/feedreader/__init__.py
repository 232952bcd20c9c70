"""Headlines in one place."""
from flask import Flask

from feedreader.extensions import cache


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(CACHE_TYPE="SimpleCache", CACHE_DEFAULT_TIMEOUT=120)
    app.config.from_mapping(config or {})
    cache.init_app(app)

    from feedreader import headlines, sources
    app.register_blueprint(headlines.bp)
    app.register_blueprint(sources.bp, url_prefix="/sources")
    return app
