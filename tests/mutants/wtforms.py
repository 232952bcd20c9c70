"""Forms, each with one believable mistake."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask
import jinja2
import wtforms
from markupsafe import Markup
from wtforms import validators

import reference.wtforms
from conformance import Subject
from conformance.subject.config import load_config
from reference.wtforms import RegistrationForm
from tests.proof import mutant

ROOT = Path(reference.wtforms.__file__).parents[1]
TEMPLATES = ROOT / "reference" / "templates" / "wtforms"
BINDING = load_config(ROOT / "pyproject.toml")["patterns"]["wtforms"]
VALID = BINDING["valid"]

#: The reference's rules: a mutant's own form may have lost them.
RULES = {
    "username": {"min": 4, "max": 25},
    "email": {"min": 6, "max": 35},
    "password": {"required": True, "max": 200, "equal": "confirm"},
    "accept_tos": {"required": True},
}


def changed(change: Callable[[flask.Flask], object], **binding: Any) -> Subject:
    """The reference's page in an app of its own, after a change of the app and of the binding."""

    def create_app() -> flask.Flask:
        app = flask.Flask("reference")
        app.secret_key = "mutant"
        app.config["WTFORMS_PASSWORD_HASH"] = "pbkdf2:sha256:1"
        reference.wtforms.init_app(app)
        change(app)
        return app

    routes = {**BINDING, "form": None, "rules": RULES, **binding}
    return Subject(app=create_app, patterns={"wtforms": routes})


def template(
    *changes: tuple[str, str],
    name: str = "_formhelpers.html",
    then: Callable[[flask.Flask], object] = lambda app: None,
    **binding: Any,
) -> Subject:
    """The reference with changes in one template."""
    text = (TEMPLATES / name).read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    loader = jinja2.DictLoader({f"wtforms/{name}": text})

    def change(app: flask.Flask) -> None:
        app.jinja_loader = jinja2.ChoiceLoader([loader, app.jinja_loader])  # type: ignore[list-item]
        then(app)

    return changed(change, **binding)


def show(form: Any) -> str:
    return flask.render_template("wtforms/register.html", form=form)


def to_index() -> Any:
    return flask.redirect(flask.url_for("wtforms.index"))


def view(
    *,
    form: Callable[[], Any] = lambda: RegistrationForm(flask.request.form),
    store: Callable[[Any], bool] = reference.wtforms.add_member,
    done: Callable[[], Any] = to_index,
    again: Callable[[Any], Any] = show,
    **binding: Any,
) -> Subject:
    """The reference's view with another of its parts."""

    def register() -> Any:
        filled = form()
        if filled.validate_on_submit():
            if store(filled):
                return done()
            filled.username.errors = ["taken"]
        return again(filled)

    return changed(lambda app: app.view_functions.update({"wtforms.register": register}), **binding)


def form_class(**fields: Any) -> Callable[[], Any]:
    """The reference's form with other fields."""
    changed_class = type("RegistrationForm", (RegistrationForm,), fields)
    return lambda: changed_class(flask.request.form)


@mutant("get-clean", says="before the form is submitted")
def query_validated() -> Subject:
    """A link with values in its query shows their errors at once."""

    def form() -> Any:
        filled = RegistrationForm(flask.request.form or flask.request.args)
        if flask.request.args and not filled.is_submitted():
            filled.validate()
        return filled

    return view(form=form)


@mutant("get-clean", says="the stored data changed")
def visits_stored() -> Subject:
    """Whoever looks at the form with a name in the link is noted as a member already."""

    def form() -> Any:
        name = flask.request.args.get("username")
        if name is not None and flask.request.method == "GET":
            member = {"username": name, "topics": [], "admin": False}
            reference.wtforms.members().setdefault(name, member)
        return RegistrationForm(flask.request.form)

    return view(form=form)


def add_again(form: Any) -> bool:
    """Store without a look at who is there."""
    member = {"username": form.username.data, "topics": form.topics.data, "admin": False}
    members = reference.wtforms.members()
    members[f"{form.username.data} {len(members)}"] = member
    return True


@mutant("post-valid", says="each accepted submission to be stored once")
def thanks_without_redirect() -> Subject:
    """The view answers the POST with the page that thanks: a reload sends the form again."""
    return view(store=add_again, done=lambda: "<!doctype html><p>Thanks", unique=None)


@mutant("post-valid", says="records have the value of one submission")
def redirect_that_sends_again() -> Subject:
    """The redirect keeps the method, and the browser sends the form to the next page too."""

    def change(app: flask.Flask) -> None:
        def register() -> Any:
            form = RegistrationForm(flask.request.form)
            if form.validate_on_submit() and add_again(form):
                if flask.request.args.get("step") == "2":
                    return to_index()
                return flask.redirect(flask.url_for("wtforms.register", step=2), 307)
            return show(form)

        app.view_functions["wtforms.register"] = register

    return changed(change, unique=None)


@mutant("persisted", says="another visitor to see", also=["browser"])
def never_committed() -> Subject:
    """Each thread has a session of its own that is never committed: only itself sees the records."""
    sessions = threading.local()

    def members() -> dict[str, Any]:
        if not hasattr(sessions, "members"):
            sessions.members = {}
        found: dict[str, Any] = sessions.members
        return found

    def store(form: Any) -> bool:
        name = form.username.data
        member = {"username": name, "topics": form.topics.data, "admin": False}
        return members().setdefault(name, member) is member

    subject = view(store=store)
    create_app = subject.app

    def create() -> flask.Flask:
        app: flask.Flask = create_app()
        app.view_functions["wtforms.show_members"] = lambda: list(members().values())
        app.view_functions["wtforms.index"] = lambda: flask.Response(
            [name + " " for name in members() if flask.request.args.get("q", "") in name],
            mimetype="text/plain",
        )
        return app

    return Subject(app=create, patterns={"wtforms": {**BINDING, "form": None, "rules": RULES}})


@mutant("post-invalid", says="the form again when")
def sent_away() -> Subject:
    """Invalid data is answered with a redirect to the form, which is empty then."""

    def again(form: Any) -> Any:
        if form.is_submitted():
            flask.flash("Something is wrong.")
            return flask.redirect(flask.request.path)
        return show(form)

    return view(again=again)


@mutant("post-invalid", says="email to keep")
def value_overridden() -> Subject:
    """The template sets a value of its own, so that what was typed is lost."""
    return template(
        ('render_field(form.email, autocomplete="email")', 'render_field(form.email, value="")'),
        name="register.html",
    )


@mutant("model-agreement", says="to be accepted")
def bytes_counted() -> Subject:
    """The length is that of the encoded text, as a column of bytes would have it."""

    def validate_username(self: Any, field: Any) -> None:
        if len((field.data or "").encode()) > 25:
            raise validators.ValidationError("too long")

    return view(form=form_class(validate_username=validate_username))


@mutant("model-agreement", says="by the declared rules", also=["post-invalid"])
def off_by_one() -> Subject:
    """The form class says that 25 characters are the most, and checks for 26."""

    class Length(validators.Length):
        def __call__(self, form: Any, field: Any) -> None:
            if len(field.data or "") > self.max + 1 or len(field.data or "") < self.min:
                raise validators.ValidationError("length")

    # The browser is told no limit here: this is not about attributes.
    username = wtforms.StringField("User name", [Length(4, 25)], render_kw={"maxlength": False})
    return view(form=form_class(username=username))


@mutant(
    "server-side",
    says="the data to be rejected when email has 36 characters",
    also=["post-invalid"],
)
def attributes_only() -> Subject:
    """A length stands in the template only."""
    email = wtforms.StringField("Email", render_kw={"maxlength": 35})
    return view(form=form_class(email=email), rules={**RULES, "email": {}})


@mutant("source", says="valid data in the query alone")
def values_of_the_url() -> Subject:
    """The form takes `request.values`, in which the query comes first."""
    return view(form=lambda: RegistrationForm(flask.request.values))


@mutant("source", says="from the query is stored")
def query_wins() -> Subject:
    """The name comes out of the query where it has one: a link decides what the form says."""

    def store(form: Any) -> bool:
        form.username.data = flask.request.args.get("username", form.username.data)
        return reference.wtforms.add_member(form)

    return view(store=store)


@mutant("search", says="to find what was stored")
def search_in_the_body() -> Subject:
    """The search form takes the form data of a GET request, which has none."""

    def index() -> str:
        form = reference.wtforms.SearchForm(flask.request.form)
        found = [n for n in reference.wtforms.members() if form.q.data and form.q.data in n]
        return flask.render_template("wtforms/index.html", form=form, found=found)

    return changed(lambda app: app.view_functions.update({"wtforms.index": index}))


@mutant("bool-required", says="accept_tos='false' to be rejected")
def any_input_will_do() -> Subject:
    """`InputRequired` wants something to be sent, whatever it means."""
    accept_tos = wtforms.BooleanField("I accept", [validators.InputRequired()])
    return view(form=form_class(accept_tos=accept_tos))


@mutant("repeat-required", says="confirm, which has to equal it, is left out")
def repetition_optional() -> Subject:
    """The repetition may be left out, and is compared where it is not."""
    return view(
        form=form_class(
            password=wtforms.PasswordField("Password", [validators.DataRequired()]),
            confirm=wtforms.PasswordField(
                "Repeat password", [validators.Optional(), validators.EqualTo("password")]
            ),
        ),
        rules={**RULES, "password": {"required": True}, "confirm": {"equal": "password"}},
    )


ERRORS = "{%- if field.errors %}"


@mutant("errors-listed", says="an error at")
def errors_not_shown() -> Subject:
    """The macro renders no errors."""
    return template((ERRORS, "{%- if false %}"))


@mutant("errors-listed", says="no error list at")
def list_always_there() -> Subject:
    """The macro renders the list whether it has errors or not."""
    return template((ERRORS, "{%- if true %}"))


@mutant("errors-listed", says="no error at")
def all_errors_everywhere() -> Subject:
    """Each field gets the errors of the whole form."""
    return template(
        ("{% macro render_field(field) %}", "{% macro render_field(field, all) %}"),
        (ERRORS, "{%- set errors = field.errors or caller_errors() %}{%- if errors %}"),
        ("in field.errors %}", "in errors %}"),
        then=lambda app: app.jinja_env.globals.update(caller_errors=some_errors),
    )


def some_errors() -> list[str]:
    """Return the errors of the form that was sent, from wherever it is filled in again."""
    if flask.request.method != "POST":
        return []
    form = RegistrationForm(flask.request.form)
    form.validate()
    return [text for errors in form.errors.values() for text in errors]


@mutant("escaped", says="it created <kqx")
def errors_marked_safe() -> Subject:
    """An error that quotes the value is declared to be markup."""
    return template(("{{ error }}", "{{ error|safe }}"))


@mutant("escaped", says="it created <input kqx")
def attribute_without_quotes() -> Subject:
    """The template writes the input itself, and forgets the quotes around the value."""
    return template(
        (
            '{{ render_field(form.username, autocomplete="username") }}',
            "<dt>{{ form.username.label }}</dt><dd><input id=username name=username "
            'value={{ form.username.data or "" }}>'
            "{% for e in form.username.errors %}<em>{{ e }}</em>{% endfor %}</dd>",
        ),
        name="register.html",
        valid={**VALID, "username": "Ada-Lovelace"},
    )


@mutant("escaped", says="to show")
def tags_stripped() -> Subject:
    """The template strips what looks like markup from the value, and changes it so."""
    return template(
        ('form.username, autocomplete="username"',
         "form.username, value=(form.username.data or '')|striptags"),
        name="register.html",
    )  # fmt: skip


class RawInput:
    """A widget that writes its attributes as they are."""

    validation_attrs: tuple[str, ...] = ()
    input_type = "text"

    def __call__(self, field: Any, **attributes: Any) -> Markup:
        attributes = {"id": field.id, "name": field.name, "value": field.data or "", **attributes}
        return Markup("<input " + " ".join(f'{k}="{v}"' for k, v in attributes.items()) + ">")


@mutant("escaped", says="it created <kqx", also=["browser"])
def widget_of_its_own() -> Subject:
    """A form class with a widget that does not escape what it is given."""

    class Form(wtforms.Form):
        name = wtforms.StringField("Name", [validators.Length(max=30)], widget=RawInput())
        text = wtforms.StringField("Text", [validators.Length(min=1, max=30)])

    return Subject(
        patterns={"wtforms": {"form": Form, "valid": {"name": "Ada", "text": "numbers"}}}
    )


@mutant("password-not-echoed", says="in the response 200")
def password_comes_again() -> Subject:
    """The form fills the password in again, so that nobody has to type it twice."""
    password = wtforms.PasswordField(
        "New password",
        [validators.DataRequired(), validators.Length(max=200), validators.EqualTo("confirm")],
        widget=wtforms.widgets.PasswordInput(hide_value=False),
    )
    return view(form=form_class(password=password))


@mutant("labelled", says="a label for username")
def another_id() -> Subject:
    """The template gives the input another id than its label refers to."""
    return template(
        ('form.username, autocomplete="username"', "form.username, id='name-input'"),
        name="register.html",
    )


@mutant("multiple-values", says="of topics to be stored")
def first_value_only() -> Subject:
    """The view stores the first of the values."""

    def store(form: Any) -> bool:
        form.topics.data = [flask.request.form.get("topics")]
        return reference.wtforms.add_member(form)

    return view(store=store)


@mutant("no-mass-assign", says="admin to remain False")
def columns_from_the_request() -> Subject:
    """Whatever else is sent sets the column of that name."""

    def store(form: Any) -> bool:
        if not reference.wtforms.add_member(form):
            return False
        member = reference.wtforms.members()[form.username.data]
        member.update((k, v) for k, v in flask.request.form.items() if k not in form)
        return True

    return view(store=store)


NO_TOKEN = (
    "{{ form.csrf_token }}\n    {%- for error in form.csrf_token.errors %}\n"
    '    <p class="errors">{{ error }}</p>\n    {%- endfor %}'
)


@mutant("csrf", says="without a token to be rejected")
def no_token() -> Subject:
    """The form has no token."""
    return template(
        (NO_TOKEN, ""),
        name="register.html",
        then=lambda app: app.config.update(WTF_CSRF_ENABLED=False),
    )


@mutant("csrf", says="with another session's token to be rejected")
def token_for_everybody() -> Subject:
    """The token is the same for all visitors: an attacker reads it off a form of his own."""

    def then(app: flask.Flask) -> None:
        app.config["WTF_CSRF_ENABLED"] = False

        @app.before_request
        def check() -> Any:
            if flask.request.method == "POST" and flask.request.form.get("csrf_token") != "5ec7e7":
                return "refused", 400
            return None

    hidden = '<input type="hidden" name="csrf_token" value="5ec7e7">'
    return template((NO_TOKEN, hidden), name="register.html", then=then)


@mutant("duplicate-race", says="equal concurrent submissions")
def looks_then_inserts() -> Subject:
    """The view looks whether the name is there, and stores it after that."""

    def store(form: Any) -> bool:
        name = form.username.data
        if name in reference.wtforms.members():
            return False
        member = {"username": name, "topics": form.topics.data, "admin": False}
        reference.wtforms.members()[name] = member
        return True

    return view(store=store)


@mutant("no-5xx", says="500")
def files_taken_for_text() -> Subject:
    """Flask-WTF's form without an argument takes a file for the text of a field."""
    return view(form=RegistrationForm)


@mutant("redirect-safe", says="the browser to stay on the site")
def next_page_from_the_query() -> Subject:
    """The redirect goes wherever the query says."""

    def done() -> Any:
        return flask.redirect(flask.request.args.get("next") or flask.url_for("wtforms.index"))

    return view(done=done)


@mutant("redirect-safe", says="the browser to stay on the site")
def back_to_the_referrer() -> Subject:
    """The redirect goes back to where the visitor seems to come from."""
    return view(
        done=lambda: flask.redirect(flask.request.referrer or flask.url_for("wtforms.index"))
    )


@mutant("browser", says="no script in a value to run")
def written_by_a_script() -> Subject:
    """A script greets with what was typed, as markup."""
    return template(
        ("</form>", "</form><p id=greeting></p><script>document.getElementById('greeting')"
         ".innerHTML = 'Hello ' + document.getElementById('username').value</script>"),
        name="register.html",
    )  # fmt: skip


@mutant("browser", says="a button that submits the form")
def button_without_effect() -> Subject:
    """The button is of the type that does nothing by itself."""
    return template(
        ("<button>", '<button type="button">'),
        name="register.html",
    )


@mutant("browser", says="to send a POST when its button is clicked")
def script_that_is_missing() -> Subject:
    """A script is to send the form, and the page refers to it by a path that answers 404."""
    return template(
        ("</form>", "</form><script>document.forms[0].onsubmit = () => false</script>"
         "<script src='send.js'></script>"),
        name="register.html",
    )  # fmt: skip


@mutant("data-used", says="to be stored, which the form made from username")
def request_read_instead() -> Subject:
    """The form is validated, and what was sent is stored, past its filters."""

    def store(form: Any) -> bool:
        form.username.data = flask.request.form["username"]
        return reference.wtforms.add_member(form)

    return view(store=store)


@mutant("taken-said", says="it says nothing that the form did not say before")
def taken_unsaid() -> Subject:
    """The view renders the form again, and nothing says that the name is taken."""

    def register() -> Any:
        form = RegistrationForm(flask.request.form)
        if form.validate_on_submit() and reference.wtforms.add_member(form):
            flask.flash("Thanks for registering.")
            return to_index()
        return show(form)

    return changed(lambda app: app.view_functions.update({"wtforms.register": register}))


@mutant("taken-said", says="nothing that the form did not say before")
def rename_unsaid() -> Subject:
    """A member who takes the name of another gets the form again without a word."""

    def edit(name: str) -> Any:
        form = reference.wtforms.MemberForm(
            flask.request.form, data=reference.wtforms.members()[name]
        )
        if form.validate_on_submit() and reference.wtforms.change_member(name, form):
            return to_index()
        return flask.render_template("wtforms/form.html", form=form, title=name)

    return changed(lambda app: app.view_functions.update({"wtforms.edit": edit}))


@mutant("taken-said", says="unlike that to one that is taken")
def stored_and_told_taken() -> Subject:
    """The view forgets to redirect when the data is stored, and goes on to the error."""
    return view(store=lambda form: reference.wtforms.add_member(form) and False)


@mutant("edit-own", says="/wtforms/members/")
def edit_for_get_alone() -> Subject:
    """The page that edits a member shows the form, and takes none."""

    def change(app: flask.Flask) -> None:
        edit = app.view_functions["wtforms.edit"]

        def shown(name: str) -> Any:
            return edit(name) if flask.request.method == "GET" else flask.abort(405)

        app.view_functions["wtforms.edit"] = shown

    return changed(change)


def changing(change: Callable[[str, Any], bool]) -> Subject:
    """The reference's edit page, which stores a change in another way."""

    def edit(name: str) -> Any:
        member = reference.wtforms.members().get(name) or flask.abort(404)
        form = reference.wtforms.MemberForm(flask.request.form, data=member)
        if form.validate_on_submit():
            if change(name, form):
                return to_index()
            form.username.errors = ["taken"]
        return flask.render_template("wtforms/form.html", form=form, title=name)

    return changed(lambda app: app.view_functions.update({"wtforms.edit": edit}))


@mutant("edit-stored", says="in place of")
def renamed_to_a_copy() -> Subject:
    """A member who changes the name is stored under the new one, and under the old one too."""

    def change(name: str, form: Any) -> bool:
        members = reference.wtforms.members()
        member = {**members[name], "username": form.username.data}
        kept = members.setdefault(form.username.data, member)
        return kept is member or form.username.data == name

    return changing(change)


@mutant("taken-said", says="to be stored once after a second record was to have it")
def renamed_over_another() -> Subject:
    """A member may take the name that another one has."""

    def change(name: str, form: Any) -> bool:
        reference.wtforms.members()[name].update(username=form.username.data)
        return True

    return changing(change)


@mutant("near-duplicate", says="a taken value in other letters", also=["duplicate-race"])
def constraint_ignores_case() -> Subject:
    """The form asks for the very same name, the database for one that differs in case only."""

    def store(form: Any) -> bool:
        name = form.username.data
        if name in reference.wtforms.members():
            return False
        if name.lower() in [each.lower() for each in reference.wtforms.members()]:
            raise LookupError("UNIQUE constraint failed")
        return reference.wtforms.add_member(form)

    return view(store=store)


@mutant("near-duplicate", says="to still be stored after", also=["duplicate-race"])
def taken_name_replaced() -> Subject:
    """The store's key is the name in one normal form: whoever comes later replaces the first."""

    def store(form: Any) -> bool:
        members, name = reference.wtforms.members(), form.username.data
        if name in [each["username"] for each in members.values()]:
            return False
        key = unicodedata.normalize("NFC", name).casefold()
        members[key] = {"username": name, "topics": form.topics.data, "admin": False}
        return True

    return view(store=store, edit=None)


@mutant("edit-invalid", says="the stored data changed, although the response is 200")
def changed_before_validated() -> Subject:
    """A member gets the name of the form, and then the form is validated."""

    def edit(name: str) -> Any:
        form = reference.wtforms.MemberForm(
            flask.request.form, data=reference.wtforms.members()[name]
        )
        if form.is_submitted():
            reference.wtforms.change_member(name, form)
            if form.validate():
                return to_index()
        return flask.render_template("wtforms/form.html", form=form, title=name)

    return changed(lambda app: app.view_functions.update({"wtforms.edit": edit}))


@mutant("edit-own", says="they are accepted")
def finds_itself() -> Subject:
    """The form that changes a member asks that nobody has the name, the member included."""

    def edit(name: str) -> Any:
        form = reference.wtforms.MemberForm(
            flask.request.form, data=reference.wtforms.members()[name]
        )
        if form.validate_on_submit():
            if form.username.data not in reference.wtforms.members():
                reference.wtforms.change_member(name, form)
                return to_index()
            form.username.errors = ["taken"]
        return flask.render_template("wtforms/form.html", form=form, title=name)

    return changed(lambda app: app.view_functions.update({"wtforms.edit": edit}))


@mutant("choices-fresh", says="it offers math, art, music")
def choices_at_import() -> Subject:
    """The choices are read when the class is made."""
    topics = wtforms.SelectMultipleField("Interests", choices=[*reference.wtforms.TOPICS])
    return view(form=form_class(topics=topics))


@mutant("choices-fresh", says="which the page offers, to be accepted")
def choices_checked_elsewhere() -> Subject:
    """The page offers what there is, and the form accepts what there was at first."""

    def check(form: Any, field: Any) -> None:
        if not set(field.data or ()) <= set(reference.wtforms.TOPICS):
            raise validators.ValidationError("no such topic")

    topics = wtforms.SelectMultipleField(
        "Interests", [check], choices=lambda: reference.wtforms.topics()
    )
    return view(form=form_class(topics=topics))


@mutant("csrf", says="who never opened the page")
def nothing_equals_nothing() -> Subject:
    """The form's token is compared with the session's: where neither is there they are equal."""

    def then(app: flask.Flask) -> None:
        app.config["WTF_CSRF_ENABLED"] = False
        app.jinja_env.globals["new_token"] = secrets.token_hex

        @app.before_request
        def check() -> Any:
            sent, kept = flask.request.form.get("csrf_token"), flask.session.get("token")
            return ("refused", 400) if flask.request.method == "POST" and sent != kept else None

    hidden = (
        '<input type="hidden" name="csrf_token" '
        "value=\"{{ session.setdefault('token', new_token()) }}\">"
    )
    return template((NO_TOKEN, hidden), name="register.html", then=then, add_choice=None, edit=None)
