from flask_wtf import FlaskForm
from wtforms import DateField, StringField
from wtforms.validators import DataRequired, Length


class Antrag(FlaskForm):
    name = StringField("Name", [DataRequired("Bitte ausfüllen."), Length(max=60)])
    von = DateField("Von", [DataRequired("Bitte ausfüllen.")])
