"""View decorators.

A decorator wraps a view, and takes its place: `functools.wraps` copies the view's name and
documentation, the route's decorator stands outermost, and `ensure_sync` calls views that are
coroutines. Three of them follow, and the endpoint decorator that Flask has already.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from functools import wraps
from typing import Any
from urllib.parse import quote

from cachelib import SimpleCache
from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue, RouteCallable
from werkzeug.routing import Rule

bp = Blueprint("viewdecorators", __name__, url_prefix="/viewdecorators")

#: Begins with one slash, and has nothing in it that browsers drop or take for a slash there.
_OWN_TARGET = re.compile(r"/(?![/\\])[^\x00-\x20]*")


def login_required(view: RouteCallable) -> RouteCallable:
    """Send those who have not logged in to the login page, which sends them back afterwards."""

    @wraps(view)
    def decorated_view(*args: Any, **kwargs: Any) -> Any:
        # `get`, so that access is denied where nothing has stored a user.
        if g.get("user") is None:
            # A path without a host: the Host header is whatever the client says.
            target = quote(request.root_path + request.path)
            if request.query_string:
                target += "?" + request.query_string.decode("ascii", "replace")
            return redirect(url_for("viewdecorators.login", next=target))
        return current_app.ensure_sync(view)(*args, **kwargs)

    return decorated_view


def cached(timeout: int = 5 * 60, key: str = "view/{}") -> Callable[[RouteCallable], RouteCallable]:
    """Keep what a view answers to a GET, for each URL and each user.

    Errors, streams and answers that set a cookie are not kept.
    """

    def decorator(view: RouteCallable) -> RouteCallable:
        @wraps(view)
        def decorated_view(*args: Any, **kwargs: Any) -> Any:
            call = current_app.ensure_sync(view)
            if request.method != "GET":
                return call(*args, **kwargs)
            cache = current_app.extensions["viewdecorators"]
            cache_key = f"{key.format(request.url)} {g.get('user')}"
            response = cache.get(cache_key)
            if response is None:
                response = current_app.make_response(call(*args, **kwargs))
                if response.status_code == 200 and not (
                    response.is_streamed or "Set-Cookie" in response.headers
                ):
                    cache.set(cache_key, response, timeout=timeout)
            return response

        return decorated_view

    return decorator


def templated(template: str | None = None) -> Callable[[RouteCallable], RouteCallable]:
    """Render the dict that a view returns; without a name, the template that its endpoint names."""

    def decorator(view: RouteCallable) -> RouteCallable:
        @wraps(view)
        def decorated_view(*args: Any, **kwargs: Any) -> Any:
            context = current_app.ensure_sync(view)(*args, **kwargs)
            if context is None:
                context = {}
            if not isinstance(context, dict):
                return context
            name = template or f"{(request.endpoint or '').replace('.', '/')}.html"
            return render_template(name, **context)

        return decorated_view

    return decorator


@bp.before_request
def load_user() -> None:
    g.user = session.get("user")


@bp.route("/login", methods=["GET", "POST"])
@templated()
def login() -> Any:
    # The form passes the target on in a hidden field.
    target = request.values.get("next", "")
    if request.method == "GET":
        return {"target": target}
    username = request.form.get("username", "")
    if not authenticate(username, request.form.get("password", "")):
        return render_template("viewdecorators/login.html", target=target, failed=True), 401
    session["user"] = username
    return redirect(target if _OWN_TARGET.fullmatch(target) else url_for(".secret"))


def authenticate(username: str, password: str) -> bool:
    """Check whether that is the password; an application with people in it keeps hashes."""
    passwords: Mapping[str, str] = current_app.config["VIEWDECORATORS_PASSWORDS"]
    kept = passwords.get(username)
    return kept is not None and hmac.compare_digest(kept.encode(), password.encode())


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    session.clear()
    return redirect(url_for(".login"))


@bp.route("/secret")
@login_required
def secret() -> str:
    return f"Only {g.user} sees this."


@bp.route("/report")
@cached(timeout=60)
def report() -> str:
    return f"{request.args.get('of', 'everything')}, as of {datetime.now(timezone.utc)}"


@bp.route("/account")
@login_required
@cached()
def account() -> str:
    return f"{g.user}, as of {datetime.now(timezone.utc)}"


@bp.route("/greeting")
@templated()
def greeting() -> dict[str, str]:
    return {"name": "World"}


def hello() -> Response:
    return Response("Hello, World!")


def init_cache(app: Flask) -> None:
    """Return the app a cache of its own."""
    app.extensions["viewdecorators"] = SimpleCache()


def init_app(app: Flask) -> None:
    """Register the pages; one of them through Werkzeug's routing, its view by its endpoint."""
    init_cache(app)
    app.config.setdefault("VIEWDECORATORS_PASSWORDS", {})
    app.register_blueprint(bp)
    # With its methods: a rule without them answers every method there is.
    app.url_map.add(Rule("/viewdecorators/hello", endpoint="hello", methods=["GET"]))
    app.endpoint("hello")(hello)
