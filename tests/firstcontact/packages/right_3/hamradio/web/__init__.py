"""flask --app "hamradio.web:make_app('club')" run"""
from flask import Flask

from hamradio.web import contacts, repeaters


def make_app(name="club", config=None):
    app = Flask(__name__)
    app.config["CLUB"] = name
    app.config.from_mapping(config or {})
    for module in (repeaters, contacts):
        app.register_blueprint(module.bp)
    app.add_url_rule("/", "home", repeaters.home)
    app.context_processor(lambda: {"club": app.config["CLUB"]})
    return app
