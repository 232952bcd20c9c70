"""Registration at a forum; reserved and odd names are refused."""
import re

from flask import Flask, flash, redirect, render_template, request, url_for
from wtforms import BooleanField, EmailField, Form, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Email, InputRequired, Length


class JoinForm(Form):
    nick = StringField("Nick", [InputRequired(), Length(min=2, max=40)])
    email = EmailField("E-mail", [InputRequired(), Email(), Length(max=120)])
    bio = TextAreaField("About you", [Length(max=500)])
    rules = BooleanField("I follow the rules", [
        DataRequired('You have to follow <a href="/rules">the rules</a>.'),
    ])

    def validate_nick(self, field):
        if field.data.lower() in {"admin", "root", "moderator"}:
            raise ValidationError("This nick is reserved.")
        if not re.fullmatch(r"[\w .-]+", field.data):
            raise ValidationError(
                f"<em>{field.data}</em> contains characters that are not allowed."
            )


def create_app():
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "dev"
    people = []

    @app.route("/join", methods=["GET", "POST"])
    def join():
        form = JoinForm(request.form)
        if request.method == "POST" and form.validate():
            people.append((form.nick.data, form.bio.data))
            flash("You are in.")
            return redirect(url_for("list_people"))
        return render_template("join.html", form=form)

    @app.route("/people")
    def list_people():
        return render_template("people.html", people=people)

    @app.route("/rules")
    def rules():
        return "<!doctype html><title>Rules</title><p>Be nice."

    return app
