"""Using URL Processors: a part of each URL is handled once, not in each view."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import flask

from ..core.errors import Broken, Deviation, Untested
from ..subject.config import Binding, Component, Route
from ..transports import MARK, Request, Response
from . import Pattern
from .harness import Harness, Probe

T = TypeVar("T")

#: A variable part of a rule: `<converter(arguments):name>`.
_PART = re.compile(r"<(?:[^<>:]+:)?(\w+)>")


class URLProcessors(Binding):
    """How a subject exposes a common part of its URLs."""

    blueprint: Component = None
    """A blueprint whose URLs all contain the value; it is registered in a host app."""
    page: Route | None = None
    """A page of the app, with the value's place in its path: `/{lang_code}/about`."""
    plain: Route | None = None
    """A page of the app whose URL does not contain the value."""
    value: str = "lang_code"
    """The value's name in the rules."""
    attribute: str | None = None
    """The attribute of `flask.g` that has the value during a request; by default its name."""
    codes: tuple[str, ...] = ("en", "de")
    """Two or more values that the app accepts."""


@dataclasses.dataclass(frozen=True)
class Seen:
    """What was to be seen inside the app, once its processors had run."""

    endpoint: str | None
    view_args: Mapping[str, Any]
    current: str | None


class URLProcessorsHarness(Harness[URLProcessors]):
    """Looks into each request after the processors and before the view."""

    def host(self, **config: Any) -> flask.Flask:
        """Make a new app that has the pages."""
        raise NotImplementedError

    def make_app(self) -> flask.Flask:
        """Make the app that the clauses visit."""
        return self.host()

    def instrument(self, app: flask.Flask) -> flask.Flask:
        """Let the harness look at each marked request, before any hook of the app."""
        self._looks: dict[str, Callable[[], None]] = {}

        def probe() -> None:
            look = self._looks.get(flask.request.headers.get(MARK, ""))
            if look is not None:
                look()

        app.before_request_funcs.setdefault(None, []).insert(0, probe)
        return app

    def visit(
        self, target: str, look: Callable[[], T], *, whole: bool = True
    ) -> tuple[Response, T]:
        """Send a request; give the answer and what `look` gives after the processors ran.

        Without `whole` the body is left alone: any page of an app may have no end. Raises
        `Deviation` where a processor raised, and ends the clause as `broken` where the
        app's hooks never ran for it.
        """
        self.inside()
        client = self.client()
        mark = str(id(look)) + target
        found: list[T] = []
        self._looks[mark] = lambda: found.append(look())
        request = Request.build("GET", target, headers=[(MARK, mark)])
        try:
            if whole:
                response = client.send(request)
            else:
                with client.stream(request) as stream:
                    response = Response(stream.status, stream.headers, b"", request)
        finally:
            del self._looks[mark]
        if not found and response.status >= 500:
            raise Deviation(f"the processors to cope with {request}", str(response))
        if not found:
            raise Broken(f"the app's hooks did not run for {request}: {response}")
        return response, found[0]

    @property
    def page(self) -> Route:
        """The page that contains the value."""
        return cast(Route, self.need("page"))

    @property
    def plain(self) -> Route:
        """The page that does not."""
        return cast(Route, self.need("plain"))

    @property
    def value(self) -> str:
        """The value's name in the rules."""
        return self.binding.value

    def code(self, number: int) -> str:
        """Give one of the accepted values by its number, however large that is."""
        return self.binding.codes[number % len(self.binding.codes)]

    def path(self, code: str) -> str:
        """The page's path for a value."""
        return self.page.path.replace(f"{{{self.value}}}", code)

    def seen(self) -> Seen:
        """Look at the current request."""
        current = flask.g.get(self.binding.attribute or self.value)
        return Seen(flask.request.endpoint, dict(flask.request.view_args or {}), current)

    def rules(self, *, localised: bool) -> dict[str, str]:
        """Give endpoint and rule of the pages that need the value alone, or nothing at all."""
        wanted = {self.value} if localised else set()
        return {
            rule.endpoint: rule.rule
            for rule in self.flask_app.url_map.iter_rules()
            if "GET" in (rule.methods or ())
            and set(rule.arguments) == wanted
            and not rule.defaults
            and not rule.subdomain
        }

    def fill(self, rule: str, code: str) -> str:
        """Give the path of a rule for a value, without the URL map's help."""
        return _PART.sub(code, rule)

    @property
    def catches_all(self) -> bool:
        """Whether some rule takes every path, so that nothing is ever missing."""
        rules = [rule.rule for rule in self.flask_app.url_map.iter_rules()]
        return any(rule.startswith("/<") and "<path:" in rule for rule in rules)

    def needs_host(self) -> None:
        """Say that the clause uses the host app's other blueprint."""
        raise Untested.for_keys("urlprocessors", "blueprint")

    def probes(self) -> Sequence[Probe]:
        """Probe the page for the first value."""
        if self.binding.page is None:
            return []
        return [Probe("page", Request("GET", self.path(self.binding.codes[0])))]


class URLProcessorsComponent(URLProcessorsHarness):
    """The blueprint in a host app that has a page and a blueprint of its own."""

    kind = "component"
    keys = ("blueprint",)

    def host(self, **config: Any) -> flask.Flask:
        """Give a host app: a plain page, and another blueprint with a value of the same name."""
        app = flask.Flask(__name__)
        app.config.update(config, PROPAGATE_EXCEPTIONS=True)
        other = flask.Blueprint("conformance_other", __name__, url_prefix="/conformance-other")
        other.add_url_rule(f"/<{self.value}>/", "page", lambda **values: "other")
        app.register_blueprint(other)
        app.add_url_rule("/conformance-plain", "conformance_plain", lambda: "plain")
        self.call("app.register_blueprint(blueprint)", app.register_blueprint,
                  self.component("blueprint"))  # fmt: skip
        return self.instrument(app)

    @property
    def page(self) -> Route:
        """A page of the blueprint that needs nothing but the value."""
        name = self.component("blueprint").name
        for endpoint, rule in self.rules(localised=True).items():
            if endpoint.startswith(f"{name}."):
                return Route(path=self.fill(rule, f"{{{self.value}}}"))
        raise Broken(f"no GET page of blueprint {name!r} needs {self.value!r} and nothing else")

    @property
    def plain(self) -> Route:
        """The host app's plain page."""
        return Route(path="/conformance-plain")

    def rules(self, *, localised: bool) -> dict[str, str]:
        """Leave the host app's other blueprint out."""
        found = super().rules(localised=localised)
        return {key: rule for key, rule in found.items() if not key.startswith("conformance_other")}

    def needs_host(self) -> None:
        """Nothing: this is the host app."""

    def probes(self) -> Sequence[Probe]:
        """Nothing to probe: the routes are the host app's."""
        return []


class URLProcessorsRoutes(URLProcessorsHarness):
    """Pages of the subject's app."""

    kind = "routes"
    keys = ("page",)

    def host(self, **config: Any) -> flask.Flask:
        """Give a new app of the subject, with the harness's look into each request."""
        app = self.bench.build(**config)
        if not isinstance(app, flask.Flask):
            raise Untested("needs a Flask app: the subject is another WSGI callable")
        return self.instrument(app)


pattern = Pattern(
    slug="urlprocessors",
    title="Using URL Processors",
    sections={
        "": "Using URL Processors",
        "internationalized-application-urls": "Internationalized Application URLs",
        "internationalized-blueprint-urls": "Internationalized Blueprint URLs",
    },
    binding=URLProcessors,
    harnesses=(URLProcessorsComponent, URLProcessorsRoutes),
)
