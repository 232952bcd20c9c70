from flask import Flask

from .ext import db, pricing


def create_app(test_config=None):
    app = Flask(__name__, instance_relative_config=True)
    app.config.from_object("shop.defaults")
    app.config.from_prefixed_env("SHOP")
    if test_config is not None:
        app.config.from_mapping(test_config)

    db.init_app(app)
    pricing.init_app(app)

    from . import catalogue, errors

    catalogue.init_app(app)
    errors.init_app(app)

    with app.app_context():
        db.create_all()
        catalogue.seed()
    return app
