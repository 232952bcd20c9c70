"""What the clauses do with view decorators, however they are bound."""

from __future__ import annotations

import abc
import dataclasses
import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from ...core.errors import Deviation, Untested
from ...instruments import whatwg
from ...instruments.html import Element, Page
from ...transports import Client, Response
from ...transports.messages import path_of
from ..cached import PEOPLE, CachedHarness, Decorator, Got
from ..harness import Ability
from .binding import Query, ViewDecorators

if TYPE_CHECKING:
    from werkzeug.routing import Rule


@dataclasses.dataclass(frozen=True)
class Rendered:
    """A templated page: the expected template, those rendered, the values shown."""

    wanted: str
    templates: Sequence[str]
    #: What the page shows for each of `KEYS`; None if the template is not the kit's.
    values: Mapping[str, str] | None
    response: Response


class ViewDecoratorsHarness(CachedHarness[ViewDecorators]):
    """What the clauses do with view decorators, however they are bound."""

    # The login.

    @abc.abstractmethod
    def protected(self, segments: Sequence[str] = (), query: Query = ()) -> str:
        """Return the path of a protected page; the subject may ignore what it cannot vary."""

    @property
    @abc.abstractmethod
    def login_page(self) -> str:
        """The path of the page with the login form."""

    @abc.abstractmethod
    def credentials(self, person: str) -> Mapping[str, str]:
        """Return the fields that a person fills in to log in."""

    @abc.abstractmethod
    def log_in(self, client: Client, person: str = PEOPLE[0]) -> Response:
        """Log in."""

    def log_out(self, client: Client) -> None:
        """Log out; by default by dropping the client's cookies."""
        client.cookies.clear()

    def runs(self, client: Client) -> int | None:
        """Return how often the host app's views have run; None if that cannot be observed."""
        return None

    @abc.abstractmethod
    def broken_logins(self) -> Iterator[tuple[str, Client]]:
        """Yield clients whose user cannot be determined, and why."""

    def is_login(self, response: Response) -> bool:
        """Check whether a response redirects the client to the login page."""
        here = response.request.target
        return (
            response.is_redirect
            and urlsplit(urljoin(here, response.location or "")).path == self.login_page
        )

    def submit(self, client: Client, page: Response) -> Response:
        """Fill in the form of the login page and submit it, as a browser would."""
        if page.status >= 400:
            raise Deviation("the login page that a client is redirected to", str(page))
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
        target = path_of(urlsplit(urljoin(page.request.target, action)))
        return client.post(target, form={**fields, **self.credentials(PEOPLE[0])})

    def same_function(self) -> list[str]:
        """Return the paths of all rules with the view function of the protected page."""
        path = self.protected().partition("?")[0]
        functions = self.flask_app.view_functions
        endpoint, _ = self.flask_app.url_map.bind("localhost").match(path, method="GET")
        bare = _bare(functions.get(endpoint))
        return [
            target
            for target, rule in self.rules()
            if "GET" in (rule.methods or {"GET"}) and _bare(functions.get(rule.endpoint)) is bare
        ]

    def rules(self) -> Iterator[tuple[str, Rule]]:
        """Yield the app's rules, each with a path that it matches."""
        for rule in self.flask_app.url_map.iter_rules():
            try:
                built = rule.build(dict.fromkeys(rule.arguments, "1"), append_unknown=False)
            except ValueError:
                # A converter that only accepts certain words reports others by raising.
                continue
            # None if an argument needs another kind of value, such as a UUID.
            if built is not None and not rule.build_only and not rule.subdomain:
                yield built[1], rule

    # The cache.

    @abc.abstractmethod
    def private_page(self) -> str:
        """Return a page that is both cached and protected."""

    @abc.abstractmethod
    def fresh_private_page(self) -> str:
        """Return such a page that nobody has requested yet, of a new app if there is only one."""

    # Templates.

    @abc.abstractmethod
    def render(self, place: str, context: Mapping[str, object] | None) -> Rendered:
        """Make a templated view return a context; `place` is one of `PLACES`."""


class SiteLogin(ViewDecoratorsHarness, Ability, given_by=("login",)):
    """The login belongs to the app rather than the kit."""

    def offer(self, payload: str) -> Iterator[Response]:
        """Yield the responses to logins with `payload` as their target."""
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
        """The origins that a login leads to without a target."""
        answer = self.log_in(self.client())
        usual = whatwg.origin(answer.location or "", "http://localhost")
        return frozenset(["http://localhost", "https://localhost", None, usual])


class Rules(
    ViewDecoratorsHarness,
    Ability,
    because="examines the rules of an app: [patterns.viewdecorators] binds none of its pages",
):
    """The rules belong to an app rather than the kit."""

    @abc.abstractmethod
    def unbound_rules(self) -> Iterator[tuple[str, str, str]]:
        """Yield a target, a method and the endpoint of each rule without a view function."""


class CachedViews(ViewDecoratorsHarness, Ability, given_by=("cached",)):
    """The cached pages are the host app's: they have several paths, and can be held."""

    @abc.abstractmethod
    def streamed(self, kind: str) -> Response:
        """Request, as a new client, a streamed page of the host app."""

    @abc.abstractmethod
    def nested(self, outer: str, inner: str) -> tuple[Got, Got]:
        """Request a page of the host app while the view of another one is running."""

    @abc.abstractmethod
    def overlapping(self, name: str) -> Got:
        """Request a page of the host app whose view waits for another one to begin."""


class TemplatedViews(ViewDecoratorsHarness, Ability, given_by=("templated",)):
    """A view can be requested with the templating decorator and without it."""

    @abc.abstractmethod
    def returned(self, kind: str, text: str) -> tuple[Response, Response]:
        """Return the responses of a bare and of a templated view that return the same value."""


class Wearing(ViewDecoratorsHarness, Ability, given_by=("login_required", "cached", "templated")):
    """The decorators can be applied to any view."""

    @abc.abstractmethod
    def decorators(self) -> dict[str, Decorator]:
        """Return the bound decorators, ready to take a view, by the name written above it."""

    @abc.abstractmethod
    def asked(self) -> list[str]:
        """Return the names of `decorators` whose views can be requested from the host app."""

    @abc.abstractmethod
    def decorated(self, which: str, kind: str, rest: str = "") -> Response:
        """Request a view of the host app with one of `decorators`, as a logged-in client."""


def _inputs(form: Element, kind: str) -> list[Element]:
    return [
        each
        for each in form.walk()
        if each.tag == "input" and each.attributes.get("type", "").lower() == kind
    ]


def _bare(view: object) -> Any:
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    return view


def place(target: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the path and the query that a target stands for, whatever its percent-encoding."""
    path, _, query = target.partition("?")
    return unquote(path), parse_qsl(query, keep_blank_values=True)
