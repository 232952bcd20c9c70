"""Using URL Processors: a part of each URL is handled once rather than in each view."""

from __future__ import annotations

import abc
import dataclasses
import functools
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from unittest import mock
from urllib.parse import unquote, urlsplit

import flask

from ..core.errors import Broken, Deviation, Untested
from ..instruments.fresh import ask
from ..instruments.html import Page
from ..subject import Subject
from ..subject.config import Binding, Component, Route
from ..transports import MARK, Client, Request, Response
from ..transports.wsgi import WSGIServer
from . import Pattern
from .harness import Ability, Harness, Probe, named

if TYPE_CHECKING:
    from werkzeug.routing import Rule

T = TypeVar("T")

#: A variable part of a rule: `<converter(arguments):name>`.
_PART = re.compile(r"<(?:[^<>:]+:)?(\w+)>")


class URLProcessors(Binding):
    """How a subject exposes a common part of its URLs."""

    blueprint: Component = None
    """A blueprint whose URLs all contain the value; it is registered in a host app."""
    page: Route | None = None
    """A page of the app, with a placeholder for the value in its path: `/{lang_code}/about`."""
    plain: Route | None = None
    """A page of the app whose URL does not contain the value."""
    value: str = "lang_code"
    """The value's name in the rules."""
    attribute: str | None = None
    """The attribute of `flask.g` that has the value during a request; by default the value's
    name. If `g` has no such attribute, the kit looks at what `url_for` puts into the page's own
    URL."""
    codes: tuple[str, ...] = ("en", "de")
    """Two or more values that the app accepts."""


_marks = itertools.count()


@dataclasses.dataclass(frozen=True)
class Seen:
    """What was seen inside the app once its processors had run."""

    endpoint: str | None
    view_args: Mapping[str, object]
    current: str | None
    #: Where the current value was looked up.
    place: str
    #: Whether the visitor's session has the current value, by which an app may go elsewhere.
    remembered: bool = False


class URLProcessorsHarness(Harness[URLProcessors], abc.ABC):
    """Looks into each request between the processors and the view."""

    @abc.abstractmethod
    def host(self, **config: object) -> flask.Flask:
        """Create a new app with the pages."""

    def make_app(self) -> flask.Flask:
        """Create the app that the clauses visit."""
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
        self,
        target: str,
        look: Callable[[], T],
        *,
        whole: bool = True,
        client: Client | None = None,
    ) -> tuple[Response, T]:
        """Send a request; return the response and what `look` returned after the processors ran.

        `client` is the client to use, by default a new one. Without `whole` the body is not read,
        since any page of an app may be endless. Raises `Deviation` if a processor raised, and
        ends the clause as `broken` if the app's hooks did not run for the request.
        """
        self.inside()
        client = client or self.client()
        mark = str(next(_marks))
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
            raise Deviation(f"the processors to handle {request}", str(response))
        if not found:
            raise Broken(f"the app's hooks did not run for {request}: {response}")
        return response, found[0]

    def fills(self, endpoint: str) -> str:
        """Say which callbacks Flask calls when it builds a URL for an endpoint."""
        names = [
            name
            for name in self.flask_app.url_default_functions
            if name is None or endpoint.startswith(f"{name}.")
        ]
        found = [each for name in names for each in self.flask_app.url_default_functions[name]]
        if not found:
            return f"no `url_defaults` function is registered for {endpoint!r}."
        return f"the `url_defaults` function {named(found)} adds no {self.value!r}."

    def handled_by(self, request: Request) -> str:
        """Say which error handler of the app responds to a routing error, if one does."""
        if not self.bench.transport.same_process:
            return ""

        def look() -> tuple[object, object] | None:
            error = flask.request.routing_exception
            if error is None:
                return None
            app = cast(Any, flask.current_app)
            return error.code, app._find_error_handler(error, flask.request.blueprints)

        _, seen = self.send_and_look(self.client(), request, look)
        if seen is None or seen[1] is None:
            return ""
        handler = named([cast("Callable[..., object]", seen[1])])
        return f"routing raises {seen[0]}, which the error handler {handler} responds to."

    @property
    def page(self) -> Route:
        """The page that contains the value."""
        return cast(Route, self.need("page"))

    @property
    def plain(self) -> Route:
        """The page that does not contain the value."""
        return cast(Route, self.need("plain"))

    @property
    def value(self) -> str:
        """The value's name in the rules."""
        return self.binding.value

    def code(self, **number: int) -> str:
        """Return one of the accepted values by its number, which is passed by its name."""
        return self.choose(self.binding.codes, **number)

    def path(self, code: str) -> str:
        """Return the page's path for a value."""
        return self.page.path.replace(f"{{{self.value}}}", code)

    def seen(self) -> Seen:
        """Return what is seen of the current request."""
        name = self.binding.attribute or self.value
        # Where the value is stored is up to the app; `url_for` shows what it is.
        kept = self.binding.attribute is not None or name in flask.g
        current = flask.g.get(name) if kept else self._injected()
        # A converter may have made a number of it.
        current = str(current) if isinstance(current, int) else current
        place = f"g.{name}" if kept else "the URLs that url_for builds"
        rule, arguments = flask.request.url_rule, dict(flask.request.view_args or {})
        # To look at a session makes the response vary with it, so only where there is no value.
        plain = rule is not None and self.value not in rule.arguments
        remembered = (
            plain and current is not None and current in [*map(str, flask.session.values())]
        )
        return Seen(flask.request.endpoint, arguments, current, place, remembered)

    def _injected(self) -> str | None:
        rule = flask.request.url_rule
        if rule is None or self.value not in rule.arguments:
            return None
        return self.built()

    def built(self) -> str | None:
        """Return the value that is currently put into URLs, or None."""
        for endpoint, path in self.rules(localised=True).items():
            before, after = _PART.split(path, maxsplit=1)[::2]
            try:
                url = unquote(flask.url_for(endpoint))
            except Exception:
                return None
            return url.removeprefix(before).removesuffix(after) or None
        return None

    @functools.cached_property
    def links_alone(self) -> dict[str, list[str] | None]:
        """The links of the page for each code, requested first on a new app.

        None if two new apps give different links, such as with a token or a time.
        """
        found: dict[str, list[str] | None] = {}
        for code in self.binding.codes:
            twice = []
            for _ in range(2):
                self.renew()
                twice.append(self.links(self.client().get(self.path(code))))
            found[code] = twice[0] if twice[0] == twice[1] else None
        return found

    def links_elsewhere(self, code: str) -> list[str]:
        """Return the links of the page for a code, requested in another process.

        Only of links to pages with the value; ends the clause as `untested` if no other process
        can create the app.
        """
        if self.bench.subject.app is None:
            raise Untested("needs an app that another process can create")
        return self.localised(ask(self.bench, page_links, keep=True, path=self.path(code)))

    def leads_elsewhere(self, links: list[str], code: str) -> bool:
        """Check whether links lead to pages with a value, but none to one with this code."""
        own = {self.fill(rule, code) for rule in self.rules(localised=True).values()}
        return bool(links) and own.isdisjoint(links)

    def localised(self, links: list[str]) -> list[str]:
        """Return those links that lead to pages with the value, without duplicates and sorted."""
        rules = self.rules(localised=True).values()
        known = {self.fill(rule, code) for rule in rules for code in self.binding.codes}
        return sorted({path for link in links if (path := unquote(urlsplit(link).path)) in known})

    def links(self, response: Response) -> list[str]:
        """Return the targets of a page's links and forms."""
        return links_of(response.text)

    def rules(self, *, localised: bool) -> dict[str, str]:
        """Return endpoint and rule of the pages that require only the value, or nothing at all.

        The value is at the same place as in the bound page's path: a rule elsewhere may have an
        argument of the same name that does not concern the processors.
        """
        wanted = {self.value} if localised else set()
        return {
            rule.endpoint: self.root + rule.rule
            for rule in self.flask_app.url_map.iter_rules()
            if "GET" in (rule.methods or ())
            and set(rule.arguments) == wanted
            and not rule.defaults
            and not rule.subdomain
            and (not localised or self._belongs(rule))
        }

    def _belongs(self, rule: Rule) -> bool:
        before = self.page.path.partition(f"{{{self.value}}}")[0]
        return bool(_PART.split(self.root + rule.rule)[0] == before)

    @functools.cached_property
    def root(self) -> str:
        """Where the app is mounted: what its rules lack of the bound page's path."""
        if self.binding.page is None:
            return ""
        page = self.binding.page.path
        rules = [
            self.fill(rule.rule, f"{{{self.value}}}")
            for rule in self.flask_app.url_map.iter_rules()
        ]
        found = max((rule for rule in rules if page.endswith(rule)), key=len, default=page)
        return page.removesuffix(found)

    def fill(self, rule: str, code: str) -> str:
        """Return the path of a rule for a value, without using the URL map."""
        return _PART.sub(lambda match: code, rule)

    @property
    def catches_all(self) -> bool:
        """Whether some rule matches every path, so that nothing is ever missing."""
        rules = [rule.rule for rule in self.flask_app.url_map.iter_rules()]
        return any(rule.startswith("/<") and "<path:" in rule for rule in rules)

    def probes(self) -> Sequence[Probe]:
        """Probe the page for the first value."""
        if self.binding.page is None:
            return []
        return [Probe("page", Request("GET", self.path(self.binding.codes[0])))]


def links_of(text: str) -> list[str]:
    """Return the targets of a page's links and forms."""
    return [
        element.attributes[name]
        for element in Page(text).find()
        for name in ("href", "action")
        if element.attributes.get(name)
    ]


def page_links(subject: Subject, folder: Callable[[], Path], path: str) -> list[str]:
    """Return the links of a page of a new app: a question for another process."""
    return links_of(WSGIServer(subject.build(folder)).send(Request("GET", path)).text)


class URLProcessorsComponent(URLProcessorsHarness, Ability, given_by=("blueprint",)):
    """The blueprint in a host app with a plain page and another blueprint."""

    kind = "component"
    keys = ("blueprint",)

    def host(self, **config: object) -> flask.Flask:
        """Return a host app: a plain page, and another blueprint with a value of the same name.

        If the subject's own app has the blueprint, it is used, since pages may link to others.
        """
        blueprint = self.component("blueprint")
        own = None if self._alone else self._own_app(blueprint, config)
        app = own or flask.Flask(__name__)
        other = flask.Blueprint("conformance_other", __name__, url_prefix="/conformance-other")
        other.add_url_rule(f"/<{self.value}>/", "page", lambda **values: "other")
        # An app object is the same each time, and may have answered requests by now.
        if other.name not in app.blueprints:
            with mock.patch.object(app, "_got_first_request", False):
                app.register_blueprint(other)
                app.add_url_rule("/conformance-plain", "conformance_plain", lambda: "plain")
        if own is None:
            app.config.update(config, PROPAGATE_EXCEPTIONS=True)
            self.call("app.register_blueprint(blueprint)", app.register_blueprint, blueprint)
        return self.instrument(app)

    #: Whether the blueprint is needed in an app that has nothing else.
    _alone = False

    def _own_app(
        self, blueprint: flask.Blueprint, config: Mapping[str, object]
    ) -> flask.Flask | None:
        if self.bench.subject.app is None:
            return None
        app = self.bench.build(**config)
        if isinstance(app, flask.Flask) and blueprint in app.blueprints.values():
            return app
        return None

    @property
    def page(self) -> Route:
        """A page of the blueprint that requires nothing but the value."""
        name = self.component("blueprint").name
        for endpoint, rule in self.rules(localised=True).items():
            if endpoint.startswith(f"{name}."):
                return Route(path=self.fill(rule, f"{{{self.value}}}"))
        raise Broken(f"no GET page of blueprint {name!r} requires only {self.value!r}")

    @property
    def plain(self) -> Route:
        """The host app's plain page."""
        return Route(path="/conformance-plain")

    def rules(self, *, localised: bool) -> dict[str, str]:
        """Return the rules, without those of the host app's other blueprint."""
        found = super().rules(localised=localised)
        return {key: rule for key, rule in found.items() if not key.startswith("conformance_other")}

    def _belongs(self, rule: Rule) -> bool:
        return bool(rule.endpoint.startswith(f"{self.component('blueprint').name}."))

    def stand_alone(self) -> None:
        """Create a host app that has no processors but the blueprint's."""
        self._alone = True
        self.renew()

    def probes(self) -> Sequence[Probe]:
        """Return no probes: the routes are the host app's."""
        return []


class URLProcessorsRoutes(URLProcessorsHarness):
    """Pages of the subject's app."""

    kind = "routes"
    keys = ("page",)

    def host(self, **config: object) -> flask.Flask:
        """Return a new app of the subject, with the harness looking into each request."""
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
