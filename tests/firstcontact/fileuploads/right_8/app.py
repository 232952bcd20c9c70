"""Members' gallery: only those who are logged in may add pictures."""
import os
import tempfile
import time

from flask import Flask, abort, flash, redirect, render_template_string, request, send_from_directory, url_for
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user, logout_user
from werkzeug.utils import secure_filename

PEOPLE = {"ada": "countess", "bob": "builder"}
EXTENSIONS = {"png", "jpg", "jpeg", "gif", "webp"}

LAYOUT = """<!doctype html>
<html lang="nl"><title>Galerij</title>
{% for m in get_flashed_messages() %}<p class="melding">{{ m }}</p>{% endfor %}
{% if current_user.is_authenticated %}<p>Ingelogd als {{ current_user.id }}</p>
<form action="{{ url_for('add') }}" method="post" enctype="multipart/form-data">
<input type="hidden" name="album" value="algemeen">
<input type="file" name="foto"><button>Toevoegen</button></form>
<form action="{{ url_for('logout') }}" method="post"><button>Uitloggen</button></form>
{% else %}
<form action="{{ url_for('login') }}" method="post">
<input name="naam"><input name="wachtwoord" type="password"><button>Inloggen</button></form>
{% endif %}
</html>
"""

login_manager = LoginManager()
login_manager.login_view = "gallery"
login_manager.login_message = "Log eerst in."


class User(UserMixin):
    def __init__(self, id):
        self.id = id


@login_manager.user_loader
def load(id):
    return User(id) if id in PEOPLE else None


def create_app(config=None):
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="galerij", FOTOS=os.path.join(tempfile.gettempdir(), "fotos"), MAX_CONTENT_LENGTH=6_000_000
    )
    app.config.update(config or {})
    login_manager.init_app(app)

    @app.get("/")
    def gallery():
        return render_template_string(LAYOUT)

    @app.post("/inloggen")
    def login():
        name = request.form.get("naam", "")
        if PEOPLE.get(name) is None or PEOPLE[name] != request.form.get("wachtwoord"):
            abort(401)
        login_user(User(name))
        return redirect(url_for("gallery"), 303)

    @app.post("/uitloggen")
    def logout():
        logout_user()
        return redirect(url_for("gallery"), 303)

    @app.post("/fotos")
    @login_required
    def add():
        photo = request.files.get("foto")
        if photo is None or photo.filename == "":
            flash("Geen foto gekozen.")
            return redirect(url_for("gallery"), 303)
        # the person's name keeps apart what two people call the same
        name = secure_filename(f"{current_user.id}-{time.time_ns()}-{photo.filename}")
        if "." not in photo.filename or name.rpartition(".")[2].lower() not in EXTENSIONS:
            flash("Alleen foto's.")
            return redirect(url_for("gallery"), 303)
        os.makedirs(app.config["FOTOS"], exist_ok=True)
        photo.save(os.path.join(app.config["FOTOS"], name))
        return redirect(url_for("photo", name=name), 303)

    @app.get("/fotos/<name>")
    def photo(name):
        return send_from_directory(app.config["FOTOS"], name)

    return app
