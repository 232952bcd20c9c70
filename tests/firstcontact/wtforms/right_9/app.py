"""A catalogue of stones in SQLite, mounted below /museum, with WTForms' own session CSRF."""
import sqlite3
import uuid
from datetime import timedelta

from flask import Flask, current_app, g, redirect, render_template, request, session, url_for
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response
from wtforms import Form, SearchField, SelectField, StringField, ValidationError, validators
from wtforms.csrf.session import SessionCSRF

class BaseForm(Form):
    class Meta:
        csrf = True
        csrf_class = SessionCSRF
        csrf_secret = b"only for development, or is it"
        csrf_time_limit = timedelta(hours=2)

        @property
        def csrf_context(self):
            return session


def trimmed(value):
    return " ".join(value.split()) if value else value


def db():
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["DATABASE"], uri=True)
        g.db.row_factory = sqlite3.Row
    return g.db


def query(sql, *args):
    return db().execute(sql, args).fetchall()


class StoneForm(BaseForm):
    label = StringField("Label", [validators.InputRequired(), validators.Length(3, 64)], filters=[trimmed])
    origin = SelectField("Origin", coerce=int, validators=[validators.InputRequired()])

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.origin.choices = [tuple(row) for row in query("SELECT id, name FROM origin ORDER BY name")]


class OriginForm(BaseForm):
    name = StringField("New origin", [validators.InputRequired(), validators.Length(2, 64)], filters=[trimmed])

    def validate_name(self, field):
        if query("SELECT 1 FROM origin WHERE name = ?", field.data):
            raise ValidationError("This origin exists.")


class SearchForm(Form):
    q = SearchField("Find", [validators.Length(max=64)], filters=[trimmed])


def like(text):
    for character in "\\%_":
        text = text.replace(character, "\\" + character)
    return f"%{text}%"


def make_site(database=None):
    site = Flask(__name__)
    site.secret_key = "dev"
    site.config["DATABASE"] = database or f"file:{uuid.uuid4()}?mode=memory&cache=shared"
    keep = sqlite3.connect(site.config["DATABASE"], uri=True, check_same_thread=False)  # as long as the app
    keep.executescript("""
        CREATE TABLE IF NOT EXISTS origin (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL);
        CREATE TABLE IF NOT EXISTS stone (id INTEGER PRIMARY KEY, label TEXT NOT NULL,
                                          origin INTEGER NOT NULL REFERENCES origin);
        INSERT OR IGNORE INTO origin (name) VALUES ('Alps'), ('Andes');""")
    site.extensions["keep"] = keep

    @site.teardown_appcontext
    def close(error):
        if "db" in g:
            g.pop("db").close()

    @site.get("/stones")
    def stones():
        form = SearchForm(request.args)
        sql = "SELECT label, name FROM stone JOIN origin ON origin.id = stone.origin "
        if not form.validate():
            found = []
        elif form.q.data:
            found = query(sql + r"WHERE label LIKE ? ESCAPE '\' ORDER BY stone.id", like(form.q.data))
        else:
            found = query(sql + "ORDER BY stone.id")
        return render_template("stones.html", search=form, stones=found)

    @site.route("/stones/add", methods=["GET", "POST"])
    def add_stone():
        form = StoneForm(request.form)
        if request.method == "POST" and form.validate():
            with db():
                db().execute("INSERT INTO stone (label, origin) VALUES (?, ?)", (form.label.data, form.origin.data))
            return redirect(url_for("stones"), 303)
        return render_template("form.html", form=form)

    @site.route("/origins/add", methods=["GET", "POST"])
    def add_origin():
        form = OriginForm(request.form)
        if request.method == "POST" and form.validate():
            with db():
                db().execute("INSERT INTO origin (name) VALUES (?)", (form.name.data,))
            return redirect(url_for("add_stone"), 303)
        return render_template("form.html", form=form)

    return site


def create_app():
    site = make_site()
    site.wsgi_app = DispatcherMiddleware(Response("Not here.", 404), {"/museum": site.wsgi_app})
    return site
