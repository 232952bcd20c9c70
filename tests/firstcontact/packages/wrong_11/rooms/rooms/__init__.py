import os
import sys

from flask import Flask

# so that the modules find each other when started by the IDE
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="dev", NOTICES=5)
    app.config.from_mapping(config or {})

    from rooms.admin import bp as admin
    from rooms.public import bp as public

    app.register_blueprint(public)
    app.register_blueprint(admin, url_prefix="/admin")
    return app
