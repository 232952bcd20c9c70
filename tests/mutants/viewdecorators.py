"""View decorators, each with one believable mistake."""

from __future__ import annotations

import inspect
import uuid
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import quote, urlsplit

import flask
import jinja2
from flask import current_app, g, redirect, request, session, url_for
from werkzeug.routing import Rule

import reference.viewdecorators as right
from conformance import Subject
from tests.proof import mutant

LOGIN = {
    "path": "/viewdecorators/login",
    "form": {"username": "demo", "password": "demo"},
}
DEMO = {"login": LOGIN, "logout": {"method": "POST", "path": "/viewdecorators/logout"}}
ROUTES = {
    "protected": "/viewdecorators/secret",
    "cached_page": "/viewdecorators/report",
    "cached_timeout": 60,
    "cached_query": "of",
    "cached_private": "/viewdecorators/account",
    "templated_page": "/viewdecorators/greeting",
}  # fmt: skip


def component(**bound: Any) -> Subject:
    """Some decorators in the reference's place."""
    binding = {"init_app": right.init_cache, "login_endpoint": "viewdecorators.login", **bound}
    return Subject(patterns={"viewdecorators": binding})


def routes(change: Callable[[flask.Flask], object]) -> Subject:
    """The reference's pages in an app of their own, after a change of the app."""

    def create_app() -> flask.Flask:
        app = flask.Flask("reference")
        app.secret_key = "mutant"
        app.config["VIEWDECORATORS_PASSWORDS"] = {"demo": "demo"}
        right.init_app(app)
        change(app)
        return app

    return Subject(app=create_app, patterns={"viewdecorators": ROUTES}, people={"demo": DEMO})


def bare(app: flask.Flask, name: str) -> Any:
    """A view of the reference without its decorators."""
    view = app.view_functions[f"viewdecorators.{name}"]
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    return view


def own_target() -> str:
    return quote(request.path) + (
        "?" + request.query_string.decode() if request.query_string else ""
    )


def login_required(
    anonymous: Callable[[], bool] = lambda: g.get("user") is None,
    target: Callable[[], str] = own_target,
    call: Callable[..., Any] = lambda view, *args, **kwargs: current_app.ensure_sync(view)(
        *args, **kwargs
    ),
) -> Subject:
    """The reference's login decorator, with another part."""

    def decorator(view: Any) -> Any:
        @wraps(view)
        def decorated_view(*args: Any, **kwargs: Any) -> Any:
            if anonymous():
                return redirect(url_for("viewdecorators.login", next=target()))
            return call(view, *args, **kwargs)

        return decorated_view

    return component(login_required=decorator)


def keep_right(response: flask.Response) -> bool:
    return (
        response.status_code == 200
        and not response.is_streamed
        and "Set-Cookie" not in response.headers
    )


def cached(
    key: Callable[[str], str] = lambda key: f"{key.format(request.url)} {g.get('user')}",
    unchecked: Callable[[], bool] = lambda: request.method != "GET",
    keep: Callable[[flask.Response], bool] = keep_right,
    forward: bool = True,
    sliding: bool = False,
    bound: Mapping[str, Any] = {},
    **parts: Callable[[Any], Any],
) -> Subject:
    """The reference's caching decorator, with another part."""
    return component(cached=make_cached(key, unchecked, keep, forward, sliding, **parts), **bound)


def make_cached(
    key: Any,
    unchecked: Any,
    keep: Any,
    forward: bool,
    sliding: bool,
    pack: Callable[[flask.Response], Any] = lambda response: response,
    unpack: Callable[[Any], Any] = lambda kept: kept,
    is_hit: Callable[[Any], bool] = lambda kept: kept is not None,
) -> Any:
    def cached(timeout: int = 300, key: str = "view/{}", make_key: Any = key) -> Any:
        def decorator(view: Any) -> Any:
            @wraps(view)
            def decorated_view(*args: Any, **kwargs: Any) -> Any:
                call = current_app.ensure_sync(view)
                if unchecked():
                    return call(*args, **kwargs)
                cache, cache_key = current_app.extensions["viewdecorators"], make_key(key)
                kept = cache.get(cache_key)
                response = unpack(kept) if is_hit(kept) else None
                if response is None or sliding:
                    response = response or current_app.make_response(call(*args, **kwargs))
                    if keep(response):
                        kept_for = timeout if forward else None
                        cache.set(cache_key, pack(response), timeout=kept_for)
                return response

            return decorated_view

        return decorator

    return cached


def templated(render: Callable[..., Any]) -> Subject:
    """A templating decorator whose wrapper is called with the template's name, the view and its values."""

    def templated(template: str | None = None) -> Any:
        def decorator(view: Any) -> Any:
            @wraps(view)
            def decorated_view(*args: Any, **kwargs: Any) -> Any:
                return render(template, current_app.ensure_sync(view), *args, **kwargs)

            return decorated_view

        return decorator

    return component(templated=templated)


def named(template: str | None) -> str:
    return template or f"{(request.endpoint or '').replace('.', '/')}.html"


# Every decorator.


@mutant("dec-metadata", says="__name__ of a view under @login_required to remain 'a'")
def no_wraps() -> Subject:
    """`functools.wraps` is missing."""

    def login_required(view: Any) -> Any:
        decorated = right.login_required(view)
        return lambda *args, **kwargs: decorated(*args, **kwargs)

    return component(login_required=login_required)


@mutant("dec-metadata", says="the signature of a view under @cached to be")
def name_only() -> Subject:
    """Only the name is copied, so that endpoints differ."""

    def cached(**options: Any) -> Any:
        def decorator(view: Any) -> Any:
            decorated = right.cached(**options)(view)

            def decorated_view(*args: Any, **kwargs: Any) -> Any:
                return decorated(*args, **kwargs)

            decorated_view.__name__, decorated_view.__module__ = view.__name__, view.__module__
            return decorated_view

        return decorator

    return component(cached=cached)


@mutant("dec-args-through", says="which returns its arguments, to return")
def arguments_dropped() -> Subject:
    """The templating wrapper calls the view without the values from the URL."""

    def render(template: str | None, view: Any, *args: Any, **kwargs: Any) -> Any:
        context = view() if "args" in (request.endpoint or "") else view(*args, **kwargs)
        if context is None:
            context = {}
        return (
            flask.render_template(named(template), **context)
            if isinstance(context, dict)
            else context
        )

    return templated(render)


@mutant("dec-args-through", says="which the view under @login_required returns")
def body_only() -> Subject:
    """The wrapper returns the body of the view's answer."""

    def call(view: Any, *args: Any, **kwargs: Any) -> Any:
        return current_app.make_response(current_app.ensure_sync(view)(*args, **kwargs)).get_data()

    return login_required(call=call)


@mutant("dec-async", says="the response of an async view under @login_required")
def no_ensure_sync() -> Subject:
    """The wrapper calls the view itself."""

    def call(view: Any, *args: Any, **kwargs: Any) -> Any:
        answer = view(*args, **kwargs)
        if inspect.iscoroutine(answer):
            answer.close()
        return answer

    return login_required(call=call)


# Login required.


@mutant(
    "login-redirects-anonymous",
    says="the view not to run",
    also=["login-all-methods", "login-fail-closed"],
)
def looks_too_late() -> Subject:
    """The view is called before the user is looked at."""

    def login_required(view: Any) -> Any:
        @wraps(view)
        def decorated_view(*args: Any, **kwargs: Any) -> Any:
            answer = current_app.ensure_sync(view)(*args, **kwargs)
            return right.login_required(lambda: answer)()

        return decorated_view

    return component(login_required=login_required)


@mutant(
    "login-redirects-anonymous",
    says="for a client that has not logged in",
    also=["login-next-roundtrip", "cached-auth-order"],
)
def one_for_all() -> Subject:
    """Who has logged in is kept on the app, and so for every client until the logout."""

    def change(app: flask.Flask) -> None:
        app.config["USER"] = None

        def load_user() -> None:
            if "user" in session:
                app.config["USER"] = session["user"]
            elif request.endpoint == "viewdecorators.login":
                app.config["USER"] = None
            g.user = app.config["USER"]

        app.before_request_funcs["viewdecorators"] = [load_user]

    return routes(change)


@mutant("login-next-roundtrip", says="to land on /secret")
def path_only() -> Subject:
    """Only the path is kept."""
    return login_required(target=lambda: quote(request.path))


@mutant("login-next-roundtrip", says="to land on /secret")
def not_encoded() -> Subject:
    """The target is written into the query as it is."""

    def login_required(view: Any) -> Any:
        decorated = right.login_required(view)

        @wraps(view)
        def decorated_view(*args: Any, **kwargs: Any) -> Any:
            if g.get("user") is not None:
                return decorated(*args, **kwargs)
            return redirect(
                f"{url_for('viewdecorators.login')}?next={request.full_path.rstrip('?')}"
            )

        return decorated_view

    return component(login_required=login_required)


@mutant("login-next-roundtrip", says="the login page that a client is redirected to")
def login_without_a_page() -> Subject:
    """The login takes a POST alone: the redirect leads to a 405."""

    def change(app: flask.Flask) -> None:
        login = app.view_functions["viewdecorators.login"]

        def submitted() -> Any:
            return login() if request.method == "POST" else flask.abort(405)

        app.view_functions["viewdecorators.login"] = submitted

    return routes(change)


@mutant("login-next-roundtrip", says="to land on /viewdecorators/secret")
def nameless_input() -> Subject:
    """The hidden input of the login form has no name, as in the docs."""

    def change(app: flask.Flask) -> None:
        loader = app.jinja_env.loader
        assert loader is not None
        source, _, _ = loader.get_source(app.jinja_env, "viewdecorators/login.html")
        nameless = {"viewdecorators/login.html": source.replace('name="next" ', "")}
        app.jinja_env.loader = jinja2.ChoiceLoader([jinja2.DictLoader(nameless), loader])
        app.view_functions["viewdecorators.secret"] = right.login_required(
            lambda: f"{g.user} asked for {request.url}"
        )
        after = app.view_functions["viewdecorators.login"]

        def login() -> Any:
            answer = app.make_response(after())
            if answer.location and "next" not in request.form:
                answer.location = url_for("viewdecorators.account")
            return answer

        app.view_functions["viewdecorators.login"] = login

    return routes(change)


@mutant("login-all-methods", says="POST without a login to be denied")
def only_get() -> Subject:
    """Only GET is protected."""
    return login_required(
        anonymous=lambda: g.get("user") is None and request.method in ("GET", "HEAD")
    )


@mutant("login-outermost-route", says="/open, which has the view function of")
def route_inside() -> Subject:
    """A second route stands below `@login_required`."""
    return routes(lambda app: app.add_url_rule("/open", "open", bare(app, "secret")))


@mutant("login-fail-closed", says="the request to be denied when accessing g.user raises")
def guest_by_default() -> Subject:
    """Where looking at the user fails, it is somebody without rights, who is not None."""

    def anonymous() -> bool:
        try:
            return g.user is None
        except LookupError:
            return False
        except AttributeError:
            return True

    return login_required(anonymous=anonymous)


@mutant(
    "login-fail-closed", says="the request to be denied when each cookie of the login is cut off"
)
def any_cookie() -> Subject:
    """Whoever has a session cookie counts as logged in."""

    def change(app: flask.Flask) -> None:
        def load_user() -> None:
            g.user = session.get("user", "somebody" if request.cookies.get("session") else None)

        app.before_request_funcs["viewdecorators"] = [load_user]

    return routes(change)


def login_with(allowed: Callable[[str], object]) -> Subject:
    """The reference, with another check of where to go after the login."""

    def change(app: flask.Flask) -> None:
        usual = app.view_functions["viewdecorators.login"]

        def login() -> Any:
            answer = app.make_response(usual())
            target = request.form.get("next", "")
            if answer.status_code in (302, 303) and target:
                return redirect(target if allowed(target) else url_for("viewdecorators.secret"))
            return answer

        app.view_functions["viewdecorators.login"] = login

    return routes(change)


@mutant("next-same-origin", says="which a browser takes for https://evil.example")
def any_target() -> Subject:
    """The target is not looked at."""
    return login_with(lambda target: True)


@mutant("next-same-origin", says="which a browser takes for http")
def two_slashes() -> Subject:
    """The target must begin with a slash and not with two."""
    return login_with(
        lambda target: (target.startswith("/") and not target.startswith("//") and target.isprintable())
        or target.startswith("/\t/")
    )  # fmt: skip


@mutant("next-same-origin", says="which a browser takes for http")
def no_netloc() -> Subject:
    """`urlsplit` finds no host in the target, or this one."""
    return login_with(
        lambda target: urlsplit(target).netloc in ("", request.host) and target.isprintable()
    )


@mutant("next-host-forgery", says="in the redirect to the login page")
def whole_url() -> Subject:
    """The target is `request.url`, as in the docs."""
    return login_required(target=lambda: request.url)


# Caching.


@mutant("cached-hit-and-expiry", says="the earlier result")
def timeout_forgotten() -> Subject:
    """The timeout is not passed on to the cache."""
    return cached(forward=False)


@mutant("cached-hit-and-expiry", says="the earlier result")
def stored_anew() -> Subject:
    """Each hit stores the answer again, so that a busy page never expires."""
    return cached(sliding=True)


@mutant("cached-hit-and-expiry", says="it ran again", also=["cached-falsy"])
def changing_key() -> Subject:
    """Something in the key is another one each time."""
    return cached(key=lambda key: f"{key.format(request.url)} {uuid.uuid4()}")


@mutant(
    "cached-key-path",
    says="the response to GET .../a",
    also=["cached-key-separates", "cached-thread-safe"],
)
def path_left_out() -> Subject:
    """The key is made of the endpoint and the query, so that all paths of a view share an answer."""
    return cached(
        key=lambda key: key.format(
            f"{request.endpoint} {request.host_url} {request.query_string!r} {g.get('user')}"
            f" {(request.view_args or {}).get('serial')}"
        )
    )


@mutant("cached-key-separates", says="a separate response for")
def query_left_out() -> Subject:
    """The key is made of the path, without the query."""
    return cached(key=lambda key: f"{key.format(request.base_url)} {g.get('user')}")


@mutant("cached-key-separates", says="by an anonymous user")
def user_left_out() -> Subject:
    """The key says nothing of who asks."""
    return cached(key=lambda key: key.format(request.url))


@mutant("cached-key-separates", says="at shop.example")
def host_left_out() -> Subject:
    """The key says nothing of the host."""
    return cached(
        key=lambda key: f"{key.format(request.script_root + request.full_path)} {g.get('user')}"
    )


@mutant("cached-key-separates", says="POST ")
def post_answered() -> Subject:
    """A POST is answered from the cache."""
    return cached(unchecked=lambda: request.method == "HEAD")


@mutant("cached-key-separates", says="an empty body")
def head_stored() -> Subject:
    """A HEAD's answer is stored without its body, and under the key of a GET."""

    def keep(response: flask.Response) -> bool:
        if request.method == "HEAD":
            response.set_data(b"")
        return keep_right(response)

    return cached(unchecked=lambda: request.method == "POST", keep=keep)


@mutant("cached-key-separates", says="?of=")
def report_of_everything() -> Subject:
    """The page's query is no part of its key."""

    def change(app: flask.Flask) -> None:
        view = make_cached(lambda key: request.path, lambda: False, lambda r: True, True, False)
        app.view_functions["viewdecorators.report"] = view(60)(bare(app, "report"))

    return routes(change)


@mutant("cached-no-error", says="its result again once it works")
def errors_too() -> Subject:
    """Whatever the view returns is stored."""
    return cached(
        keep=lambda response: not response.is_streamed and "Set-Cookie" not in response.headers
    )


@mutant("cached-cookie-not-shared", says="which another visitor already got")
def cookies_too() -> Subject:
    """Answers that set a cookie are stored."""
    return cached(keep=lambda response: response.status_code == 200 and not response.is_streamed)


@mutant("cached-thread-safe", says="a page of its own for GET .../")
def key_on_the_function() -> Subject:
    """The key waits in a variable of the decorator while the view runs."""

    def cached(timeout: int = 300, key: str = "view/{}") -> Any:
        def decorator(view: Any) -> Any:
            waiting: dict[str, str] = {}

            @wraps(view)
            def decorated_view(*args: Any, **kwargs: Any) -> Any:
                call = current_app.ensure_sync(view)
                if request.method != "GET":
                    return call(*args, **kwargs)
                cache = current_app.extensions["viewdecorators"]
                waiting["key"] = f"{key.format(request.url)} {g.get('user')}"
                response = cache.get(waiting["key"])
                if response is None:
                    response = current_app.make_response(call(*args, **kwargs))
                    if keep_right(response):
                        cache.set(waiting["key"], response, timeout=timeout)
                return response

            return decorated_view

        return decorator

    return component(cached=cached)


@mutant("cached-auth-order", says="for a client that has")
def cache_outside() -> Subject:
    """`@cached()` stands above `@login_required`, and keys by the path."""

    def change(app: flask.Flask) -> None:
        view = make_cached(lambda key: request.path, lambda: False, lambda r: True, True, False)
        protected = right.login_required(bare(app, "account"))
        app.view_functions["viewdecorators.account"] = view(60)(protected)

    return routes(change)


@mutant("cached-auth-order", says="not to be public")
def marked_public() -> Subject:
    """All that is cached is marked as public, the page of one person too."""

    def change(app: flask.Flask) -> None:
        view = app.view_functions["viewdecorators.account"]

        def marked() -> flask.Response:
            response = flask.make_response(view())
            response.cache_control.public = True
            return response

        app.view_functions["viewdecorators.account"] = marked

    return routes(change)


@mutant(
    "cached-same-response", says="answered from the cache, to get the same response as request 1"
)
def body_and_type_only() -> Subject:
    """Only the body and its media type are kept."""
    return cached(
        pack=lambda response: (response.get_data(), response.mimetype),
        unpack=lambda kept: flask.Response(kept[0], mimetype=kept[1]),
    )


@mutant("cached-no-error", says="its result again once it works", also=["cached-same-response"])
def error_as_page() -> Subject:
    """Whatever the view returns is kept, without its status."""
    return cached(
        keep=lambda response: not response.is_streamed and "Set-Cookie" not in response.headers,
        pack=lambda response: (response.get_data(), list(response.headers)),
        unpack=lambda kept: flask.Response(kept[0], headers=kept[1]),
    )


@mutant("cached-falsy", says="it ran 2 times")
def empty_is_a_miss() -> Subject:
    """A page that is empty counts as missing."""
    return cached(is_hit=lambda response: response is not None and bool(response.get_data()))


class ByReference:
    """A serializer that leaves objects as they are."""

    def dumps(self, value: Any) -> Any:
        return value

    loads = dumps


@mutant("cached-stream-safe", says="'one two three' for the second client")
def streams_too() -> Subject:
    """A cache of objects keeps answers that are given piece by piece."""

    def init_app(app: flask.Flask) -> None:
        right.init_cache(app)
        app.extensions["viewdecorators"].serializer = ByReference()

    def whole(response: flask.Response) -> flask.Response:
        if not response.is_streamed:
            response = flask.Response(response.get_data(), headers=list(response.headers))
        return response

    return cached(
        keep=lambda response: response.status_code == 200 and "Set-Cookie" not in response.headers,
        pack=whole,
        unpack=whole,
        bound={"init_app": init_app},
    )


@mutant(
    "cached-cookie-not-shared",
    says="which another visitor already got",
    also=["cached-same-response"],
)
def response_object_kept() -> Subject:
    """The cache keeps the response objects, which hooks and the session change each time."""

    def init_app(app: flask.Flask) -> None:
        right.init_cache(app)
        app.extensions["viewdecorators"].serializer = ByReference()

    return cached(bound={"init_app": init_app})


@mutant(
    "cached-key-separates",
    says="the response to GET",
    also=["cached-falsy", "cached-thread-safe"],
)
def key_of_the_view() -> Subject:
    """The key is the view's name, the query and the user."""
    return cached(
        key=lambda key: (
            f"{request.endpoint} {request.host_url} {request.query_string!r} {g.get('user')}"
        )
    )


@mutant("cached-key-separates", says="the response to GET")
def last_of_a_field() -> Subject:
    """A field that the query has twice counts once in the key."""
    return cached(
        key=lambda key: (
            f"{key.format(request.base_url)} {sorted(request.args.to_dict().items())} {g.get('user')}"
        )
    )


@mutant("cached-key-separates", says="at localhost/north")
def mount_left_out() -> Subject:
    """The key says nothing of where the app is mounted."""
    return cached(key=lambda key: f"{request.host} {request.full_path} {g.get('user')}")


# Templating.


@mutant("tmpl-dict-renders", says="TemplateNotFound: shop.")
def dots_left() -> Subject:
    """The endpoint's dots are left in the template's name."""

    def render(template: str | None, view: Any, *args: Any, **kwargs: Any) -> Any:
        context = view(*args, **kwargs)
        if context is None:
            context = {}
        if not isinstance(context, dict):
            return context
        return flask.render_template(template or f"{request.endpoint}.html", **context)

    return templated(render)


@mutant("tmpl-dict-renders", says="pages/named.html to be rendered")
def none_passes() -> Subject:
    """None is returned as it is."""

    def render(template: str | None, view: Any, *args: Any, **kwargs: Any) -> Any:
        context = view(*args, **kwargs)
        if not isinstance(context, dict):
            return context
        return flask.render_template(named(template), **context)

    return templated(render)


@mutant("tmpl-dict-renders", says="viewdecorators/greeting.html to be rendered")
def another_template() -> Subject:
    """The page renders the template of another one."""

    def change(app: flask.Flask) -> None:
        decorator = right.templated("viewdecorators/login.html")
        app.view_functions["viewdecorators.greeting"] = decorator(bare(app, "greeting"))

    return routes(change)


@mutant("tmpl-passthrough", says="what the view returns without the decorator: 200")
def not_context() -> Subject:
    """Whatever is false counts as None."""

    def render(template: str | None, view: Any, *args: Any, **kwargs: Any) -> Any:
        context = view(*args, **kwargs) or {}
        if not isinstance(context, dict):
            return context
        return flask.render_template(named(template), **context)

    return templated(render)


# Endpoints.


@mutant(
    "endpoint-bound",
    says="a view function for the endpoint 'index' of the rule that /index matches",
)
def rule_alone() -> Subject:
    """A rule was added, and no function for its endpoint."""
    return routes(lambda app: app.url_map.add(Rule("/index", endpoint="index")))
