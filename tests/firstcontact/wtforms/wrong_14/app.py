"""A survey. The design system wants its own markup for the check boxes."""
from flask import Flask, redirect, render_template, request, session, url_for
from wtforms import EmailField, Form, RadioField, SelectMultipleField, StringField
from wtforms.validators import Email, InputRequired, Length, Optional

TOPICS = [("food", "Food"), ("music", "Music"), ("rail", "Railways"), ("sea", "The sea")]


class SurveyForm(Form):
    name = StringField("What is your name?", [InputRequired(), Length(min=2, max=50)])
    email = EmailField("E-mail, if we may write to you", [Optional(), Email()])
    again = RadioField("Would you come again?", [InputRequired()], choices=[("yes", "Yes"), ("no", "No")])
    topics = SelectMultipleField("What are you interested in?", choices=TOPICS)


def create_app(answers=None):
    app = Flask(__name__)
    app.secret_key = "dev"
    answers = [] if answers is None else answers

    def survey():
        form = SurveyForm(request.form)
        if request.method == "POST" and form.validate():
            answers.append(form.data)
            session["done"] = True
            return redirect(url_for("results"), code=303)
        return render_template("survey.html", form=form), 400 if form.errors else 200

    def results():
        return render_template("results.html", answers=answers, thanks=session.pop("done", False))

    app.add_url_rule("/survey", view_func=survey, methods=["GET", "POST"])
    app.add_url_rule("/results", view_func=results)
    return app
