from flask import current_app
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Pricing:
    def init_app(self, app):
        app.extensions["pricing"] = {"label": f"{app.config['SHOP_NAME']} ({app.config['CURRENCY']})"}

    @property
    def label(self):
        return current_app.extensions["pricing"]["label"]

    def describe(self):
        return self.label


pricing = Pricing()
