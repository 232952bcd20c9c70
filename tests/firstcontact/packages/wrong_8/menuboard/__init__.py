"""What the canteen cooks."""
from flask import Flask


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})

    from menuboard import admin, public
    app.register_blueprint(public.bp)
    app.register_blueprint(admin.bp)
    return app
