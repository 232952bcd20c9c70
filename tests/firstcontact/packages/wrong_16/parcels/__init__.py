from flask import Flask
from flask_login import LoginManager

login_manager = LoginManager()


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="dev", CARRIER_URL="http://127.0.0.1:9/track/")
    app.config.from_mapping(config or {})
    login_manager.init_app(app)

    from . import public, tracking

    app.register_blueprint(public.bp)
    app.register_blueprint(tracking.bp)
    return app


@login_manager.user_loader
def load_user(user_id):
    return None
