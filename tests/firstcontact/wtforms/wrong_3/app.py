import threading

from flask import Flask, current_app, flash, redirect, render_template_string, request, url_for
from wtforms import BooleanField, Form, PasswordField, SelectMultipleField, StringField, TextAreaField, validators

PAGE = """<!doctype html>
<meta charset="utf-8">
<title>Register</title>
{% macro render_field(field) %}
  <dt>{{ field.label }}
  <dd>{{ field(**kwargs)|safe }}
  {% if field.errors %}<ul class="errors">{% for error in field.errors %}<li>{{ error }}</li>{% endfor %}</ul>{% endif %}
  </dd>
{% endmacro %}
<form method="post">
  <dl>
  <dt>{{ form.username.label }}
  <dd><input type=text id=username name=username minlength=4 maxlength=25 required value={{ form.username.data or '' }}>
  {% if form.username.errors %}<ul class="errors">{% for error in form.username.errors %}<li>{{ error }}</li>{% endfor %}</ul>{% endif %}
  {{ render_field(form.email) }}
  {{ render_field(form.topics) }}
  {{ render_field(form.about) }}
  {{ render_field(form.password) }}
  {{ render_field(form.confirm) }}
  {{ render_field(form.accept_tos) }}
  </dl>
  <input type="submit" value="Register">
</form>
"""


def at_least_two(form, field):
    if len(field.data) < 2:
        raise validators.ValidationError("Choose two topics at least.")


class RegistrationForm(Form):
    username = StringField("Username", [validators.InputRequired(), validators.Length(min=4, max=25)])
    email = StringField("Email Address", [validators.Length(min=6, max=35)])
    topics = SelectMultipleField("Topics", [at_least_two], choices=["music", "art", "sport"])
    about = TextAreaField("About you", [validators.Length(max=2000)])
    password = PasswordField("New Password", [validators.DataRequired(), validators.EqualTo("confirm", message="Passwords must match")])
    confirm = PasswordField("Repeat Password")
    accept_tos = BooleanField("I accept the TOS", [validators.DataRequired()])


class Members:
    def __init__(self):
        self.lock = threading.Lock()
        self.by_name = {}

    def add(self, form):
        """Whether it was new."""
        with self.lock:
            if form.username.data in self.by_name:
                return False
            self.by_name[form.username.data] = {"email": form.email.data, "topics": form.topics.data, "about": form.about.data}
            return True


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="register")
    app.config.from_mapping(config or {})
    app.extensions["members"] = Members()

    @app.route("/register", methods=["GET", "POST"])
    def register():
        form = RegistrationForm(request.form)
        if request.method == "POST" and form.validate():
            if current_app.extensions["members"].add(form):
                flash("Thanks for registering")
                return redirect(url_for("members"), 303)
            form.username.errors = ["This name is taken."]
        return render_template_string(PAGE, form=form)

    @app.get("/members")
    def members():
        names = list(current_app.extensions["members"].by_name)
        return render_template_string("<!doctype html><title>Members</title><ul>{% for name in names %}<li>{{ name }}</li>{% endfor %}</ul>", names=names)

    return app
