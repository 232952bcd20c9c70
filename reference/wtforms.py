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
    abort,
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

TOPICS = ("math", "art", "music")


# The forms.


def stripped(text: str | None) -> str | None:
    """Take the spaces away that nobody sees in a name."""
    return text and text.strip()


class MemberForm(FlaskForm):  # type: ignore[misc]
    """What a member may change."""

    username = StringField("User name", [validators.Length(min=4, max=25)], filters=[stripped])
    email = StringField("Email address", [validators.Length(min=6, max=35)])


class RegistrationForm(MemberForm):
    """What somebody who registers has to tell."""

    password = PasswordField(
        "New password",
        [
            validators.DataRequired(),
            validators.Length(max=200),
            validators.EqualTo("confirm", message="The passwords differ."),
        ],
    )
    confirm = PasswordField("Repeat the password")
    topics = SelectMultipleField("Interests", choices=lambda: topics())
    accept_tos = BooleanField("I accept the terms", [validators.DataRequired()])


class TopicForm(FlaskForm):  # type: ignore[misc]
    """Another topic to choose."""

    name = StringField("Topic", [validators.InputRequired(), validators.Length(max=40)])


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


@bp.route("/members/<name>", methods=["GET", "POST"])
def edit(name: str) -> ResponseReturnValue:
    """Change a member; who may do so is for a decorator to say."""
    member = members().get(name) or abort(404)
    form = MemberForm(request.form, data=member)
    if form.validate_on_submit():
        if change_member(name, form):
            return redirect(url_for("wtforms.index"))
        form.username.errors = ["Somebody else has this name."]
    return render_template("wtforms/form.html", form=form, title=name)


@bp.route("/topics", methods=["GET", "POST"])
def add_topic() -> ResponseReturnValue:
    form = TopicForm(request.form)
    if form.validate_on_submit():
        # A form asks for its choices when it is made: the next one offers this too.
        topics().append(form.name.data)
        return redirect(url_for("wtforms.register"))
    return render_template("wtforms/form.html", form=form, title="Topics")


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


def change_member(name: str, form: MemberForm) -> bool:
    """Change a member; False where another one has the name. It may be the member's own."""
    member = members()[name]
    if members().setdefault(form.username.data, member) is not member:
        return False
    if form.username.data != name:
        del members()[name]
    member.update(username=form.username.data, email=form.email.data)
    return True


def topics() -> list[str]:
    """Return what a member may be interested in."""
    found: list[str] = current_app.extensions.get("wtforms.topics", [*TOPICS])
    return found


def init_app(app: Flask) -> None:
    app.config.setdefault("WTFORMS_PASSWORD_HASH", "pbkdf2:sha256")
    app.extensions["wtforms"] = {}
    app.extensions["wtforms.topics"] = [*TOPICS]
    app.register_blueprint(bp)
