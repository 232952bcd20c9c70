from flask import Flask


def create_app(**config):
    app = Flask(__name__)
    app.config.from_mapping(config)

    from .views import garages, home

    app.register_blueprint(home.bp)
    app.register_blueprint(garages.bp)
    return app
