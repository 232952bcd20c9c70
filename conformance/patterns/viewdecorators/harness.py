"""View Decorators: a login that views ask for, cached views, templated views, endpoints."""

from __future__ import annotations

import dataclasses
import functools
import gc
import importlib.util
import inspect
import json
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

import flask
import jinja2

from ...core.errors import Untested
from ...instruments import whatwg
from ...instruments.html import Element, Page
from ...subject.config import Binding, Component, Route
from ...transports import Client, Response
from .. import Pattern
from ..cached import (
    PEOPLE,
    TIMEOUTS,
    Asked,
    CachedComponent,
    CachedHarness,
    CachedRoutes,
    Decorator,
    Got,
    Pages,
    Runs,
    address,
)

#: What the host app's templates show of their context.
KEYS = ("value", "title", "name")

#: Where the host app has templated views: the path, and the template that it stands for.
PLACES = {
    "/named": "pages/named.html",
    "/plain": "plain.html",
    "/shop/list": "shop/list.html",
    "/shop/admin/edit": "shop/admin/edit.html",
}

#: Ways in which a view of the host app gives its answer piece by piece, and what it gives.
STREAMS = ("generator", "response", "with context")
STREAMED = "one two three"

Query = Sequence[tuple[str, str]]


class ViewDecorators(Binding):
    """How a subject exposes its view decorators."""

    login_required: Component = None
    """The login decorator, called with `(view)`."""
    cached: Component = None
    """The caching decorator, called with `(timeout=..., key=...)`, gives one for a view."""
    templated: Component = None
    """The templating decorator, called with `(template=None)`, gives one for a view."""
    init_app: Component = None
    """Called with the app that the kit tries the decorators in: what they need is set up here."""
    login_endpoint: str = "login"
    """The endpoint that `login_required` redirects to."""
    cache_clock: bool = True
    """Whether the cache goes by this process's clock; false for a server such as Redis."""
    protected: Route | None = None
    """A page that only someone who has logged in sees."""
    login: Route | None = None
    """Logging in, with the fields of the form; `form_page` where the form has another path."""
    logout: Route | None = None
    """Logging out."""
    next_field: str = "next"
    """The field of the query that carries where to go after logging in."""
    cached_page: Route | None = None
    """A cached page that is another one each time its view runs: a time, a counter."""
    cached_timeout: float = 300
    """Seconds that `cached_page` is kept."""
    cached_query: str | None = None
    """A field of the query that decides what `cached_page` shows."""
    cached_private: Route | None = None
    """A page that is cached, and that only someone who has logged in sees."""
    templated_page: Route | None = None
    """A page whose view gives the values for a template."""
    template: str | None = None
    """The template of `templated_page`; else the one that its endpoint names."""


@dataclasses.dataclass(frozen=True)
class Rendered:
    """A templated page: the template that was wanted, those rendered, the values shown."""

    wanted: str
    templates: Sequence[str]
    #: What the page shows for each of `KEYS`; None where the template is not the kit's.
    values: Mapping[str, str] | None
    response: Response


class ViewDecoratorsHarness(CachedHarness[ViewDecorators]):
    """What the clauses do with view decorators, whichever way they are bound."""

    # The login.

    def protected(self, segments: Sequence[str] = (), query: Query = ()) -> str:
        """Give a protected page; what the subject can not vary is left out."""
        raise NotImplementedError

    @property
    def login_page(self) -> str:
        """The path of the page with the login form."""
        raise NotImplementedError

    def credentials(self, person: str) -> Mapping[str, str]:
        """Give the fields that someone fills in to log in."""
        raise NotImplementedError

    def log_in(self, client: Client, person: str = PEOPLE[0]) -> Response:
        """Log in."""
        raise NotImplementedError

    def log_out(self, client: Client) -> None:
        """Log out; a browser that forgets its cookies where there is nothing else."""
        client.cookies.clear()

    def runs(self, client: Client) -> int | None:
        """Give how often views of the host app have run; None where that can not be seen."""
        return None

    def broken_logins(self) -> Iterator[tuple[str, Client]]:
        """Give clients whose user can not be found out, and why not."""
        raise NotImplementedError

    def is_login(self, response: Response) -> bool:
        """Whether an answer sends the client to the login page."""
        here = response.request.target
        return (
            response.is_redirect
            and urlsplit(urljoin(here, response.location or "")).path == self.login_page
        )

    def submit(self, client: Client, page: Response) -> Response:
        """Fill in the form of the login page and send it, as a browser does."""
        forms = Page(page.text).find("form")
        form = next((each for each in forms if _inputs(each, "password")), None)
        if form is None:
            raise Untested(f"the page at {page.request.target} has no form with a password")
        fields = {
            each.attributes["name"]: each.attributes.get("value", "")
            for each in _inputs(form, "hidden")
            if "name" in each.attributes
        }
        action = form.attributes.get("action") or page.request.target
        parts = urlsplit(urljoin(page.request.target, action))
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        return client.post(target, form={**fields, **self.credentials(PEOPLE[0])})

    def offer(self, payload: str) -> Iterator[Response]:
        """Give the answers to logins that were asked to go on to `payload`."""
        self.need("login")
        field = {self.binding.next_field: payload}
        client = self.client()
        page = client.get(self.login_page, query=field)
        yield page
        if page.status == 200 and Page(page.text).find("form"):
            yield self.submit(client, page)
            yield client.get(self.login_page, query=field)
        forger = self.client()
        form = {**self.credentials(PEOPLE[0]), **field}
        yield forger.post(self.login_page, query=field, form=form)

    @functools.cached_property
    def own_origins(self) -> frozenset[str | None]:
        """The origins that a login leads to when it is asked for nothing."""
        answer = self.log_in(self.client())
        usual = whatwg.origin(answer.location or "", "http://localhost")
        return frozenset(["http://localhost", "https://localhost", None, usual])

    def same_function(self) -> list[str]:
        """Give the paths of every rule that leads to the function behind the protected page."""
        path = self.protected().partition("?")[0]
        functions = self.flask_app.view_functions
        endpoint, _ = self.flask_app.url_map.bind("localhost").match(path, method="GET")
        bare = _bare(functions.get(endpoint))
        return [
            target
            for target, rule in self.rules()
            if "GET" in (rule.methods or {"GET"}) and _bare(functions.get(rule.endpoint)) is bare
        ]

    def rules(self) -> Iterator[tuple[str, Any]]:
        """Give the app's rules, each with a path that it matches."""
        for rule in self.flask_app.url_map.iter_rules():
            try:
                built = rule.build(dict.fromkeys(rule.arguments, "1"), append_unknown=False)
            except ValueError:
                # A converter that takes some words only says so by raising.
                continue
            # None where an argument wants another value, such as a UUID.
            if built is not None and not rule.build_only and not rule.subdomain:
                yield built[1], rule

    def unbound_rules(self) -> Iterator[tuple[str, str, str]]:
        """Give a target, a method and the endpoint of each rule that has no function."""
        raise Untested(
            f"looks at the rules of an app: [patterns.{self.slug}] binds none of its pages"
        )

    # The cache.

    def private_page(self) -> str:
        """Give a page that is both cached and protected."""
        raise NotImplementedError

    def streamed(self, kind: str) -> Response:
        """Ask, as a new client, for a page of the host app that is given piece by piece."""
        raise Untested.for_keys("viewdecorators", "cached")

    def overlapping(self, name: str) -> Got:
        """Ask for a page of the host app whose view waits for another one to begin."""
        raise Untested.for_keys("viewdecorators", "cached")

    # Templates and the rest.

    def render(self, place: str, context: Mapping[str, Any] | None) -> Rendered:
        """Have a templated view give a context; `place` is one of `PLACES`."""
        raise NotImplementedError

    def returned(self, kind: str, text: str) -> tuple[Response, Response]:
        """Give the answers to a value that a bare view and a templated view return."""
        raise Untested.for_keys("viewdecorators", "templated")

    def decorators(self) -> dict[str, Decorator]:
        """Give the bound decorators, ready to take a view, by what is written above it."""
        raise Untested.for_keys("viewdecorators", "login_required", "cached", "templated")

    def decorated(self, which: str, kind: str, rest: str = "") -> Response:
        """Ask for a view of the host app that wears one of `decorators`, as someone logged in."""
        raise Untested.for_keys("viewdecorators", "login_required", "cached", "templated")


class ViewDecoratorsComponent(CachedComponent[ViewDecorators], ViewDecoratorsHarness):
    """The decorators on the views of a small host app."""

    kind = "component"
    keys = ("login_required", "cached", "templated")

    login_page = "/login"

    #: How the host app finds out who asks: "stored", "missing" or "raises".
    _loader = "stored"

    def make_app(self) -> Any:
        """Give a host app whose views wear the bound decorators."""
        names = [key for key in self.keys if getattr(self.binding, key) is not None]
        components = {name: self.component(name) for name in names}
        app = host_app(self.binding.login_endpoint, self.binding.next_field, self._loader)
        if self.binding.init_app is not None:
            self.call("init_app(app)", self.component("init_app"), app)
        self.call(
            f"{', '.join(components)} on the views of the host app", add_views, app, **components
        )
        return app

    def protected(self, segments: Sequence[str] = (), query: Query = ()) -> str:
        """Give a path below /secret."""
        self.need("login_required")
        path = "/".join(["/secret", *(quote(each, safe="") for each in segments)])
        return path + (f"?{urlencode(query)}" if query else "")

    def credentials(self, person: str) -> Mapping[str, str]:
        """Give the name alone: the host app believes it."""
        return {"username": person, "password": "-"}

    def log_in(self, client: Client, person: str = PEOPLE[0]) -> Response:
        """Log in at the host app."""
        return client.post(self.login_page, form=self.credentials(person))

    def runs(self, client: Client) -> int | None:
        """Ask the host app how often its views have run."""
        return int(client.get("/runs").body)

    def broken_logins(self) -> Iterator[tuple[str, Client]]:
        """Let nothing store the user, then let looking at the user raise."""
        self.need("login_required")
        for loader, why in (
            ("missing", "nothing has stored the user in g"),
            ("raises", "looking at g.user raises"),
        ):
            self._loader = loader
            self.renew()
            yield why, self.client()

    def offer(self, payload: str) -> Iterator[Response]:
        """The host app's login is the kit's own."""
        raise Untested.for_keys("viewdecorators", "login")

    def ways(self) -> Mapping[str, float]:
        """Return the host app's pages."""
        self.need("cached")
        return TIMEOUTS

    def ask(self, way: str, name: str = "", failing: str | None = None) -> Got:
        """Ask for a page of this example."""
        self.need("cached")
        return self.kept_page(way, name, failing)

    def kept_answers(self, way: str, value: Any) -> int:
        """Let the host app give the value, and count."""
        self.need("cached")
        return self.runs_for(way, value)

    def private_page(self) -> str:
        """Give a page that is protected outside and cached inside."""
        self.need("login_required")
        self.need("cached")
        return f"/private/{self.serial}"

    def streamed(self, kind: str) -> Response:
        """Ask for a page of this example."""
        self.need("cached")
        return self.client().get(f"/stream/{self.serial}", headers={"X-Kind": kind})

    def overlapping(self, name: str) -> Got:
        """Ask for a page of this example."""
        self.need("cached")
        return self.page(f"/page/{self.serial}/{name}", {"X-Together": "1 0.1"})

    def render(self, place: str, context: Mapping[str, Any] | None) -> Rendered:
        """Post the context to a view that returns it."""
        self.need("templated")
        response = self.client().post(place, json={"context": context})
        page = Page(response.text)
        values = {each.attributes["title"]: each.text for each in page.find("p", class_="value")}
        templates = [each.text for each in page.find("h1")]
        return Rendered(PLACES[place], templates, values, response)

    def returned(self, kind: str, text: str) -> tuple[Response, Response]:
        """Let both views of the host app return the same."""
        self.need("templated")
        client = self.client()
        bare, templated = (
            client.post(f"/{place}", json={"kind": kind, "text": text})
            for place in ("bare", "worn")
        )
        return bare, templated

    def decorators(self) -> dict[str, Decorator]:
        """Call those that take arguments without any."""
        bound = {key for key in self.keys if getattr(self.binding, key) is not None}
        return worn(**{key: self.component(key) for key in bound})

    def decorated(self, which: str, kind: str, rest: str = "") -> Response:
        """Log in, where the decorator is about that, and ask."""
        if kind == "async" and importlib.util.find_spec("asgiref") is None:
            raise Untested.for_package("asgiref", "flask[async]")
        client = self.client()
        if which == "login_required":
            self.log_in(client)
        with warnings.catch_warnings():
            # That nobody awaits a view is what the clause finds out; the interpreter's own
            # warning of it comes when the coroutine goes, which the error keeps alive.
            warnings.simplefilter("ignore", RuntimeWarning)
            answer = client.get(f"/{kind}/{which}{rest}")
            if answer.error is not None:
                answer.error.with_traceback(None)
                gc.collect()
        return answer


class ViewDecoratorsRoutes(CachedRoutes[ViewDecorators], ViewDecoratorsHarness):
    """An app whose views wear decorators."""

    kind = "routes"
    keys = ("protected", "cached_page", "cached_private", "templated_page")

    def protected(self, segments: Sequence[str] = (), query: Query = ()) -> str:
        """Give the bound page with more of a query."""
        return address(self.need("protected"), query)

    @property
    def login_page(self) -> str:
        """The bound path, or that of its form page."""
        route: Route = self.need("login")
        return route.form_page or route.path

    def credentials(self, person: str) -> Mapping[str, str]:
        """Give the bound fields; there is one person only."""
        return self.need("login").form or {}

    def log_in(self, client: Client, person: str = PEOPLE[0]) -> Response:
        """Send the bound login."""
        return self.send(client, self.need("login"))

    def log_out(self, client: Client) -> None:
        """Send the bound logout."""
        if self.binding.logout is None:
            super().log_out(client)
        else:
            self.send(client, self.binding.logout)

    def broken_logins(self) -> Iterator[tuple[str, Client]]:
        """Give clients whose cookies are not those that the app gave out at the login."""
        self.protected()
        changes: dict[str, Callable[[str], str]] = {
            "cut off": lambda value: value[: len(value) // 2],
            "reversed": lambda value: value[::-1],
            "empty": lambda value: "",
        }
        for how, change in changes.items():
            client = self.client()
            self.log_in(client)
            for cookie in client.cookies.values():
                cookie.value = change(cookie.value)
            yield f"each cookie of the login is {how}", client

    def cached_page(self) -> Route:
        """Return the bound page."""
        page: Route = self.need("cached_page")
        return page

    def ways(self) -> Mapping[str, float]:
        """Return the bound page."""
        self.cached_page()
        return {"page": self.binding.cached_timeout}

    def ask(self, way: str, name: str = "", failing: str | None = None) -> Got:
        """Ask for the bound page, which answers the same for all names."""
        page = address(self.cached_page())
        if failing:
            raise Untested.for_keys("viewdecorators", "cached")
        return Got.of(self.client().get(page))

    def visit(self, asked: Asked) -> tuple[Asked, Response]:
        """Vary the bound field of the query, which may stand in it more than once.

        Of a field that is repeated counts what the page shows of it, in that order: a page
        may read the first value alone, or sort them.
        """
        page, field = self.cached_page(), self.need("cached_query")
        method = asked.method if asked.method == "HEAD" else "GET"
        wanted = [value for _, value in asked.query or ()] or [asked.path]
        # No other example's, so that nothing is kept for them yet.
        values = [f"{self.serial}.{value}" for value in wanted]
        query = [(field, value) for value in values]
        response = self.client().open(method, address(page, query))
        if len(values) > 1:
            shown = [value for value in values if value in response.text]
            query = [(field, value) for value in sorted(shown, key=response.text.index)]
        return Asked(method, page.path, tuple(query)), response

    def private_page(self) -> str:
        """Give the bound page."""
        return address(self.need("cached_private"))

    def unbound_rules(self) -> Iterator[tuple[str, str, str]]:
        """Compare the app's URL map with its view functions."""
        self.ledger.call("looked at app.url_map and app.view_functions")
        for target, rule in self.rules():
            if rule.endpoint not in self.flask_app.view_functions and rule.redirect_to is None:
                yield target, min(rule.methods or {"GET"}), rule.endpoint

    def render(self, place: str, context: Mapping[str, Any] | None) -> Rendered:
        """Ask for the bound page and listen to the app's `template_rendered` signal."""
        route: Route = self.need("templated_page")
        with self.signals(flask.template_rendered) as heard:
            response, endpoint = self.send_and_look(
                self.client(), route.request(), lambda: flask.request.endpoint
            )
        wanted = self.binding.template or f"{(endpoint or '').replace('.', '/')}.html"
        templates = [values["template"].name for _, values in heard]
        return Rendered(wanted, templates, None, response)


def _inputs(form: Element, kind: str) -> list[Element]:
    return [
        each
        for each in form.walk()
        if each.tag == "input" and each.attributes.get("type", "").lower() == kind
    ]


def _bare(view: Any) -> Any:
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    return view


def place(target: str) -> tuple[str, list[tuple[str, str]]]:
    """Give the path and the query that a target means, however it is percent-encoded."""
    path, _, query = target.partition("?")
    return unquote(path), parse_qsl(query, keep_blank_values=True)


def worn(
    login_required: Decorator | None = None,
    cached: Callable[..., Decorator] | None = None,
    templated: Callable[..., Decorator] | None = None,
) -> dict[str, Decorator]:
    """Give the decorators that there are, those that take arguments called without any."""
    found: dict[str, Decorator] = {}
    if login_required is not None:
        found["login_required"] = login_required
    if cached is not None:
        found["cached"] = lambda view: cached()(view)
    if templated is not None:
        found["templated"] = lambda view: templated()(view)
    return found


def _place_in_key(cached: Callable[..., Decorator]) -> str:
    # The docs' own decorator had the older way of formatting before.
    key = inspect.signature(cached).parameters.get("key")
    return "%s" if key is not None and "%s" in str(key.default) else "{}"


class _AnyEnding(jinja2.DictLoader):
    """Has its HTML templates under other endings too: a decorator may call them `.j2`."""

    def get_source(self, environment: jinja2.Environment, template: str) -> Any:
        known = template in self.mapping
        return super().get_source(
            environment, template if known else f"{template.rpartition('.')[0]}.html"
        )


def host_app(login_endpoint: str, next_field: str, loader: str) -> flask.Flask:
    """Give a Flask app with a login, as the docs page has it: who asks is in `g.user`.

    `loader` says how that goes: "stored", or "missing" and "raises" for what can go
    wrong. `/runs` tells how often the views that `add_views` adds have run.
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

    def login() -> Any:
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

    app.add_url_rule("/login", login_endpoint, login, methods=["GET", "POST"])
    app.add_url_rule("/runs", "conformance_runs", lambda: str(runs.count))
    return app


def _no_user(g: Any) -> Any:
    raise LookupError("the user can not be loaded")


def add_views(
    app: flask.Flask,
    login_required: Decorator | None = None,
    cached: Callable[..., Decorator] | None = None,
    templated: Callable[..., Decorator] | None = None,
) -> None:
    """Add views to the host app that wear the decorators, as their pages show it."""
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
    def view(**arguments: Any) -> Any:
        return json.dumps(arguments, sort_keys=True), 202, {"X-Kept": "yes"}

    async def coroutine() -> Any:
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

    def stream(name: str) -> Any:
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


#: What a view may return beside a dict, each made of a text.
RETURNED: Mapping[str, Callable[[str], Any]] = {
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

pattern = Pattern(
    slug="viewdecorators",
    title="View Decorators",
    sections={
        "": "View Decorators",
        "login-required-decorator": "Login Required Decorator",
        "caching-decorator": "Caching Decorator",
        "templating-decorator": "Templating Decorator",
        "endpoint-decorator": "Endpoint Decorator",
    },
    binding=ViewDecorators,
    harnesses=(ViewDecoratorsComponent, ViewDecoratorsRoutes),
)
