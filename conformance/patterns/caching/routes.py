"""An app with cached pages."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ...core.errors import Broken, Untested
from ...subject import Subject
from ...subject.config import Binding, Route
from ...transports import Client, Response
from ..cached import Asked, CachedRoutes, Cookies, Got, address
from .binding import Caching
from .harness import Changing

if TYPE_CHECKING:
    from ...transports import WSGIApp


class CachingRoutes(CachedRoutes[Caching], Cookies[Caching], Changing):
    """An app with cached pages."""

    kind = "routes"
    keys = ("page", "pages", "negotiated", "cookie_page", "private", "shown")
    alone = ("private", "people", "logout")

    @classmethod
    def bound(cls, binding: Binding, subject: Subject) -> bool:
        """Check whether one of the pages is bound; an empty `pages` does not count."""
        return super().bound(binding, subject) and any(getattr(binding, key) for key in cls.keys)

    def make_app(self) -> WSGIApp:
        """Create the subject's app, with its cache on the named server."""
        return self.bench.build(**self.settings())

    # Pages.

    def ways(self) -> Mapping[str, float]:
        """Return the bound page."""
        self.need("page")
        return {"page": self.binding.timeout}

    def ask(self, way: str, name: str = "", failing: str | None = None) -> Got:
        """Request the bound page, with the name in its query if the content depends on it."""
        self._toggle(failing)
        try:
            field = self.binding.query_field
            query = {field: self._value(name)} if field and name else {}
            answer = self.client().get(address(self.need("page")), query=query)
            return Got.of(answer)
        finally:
            if failing:
                self._toggle(None)

    def _value(self, text: str) -> str:
        values = self.binding.query_values
        return values[sum(text.encode()) % len(values)]

    def _toggle(self, failing: str | None) -> None:
        if failing:
            self.need("mend")
            self.send(self.client(), self.need("fail"))
        elif self.binding.mend is not None and self.binding.fail is not None:
            self.send(self.client(), self.binding.mend)

    # Requests for them.

    def visit(self, asked: Asked) -> tuple[Asked, Response]:
        """Vary the bound query field, or request another of the bound pages."""
        pages = [self.need("page"), *self.binding.pages]
        client = self.client()
        if asked.query is not None:
            query = ((self.need("query_field"), self._value(ascii(asked.query))),)
            response = client.open(asked.method, address(pages[0]), query=query)
            return Asked(asked.method, pages[0].path, query), response
        if asked.path != "page" and len(pages) == 1:
            raise Untested.for_keys(self.slug, "pages")
        page = pages[0] if asked.path == "page" else pages[sum(asked.path.encode()) % len(pages)]
        path = address(page)
        response = client.open(asked.method, path)
        if page is not pages[0] and asked.method == "GET" and response.status in (404, 405):
            text = f"{response.request} answers {response.status}"
            raise Broken.for_key(self.slug, "pages", text)
        return Asked(asked.method, path), response

    def cached_page(self) -> Route:
        """Return the bound page."""
        page: Route = self.need("page")
        return page

    def forget(self) -> None:
        """Create a new app, or let the entries on a server expire."""
        if self.on is not None:
            self.advance(2 + self.binding.timeout)
        super().forget()

    def hosted(self, host: str, mount: str) -> Response:
        """Request the bound page."""
        path = mount + address(self.need("page"))
        return self.client(self.mounts[mount], host=host).get(path)

    def plain(self, headers: Mapping[str, str] = {}) -> Response:
        """Request the bound page."""
        return self.client().get(address(self.need("page")), headers=headers)

    def negotiate(self, accept: str) -> Response:
        """Request the bound page."""
        return self.client().get(address(self.need("negotiated")), headers={"Accept": accept})

    def cookies(self, how: str) -> Response:
        """Request the bound page."""
        return self.client().get(address(self.need("cookie_page")))

    def rush(self, visitors: int) -> Sequence[Callable[[], Got]]:
        """Return requests for a new app's bound page; its view takes as long as it takes."""
        page = address(self.need("page"))
        self.forget()

        def ask(client: Client) -> Got:
            return Got.of(client.get(page))

        # The first client starts the server, before the threads start.
        return [functools.partial(ask, self.client()) for _ in range(visitors)]

    def failing_page(self) -> tuple[str, Callable[[], object]]:
        """Return a new app's bound page, and its request after the one that makes it fail."""
        page = self.need("page")
        self.need("fail")
        self.forget()
        return page.path, lambda: self.ask("page", failing="raises")

    def flood(self, count: int) -> bool:
        """Request the bound page with that many queries."""
        if self.on is not None:
            raise Untested("a Redis server has its own limit: maxmemory")
        return self._flood_page(address(self.need("page")), count)

    # People.

    def people(self) -> Sequence[str]:
        """Return the first two people that are bound."""
        self.need("private")
        if len(self.binding.people) < 2:
            raise Untested.for_people("two people with login and shows")
        return list(self.binding.people)[:2]

    def log_in(self, client: Client, person: str) -> None:
        """Send the bound login request."""
        answer = self.send(client, self.binding.people[person])
        client.person = ""
        if answer.status in (404, 405):
            text = f"{answer.request} answers {answer.status}"
            raise self.broken("people", text)

    def log_out(self, client: Client) -> None:
        """Send the bound logout request."""
        if self.binding.logout is None:
            super().log_out(client)
        else:
            self.send_logout(client)

    def private(self, client: Client, token: str | None = None) -> Response:
        """Request the bound page."""
        return self.send(client, self.need("private"))

    # Changes.

    def change(self, text: str) -> Response:
        """Send the bound request with the text."""
        return self.send(self.client(), self.need("change"), fields={self.binding.field: text})

    def shown_page(self) -> Response:
        """Request the bound page."""
        return self.send(self.client(), self.need("shown"))

    def in_production(self) -> Iterator[tuple[str, bool, str]]:
        """Request the bound page twice."""
        app = self.shipped()
        client = self.client(app)
        answers = [client.get(address(self.need("page"))) for _ in range(2)]
        yield (
            "the second request to get the page of the first, from the cache",
            answers[0].text == answers[1].text,
            "its view ran twice" + self.setting("CACHE_TYPE", app),
        )


class RoutesOnRedis(CachingRoutes):
    """The pages of an app whose cache is on a Redis server."""

    kind = "routes on Redis"
    on = "redis"
