"""Sign-up of a chess server; accounts in SQLite."""
import sqlite3

from flask import Blueprint, Flask, current_app, flash, redirect, render_template_string, request, url_for
from flask.views import MethodView
from werkzeug.security import generate_password_hash
from wtforms import Form, PasswordField, StringField, ValidationError
from wtforms.validators import EqualTo, InputRequired, Length

SCHEMA = "CREATE TABLE IF NOT EXISTS player (name TEXT NOT NULL UNIQUE, password TEXT NOT NULL)"


def db():
    return current_app.extensions["players"]


class SignUpForm(Form):
    name = StringField("Name", [InputRequired(), Length(min=3, max=30)])
    password = PasswordField("Password", [InputRequired(), Length(min=10, max=100)])
    again = PasswordField("Again", [EqualTo("password", "The passwords differ.")])

    def validate_name(self, field):
        if db().execute("SELECT 1 FROM player WHERE name = ?", [field.data]).fetchone():
            raise ValidationError("This name is taken.")


PAGE = """<!doctype html><html lang=en><title>Sign up</title>
<form method=post action="{{ url_for('chess.signup') }}">
{% for field in form %}<p>{{ field.label }} {{ field() }}
{% if field.errors %}<span role=alert>{{ field.errors|join(" ") }}</span>{% endif %}{% endfor %}
<p><button>Sign up</button></form>"""

LIST = """<!doctype html><html lang=en><title>Players</title>
{% for message in get_flashed_messages() %}<p>{{ message }}</p>{% endfor %}
<ol>{% for player in players %}<li>{{ player }}</li>{% endfor %}</ol>"""

bp = Blueprint("chess", __name__)


class SignUp(MethodView):
    def get(self):
        return render_template_string(PAGE, form=SignUpForm())

    def post(self):
        form = SignUpForm(request.form)
        if not form.validate():
            return render_template_string(PAGE, form=form), 422
        name = form.name.data.strip()  # people leave blanks behind
        with db() as connection:
            connection.execute("INSERT INTO player VALUES (?, ?)",
                               [name, generate_password_hash(form.password.data, "pbkdf2:sha256:1000")])
        flash("Welcome!")
        return redirect(url_for("chess.players"), 303)


bp.add_url_rule("/signup", view_func=SignUp.as_view("signup"))


@bp.get("/players")
def players():
    names = [name for name, in db().execute("SELECT name FROM player ORDER BY rowid")]
    return render_template_string(LIST, players=names)


def create_app():
    app = Flask(__name__)
    app.secret_key = "dev"
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.execute(SCHEMA)
    app.extensions["players"] = connection
    app.register_blueprint(bp)
    return app
