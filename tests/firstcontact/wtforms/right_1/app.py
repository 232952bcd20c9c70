"""Flask-WTF with its CSRF field, German messages, blueprints within blueprints, SQLite that knows what is unique."""
import sqlite3

from flask import Blueprint, Flask, abort, current_app, g, redirect, render_template_string, url_for
from flask_wtf import FlaskForm
from wtforms import DateField, DecimalField, EmailField, RadioField, StringField, SubmitField
from wtforms.validators import Email, InputRequired, Length, NumberRange, Optional

FORMULAR = """<!doctype html><html lang="de"><meta charset="utf-8"><title>Anmeldung</title>
<form action="{{ url_for('verein.mitglied.neu') }}" method="POST" novalidate>{{ form.hidden_tag() }}
{% for feld in form if feld.widget.input_type != "hidden" %}
<p>{{ feld.label }} {{ feld(**{"aria-invalid": "true"} if feld.errors else {}) }}
{% for fehler in feld.errors %}<strong>{{ fehler }}</strong>{% endfor %}
{% endfor %}</form>"""


class Anmeldung(FlaskForm):
    class Meta:
        locales = ["de_DE", "de"]

    vorname = StringField("Vorname", [InputRequired(), Length(1, 60)])
    post = EmailField("E-Mail", [InputRequired(), Email()])
    geboren = DateField("Geburtstag", [Optional()], format="%Y-%m-%d")
    beitrag = DecimalField("Beitrag", [InputRequired(), NumberRange(min=0, max=500)], places=2)
    art = RadioField("Art", choices=[("a", "aktiv"), ("p", "passiv")], default="a")
    senden = SubmitField("Anmelden")


mitglied = Blueprint("mitglied", __name__, url_prefix="/mitglieder")
verein = Blueprint("verein", __name__, url_prefix="/verein")


def datenbank():
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["DATEI"])
        g.db.execute("create table if not exists mitglied (vorname text, post text unique, beitrag text)")
    return g.db


@mitglied.get("/neu")
def formular():
    return render_template_string(FORMULAR, form=Anmeldung(formdata=None))


@mitglied.post("/neu")
def neu():
    form = Anmeldung()
    if form.validate():
        try:
            with datenbank() as db:
                db.execute("insert into mitglied values (?, ?, ?)", (form.vorname.data, form.post.data, str(form.beitrag.data)))
        except sqlite3.IntegrityError:
            form.post.errors = [*form.post.errors, "Diese Adresse gibt es schon."]
        else:
            return redirect(url_for(".liste"))
    return render_template_string(FORMULAR, form=form), 422


@mitglied.get("/")
def liste():
    return [{"vorname": vorname, "post": post} for vorname, post in datenbank().execute("select vorname, post from mitglied")]


verein.register_blueprint(mitglied)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping({"SECRET_KEY": "geheim", "DATEI": "verein.db", **(config or {})})
    app.register_blueprint(verein)

    @app.teardown_appcontext
    def zu(exception):
        if "db" in g:
            g.pop("db").close()

    return app
