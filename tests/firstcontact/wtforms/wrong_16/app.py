"""Contact form of a plumber."""
from flask import Flask, redirect, render_template_string, request, url_for
from wtforms import EmailField, Form, StringField, TelField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, Regexp


class ContactForm(Form):
    name = StringField("Name", [InputRequired(), Length(2, 60)])
    email = EmailField("E-mail", [InputRequired(), Email()])
    phone = TelField("Phone", [Regexp(r"^[0-9 +/-]*$", message="Digits, please."), Length(max=30)])
    message = TextAreaField("What has happened?", [InputRequired(), Length(max=2000)])


PAGE = """<!doctype html>
<html lang="en"><title>{{ title }}</title>
<h1>{{ title }}</h1>
<form method="post" action="{{ url_for('contact') }}">
{% for field in form %}
<p>{{ field.label }}<br>{{ field() }}
{% for error in field.errors %}<br><b>{{ error }}</b>{% endfor %}
{% endfor %}
<p><button>Send</button>
</form></html>"""


class Contact:
    """The view: an object, so that the form is built only once."""

    title = "Contact us"

    def __init__(self, requests):
        self.form = ContactForm()
        self.requests = requests

    def __call__(self):
        if request.method == "POST":
            self.form.process(request.form)
            if self.form.validate():
                self.requests.append(dict(self.form.data))
                self.form = ContactForm()
                return redirect(url_for("sent"))
        return render_template_string(PAGE, form=self.form, title=self.title)


def create_app():
    app = Flask(__name__)
    requests = []

    app.add_url_rule("/contact", "contact", Contact(requests), methods=["GET", "POST"])

    @app.get("/sent")
    def sent():
        return "<!doctype html><title>Thanks</title><p>We will call you back."

    @app.get("/office/requests.json")
    def office():
        return [{"name": r["name"], "message": r["message"]} for r in requests]

    return app
