"""Bestellungen einer Gärtnerei: zwei Formulare auf einer Seite, Meldungen auf Deutsch."""
from flask import Flask, current_app, redirect, render_template_string, request, url_for
from wtforms import BooleanField, DecimalField, EmailField, FieldList, Form, FormField, HiddenField, StringField
from wtforms.validators import DataRequired, Email, InputRequired, Length, NumberRange, Optional, Regexp


class Deutsch(Form):
    class Meta:
        locales = ["de_DE", "de"]


class Anschrift(Deutsch):
    strasse = StringField("Straße", [InputRequired(), Length(max=80)])
    plz = StringField("Postleitzahl", [InputRequired(), Regexp(r"\d{5}\Z", message="Fünf Ziffern, bitte.")])
    ort = StringField("Ort", [InputRequired(), Length(max=60)])


class Bestellung(Deutsch):
    artikel = HiddenField(default="tulpe-12", validators=[InputRequired()])
    kunde = StringField("Name", [InputRequired(), Length(min=3, max=70)])
    anschrift = FormField(Anschrift, "Anschrift")
    trinkgeld = DecimalField("Trinkgeld in Euro", [Optional(), NumberRange(min=0, max=100)])
    agb = BooleanField("Ich stimme den AGB zu", [DataRequired("Ohne Zustimmung geht es nicht.")])


class Rundbrief(Deutsch):
    adresse = EmailField("E-Mail für den Rundbrief", [InputRequired(), Email("Keine gültige Adresse.")])


SEITE = """<!doctype html><html lang="de"><meta charset="utf-8"><title>Gärtnerei Grün</title>
{%- macro feld(f) -%}
{% if f.type == "FormField" %}<fieldset><legend>{{ f.label.text }}</legend>{% for g in f %}{{ feld(g) }}{% endfor %}</fieldset>
{% elif f.type == "HiddenField" %}{{ f() }}{% for fehler in f.errors %}<p><mark>Artikel: {{ fehler }}</mark></p>{% endfor %}
{% else %}<p>{{ f.label }}<br>{{ f() }}{% for fehler in f.errors %}<br><mark>{{ fehler }}</mark>{% endfor %}</p>{% endif %}
{%- endmacro %}
<form method="post" action="{{ url_for('bestellen') }}">{% for f in bestellung %}{{ feld(f) }}{% endfor %}
<button>Kostenpflichtig bestellen</button></form>
<aside><form method="post" action="{{ url_for('rundbrief') }}">{% for f in brief %}{{ feld(f) }}{% endfor %}
<button>Abonnieren</button></form></aside></html>"""


def seite(bestellung=None, brief=None, status=200):
    return render_template_string(SEITE, bestellung=bestellung or Bestellung(),
                                  brief=brief or Rundbrief(prefix="brief")), status


def bestellungen():
    """Die angenommenen Bestellungen."""
    return list(current_app.extensions["bestellungen"])


def create_app():
    app = Flask(__name__)
    app.extensions["bestellungen"], app.extensions["abos"] = [], set()
    app.add_url_rule("/", "start", seite)

    @app.post("/bestellungen")
    def bestellen():
        form = Bestellung(request.form)
        if not form.validate():
            return seite(bestellung=form, status=422)
        app.extensions["bestellungen"].append(form.data)
        return redirect(url_for("danke"), 303)

    @app.post("/rundbrief")
    def rundbrief():
        form = Rundbrief(request.form, prefix="brief")
        if not form.validate():
            return seite(brief=form, status=422)
        app.extensions["abos"].add(form.adresse.data.lower())
        return redirect(url_for("danke"), 303)

    @app.get("/danke")
    def danke():
        return "<!doctype html><html lang=de><title>Danke</title><p>Vielen Dank!</html>"

    return app
