"""Form validation with WTForms.

A form is a class that says what it accepts. Its view stores and redirects where the data
is valid; otherwise it renders the same page again, with the errors next to their fields.
Flask-WTF adds a token to the form, which other sites do not know.
"""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Flask,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.security import generate_password_hash
from wtforms import (
    BooleanField,
    Form,
    PasswordField,
    SearchField,
    SelectMultipleField,
    StringField,
    validators,
)

bp = Blueprint("wtforms", __name__, url_prefix="/wtforms")


# The forms.


class RegistrationForm(FlaskForm):  # type: ignore[misc]
    """What somebody who registers has to tell."""

    username = StringField("User name", [validators.Length(min=4, max=25)])
    email = StringField("Email address", [validators.Length(min=6, max=35)])
    password = PasswordField(
        "New password",
        [
            validators.DataRequired(),
            validators.Length(max=200),
            validators.EqualTo("confirm", message="The passwords differ."),
        ],
    )
    confirm = PasswordField("Repeat the password")
    topics = SelectMultipleField("Interests", choices=["math", "art", "music"])
    accept_tos = BooleanField("I accept the terms", [validators.DataRequired()])


class SearchForm(Form):  # type: ignore[misc]
    """A form without an effect: it is submitted with GET and needs no token."""

    q = SearchField("Name", [validators.Length(max=25)])


# In the view.


@bp.route("/register", methods=["GET", "POST"])
def register() -> ResponseReturnValue:
    # Without an argument the form would take files and JSON for its data too.
    form = RegistrationForm(request.form)
    if form.validate_on_submit():
        if add_member(form):
            flash("Thanks for registering.")
            return redirect(url_for("wtforms.index"))
        form.username.errors = ["Somebody has this name already."]
    return render_template("wtforms/register.html", form=form)


@bp.get("/")
def index() -> str:
    form = SearchForm(request.args)
    wanted = form.q.data or ""
    found = [name for name in members() if form.validate() and wanted in name]
    return render_template("wtforms/index.html", form=form, found=found)


@bp.get("/members")
def show_members() -> list[dict[str, Any]]:
    """List what everybody may know of the members: neither their addresses nor passwords."""
    public = ("username", "topics", "admin")
    return [{key: member[key] for key in public} for member in members().values()]


# A store in place of a database.


def members() -> dict[str, dict[str, Any]]:
    """Return the members by their names."""
    found: dict[str, dict[str, Any]] = current_app.extensions["wtforms"]
    return found


def add_member(form: RegistrationForm) -> bool:
    """Take the fields that a visitor may set, one by one; False where the name is taken.

    Here, as in a database with a unique column, the store decides: to look first would
    miss who registers at the same moment.
    """
    member = {
        "username": form.username.data,
        "email": form.email.data,
        "password": generate_password_hash(
            form.password.data, method=current_app.config["WTFORMS_PASSWORD_HASH"]
        ),
        "topics": form.topics.data,
        "admin": False,
    }
    return members().setdefault(form.username.data, member) is member


def init_app(app: Flask) -> None:
    app.config.setdefault("WTFORMS_PASSWORD_HASH", "pbkdf2:sha256")
    app.extensions["wtforms"] = {}
    app.register_blueprint(bp)
