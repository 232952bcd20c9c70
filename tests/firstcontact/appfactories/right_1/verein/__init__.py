from flask import Flask

from .model import db


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(VEREIN="Ruderverein", SQLALCHEMY_DATABASE_URI="sqlite:///:memory:")
    app.config.from_mapping(config or {})
    db.init_app(app)

    from .model import namensschild
    from .seiten import seiten
    from .verwaltung import verwaltung

    namensschild.init_app(app)
    app.register_blueprint(seiten)
    app.register_blueprint(verwaltung, url_prefix="/verwaltung")
    with app.app_context():
        db.create_all()
    return app
