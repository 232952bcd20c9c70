from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column

db = SQLAlchemy()


class Mitglied(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Namensschild:
    def init_app(self, app):
        app.extensions["namensschild"] = f"Mitglied im {app.config['VEREIN']}"

    def text(self):
        return current_app.extensions["namensschild"]


namensschild = Namensschild()


def schild():
    return namensschild.text()
