"""What the clauses do with view decorators, whichever way they are bound."""

from __future__ import annotations

import abc
import dataclasses
import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from ...core.errors import Untested
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
    """A templated page: the template that was wanted, those rendered, the values shown."""

    wanted: str
    templates: Sequence[str]
    #: What the page shows for each of `KEYS`; None where the template is not the kit's.
    values: Mapping[str, str] | None
    response: Response


class ViewDecoratorsHarness(CachedHarness[ViewDecorators]):
    """What the clauses do with view decorators, whichever way they are bound."""

    # The login.

    @abc.abstractmethod
    def protected(self, segments: Sequence[str] = (), query: Query = ()) -> str:
        """Return a protected page; what the subject cannot vary is left out."""

    @property
    @abc.abstractmethod
    def login_page(self) -> str:
        """The path of the page with the login form."""

    @abc.abstractmethod
    def credentials(self, person: str) -> Mapping[str, str]:
        """Return the fields that someone fills in to log in."""

    @abc.abstractmethod
    def log_in(self, client: Client, person: str = PEOPLE[0]) -> Response:
        """Log in."""

    def log_out(self, client: Client) -> None:
        """Log out; a browser that forgets its cookies where there is nothing else."""
        client.cookies.clear()

    def runs(self, client: Client) -> int | None:
        """Return how often views of the host app have run; None where that cannot be seen."""
        return None

    @abc.abstractmethod
    def broken_logins(self) -> Iterator[tuple[str, Client]]:
        """Return clients whose user cannot be found out, and why not."""

    def is_login(self, response: Response) -> bool:
        """Check whether an answer sends the client to the login page."""
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
        target = path_of(urlsplit(urljoin(page.request.target, action)))
        return client.post(target, form={**fields, **self.credentials(PEOPLE[0])})

    def same_function(self) -> list[str]:
        """Return the paths of every rule that leads to the function behind the protected page."""
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
                # A converter that takes some words only says so by raising.
                continue
            # None where an argument wants another value, such as a UUID.
            if built is not None and not rule.build_only and not rule.subdomain:
                yield built[1], rule

    # The cache.

    @abc.abstractmethod
    def private_page(self) -> str:
        """Return a page that is both cached and protected."""

    # Templates.

    @abc.abstractmethod
    def render(self, place: str, context: Mapping[str, object] | None) -> Rendered:
        """Have a templated view give a context; `place` is one of `PLACES`."""


class SiteLogin(ViewDecoratorsHarness, Ability, given_by=("login",)):
    """The login is the app's own, and not the kit's."""

    def offer(self, payload: str) -> Iterator[Response]:
        """Yield the answers to logins that were asked to go on to `payload`."""
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


class Rules(
    ViewDecoratorsHarness,
    Ability,
    because="looks at the rules of an app: [patterns.viewdecorators] binds none of its pages",
):
    """The rules are those of an app, and not the kit's."""

    @abc.abstractmethod
    def unbound_rules(self) -> Iterator[tuple[str, str, str]]:
        """Return a target, a method and the endpoint of each rule that has no function."""


class CachedViews(ViewDecoratorsHarness, Ability, given_by=("cached",)):
    """The cached pages are those of the host app: at several paths, and held where it helps."""

    @abc.abstractmethod
    def streamed(self, kind: str) -> Response:
        """Ask, as a new client, for a page of the host app that is given piece by piece."""

    @abc.abstractmethod
    def nested(self, outer: str, inner: str) -> tuple[Got, Got]:
        """Ask for a page of the host app from beginning to end while another one's view runs."""

    @abc.abstractmethod
    def overlapping(self, name: str) -> Got:
        """Ask for a page of the host app whose view waits for another one to begin."""


class TemplatedViews(ViewDecoratorsHarness, Ability, given_by=("templated",)):
    """A view can be asked with the templating decorator and without it."""

    @abc.abstractmethod
    def returned(self, kind: str, text: str) -> tuple[Response, Response]:
        """Return the answers to a value that a bare view and a templated view return."""


class Wearing(ViewDecoratorsHarness, Ability, given_by=("login_required", "cached", "templated")):
    """The decorators are at hand, to be put on any view."""

    @abc.abstractmethod
    def decorators(self) -> dict[str, Decorator]:
        """Return the bound decorators, ready to take a view, by what is written above it."""

    @abc.abstractmethod
    def asked(self) -> list[str]:
        """Return the names of `decorators` whose views the host app can be asked for."""

    @abc.abstractmethod
    def decorated(self, which: str, kind: str, rest: str = "") -> Response:
        """Ask for a view of the host app that wears one of `decorators`, as someone logged in."""


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
    """Return the path and the query that a target means, however it is percent-encoded."""
    path, _, query = target.partition("?")
    return unquote(path), parse_qsl(query, keep_blank_values=True)
