"""Caching.

Flask-Caching keeps the results of slow work where `CACHE_TYPE` says. It is told what an
answer depends on and which answers are worth keeping. What changes the data deletes what
was made of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timezone
from functools import wraps
from hashlib import sha256
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    jsonify,
    make_response,
    redirect,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue, RouteCallable
from flask_caching import Cache
from markupsafe import Markup

bp = Blueprint("caching", __name__, url_prefix="/caching")
cache = Cache()

#: A key takes its turn at one of these, so that there are not as many locks as keys.
_turns = [threading.Lock() for _ in range(64)]


def page_key(*args: Any, **kwargs: Any) -> str:
    """Name everything that an answer depends on: where, in which form, and for whom."""
    parts = (
        request.base_url,
        request.query_string,
        request.headers.get("Accept"),
        request.headers.get("Accept-Language"),
        request.headers.get("Authorization"),
        session.get("user"),
    )
    return "page/" + sha256(repr(parts).encode()).hexdigest()


def is_worth_keeping(response: Response) -> bool:
    """Leave out errors, streams, and what is meant for one browser."""
    return (
        response.status_code == 200
        and not response.is_streamed
        and "Set-Cookie" not in response.headers
        and not session.modified
    )


def cached(timeout: int = 5 * 60) -> Callable[[RouteCallable], RouteCallable]:
    """Keep what a view answers to a GET.

    Those who miss at the same time wait for the first of them. Where the cache cannot be
    reached, or what is in it not be read, Flask-Caching logs that and calls the view.
    """

    def decorator(view: RouteCallable) -> RouteCallable:
        @wraps(view)
        def respond(*args: Any, **kwargs: Any) -> Response:
            return current_app.make_response(current_app.ensure_sync(view)(*args, **kwargs))

        keep = cache.cached(
            timeout=timeout, make_cache_key=page_key, response_filter=is_worth_keeping
        )
        kept = keep(respond)

        @wraps(view)
        def decorated_view(*args: Any, **kwargs: Any) -> Response:
            if request.method != "GET":
                return respond(*args, **kwargs)
            turn = _turns[hash(page_key()) % len(_turns)]
            # Waiting has an end: a view that hangs must not hold up all that come after it.
            taken = turn.acquire(timeout=10)
            try:
                return kept(*args, **kwargs)
            finally:
                if taken:
                    turn.release()

        return decorated_view

    return decorator


@bp.get("/rates")
@cached(timeout=60)
def rates() -> ResponseReturnValue:
    """A page for people and for programs: both are kept."""
    facts = {"base": request.args.get("base", "EUR"), "at": str(datetime.now(timezone.utc))}
    wanted = request.accept_mimetypes.best_match(["text/html", "application/json"])
    if wanted == "application/json":
        response = jsonify(facts)
    else:
        text = Markup('<p><a href="{}">Rates of {}</a> at {}').format(request.url, *facts.values())
        response = make_response(text)
    response.vary.add("Accept")
    return response


@bp.post("/user")
def enter() -> ResponseReturnValue:
    session["user"] = request.form.get("user", "")[:40]
    return redirect(url_for(".account"))


@bp.get("/account")
@cached(timeout=60)
def account() -> dict[str, Any]:
    return {"user": session.get("user"), "at": str(datetime.now(timezone.utc))}


@cache.memoize(timeout=5 * 60)
def headlines() -> list[str]:
    """Stand for a slow query; each app has its own data."""
    return list(current_app.extensions["caching"])


@bp.get("/news")
def news() -> dict[str, list[str]]:
    return {"news": headlines()}


@bp.post("/news")
def publish() -> ResponseReturnValue:
    """Write first and delete then, so that nobody keeps what was there before."""
    current_app.extensions["caching"].append(request.form.get("text", ""))
    try:
        cache.delete_memoized(headlines)
    except Exception:
        current_app.logger.exception("The cache cannot be reached: old headlines may stay.")
    return redirect(url_for(".news"))


def init_cache(app: Flask) -> None:
    """Set the cache up: one in memory, unless the configuration names a server."""
    app.config.setdefault("CACHE_TYPE", "SimpleCache")
    cache.init_app(app)


def init_app(app: Flask) -> None:
    init_cache(app)
    app.extensions["caching"] = []
    app.register_blueprint(bp)
