from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from ._version import VERSION


class Caisse(Flask):
    def make_default_options_response(self):
        response = super().make_default_options_response()
        response.headers["X-Caisse"] = VERSION
        return response


application = Caisse(__package__, template_folder="gabarits", static_folder="public")
application.config.update(SQLALCHEMY_DATABASE_URI="sqlite://", APPLICATION_ROOT="/caisse")
db = SQLAlchemy()
db.init_app(application)

from . import modeles, pages  # noqa: E402,F401

with application.app_context():
    db.create_all()
    if not db.session.query(modeles.Article).count():
        db.session.add_all([modeles.Article(nom="Poireaux", prix=250), modeles.Article(nom="Miel", prix=900)])
        db.session.commit()
