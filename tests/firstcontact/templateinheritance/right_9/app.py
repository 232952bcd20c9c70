"""Ein Tagebuch hinter einer Anmeldung, mit Inhaltsrichtlinie (CSP) und fertigem HTML der App."""
import secrets

from flask import Blueprint, Flask, abort, g, redirect, render_template, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user, logout_user
from markupsafe import Markup

ENTRIES = {"2026-11-01": "Regen.\nViel <Regen>.", "2026-11-02": "Sonne & Wind."}
PASSWORDS = {"ada": "maschine", "eva": "apfel"}

manager = LoginManager()
diary = Blueprint("diary", __name__, template_folder="diary_templates")


class Writer(UserMixin):
    def __init__(self, id):
        self.id = id


@manager.user_loader
def load(id):
    return Writer(id) if id in PASSWORDS else None


def paragraphs(text):
    return Markup("\n").join(Markup("<p>{}</p>").format(line) for line in text.splitlines())


@diary.route("/anmelden", methods=["GET", "POST"])
def login():
    failed = False
    if request.method == "POST":
        expected = PASSWORDS.get(request.form.get("name", ""))
        if expected and secrets.compare_digest(expected.encode(), request.form.get("kennwort", "").encode()):
            session.clear()
            login_user(Writer(request.form["name"]))
            return redirect(url_for(".index"), 303)
        failed = True
    return render_template("diary/login.html", failed=failed), 401 if failed else 200


@diary.post("/abmelden")
@login_required
def logout():
    logout_user()
    return redirect(url_for(".login"), 303)


@diary.get("/")
@login_required
def index():
    return render_template("diary/index.html", days=sorted(ENTRIES, reverse=True))


@diary.get("/<day>")
@login_required
def entry(day):
    if day not in ENTRIES:
        abort(404)
    return render_template("diary/entry.html", day=day, body_html=str(paragraphs(ENTRIES[day])))


def create_app():
    app = Flask(__name__)
    app.config.update(SECRET_KEY="dev", SESSION_COOKIE_SAMESITE="Strict")
    manager.init_app(app)
    manager.login_view = "diary.login"

    @app.before_request
    def nonce():
        g.nonce = secrets.token_urlsafe(12)

    @app.after_request
    def policy(response):
        response.content_security_policy.default_src = "'self'"
        response.content_security_policy.style_src = f"'self' 'nonce-{g.nonce}'"
        return response

    @app.errorhandler(404)
    def missing(error):
        return render_template("missing.html"), 404

    app.register_blueprint(diary, url_prefix="/tagebuch")
    return app
