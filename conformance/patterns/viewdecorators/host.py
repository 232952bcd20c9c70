"""A small app whose views have the bound decorators."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

import flask
import jinja2

from ...instruments import whatwg
from ..cached import (
    RUNS,
    TIMEOUTS,
    Decorator,
    Pages,
    Runs,
)

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

#: What the host app's templates show of their context.
KEYS = ("value", "title", "name")

#: The host app's templated views: the path, and the template it stands for.
PLACES = {
    "/named": "pages/named.html",
    "/plain": "plain.html",
    "/shop/list": "shop/list.html",
    "/shop/admin/edit": "shop/admin/edit.html",
}

#: How a view of the host app streams its response, and what it streams.
STREAMS = ("generator", "response", "with context")

STREAMED = "one two three"


def worn(
    login_required: Decorator | None = None,
    cached: Callable[..., Decorator] | None = None,
    templated: Callable[..., Decorator] | None = None,
) -> dict[str, Decorator]:
    """Return the available decorators, those with arguments called without any."""
    found: dict[str, Decorator] = {}
    if login_required is not None:
        found["login_required"] = login_required
    if cached is not None:
        found["cached"] = lambda view: cached()(view)
    if templated is not None:
        found["templated"] = lambda view: templated()(view)
    return found


def _place_in_key(cached: Callable[..., Decorator]) -> str:
    # The docs' own decorator used to have the older string formatting.
    key = inspect.signature(cached).parameters.get("key")
    return "%s" if key is not None and "%s" in str(key.default) else "{}"


class _AnyEnding(jinja2.DictLoader):
    """Has its HTML templates under other extensions too: a decorator may call them `.j2`."""

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, None, Callable[[], bool]]:
        known = template in self.mapping
        return super().get_source(
            environment, template if known else f"{template.rpartition('.')[0]}.html"
        )


def host_app(next_field: str, loader: str) -> flask.Flask:
    """Return a Flask app with a login as in the docs, with the user in `g.user`.

    `loader` is how that works: "stored", or "missing" or "raises" for what can go wrong. `RUNS`
    returns how often the views added by `add_views` have run.
    """
    app = flask.Flask(__name__)
    app.config.update(PROPAGATE_EXCEPTIONS=True, SECRET_KEY="conformance")
    app.extensions["conformance_runs"] = runs = Runs()
    app.jinja_loader = _AnyEnding(
        {
            name: f"<h1>{name}</h1>"
            + "".join(f'<p class="value" title="{key}">{{{{ {key}|e }}}}</p>' for key in KEYS)
            for name in (
                *PLACES.values(),
                "worn.html",
                "args/templated.html",
                "async/templated.html",
            )
        }
    )
    if loader == "raises":
        base = app.app_ctx_globals_class
        cast(Any, app).app_ctx_globals_class = type("G", (base,), {"user": property(_no_user)})

    @app.before_request
    def load_user() -> None:
        if loader == "stored":
            flask.g.user = flask.session.get("user")

    def login() -> ResponseReturnValue:
        given = flask.request.form if flask.request.method == "POST" else flask.request.args
        target = given.get(next_field) or flask.session.get(next_field) or "/"
        if flask.request.method == "POST":
            flask.session["user"] = flask.request.form["username"]
            flask.session.pop(next_field, None)
            base = flask.request.host_url.rstrip("/")
            return flask.redirect(target if whatwg.origin(target, base) == base else "/")
        return flask.render_template_string(
            "<form method=post><input name=username><input name=password type=password>"
            '<input type=hidden name="{{ field }}" value="{{ target }}"></form>',
            field=next_field,
            target=target,
        )

    app.extensions["conformance_login"] = login
    app.add_url_rule(RUNS, "conformance_runs", lambda: str(runs.count))
    return app


def add_login(app: flask.Flask, endpoint: str) -> bool:
    """Add the host app's login, unless `init_app` has added one; return whether it was added."""
    if endpoint in app.view_functions:
        return False
    view = app.extensions["conformance_login"]
    app.add_url_rule("/login", endpoint, view, methods=["GET", "POST"])
    return True


def _no_user(g: object) -> object:
    raise LookupError("the user cannot be loaded")


def add_views(
    app: flask.Flask,
    login_required: Decorator | None = None,
    cached: Callable[..., Decorator] | None = None,
    templated: Callable[..., Decorator] | None = None,
) -> None:
    """Add the views with the decorators to the host app."""
    for name, decorator in worn(login_required, cached, templated).items():
        _add_worn(app, name, decorator)
    if login_required is not None:
        _add_protected(app, login_required)
    if cached is not None:
        _add_cached(app, cached)
    if login_required is not None and cached is not None:

        def private(name: str) -> str:
            return f"page {name}"

        app.add_url_rule("/private/<name>", "private", login_required(cached()(private)))
    if templated is not None:
        _add_templated(app, templated)


def _add_worn(app: flask.Flask, name: str, decorator: Decorator) -> None:
    def view(**arguments: object) -> ResponseReturnValue:
        return json.dumps(arguments, sort_keys=True), 202, {"X-Kept": "yes"}

    async def coroutine() -> str:
        return "answered"

    rule = f"/args/{name}/<int:number>/<word>/<path:rest>"
    app.add_url_rule(rule, f"args.{name}", decorator(view))
    app.add_url_rule(f"/async/{name}", f"async.{name}", decorator(coroutine))


def _add_protected(app: flask.Flask, login_required: Decorator) -> None:
    runs = app.extensions["conformance_runs"]
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]

    def secret(rest: str = "") -> str:
        return f"the secret, run {runs()}"

    view = login_required(secret)
    for rule in ("/secret", "/secret/<path:rest>", "/also-secret"):
        app.add_url_rule(rule, "secret", view, methods=methods)


def _add_cached(app: flask.Flask, cached: Callable[..., Decorator]) -> None:
    def keeps(name: str) -> Decorator:
        if name == "brief-page":
            return cached(timeout=int(TIMEOUTS[name]), key=f"brief/{_place_in_key(cached)}")
        return cached()

    Pages(app, app.extensions["conformance_runs"]).add(keeps)

    def stream(name: str) -> ResponseReturnValue:
        kind = flask.request.headers["X-Kind"]
        pieces = (f"{word} " for word in STREAMED.split())
        if kind == "response":
            return flask.Response(pieces)
        return flask.stream_with_context(pieces) if kind == "with context" else pieces

    app.add_url_rule("/stream/<name>", "stream", cached()(stream))


def _add_templated(app: flask.Flask, templated: Callable[..., Decorator]) -> None:
    def context() -> Any:
        return flask.request.get_json()["context"]

    shop = flask.Blueprint("shop", __name__, url_prefix="/shop")
    admin = flask.Blueprint("admin", __name__, url_prefix="/admin")
    post = ["POST"]
    app.add_url_rule("/named", "named", templated(PLACES["/named"])(context), methods=post)
    app.add_url_rule("/plain", "plain", templated()(context), methods=post)
    shop.add_url_rule("/list", "list", templated()(context), methods=post)
    admin.add_url_rule("/edit", "edit", templated()(context), methods=post)
    shop.register_blueprint(admin)
    app.register_blueprint(shop)

    def value() -> Any:
        asked = flask.request.get_json()
        return RETURNED[asked["kind"]](asked["text"])

    app.add_url_rule("/bare", "bare", value, methods=post)
    app.add_url_rule("/worn", "worn", templated()(value), methods=post)


#: What a view may return other than a dict, each made from a text.
RETURNED: Mapping[str, Callable[[str], object]] = {
    "str": str,
    "bytes": str.encode,
    "tuple": lambda text: (text, 418),
    "tuple with headers": lambda text: (text, 201, {"X-Kept": quote(text)}),
    "dict and status": lambda text: ({"value": text}, 404),
    "list": lambda text: [text] if text else [],
    "response": lambda text: flask.Response(text, 203, mimetype="text/plain"),
    "redirect": lambda text: flask.redirect("/" + quote(text, safe="")),
    "generator": lambda text: (letter for letter in text),
}
