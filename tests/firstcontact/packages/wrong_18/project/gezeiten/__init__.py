from flask import Flask


def create_app(test_config=None):
    app = Flask(__name__, instance_relative_config=True)
    app.json.ensure_ascii = False
    if test_config is None:
        app.config.from_pyfile("config.py", silent=True)
    else:
        app.config.from_mapping(test_config)

    from gezeiten import haefen, seiten

    app.register_blueprint(seiten.bp)
    app.register_blueprint(haefen.bp)
    return app
