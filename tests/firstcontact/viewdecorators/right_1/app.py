"""Flask-Login and Flask-Caching instead of decorators of one's own; only the templates are ours."""
from datetime import datetime, timezone
from functools import wraps
from itertools import count
from urllib.parse import unquote

from flask import Flask, redirect, render_template, request, url_for
from flask_caching import Cache
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user, logout_user
from jinja2 import DictLoader
from markupsafe import escape
from werkzeug.routing import RequestRedirect
from werkzeug.exceptions import HTTPException
from werkzeug.security import check_password_hash, generate_password_hash

cache = Cache(config={"CACHE_TYPE": "SimpleCache"})
runs = count(1)
HASHES = {name: generate_password_hash(word, "pbkdf2:sha256:1000") for name, word in [("ada", "lovelace"), ("bob", "builder")]}
TEMPLATES = {
    "anmelden.html": """<!doctype html><html lang="de"><title>Anmelden</title>{% if falsch %}<p>Falsch.</p>{% endif %}
<form method="post"><input name="name"><input type="password" name="kennwort">
<input type="hidden" name="next" value="{{ request.values.get('next', '') }}"><button>Los</button></form>""",
    "ueber.html": "<!doctype html><html lang='de'><h1>Über {{ wen }}</h1>",
}


class User(UserMixin):
    def __init__(self, name):
        self.id = name


def templated(template=None):
    def decorator(view):
        @wraps(view)
        def rendered(*args, **kwargs):
            values = view(*args, **kwargs)
            if values is not None and not isinstance(values, dict):
                return values
            return render_template(template or request.endpoint.replace(".", "/") + ".html", **(values or {}))

        return rendered

    return decorator


def inside(app, target):
    """The target where it is a page of this app (told by its routes), else None."""
    prefix = request.host_url.rstrip("/")
    path = target.removeprefix(prefix)
    if not path.startswith("/") or path.startswith(("//", "/\\")) or not path.isprintable():
        return None
    try:
        app.create_url_adapter(request).match(unquote(path.partition("?")[0]), method="GET")
    except RequestRedirect:
        pass
    except HTTPException:
        return None
    return path


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="geheim")
    app.config.from_mapping(config or {})
    app.jinja_loader = DictLoader(TEMPLATES)
    cache.init_app(app)
    manager = LoginManager(app)
    manager.login_view = "anmelden"
    manager.login_message = None
    manager.user_loader(lambda name: User(name) if name in HASHES else None)

    @app.get("/")
    def start():
        return "Start"

    @app.route("/anmelden", methods=["GET", "POST"])
    def anmelden():
        if request.method == "GET":
            return render_template("anmelden.html")
        name = request.form["name"]
        if not check_password_hash(HASHES.get(name, "x"), request.form["kennwort"]):
            return render_template("anmelden.html", falsch=True), 403
        login_user(User(name))
        return redirect(inside(app, request.form.get("next", "")) or url_for("start"), 303)

    @app.route("/abmelden", methods=["GET", "POST"])
    def abmelden():
        logout_user()
        return redirect(url_for("start"))

    @app.get("/akte/<int:nummer>")
    @login_required
    def akte(nummer):
        return f"Akte {nummer} für {current_user.id}, {escape(request.args.get('blatt', ''))}"

    @app.get("/wetter")
    @cache.cached(timeout=120, query_string=True)
    def wetter():
        return {"ort": request.args.get("ort"), "nummer": next(runs), "um": datetime.now(timezone.utc).isoformat()}

    @app.get("/konto")
    @login_required
    @cache.cached(timeout=120, key_prefix=lambda: f"konto/{current_user.get_id()}")
    def konto():
        return f"Konto von {current_user.get_id()}: {next(runs)}"

    @app.get("/ueber")
    @templated()
    def ueber():
        return {"wen": "uns <3"}

    return app
