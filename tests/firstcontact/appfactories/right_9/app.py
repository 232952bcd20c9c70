"""An intranet: all pages but the login need a session (Flask-Login), and forms a CSRF token."""
from dataclasses import dataclass, field

from flask import Blueprint, Flask, current_app, redirect, render_template_string, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user, logout_user
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFProtect
from werkzeug.security import check_password_hash, generate_password_hash
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

login_manager, csrf = LoginManager(), CSRFProtect()


class User(UserMixin):
    def __init__(self, name, password):
        self.id, self.hash = name, generate_password_hash(password, "pbkdf2:sha256:1000")


@dataclass
class Settings:
    COMPANY: str = "Initech"
    SECRET_KEY: str = "only for development"
    SESSION_COOKIE_SAMESITE: str = "Lax"
    USERS: dict = field(default_factory=lambda: {"ada": "engine", "bob": "builder"})


@login_manager.user_loader
def load_user(name):
    return current_app.extensions["users"].get(name)


auth = Blueprint("auth", __name__, url_prefix="/auth")
home = Blueprint("home", __name__)
home.before_request(login_required(lambda: None))


class LoginForm(FlaskForm):
    name = StringField("Name", [InputRequired()])
    password = PasswordField("Password", [InputRequired()])


LOGIN = """<!doctype html><title>Sign in</title><form method=post>{{ form.hidden_tag() }}
{% for errors in form.errors.values() %}<p>{{ errors|join(" ") }}{% endfor %}
{{ form.name.label }} {{ form.name }} {{ form.password.label }} {{ form.password }} <button>Sign in</button></form>"""


@auth.route("/login", methods=["GET", "POST"])
def login():
    form = LoginForm()
    if form.validate_on_submit():
        user = load_user(form.name.data)
        if user and check_password_hash(user.hash, form.password.data):
            session.clear()
            login_user(user)
            return redirect(url_for("home.index"))
        form.name.errors = ["Wrong name or password."]
    return render_template_string(LOGIN, form=form), 200 if request.method == "GET" else 422


@auth.post("/logout")
def logout():
    logout_user()
    return redirect(url_for(".login"))


@home.get("/home")
def index():
    return render_template_string(
        "<!doctype html><title>{{ config.COMPANY }}</title><p>Hello {{ name }}, this is {{ config.COMPANY }}."
        "<form method=post action={{ url_for('auth.logout') }}><input type=hidden name=csrf_token "
        "value='{{ csrf_token() }}'><button>Sign out</button></form>", name=current_user.id)


class Letterhead:
    def init_app(self, app):
        app.extensions["letterhead"] = self

    def __call__(self):
        return f"*** {current_app.config['COMPANY']} ***"


letterhead = Letterhead()


def create_app(settings=None):
    app = Flask(__name__)
    app.config.from_object(Settings())
    app.config.from_mapping(settings or {})
    app.extensions["users"] = {name: User(name, pw) for name, pw in app.config["USERS"].items()}
    for extension in (login_manager, csrf, letterhead):
        extension.init_app(app)
    login_manager.login_view = "auth.login"
    app.register_blueprint(auth)
    app.register_blueprint(home)
    return app
