"""Deutsch, mit Flask-SQLAlchemy: eine Arbeitseinheit für jede Anfrage, die schreibt."""
import functools

import sqlalchemy as sa
from flask import Blueprint, Flask, current_app, request
from flask_sqlalchemy import SQLAlchemy
from markupsafe import escape
from sqlalchemy.exc import IntegrityError

db = SQLAlchemy(disable_autonaming=True, engine_options={"pool_pre_ping": True}, metadata=sa.MetaData(naming_convention={"uq": "eindeutig_%(column_0_name)s"}))


class Ort(db.Model):
    __tablename__ = "orte"
    schluessel = sa.Column("pk", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)
    bezeichnung = sa.Column("bez", sa.String(200), nullable=False, unique=True)
    notizen = db.relationship("Notiz", back_populates="ort", cascade="all, delete-orphan", lazy="raise")


class Notiz(db.Model):
    __tablename__ = "notizen"
    pk = sa.Column(sa.Integer, primary_key=True)
    ort_pk = sa.Column(sa.ForeignKey("orte.pk"), nullable=False)
    text = sa.Column(sa.Text, nullable=False)
    ort = db.relationship(Ort, back_populates="notizen")


class Ablehnung(Exception):
    pass


def arbeitseinheit(sicht):
    """Schreibt alles oder nichts, bevor es eine Antwort gibt; auch eine Antwort ab 400 nimmt alles zurück."""

    @functools.wraps(sicht)
    def innen(*args, **kwargs):
        try:
            antwort = current_app.make_response(sicht(*args, **kwargs))
            if antwort.status_code < 400:
                db.session.commit()
            else:
                db.session.rollback()
        except IntegrityError:
            db.session.rollback()
            return current_app.make_response(("Das gibt es schon.", 409))
        except BaseException:
            db.session.rollback()
            raise
        return antwort

    return innen


orte = Blueprint("orte", __name__)


@orte.get("/orte")
def liste():
    return "<br>".join(str(escape(ort)) for ort in db.session.scalars(sa.select(Ort.bezeichnung)))


@orte.post("/orte")
@arbeitseinheit
def neu():
    ort = Ort(bezeichnung=request.form["ort"])
    ort.notizen.append(Notiz(text="angelegt"))
    db.session.add(ort)
    return "", 205


@orte.get("/orte/suche")
def suche():
    treffer = db.session.execute(db.select(Ort).where(Ort.bezeichnung == request.args.get("ort", ""))).scalar_one_or_none()
    return f"<p>{escape(treffer.bezeichnung)}" if treffer else ("<p>nichts", 404)


@orte.post("/orte/fehler")
@arbeitseinheit
def fehler():
    db.session.add(Ort(bezeichnung=request.form["ort"]))
    db.session.flush()
    raise Ablehnung()


@orte.errorhandler(Ablehnung)
def abgelehnt(fehler):
    return "abgelehnt", 422


@orte.post("/orte/roh")
def roh():
    with db.engine.begin() as verbindung:
        verbindung.execute(sa.insert(Ort.__table__).values(bez=request.form["ort"]))
    return "", 201


def schnappschuss():
    """Orte mit ihren Notizen, als einfache Daten."""
    return {
        ort.bezeichnung: [notiz.text for notiz in ort.notizen]
        for ort in db.session.scalars(sa.select(Ort).options(db.selectinload(Ort.notizen)))
    }


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    db.init_app(app)
    app.register_blueprint(orte)
    return app
