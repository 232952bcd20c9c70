from flask import Flask

from bikeshop import context, errors, urls


def create_app(config=None):
    app = Flask("bikeshop")
    app.config.from_mapping(SECRET_KEY="dev", CURRENCY="EUR")
    app.config.from_mapping(config or {})
    context.init_app(app)
    errors.init_app(app)
    urls.init_app(app)
    return app
