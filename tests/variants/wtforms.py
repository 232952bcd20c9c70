"""Forms, done right in other ways than the reference's."""

from __future__ import annotations

import hmac
import re
import secrets
import sqlite3
import threading
from datetime import timedelta
from typing import Any

import flask
import wtforms
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.csrf import generate_csrf
from wtforms import validators
from wtforms.csrf.session import SessionCSRF

from conformance import Subject
from tests.proof import variant


class ContactForm(FlaskForm):
    """A form with a field of every kind, that gives nobody a name."""

    sender = wtforms.StringField(
        "Your name", [validators.InputRequired(), validators.Length(max=40)]
    )
    text = wtforms.TextAreaField("Text", [validators.Length(min=1, max=2000)])
    topic = wtforms.SelectField("Topic", choices=["praise", "blame"])
    answer = wtforms.RadioField("Answer", choices=["mail", "none"])
    copies = wtforms.IntegerField("Copies", [validators.NumberRange(1, 9)])
    days = wtforms.SelectMultipleField(
        "Days",
        choices=["mo", "tu", "we"],
        option_widget=wtforms.widgets.CheckboxInput(),
        widget=wtforms.widgets.ListWidget(prefix_label=False),
    )


CONTACT_PAGE = """<!doctype html><html lang=en><title>Contact</title>
<form action=/newsletter method=POST><input name=sender aria-label="Your name"><button>Subscribe</button></form>
{% if form.errors %}<div role=alert><h2>Please look again</h2><ul>
  {% for field in form if field.errors %}
  <li><a href="#{{ field.id }}">{{ field.errors[0] }}</a>{% endfor %}</ul></div>{% endif %}
<form action="{{ url_for('contact') }}" method=POST>
<input type=hidden name=csrf_token value="{{ csrf_token() }}">
{% for field in form if field.name != "csrf_token" %}
<fieldset><legend>{{ field.label }}</legend>
  {% for error in field.errors if field.type != "RadioField" %}<span class=error id="{{ field.id }}-error">{{ error }}</span>{% endfor %}
  {{ field(**{"aria-describedby": field.id ~ "-error"} if field.errors else {}) }}
</fieldset>
{% endfor %}
<input type=submit value=Send>
</form></html>"""


@variant
def protected_everywhere() -> Subject:
    """Flask-WTF with `CSRFProtect`, every kind of field, a summary that links to the fields.

    What is wrong with the answer is said in the summary alone.

    Another form comes before it on the page, with a field of the same name.
    """

    class Outbox:
        """What was sent."""

        def __init__(self) -> None:
            self.mails: list[dict[str, Any]] = []

    outboxes: list[Outbox] = []

    def create_app() -> flask.Flask:
        app = flask.Flask("contact")
        app.secret_key = secrets.token_bytes()
        CSRFProtect(app)
        outbox = app.extensions["outbox"] = Outbox()
        outboxes.append(outbox)

        @app.route("/contact", methods=["GET", "POST"])
        def contact() -> Any:
            form = ContactForm(flask.request.form)
            if form.validate_on_submit():
                mail = {key: value for key, value in form.data.items() if key != "csrf_token"}
                outbox.mails.append(mail)
                flask.flash("sent")
                # Back to the same page, empty again.
                return flask.redirect(flask.request.path, 303)
            return flask.render_template_string(CONTACT_PAGE, form=form)

        @app.get("/outbox")
        def show() -> Any:
            rows = "".join("<tr>{% for v in m.values() %}<td>{{ v }}{% endfor %}" for _ in [0])
            page = "<table>{% for m in mails %}" + rows + "{% endfor %}</table>"
            return flask.render_template_string(page, mails=outbox.mails)

        return app

    binding = {
        "form": ContactForm,
        "page": "/contact",
        "effects": "/outbox",
        "records": lambda: flask.current_app.extensions["outbox"].mails,
        "valid": {
            "sender": "Grace", "text": "two\r\nlines", "topic": "blame", "answer": "none",
            "copies": "3", "days": ["mo", "we"],
        },
    }  # fmt: skip
    return Subject(app=create_app, patterns={"wtforms": binding})


class SignUp(wtforms.Form):
    """Plain WTForms with a token in the session, and a name that is tidied up."""

    class Meta:
        csrf = True
        csrf_class = SessionCSRF
        csrf_secret = secrets.token_bytes()
        csrf_time_limit = timedelta(minutes=20)

        @property
        def csrf_context(self) -> Any:
            return flask.session

    name = wtforms.StringField(
        "Name",
        [validators.DataRequired(), validators.Regexp(r"^[\w .]+$"), validators.Length(3, 30)],
        filters=[lambda text: re.sub(r"[^\w .]", "", text.strip().lower()) if text else text],
    )
    address = wtforms.EmailField("Address", [validators.Optional(), validators.Length(max=50)])
    secret = wtforms.PasswordField("Password", [validators.Length(min=8, max=72)])
    repeat = wtforms.PasswordField("Again", [validators.EqualTo("secret")])


SIGN_UP_PAGE = """
{%- macro row(field) -%}
<tr{% if field.errors %} class=wrong{% endif %}><th scope=row>{{ field.label }}</th>
<td>{{ field(class="input", **kwargs) }}</td>
<td>{% for error in field.errors %}<p>{{ error }}</p>{% endfor %}</td></tr>
{%- endmacro -%}
<!doctype html><title>Sign up</title>
<form action="/search"><label>Find <input name=q></label><button>Go</button></form>
<form method=post enctype=multipart/form-data>{{ form.csrf_token }}<table>
{{ row(form.name) }}{{ row(form.address) }}{{ row(form.secret) }}{{ row(form.repeat) }}
</table><button name=go>Sign up</button></form>"""


@variant
def rows_and_422() -> Subject:
    """Plain WTForms with a session token, SQLite, 422 for invalid data, behind a login."""

    def create_app() -> flask.Flask:
        app = flask.Flask("members")
        app.secret_key = secrets.token_bytes()
        db = sqlite3.connect(":memory:", check_same_thread=False)
        db.execute("CREATE TABLE member (name TEXT UNIQUE, address TEXT, staff INT DEFAULT 0)")
        lock = threading.Lock()

        @app.before_request
        def guard() -> Any:
            if flask.request.path != "/login" and "user" not in flask.session:
                return flask.redirect("/login")
            return None

        @app.route("/login", methods=["GET", "POST"])
        def login() -> Any:
            if flask.request.method == "POST" and flask.request.form.get("who") == "admin":
                flask.session["user"] = "admin"
                return flask.redirect("/members/new")
            return "<form method=post><input name=who></form>"

        @app.route("/members/new", methods=["GET", "POST"])
        def sign_up() -> Any:
            form = SignUp(flask.request.form)
            if flask.request.method == "GET":
                return flask.render_template_string(SIGN_UP_PAGE, form=form)
            if form.validate():
                try:
                    with lock, db:
                        row = (form.name.data, form.address.data)
                        db.execute("INSERT INTO member (name, address) VALUES (?, ?)", row)
                except sqlite3.IntegrityError:
                    form.name.errors = [*form.name.errors, "taken"]
                else:
                    return flask.redirect("/members")
            return flask.render_template_string(SIGN_UP_PAGE, form=form), 422

        def rows(like: str = "%") -> list[Any]:
            with lock:
                query = "SELECT name, address, staff FROM member WHERE name LIKE ?"
                return db.execute(query, (like,)).fetchall()

        @app.get("/members")
        def members() -> Any:
            names = ("name", "address", "staff")
            return flask.jsonify([dict(zip(names, row, strict=True)) for row in rows()])

        @app.get("/search")
        def search() -> Any:
            asked = flask.request.args.get("q", "")
            return flask.render_template_string(
                "<p>For {{ asked }}: {% for row in rows %}<b>{{ row[0] }}</b> {% endfor %}",
                asked=asked,
                rows=rows(f"%{asked}%"),
            )

        return app

    binding = {
        "form": SignUp,
        "page": {"path": "/members/new", "as": "admin"},
        "effects": {"path": "/members", "as": "admin"},
        "search": {"path": "/search", "as": "admin"},
        "unique": "name",
        "valid": {
            "name": "grace", "address": "g@example.org", "secret": "compilers", "repeat": "compilers",
        },
    }  # fmt: skip
    people = {"admin": {"login": {"path": "/login", "form": {"who": "admin"}}}}
    return Subject(app=create_app, patterns={"wtforms": binding}, people=people)


FETCH_PAGE = """<!doctype html><title>Note</title>
<form id=note><input type=hidden name=token value="{{ token }}">
<label for=title>Title</label> <input id=title name=title required maxlength=20 aria-describedby=e1>
<output id=e1></output>
<label for=body>Body</label> <textarea id=body name=body></textarea> <output id=e2></output>
<button>Save</button></form>
<script>
document.getElementById("note").addEventListener("submit", async event => {
  event.preventDefault();
  const answer = await fetch("/api/notes", {method: "POST", body: new FormData(event.target)});
  const said = await answer.json();
  document.getElementById("e1").textContent = (said.errors?.title ?? []).join(" ");
  document.getElementById("e2").textContent = (said.errors?.body ?? []).join(" ");
});
</script>"""


@variant
def errors_as_json() -> Subject:
    """A script sends the form and shows the errors that come as JSON with 422."""

    class NoteForm(wtforms.Form):
        title = wtforms.StringField("Title", [validators.DataRequired(), validators.Length(max=20)])
        body = wtforms.TextAreaField("Body")

    def create_app() -> flask.Flask:
        app = flask.Flask("notes")
        app.secret_key = secrets.token_bytes()
        notes: list[dict[str, Any]] = []

        @app.get("/notes/new")
        def new() -> str:
            token = flask.session.setdefault("token", secrets.token_urlsafe())
            return flask.render_template_string(FETCH_PAGE, token=token)

        @app.post("/api/notes")
        def save() -> Any:
            token = flask.request.form.get("token", "").encode()
            if not hmac.compare_digest(flask.session.get("token", "-").encode(), token):
                return {"errors": {"": ["The page is too old, load it again."]}}, 403
            form = NoteForm(flask.request.form)
            if not form.validate():
                return {"errors": form.errors}, 422
            notes.append({"id": len(notes), "public": False, **form.data})
            return notes[-1], 201

        @app.get("/api/notes")
        def show() -> Any:
            return flask.jsonify(notes)

        return app

    binding = {
        "page": "/notes/new",
        "submit": {"method": "POST", "path": "/api/notes"},
        "effects": "/api/notes",
        "rules": {"title": {"required": True, "max": 20}, "body": {}},
        "valid": {"title": "milk", "body": "two bottles"},
    }
    return Subject(app=create_app, patterns={"wtforms": binding})


@variant
def without_a_library() -> Subject:
    """A form by hand, whose view trusts the browser's Origin header instead of a token."""
    page = """<!doctype html><title>Join</title><form method=post action="?step=1">
    <label>Nick <input name=nick value="{{ values.nick }}" maxlength=12 required></label>
    <strong>{{ errors.nick }}</strong>
    <label>Pass <input name=pass type=password required></label><strong>{{ errors.pass }}</strong>
    <label><input name=rules type=checkbox {{ "checked" if values.rules }} required>
    I keep the rules</label><strong>{{ errors.rules }}</strong>
    <button>Join</button></form>"""

    def create_app() -> flask.Flask:
        app = flask.Flask("club")
        taken: dict[str, int] = {}
        lock = threading.Lock()

        @app.route("/join", methods=["GET", "POST"])
        def join() -> Any:
            values, errors = flask.request.form, {}
            if flask.request.method == "POST":
                origin = flask.request.headers.get("Origin")
                if origin and origin != flask.request.host_url.rstrip("/"):
                    flask.abort(403)
                nick = values.get("nick", "").strip()
                if not 1 <= len(nick) <= 12:
                    errors["nick"] = "from 1 to 12 characters"
                if not values.get("pass"):
                    errors["pass"] = "missing"
                if values.get("rules", "false") in ("", "false"):
                    errors["rules"] = "please"
                if not errors:
                    with lock:
                        if nick not in taken:
                            taken[nick] = 1
                            return flask.redirect(flask.url_for("club"))
                    errors["nick"] = "taken"
            return flask.render_template_string(page, values=values, errors=errors)

        @app.get("/club")
        def club() -> str:
            return flask.render_template_string(
                "{% for n in taken %}{{ n }}\n{% endfor %}", taken=taken
            )

        return app

    binding = {
        "page": "/join",
        "effects": "/club",
        "unique": "nick",
        "rules": {
            "nick": {"required": True, "max": 12},
            "pass": {"required": True},
            "rules": {"required": True},
        },
        "valid": {"nick": "Lin", "pass": "tea", "rules": "on"},
    }
    return Subject(app=create_app, patterns={"wtforms": binding})


class DocsForm(wtforms.Form):
    """The form class of the chapter."""

    username = wtforms.StringField("Username", [validators.Length(min=4, max=25)])
    email = wtforms.StringField("Email Address", [validators.Length(min=6, max=35)])
    password = wtforms.PasswordField(
        "New Password",
        [validators.DataRequired(), validators.EqualTo("confirm", message="Passwords must match")],
    )
    confirm = wtforms.PasswordField("Repeat Password")
    accept_tos = wtforms.BooleanField("I accept the TOS", [validators.DataRequired()])


@variant
def form_class_alone() -> Subject:
    """The chapter's form class, without an app."""
    valid = {
        "username": "Ada Lovelace", "email": "ada@example.org",
        "password": "engine", "confirm": "engine", "accept_tos": "y",
    }  # fmt: skip
    return Subject(patterns={"wtforms": {"form": DocsForm, "valid": valid}})


WRITTEN_PAGE = """<!doctype html><title>Join</title>
<form method=post>
<input type=hidden name=token value="{{ token }}">
<p><label>Name <input name=name value="{{ form.name }}"></label>
{% if "name" in errors %}<em>{{ errors.name }}</em>{% endif %}
<p><label>Mail <input name=mail value="{{ form.mail }}"></label>
{% if "mail" in errors %}<em>{{ errors.mail }}</em>{% endif %}
<p><button>Join</button>
</form>"""


@variant
def written_by_hand() -> Subject:
    """No library: two unique fields, paragraphs without end tags, 400 where a field is missing."""

    def create_app() -> flask.Flask:
        app = flask.Flask("club")
        app.secret_key = secrets.token_bytes()
        members: list[dict[str, str]] = []
        lock = threading.Lock()
        app.extensions["members"] = members

        @app.route("/join", methods=["GET", "POST"])
        def join() -> Any:
            token = flask.session.setdefault("token", secrets.token_hex())
            errors: dict[str, str] = {}
            form = {"name": "", "mail": ""}
            if flask.request.method == "POST":
                # A browser sends every field: what is missing is a KeyError, and that a 400.
                form = {name: flask.request.form[name] for name in form}
                if not hmac.compare_digest(flask.request.form["token"].encode(), token.encode()):
                    flask.abort(400)
                with lock:
                    for name, value in form.items():
                        if not value:
                            errors[name] = "Fill this in."
                        elif value in [member[name] for member in members]:
                            errors[name] = "Somebody else has this."
                    if not errors:
                        members.append(form)
                if not errors:
                    return flask.redirect(flask.url_for("joined"))
            return flask.render_template_string(WRITTEN_PAGE, form=form, errors=errors, token=token)

        @app.get("/joined")
        def joined() -> str:
            return "welcome"

        return app

    binding = {
        "page": "/join",
        "records": lambda: flask.current_app.extensions["members"],
        "valid": {"name": "Grace", "mail": "grace@example.org"},
        "unique": ["name", "mail"],
        "rules": {"name": {"required": True}, "mail": {"required": True}},
    }
    return Subject(app=create_app, patterns={"wtforms": binding})


@variant
def profile_of_ones_own() -> Subject:
    """One page changes the only record there is: its own name is its own, its values are tidied."""

    class ProfileForm(FlaskForm):
        name = wtforms.StringField(
            "Name",
            [validators.InputRequired(), validators.Length(2, 40)],
            filters=[lambda text: text and " ".join(text.split()).lower()],
        )
        about = wtforms.TextAreaField("About you", [validators.Length(max=200)])
        city = wtforms.RadioField("City", validate_choice=False)

    def create_app() -> flask.Flask:
        app = flask.Flask("profile")
        app.secret_key = secrets.token_bytes()
        cities = {"1": "Rome", "2": "Oslo"}
        people = [{"id": 1, "name": "grace", "about": "", "city": "1"}, {"id": 2, "name": "alan"}]

        @app.route("/profile", methods=["GET", "POST"])
        def profile() -> Any:
            form = ProfileForm(flask.request.form, data=people[0])
            form.city.choices = list(cities.items())
            if form.validate_on_submit():
                if form.city.data not in cities:
                    form.city.errors = [*form.city.errors, "There is no such city."]
                elif any(each["name"] == form.name.data and each["id"] != 1 for each in people):
                    form.name.errors = [*form.name.errors, "That name is taken."]
                else:
                    people[0].update(
                        name=form.name.data, about=form.about.data, city=form.city.data
                    )
                    return flask.redirect("/people", 303)
            return flask.render_template_string(
                CONTACT_PAGE.replace("contact", "profile"), form=form
            )

        @app.post("/cities")
        def add_city() -> Any:
            cities[str(len(cities) + 1)] = flask.request.form["city"]
            return {"cities": cities}, 201

        @app.get("/people")
        def listing() -> Any:
            return flask.jsonify(people)

        @app.context_processor
        def token() -> dict[str, Any]:
            return {"csrf_token": lambda: generate_csrf()}

        return app

    binding = {
        "form": ProfileForm,
        "page": "/profile",
        "edit": "/profile",
        "add_choice": {"method": "POST", "path": "/cities"},
        "add_choice_field": "city",
        "effects": "/people",
        "valid": {"name": "ada", "about": "I count.", "city": "2"},
    }
    return Subject(app=create_app, patterns={"wtforms": binding})


class Address(wtforms.Form):
    """A form within a form."""

    city = wtforms.StringField("City", [validators.InputRequired(), validators.Length(max=40)])
    country = wtforms.SelectField("Country", choices=["Austria", "Switzerland"])


class Line(wtforms.Form):
    """A form in a list."""

    article = wtforms.StringField("Article", [validators.InputRequired()])


class Order(wtforms.Form):
    """Names with hyphens; the list of notes has no entry before one is sent."""

    channel = wtforms.HiddenField(default="shop", validators=[validators.InputRequired()])
    number = wtforms.StringField("Number", [validators.InputRequired(), validators.Length(5, 30)])
    ship_to = wtforms.FormField(Address)
    gifts = wtforms.FieldList(
        wtforms.StringField("Gift", [validators.InputRequired(), validators.Length(max=20)]),
        min_entries=1,
    )
    lines = wtforms.FieldList(wtforms.FormField(Line), min_entries=1)
    notes = wtforms.FieldList(wtforms.StringField("Note", [validators.Length(max=20)]))
    send = wtforms.SubmitField("Send")


ORDER_PAGE = """<!doctype html><title>Order</title>
{%- macro row(field) %}
<div>{{ field.label }}{{ field() }}{% for error in field.errors %}<em>{{ error }}</em>{% endfor %}</div>
{%- endmacro %}
<form method=post>
{{ form.channel }}{% for error in form.channel.errors %}<p>Channel: {{ error }}</p>{% endfor %}
{{ row(form.number) }}{{ row(form.ship_to.form.city) }}{{ row(form.ship_to.form.country) }}
{% for gift in form.gifts %}{{ row(gift) }}{% endfor %}
{% for line in form.lines %}{{ row(line.form.article) }}{% endfor %}
{% for note in form.notes %}{{ row(note) }}{% endfor %}
{{ form.send() }}</form>"""


@variant
def forms_within_a_form() -> Subject:
    """Async views, an enclosed form and lists of fields and of forms, which may be shorter."""

    def create_app() -> flask.Flask:
        app = flask.Flask("orders")
        orders: dict[str, Order] = {}

        @app.route("/order", methods=["GET", "POST"])
        async def order() -> Any:
            post = flask.request.method == "POST"
            if post and flask.request.headers.get("Sec-Fetch-Site", "none") == "cross-site":
                flask.abort(403)
            form = Order(flask.request.form if post else None)
            if post and form.validate():
                if orders.setdefault(form.number.data, form) is form:
                    return flask.redirect("/orders")
                form.number.errors = [*form.number.errors, "There is an order of that number."]
            return flask.render_template_string(ORDER_PAGE, form=form)

        @app.get("/orders")
        async def listing() -> Any:
            return "\n".join(orders), {"Content-Type": "text/plain; charset=utf-8"}

        return app

    binding = {
        "form": Order,
        "page": "/order",
        "effects": "/orders",
        "unique": "number",
        "valid": {
            "channel": "shop", "number": "A-0001", "ship_to-city": "Zürich", "ship_to-country": "Switzerland",
            "gifts-0": "Tea", "gifts-1": "Cups", "lines-0-article": "Book", "notes-0": "Thanks",
        },
        "rules": {
            "channel": {"required": True},
            "number": {"required": True, "min": 5, "max": 30},
            "ship_to-city": {"required": True, "max": 40},
            "gifts-1": {"required": True, "max": 20},
            "notes-0": {"max": 20},
        },
    }  # fmt: skip
    return Subject(app=create_app, patterns={"wtforms": binding})


@variant
def search_that_is_posted() -> Subject:
    """A form that stores nothing, and needs no token: it leads to the page with what it finds."""

    class SearchForm(FlaskForm):
        class Meta:
            csrf = False

        keyword = wtforms.StringField("Keyword", [validators.InputRequired()])
        everywhere = wtforms.HiddenField(default="1")

    def create_app() -> flask.Flask:
        app = flask.Flask("search")
        app.secret_key = secrets.token_bytes()

        @app.route("/", methods=["GET", "POST"])
        def index() -> Any:
            form = SearchForm()
            if form.validate_on_submit():
                return flask.redirect(flask.url_for("found", keyword=form.keyword.data), 303)
            return flask.render_template_string(
                "<!doctype html><html lang=en><title>Search</title><form method=post>"
                "{{ form.everywhere }}{{ form.keyword.label }} {{ form.keyword }}"
                "{% for error in form.keyword.errors %}<p>{{ error }}{% endfor %}"
                "<button>Search</button></form>",
                form=form,
            )

        @app.get("/found")
        def found() -> Any:
            return flask.render_template_string("<!doctype html>{{ request.args.keyword }}")

        return app

    binding = {"form": SearchForm, "page": "/", "valid": {"keyword": "flask"}}
    return Subject(app=create_app, patterns={"wtforms": binding})
