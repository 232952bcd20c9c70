from flask import redirect, render_template, url_for
from flask_login import UserMixin, login_user, logout_user
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired

from forum import app
from forum.extensions import login_manager


class User(UserMixin):
    def __init__(self, name):
        self.id = name


@login_manager.user_loader
def load(name):
    return User(name)


class LoginForm(FlaskForm):
    name = StringField(validators=[DataRequired()])
    password = PasswordField(validators=[DataRequired()])


@app.route("/login", methods=["GET", "POST"])
def login():
    form = LoginForm()
    if form.validate_on_submit():
        if form.password.data == "agora":
            login_user(User(form.name.data))
            return redirect(url_for("index"))
        form.password.errors = ["Wrong password"]
    return render_template("login.html", form=form)


@app.route("/logout", methods=["POST"])
def logout():
    logout_user()
    return redirect(url_for("index"))
