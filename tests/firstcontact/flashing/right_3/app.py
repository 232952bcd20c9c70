"""Band rehearsal room booking: Flask-Login, Flask-WTF."""
import os

from flask import Flask, flash, redirect, render_template, url_for
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user, logout_user
from flask_wtf import FlaskForm
from werkzeug.security import check_password_hash, generate_password_hash
from wtforms import PasswordField, RadioField, StringField
from wtforms.validators import DataRequired, Length

login_manager = LoginManager()
login_manager.login_view = "login"
login_manager.login_message = "Log in to book the room."
login_manager.login_message_category = "warning"


class Band(UserMixin):
    def __init__(self, name):
        self.id = name


@login_manager.user_loader
def load(name):
    from flask import current_app
    return Band(name) if name in current_app.config["BANDS"] else None


class LoginForm(FlaskForm):
    band = StringField(validators=[DataRequired(), Length(max=40)])
    password = PasswordField(validators=[DataRequired()])


class NoteForm(FlaskForm):
    note = StringField(validators=[DataRequired(), Length(max=180)])
    kind = RadioField(choices=["message", "warning", "error"], default="message")


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY=os.environ.get("SECRET_KEY", "band-dev"),
        SESSION_COOKIE_SAMESITE="Lax",
        BANDS={"Motörhum": generate_password_hash("ace", method="pbkdf2:sha256:1000")},
    )
    app.config.from_mapping(config or {})
    login_manager.init_app(app)

    @app.route("/", methods=["GET", "POST"])
    def room():
        form = NoteForm()
        if form.validate_on_submit():
            flash(form.note.data, form.kind.data)
            return redirect(url_for("room"), 303)
        return render_template("room.html", form=form), 400 if form.errors else 200

    @app.route("/login", methods=["GET", "POST"])
    def login():
        form = LoginForm()
        if form.validate_on_submit():
            known = app.config["BANDS"].get(form.band.data)
            if known and check_password_hash(known, form.password.data):
                login_user(Band(form.band.data))
                flash("Plug in, you are logged in.", "message")
                return redirect(url_for("room"), 303)
            flash("Feedback! Wrong band or password.", "error")
        return render_template("login.html", form=form)

    @app.get("/bookings")
    @login_required
    def bookings():
        return {"band": current_user.id, "bookings": []}

    @app.post("/logout")
    @login_required
    def logout():
        logout_user()
        flash("Lights out.", "message")
        return redirect(url_for("room"), 303)

    return app
