"""View decorators, done right in other ways than the reference's."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import re
import threading
import time
from functools import update_wrapper, wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

import flask
import flask_login
from cachelib import SimpleCache
from flask import current_app, g, redirect, request, session, url_for
from flask.views import MethodView
from flask_caching import Cache

from conformance import Subject
from tests.proof import variant


class Person(flask_login.UserMixin):  # type: ignore[misc]
    def __init__(self, name: str) -> None:
        self.id = name


@variant
def login_extension() -> Subject:
    """Flask-Login around class-based views; the target is in the session, and is printable."""

    def create_app() -> flask.Flask:
        app = flask.Flask("shop")
        app.config.update(SECRET_KEY="variant", USE_SESSION_FOR_NEXT=True)
        manager = flask_login.LoginManager(app)
        manager.login_view = "auth.enter"
        manager.user_loader(Person)
        auth = flask.Blueprint("auth", __name__, url_prefix="/auth")

        class Enter(MethodView):
            def get(self) -> str:
                return "<form method=post action=''><input name=email><input type=password name=pw></form>"

            def post(self) -> Any:
                if request.form["pw"] != "secret":
                    return "no", 403
                flask_login.login_user(Person(request.form["email"]))
                target = session.pop("next", "/account/")
                return redirect(target if target.isprintable() else "/account/")

        class Account(MethodView):
            decorators = [flask_login.login_required]  # noqa: RUF012

            def get(self) -> str:
                return f"account of {flask_login.current_user.id}"

            def post(self) -> str:
                return "changed"

        @auth.route("/leave")
        def leave() -> Any:
            flask_login.logout_user()
            return redirect(url_for("auth.enter"))

        auth.add_url_rule("/enter", view_func=Enter.as_view("enter"))
        app.register_blueprint(auth)
        app.add_url_rule("/account/", view_func=Account.as_view("account"))
        return app

    login = {"path": "/auth/enter", "form": {"email": "a@b.example", "pw": "secret"}}
    people = {"ab": {"login": login, "logout": "/auth/leave", "shows": "a@b.example"}}
    binding = {"protected": "/account/"}
    return Subject(app=create_app, patterns={"viewdecorators": binding}, people=people)


@variant
def login_extension_without_init_app() -> Subject:
    """The same app with Flask-Login's decorator bound, which only an app with a manager can wear."""
    subject = login_extension()
    table = {"login_required": flask_login.login_required, "protected": "/account/"}
    return dataclasses.replace(subject, patterns={"viewdecorators": table})


@variant
def login_extension_as_component() -> Subject:
    """Flask-Login's own `login_required`, for the user that the docs keep in `g`."""

    def init_app(app: flask.Flask) -> None:
        manager = flask_login.LoginManager(app)
        manager.login_view = "login"
        manager.request_loader(lambda request: Person(g.user) if g.user else None)

    return Subject(
        patterns={
            "viewdecorators": {"login_required": flask_login.login_required, "init_app": init_app}
        }
    )


@variant
def caching_extension() -> Subject:
    """Flask-Caching's `cached`, told what an answer depends on and what not to keep.

    Its key is formatted as that of the docs' own decorator once was.
    """
    cache = Cache(config={"CACHE_TYPE": "flask_caching.backends.SimpleCache"})

    def cached(timeout: int = 300, key: str = "view/%s") -> Any:
        def make_key(*args: Any, **kwargs: Any) -> str:
            query = urlencode(sorted(request.args.lists()), doseq=True)
            return f"{key % request.base_url}?{query} {session.get('user')}"

        def decorator(view: Any) -> Any:
            @wraps(view)
            def response_of(*args: Any, **kwargs: Any) -> Any:
                return current_app.make_response(current_app.ensure_sync(view)(*args, **kwargs))

            return cache.cached(
                timeout=timeout,
                make_cache_key=make_key,
                unless=lambda: request.method != "GET",
                response_filter=lambda response: (
                    response.status_code == 200
                    and not response.is_streamed
                    and "Set-Cookie" not in response.headers
                ),
            )(response_of)

        return decorator

    return Subject(patterns={"viewdecorators": {"cached": cached, "init_app": cache.init_app}})


@variant
def classes_too() -> Subject:
    """A login decorator for functions and class-based views; a templating one that is a class."""

    def login_required(view: Any) -> Any:
        if inspect.isclass(view):
            view.decorators = [login_required, *view.decorators]
            return view

        def guarded(*args: Any, **kwargs: Any) -> Any:
            try:
                user = g.user
            except Exception:
                return "who are you?", 503
            if user is None:
                query = f"?{request.query_string.decode()}" if request.query_string else ""
                session["next"] = urlsplit(request.base_url).path + query
                return redirect(url_for("login"), 303)
            return current_app.ensure_sync(view)(*args, **kwargs)

        return update_wrapper(guarded, view)

    class templated:  # noqa: N801
        def __init__(self, template: str | None = None) -> None:
            self.template = template

        def __call__(self, view: Any) -> Any:
            @wraps(view)
            def render(**values: Any) -> Any:
                returned = current_app.ensure_sync(view)(**values)
                if not isinstance(returned, dict | None):
                    return returned
                name = self.template or "/".join((request.endpoint or "").split(".")) + ".j2"
                context = dict(returned or {})
                current_app.update_template_context(context)
                return current_app.jinja_env.get_template(name).render(context)

            return render

    return Subject(
        patterns={"viewdecorators": {"login_required": login_required, "templated": templated}}
    )


@variant
def memory_for_strangers() -> Subject:
    """A cache in a dict, by the monotonic clock and one at a time, only for those without a session."""

    def cached(timeout: float = 300, key: str = "view/{}") -> Any:
        def decorator(view: Any) -> Any:
            kept: dict[str, tuple[float, bytes, Any]] = {}
            lock = threading.Lock()

            def answer(*args: Any, **kwargs: Any) -> flask.Response:
                return current_app.make_response(current_app.ensure_sync(view)(*args, **kwargs))

            @wraps(view)
            def decorated_view(*args: Any, **kwargs: Any) -> Any:
                if request.method not in ("GET", "HEAD") or request.cookies:
                    return answer(*args, **kwargs)
                name = key.format(f"{request.method} {request.url}")
                with lock:
                    until, body, headers = kept.get(name, (0.0, b"", None))
                    if headers is not None and time.monotonic() < until:
                        return flask.Response(body, headers=headers)
                    response = answer(*args, **kwargs)
                    if response.status_code == 200 and "Set-Cookie" not in response.headers:
                        # Read whole, so that what is a stream can be kept too.
                        kept[name] = (
                            time.monotonic() + timeout,
                            response.get_data(),
                            list(response.headers),
                        )
                    return response

            return decorated_view

        return decorator

    return Subject(patterns={"viewdecorators": {"cached": cached}})


@variant
def whole_blueprint() -> Subject:
    """A blueprint whose hook protects every view, with pages that the views keep in a dict themselves."""

    def create_app() -> flask.Flask:
        app = flask.Flask("shop")
        app.secret_key = "variant"
        runs = itertools.count()
        kept: dict[str, tuple[float, str]] = {}
        members = flask.Blueprint("members", __name__, url_prefix="/members")

        @members.before_request
        def protect() -> Any:
            if "member" not in session:
                if request.method not in ("GET", "HEAD"):
                    flask.abort(403)
                return redirect(url_for("enter", to=request.full_path))
            return None

        @members.get("/")
        def home() -> str:
            page = kept.get(session["member"])
            if page is None or page[0] < time.time():
                page = kept[session["member"]] = time.time() + 20, f"page {next(runs)}"
            return page[1]

        @app.route("/enter", methods=["GET", "POST"])
        def enter() -> Any:
            target = request.args.get("to", "")
            if request.method == "GET":
                return "<form method=POST><input type=PASSWORD name=word></form>"
            if request.form.get("word") == "sesame":
                session["member"] = "sesame"
            # Only what the app itself has a rule for, and never with what a browser drops.
            own = target.startswith("/members/") and target.isprintable()
            return redirect(target if own else "/members/", 303)

        @app.get("/news")
        def news() -> str:
            field = request.args.get("page", "1")
            page = kept.get(f"news {field}")
            if page is None or page[0] < time.time():
                page = kept[f"news {field}"] = time.time() + 20, f"news {field} {next(runs)}"
            return page[1]

        app.register_blueprint(members)
        return app

    people = {"ali": {"login": {"path": "/enter", "form": {"word": "sesame"}}}}
    binding = {
        "next_field": "to",
        "protected": "/members/",
        "cached_page": "/news",
        "cached_timeout": 20,
        "cached_query": "page",
        "cached_private": "/members/",
    }
    return Subject(app=create_app, patterns={"viewdecorators": binding}, people=people)


@variant
def own_login() -> Subject:
    """Who has logged in is in a signed cookie of the app's own, and the login in its blueprint."""
    from functools import wraps

    from itsdangerous import BadSignature, Signer

    signer = Signer("doors")
    door = flask.Blueprint("door", __name__)

    def guest() -> str | None:
        try:
            return signer.unsign(flask.request.cookies.get("badge", "")).decode()
        except BadSignature:
            return None

    def inside(view: Any) -> Any:
        @wraps(view)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            if guest() is None:
                here = flask.request.full_path.rstrip("?")
                return flask.redirect(flask.url_for("door.knock", back=here), 303)
            return flask.current_app.ensure_sync(view)(*args, **kwargs)

        return wrapper

    @door.get("/knock")
    def knock() -> str:
        return flask.render_template_string(
            "<form method=post action=/knock/answer><input type=password name=code>"
            "<input type=hidden name=back value=\"{{ request.args.back or '/' }}\"></form>"
        )

    @door.post("/knock/answer")
    def answer() -> Any:
        if flask.request.form.get("code") != "open":
            return flask.redirect(flask.url_for(".knock"))
        back = flask.request.form.get("back", "")
        safe = re.fullmatch(r"/(?![/\\\\])[\x21-\x5b\x5d-\x7e]*", back)
        response = flask.redirect(back if safe else "/", 303)
        response.set_cookie("badge", signer.sign("guest").decode())
        return response

    @door.get("/hall")
    @inside
    def hall() -> str:
        return "the hall"

    def init_app(app: flask.Flask) -> None:
        app.register_blueprint(door)

    def create_app() -> flask.Flask:
        app = flask.Flask("doors")
        init_app(app)
        return app

    binding = {
        "login_required": inside,
        "init_app": init_app,
        "login_endpoint": "door.knock",
        "protected": "/hall",
        "next_field": "back",
    }
    login = {"path": "/knock/answer", "form": {"code": "open"}, "form_page": "/knock"}
    people = {"guest": {"login": login}}
    return Subject(app=create_app, patterns={"viewdecorators": binding}, people=people)


@variant
def pickles_what_it_keeps() -> Subject:
    """Responses are pickled, a 404 like a page; one that streams cannot be, and is refused at once."""

    def cached(timeout: float = 300, key: str = "view/{}") -> Any:
        def decorator(view: Any) -> Any:
            cache = SimpleCache()

            @wraps(view)
            def decorated_view(*args: Any, **kwargs: Any) -> Any:
                name = key.format(request.url)
                shared = request.method == "GET" and not request.cookies
                kept = cache.get(name) if shared else None
                if kept is not None:
                    return kept
                answer = current_app.ensure_sync(view)(*args, **kwargs)
                response = current_app.make_response(answer)
                good = response.status_code in (200, 404)
                if shared and good and "Set-Cookie" not in response.headers:
                    cache.set(name, response, timeout=int(timeout))
                return response

            return decorated_view

        return decorator

    return Subject(patterns={"viewdecorators": {"cached": cached}})
