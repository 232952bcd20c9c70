import hmac
from functools import wraps
from itertools import count
from urllib.parse import urljoin, urlsplit

from cachelib import SimpleCache
from flask import Blueprint, Flask, current_app, g, redirect, render_template, request, session, url_for
from jinja2 import DictLoader
from markupsafe import escape

PASSWORDS = {"ada": "lovelace", "grace": "hopper"}
TEMPLATES = {
    "login.html": """<!doctype html><title>Log in</title><p>{{ message }}</p>
<form method="post" action="{{ url_for('login') }}">
<input name="name"><input name="password" type="password">
<input type="hidden" name="next" value="{{ target }}"><button>Log in</button></form>""",
    "team/list.html": "<!doctype html><title>Team</title>{% for name in names %}<p>{{ name }}</p>{% endfor %}",
}
visits = count(1)


def login_required(f):
    @wraps(f)
    def decorated(*args, **kwargs):
        if g.user is None and request.method not in ("HEAD", "OPTIONS"):
            return redirect(url_for("login", next=request.url))
        return f(*args, **kwargs)

    return decorated


def cached(timeout=5 * 60, key="view/{}", personal=False):
    def decorator(f):
        @wraps(f)
        def decorated(*args, **kwargs):
            if request.method not in ("GET", "HEAD"):
                return f(*args, **kwargs)
            cache = current_app.extensions["page_cache"]
            path = request.full_path if request.query_string else request.path
            cache_key = key.format(path)
            if personal:
                cache_key = f"{g.user}|{cache_key}"
            rv = cache.get(cache_key)
            if rv is not None:
                return rv
            rv = f(*args, **kwargs)
            cache.set(cache_key, rv, timeout=timeout)
            return rv

        return decorated

    return decorator


def templated(template=None):
    def decorator(f):
        @wraps(f)
        def decorated(*args, **kwargs):
            name = template
            if name is None:
                name = request.endpoint.replace(".", "/") + ".html"
            ctx = f(*args, **kwargs)
            if ctx is None:
                ctx = {}
            elif not isinstance(ctx, dict):
                return ctx
            return render_template(name, **ctx)

        return decorated

    return decorator


def load_user():
    g.user = session.get("user")


def init_app(app):
    app.extensions["page_cache"] = SimpleCache()
    app.before_request(load_user)


def own_page(target):
    """The path of a page of this site; else the front page."""
    there = urlsplit(urljoin(request.host_url, target))
    if there.scheme not in ("http", "https") or there.netloc != request.host:
        return url_for("index")
    path = "/" + there.path.lstrip("/\\")
    return f"{path}?{there.query}" if there.query else path


team = Blueprint("team", __name__, url_prefix="/team")


@team.get("/")
@templated()
def list():
    return {"names": sorted(PASSWORDS)}


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="dev")
    app.config.from_mapping(config or {})
    app.jinja_loader = DictLoader(TEMPLATES)
    init_app(app)
    app.register_blueprint(team)

    @app.get("/")
    def index():
        return f"<p>Hello, {g.user or 'stranger'}!</p>"

    @app.get("/login")
    def login():
        return render_template("login.html", target=request.args.get("next", ""))

    @app.post("/login")
    def log_in():
        name, password = request.form["name"], request.form["password"]
        target = request.form.get("next", "")
        if not hmac.compare_digest(PASSWORDS.get(name, "").encode(), password.encode()) or name not in PASSWORDS:
            return render_template("login.html", target=target, message="Not right."), 401
        session.clear()
        session["user"] = name
        return redirect(own_page(target), 303)

    @app.post("/logout")
    def logout():
        session.clear()
        return redirect(url_for("index"), 303)

    @app.route("/secret", methods=["GET", "POST"])
    @login_required
    def secret():
        return f"<p>Only for {g.user}: {request.args.get('page', 1, int)} {request.args.get('order', 'up') == 'down'}</p>"

    @app.get("/news")
    @cached(timeout=60)
    def news():
        return f"<p>{escape(request.args.get('topic', ''))}: issue {next(visits)}</p>"

    @app.get("/summary")
    @login_required
    @cached(timeout=60, personal=True)
    def summary():
        return f"<p>{g.user}: {next(visits)}</p>"

    return app
