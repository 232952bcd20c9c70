"""Method views with `decorators`; the form is on another path than where it is sent to."""
import functools
import re
from urllib.parse import quote

from cachelib import SimpleCache
from flask import Flask, abort, current_app, g, make_response, redirect, render_template, request, session, url_for
from flask.views import MethodView, View
from jinja2 import DictLoader

MEMBERS = {"vera": "rubin", "jocelyn": "bell"}
OWN = re.compile(r"/(?![/\\])[!-\[\]-~]*")  # a path, in ASCII, without a backslash


def members_only(view):
    @functools.wraps(view)
    def guard(*args, **kwargs):
        if g.get("user") is None:
            if request.method not in ("GET", "HEAD"):
                # nothing to come back to after the login
                return redirect(url_for("login"), 303)
            back = quote(request.script_root + request.path, safe="/:@!$&'()*+,;=")
            if request.query_string:
                back += "?" + quote(request.query_string, safe="%/?:@!$&'()*+,;=")
            return redirect(url_for("login", return_to=back))
        return view(*args, **kwargs)

    return guard


def kept(timeout=300, key="view/{}"):
    """Keeps what the view gives; for somebody who has logged in apart from the others."""

    def decorator(view):
        @functools.wraps(view)
        def keeper(*args, **kwargs):
            if request.method not in ("GET", "HEAD"):
                return view(*args, **kwargs)
            store = current_app.extensions["kept"]
            name = (key.format(request.path), request.query_string, g.get("user"))
            found = store.get(repr(name))
            if found is None:
                found = [view(*args, **kwargs)]  # in a list: None and "" are values, too
                store.set(repr(name), found, timeout=timeout)
            return found[0]

        return keeper

    return decorator


def page(template=None):
    def decorator(view):
        @functools.wraps(view)
        def renderer(*args, **kwargs):
            values = view(*args, **kwargs)
            match values:
                case None:
                    values = {}
                case dict():
                    pass
                case _:
                    return values
            return make_response(render_template(template or request.endpoint.replace(".", "/") + ".html", **values))

        return renderer

    return decorator


def setup(app):
    app.extensions["kept"] = SimpleCache(threshold=2000)

    @app.before_request
    def who():
        g.user = session.get("user")


class Login(View):
    decorators = [page("login.html")]

    def dispatch_request(self):
        return {"back": request.args.get("return_to", "")}


class Session(MethodView):
    def post(self):
        if MEMBERS.get(request.form["user"]) != request.form["word"]:
            abort(403)
        session.clear()
        session["user"] = request.form["user"]
        back = request.form.get("return_to", "")
        return redirect(back if OWN.fullmatch(back) else "/board", 303)

    def delete(self):
        session.pop("user", None)
        return "", 204


class Board(MethodView):
    decorators = [members_only]

    def get(self):
        return f"<h1>{g.user}</h1>"

    def post(self):
        return {"said": request.form["text"]}, 201


class Count(MethodView):
    init_every_request = False
    decorators = [kept(timeout=90)]

    def __init__(self):
        self.count = 0

    def get(self):
        self.count += 1
        return {"of": request.args.get("of", "all"), "count": self.count}


class Private(Count):
    decorators = [kept(timeout=90), members_only]  # the last one is the outermost

    def get(self):
        self.count += 1
        return f"{g.user} {self.count}"


class Help(View):
    decorators = [page()]

    def dispatch_request(self):
        if request.args.get("raw"):
            return "just text"
        return None


def create_app(config=None):
    app = Flask(__name__)
    app.secret_key = "ultra"
    app.config.from_mapping(config or {})
    app.jinja_loader = DictLoader({
        "login.html": "<form method=post action='/session'><input name=user><input name=word type=password>"
        "<input type=hidden name=return_to value='{{ back }}'></form>",
        "help.html": "<p>Help for {{ g.user or 'all' }}</p>",
    })
    setup(app)
    for path, view, endpoint in [
        ("/login", Login, "login"), ("/session", Session, "session"), ("/board", Board, "board"),
        ("/count", Count, "count"), ("/private", Private, "private"), ("/help", Help, "help"),
    ]:
        app.add_url_rule(path, view_func=view.as_view(endpoint))
    return app
