"""Orders of a food cooperative."""
from flask import Flask

from .models import db


def create_app(config=None, *, database="sqlite://"):
    app = Flask(__name__)
    app.config.from_mapping(SQLALCHEMY_DATABASE_URI=database)
    app.config.from_mapping(config or {})
    db.init_app(app)

    from .catalogue import catalogue
    from .orders import orders

    app.register_blueprint(catalogue)
    app.register_blueprint(orders, url_prefix="/orders")
    with app.app_context():
        db.create_all()
    return app
