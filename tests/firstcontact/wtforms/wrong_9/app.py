"""Registration for a running club."""
from flask import Flask, flash, redirect, render_template, request, url_for
from wtforms import BooleanField, Form, IntegerField, PasswordField, StringField, validators

app = Flask(__name__)
app.config["SECRET_KEY"] = "dev"

members = []


class RegistrationForm(Form):
    username = StringField("Username", [validators.InputRequired(), validators.Length(min=4, max=40)])
    year = IntegerField("Year of birth", [validators.InputRequired(), validators.NumberRange(1900, 2020)])
    password = PasswordField("New password", [
        validators.InputRequired(),
        validators.Length(min=8, max=72),
        validators.EqualTo("confirm", message="Passwords must match"),
    ])
    confirm = PasswordField("Repeat password")
    accept_tos = BooleanField("I accept the terms", [validators.DataRequired()])


@app.route("/register", methods=["GET", "POST"])
def register():
    form = RegistrationForm(request.values)
    if request.method == "POST" and form.validate():
        members.append({"name": form.username.data, "year": form.year.data})
        flash("Thanks for registering")
        return redirect(url_for("index"))
    return render_template("register.html", form=form)


@app.route("/")
def index():
    return render_template("members.html", members=members)
