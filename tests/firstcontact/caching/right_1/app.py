"""cachelib's file system cache, on purpose shared by the instances of the app; keys have all that decides."""
import functools
import json
import secrets
import time

from cachelib import FileSystemCache
from flask import Blueprint, Flask, Response, current_app, g, make_response, request, session


def get_cache(app):
    return app.extensions["files"]


def person():
    return [session.get("user"), g.get("user") and str(g.user), request.headers.get("Authorization")]


def cookies():
    """All but the session's, of which the person is what counts."""
    return sorted((name, value) for name, value in request.cookies.items(multi=True) if name != current_app.config["SESSION_COOKIE_NAME"])


def cached(timeout):
    def decorate(view):
        @functools.wraps(view)
        def wrapped(*args, **kwargs):
            if request.method not in ("GET", "HEAD"):
                return make_response(current_app.ensure_sync(view)(*args, **kwargs))
            key = "page:" + json.dumps([request.method, request.host, request.path, sorted(request.args.items(multi=True)), str(request.accept_mimetypes), str(request.accept_languages), person(), cookies()])
            store = get_cache(current_app)
            kept = store.get(key)
            if kept is None:
                response = make_response(current_app.ensure_sync(view)(*args, **kwargs))
                if response.status_code != 200 or "Set-Cookie" in response.headers or response.is_streamed or response.cache_control.no_store:
                    return response
                kept = {"body": response.get_data(), "headers": response.headers.to_wsgi_list(), "born": time.time()}
                store.set(key, kept, timeout=timeout)
            answer = Response(kept["body"], 200, kept["headers"])
            answer.headers["Age"] = str(max(0, int(time.time() - kept["born"])))
            return answer

        return wrapped

    return decorate


bp = Blueprint("site", __name__)


@bp.get("/lottery/<int:n>")
@cached(timeout=90)
def lottery(n):
    return {"n": n, "even": request.args.get("even"), "drawn": secrets.token_hex(12)}


@bp.get("/either")
@cached(timeout=90)
def either():
    token = secrets.token_hex(12)
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        response = make_response({"token": token})
    else:
        response = make_response(f"<p>{token}")
    response.vary.add("Accept")
    return response


@bp.get("/visitor")
@cached(timeout=90)
def visitor():
    response = make_response("<p>Hello")
    if "visitor" not in request.cookies:
        response.set_cookie("visitor", secrets.token_hex(12))
    return response


@bp.post("/enter")
def enter():
    session["user"] = request.form["name"]
    return "", 204


@bp.post("/leave")
def leave():
    session.pop("user", None)
    return "", 204


@bp.get("/desk")
@cached(timeout=90)
def desk():
    if "user" not in session:
        return "Who are you?", 403
    return {"desk": "desk of " + session["user"], "made": secrets.token_hex(12)}, {"Cache-Control": "private"}


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping({"FOLDER": "cache", "SECRET_KEY": "right 1", **(config or {})})
    app.extensions["files"] = FileSystemCache(app.config["FOLDER"], threshold=400, default_timeout=90)
    app.register_blueprint(bp)
    return app
