"""An app whose views have decorators."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import flask
from werkzeug.exceptions import HTTPException

from ...core.errors import Untested
from ...subject.config import Route
from ...transports import Client, Response
from ..cached import PEOPLE, Asked, CachedRoutes, Got, address
from .binding import Query, ViewDecorators
from .harness import Rendered, Rules, SiteLogin


class ViewDecoratorsRoutes(CachedRoutes[ViewDecorators], SiteLogin, Rules):
    """An app whose views have decorators."""

    kind = "routes"
    keys = ("protected", "cached_page", "cached_private", "templated_page")
    alone = ("protected", "cached_private", "login", "logout")

    def protected(self, segments: Sequence[str] = (), query: Query = ()) -> str:
        """Return the bound page, with additions to its query."""
        return address(self.need("protected"), query)

    @property
    def login_page(self) -> str:
        """The bound path, or that of its form page."""
        route: Route = self.need("login")
        return route.form_page or route.path

    def credentials(self, person: str) -> Mapping[str, str]:
        """Return the bound fields; there is only one person."""
        return self.need("login").form or {}

    def log_in(self, client: Client, person: str = PEOPLE[0]) -> Response:
        """Send the bound login."""
        response = self.send(client, self.need("login"))
        client.person = ""
        if not self._logged_in and self.binding.protected is not None:
            if self.is_login(client.get(self.protected())):
                raise self.broken("login", "logs nobody in: protected still requires a login")
            self._logged_in = True
        return response

    #: Whether the bound login was seen to log somebody in.
    _logged_in = False

    def submit(self, client: Client, page: Response) -> Response:
        """Fill in the form of the login page, once the bound login is known to work."""
        if not self._logged_in:
            self.log_in(self.client())
        return super().submit(client, page)

    def log_out(self, client: Client) -> None:
        """Send the bound logout."""
        if self.binding.logout is None:
            super().log_out(client)
        else:
            self.send_logout(client)

    def broken_logins(self) -> Iterator[tuple[str, Client]]:
        """Yield clients whose cookies differ from those that the app set at the login."""
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
        """Request the bound page, which is the same for all names."""
        page = address(self.cached_page())
        if failing:
            raise Untested.for_keys("viewdecorators", "cached")
        return Got.of(self.client().get(page))

    def visit(self, asked: Asked) -> tuple[Asked, Response]:
        """Vary the bound query field, which may be repeated.

        Of a repeated field, what the page shows counts, in the order shown: a page may read only
        the first value, or sort them.
        """
        page, field = self.cached_page(), self.need("cached_query")
        method = asked.method if asked.method == "HEAD" else "GET"
        wanted = [value for _, value in asked.query or ()] or [asked.path]
        # Different from every other example's, so that nothing is cached for them yet.
        values = [f"{self.serial}.{value}" for value in wanted]
        query = [(field, value) for value in values]
        response = self.client().open(method, address(page, query))
        if len(values) > 1:
            shown = [value for value in values if value in response.text]
            query = [(field, value) for value in sorted(shown, key=response.text.index)]
        return Asked(method, page.path, tuple(query)), response

    def private_page(self) -> str:
        """Return the bound page."""
        return address(self.need("cached_private"))

    def fresh_private_page(self) -> str:
        """Return the bound page of a new app."""
        self.forget()
        return self.private_page()

    def unbound_rules(self) -> Iterator[tuple[str, str, str]]:
        """Compare the app's URL map with its view functions.

        A rule that is preceded by another with the same path only serves `url_for`.
        """
        self.ledger.call("app.url_map and app.view_functions")
        for target, rule in self.rules():
            method = min(rule.methods or {"GET"})
            if rule.endpoint in self.flask_app.view_functions or rule.redirect_to is not None:
                continue
            if self._answering(target, method) in (rule.endpoint, None):
                yield target, method, rule.endpoint

    def _answering(self, target: str, method: str) -> str | None:
        """Return the endpoint that the router selects for a request; None if it finds none."""
        try:
            endpoint, _ = self.flask_app.url_map.bind("localhost").match(target, method=method)
        except HTTPException:
            return None
        return str(endpoint)

    def render(self, place: str, context: Mapping[str, object] | None) -> Rendered:
        """Request the bound page and listen to the app's `template_rendered` signal."""
        route: Route = self.need("templated_page")
        # The page may be cached too, and would then not be rendered again.
        self.renew()
        with self.signals(flask.template_rendered) as heard:
            response, endpoint = self.send_and_look(
                self.client(), route.request(), lambda: flask.request.endpoint
            )
        wanted = self.binding.template or f"{(endpoint or '').replace('.', '/')}.html"
        templates = [values["template"].name for _, values in heard]
        return Rendered(wanted, templates, None, response)
