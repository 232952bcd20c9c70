"""Decorators that are classes; a page is calculated by one request at a time."""
import functools
import threading
import time
from urllib.parse import unquote

from flask import Flask, abort, current_app, g, redirect, render_template, request, session, url_for
from jinja2 import DictLoader
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect


class Decorator:
    """A view that stands for another one."""

    def __init__(self, view):
        functools.update_wrapper(self, view)
        self.view = view

    def __call__(self, *args, **kwargs):
        return current_app.ensure_sync(self.view)(*args, **kwargs)


class LoginRequired(Decorator):
    def __call__(self, *args, **kwargs):
        if g.user is None:
            return redirect(url_for("login", next=request.url))
        return super().__call__(*args, **kwargs)


class Memory:
    """Values with a time to live; who calculates one keeps the others waiting for it."""

    def __init__(self):
        self.values, self.locks, self.lock = {}, {}, threading.Lock()

    def get(self, key, timeout, calculate):
        with self.lock:
            own = self.locks.setdefault(key, threading.RLock())
        with own:
            until, value = self.values.get(key, (float("-inf"), None))
            if time.monotonic() >= until:
                value = calculate()  # an exception keeps nothing
                if "Set-Cookie" not in getattr(value, "headers", ()):
                    self.values[key] = time.monotonic() + timeout, value
            return value


class cached:  # noqa: N801
    def __init__(self, timeout=300, key="view/{}", vary=()):
        self.timeout, self.key, self.vary = timeout, key, tuple(vary)

    def __call__(self, view):
        @functools.wraps(view)
        def wrapper(*args, **kwargs):
            def calculate():
                return current_app.ensure_sync(view)(*args, **kwargs)

            if request.method not in {"GET", "HEAD"}:
                return calculate()
            key = (self.key.format(request.path), *(tuple(request.args.getlist(name)) for name in self.vary if name != "user"))
            if "user" in self.vary:
                key += (g.user,)
            value = current_app.extensions["memory"].get(key, self.timeout, calculate)
            # what Flask adds to an answer is for one visitor: everybody gets a copy of his own
            return value.__class__(value.get_data(), value.status, list(value.headers)) if isinstance(value, current_app.response_class) else value

        return wrapper


class templated:  # noqa: N801
    def __init__(self, template=None):
        self.template = template

    def __call__(self, view):
        return functools.wraps(view)(functools.partial(self.render, view))

    def render(self, view, /, *args, **kwargs):
        result = current_app.ensure_sync(view)(*args, **kwargs)
        if result is None:
            result = {}
        if isinstance(result, dict):
            return render_template(self.template or "/".join(request.endpoint.split(".")) + ".html", **result)
        return result


def equip(app):
    app.extensions["memory"] = Memory()

    @app.before_request
    def user():
        g.user = session.get("user")


def create_app(config=None):
    app = Flask(__name__)
    app.config.update({"SECRET_KEY": "s3"}, **(config or {}))
    equip(app)
    app.jinja_loader = DictLoader({
        "login.html": "<form method=post><input name=who><input name=pass type=password>"
        "<input type=hidden name=next value=\"{{ request.values.next }}\"></form>",
        "shop.html": "<p>{{ offers|join(', ') }}",
    })
    n = iter(range(1, 10**6))

    def come_from():
        """The path asked for before the login, if the app has such a page."""
        adapter = app.create_url_adapter(request)
        root = request.host_url[:-1]
        target = request.form.get("next", "")
        target = target[len(root):] if target.startswith(root + "/") else target
        if target.startswith("/") and target.isprintable() and "\\" not in target and not target.startswith("//"):
            try:
                adapter.match(unquote(target.split("?")[0]), "GET")
                return target
            except RequestRedirect:
                return target
            except HTTPException:
                pass
        return "/shop"

    @app.route("/login", methods=["GET", "POST"])
    @templated("login.html")
    def login():
        if request.method == "POST":
            if request.form["pass"] != {"ada": "love", "joan": "clarke"}.get(request.form["who"]):
                abort(401)
            session["user"] = request.form["who"]
            return redirect(come_from(), 302)

    @app.get("/logout")
    def logout():
        session.clear()
        return redirect("/shop")

    @app.get("/shop")
    @templated()
    async def shop():
        return {"offers": ["tea & milk", "cake"]}

    @app.route("/orders/<path:name>", methods=["GET", "DELETE"])
    @LoginRequired
    async def orders(name):
        return {"name": name, "of": g.user}

    @app.get("/board")
    @cached(20, vary=["page"])
    def board():
        return app.make_response((f"page {request.args.getlist('page')}, {next(n)}", {"Content-Type": "text/plain"}))

    @app.get("/purse")
    @LoginRequired
    @cached(timeout=20, key="purse/{}", vary=["user"])
    async def purse():
        return [g.user, next(n)]

    return app
