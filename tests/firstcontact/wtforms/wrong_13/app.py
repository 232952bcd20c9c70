"""Accounts of a library. FlaskForm, in a factory."""
from flask import Blueprint, Flask, current_app, flash, redirect, render_template_string, url_for
from flask_wtf import CSRFProtect, FlaskForm
from werkzeug.security import generate_password_hash
from wtforms import PasswordField, SelectMultipleField, StringField, SubmitField, ValidationError
from wtforms import validators as v

csrf = CSRFProtect()
bp = Blueprint("accounts", __name__, url_prefix="/accounts")


def strip(text):
    return text and text.strip()


class AccountForm(FlaskForm):
    card = StringField("Name on the card", [v.DataRequired(), v.Length(4, 50)], filters=[strip])
    password = PasswordField("Password", [v.InputRequired(), v.Length(8, 80)])
    confirm = PasswordField("Repeat the password", [
        v.Optional(),
        v.EqualTo("password", message="The passwords are not the same."),
    ])
    branches = SelectMultipleField("Branches", [v.InputRequired()],
                                   choices=[("n", "North"), ("s", "South"), ("c", "Centre")])
    submit = SubmitField("Create account")

    def validate_card(self, field):
        if field.data.casefold() in current_app.extensions["accounts"]:
            raise ValidationError("There is such a card already.")


TEMPLATE = """<!doctype html><html lang="en"><title>New account</title>
<form method="post">{{ form.hidden_tag() }}
{% for error in form.errors.csrf_token or () %}<p class="error">{{ error }}</p>{% endfor %}
{% for field in form if field.widget.input_type != "hidden" %}<div>
{% if field.type != "SubmitField" %}{{ field.label }}{% endif %} {{ field() }}
{% for error in field.errors %}<p class="error" id="{{ field.id }}-error">{{ error }}</p>{% endfor %}
</div>{% endfor %}</form></html>"""


@bp.route("/new", methods=["GET", "POST"])
def new():
    form = AccountForm()
    if form.validate_on_submit():
        current_app.extensions["accounts"][form.card.data.casefold()] = {
            "card": form.card.data,
            "branches": form.branches.data,
            "password": generate_password_hash(form.password.data, "pbkdf2:sha256:1000"),
        }
        flash("The account has been created.")
        return redirect(url_for(".index"))
    return render_template_string(TEMPLATE, form=form)


@bp.get("/")
def index():
    accounts = current_app.extensions["accounts"].values()
    return {"accounts": [{k: a[k] for k in ("card", "branches")} for a in accounts]}


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="dev")
    app.config.from_mapping(config or {})
    app.extensions["accounts"] = {}
    csrf.init_app(app)
    app.register_blueprint(bp)
    return app
