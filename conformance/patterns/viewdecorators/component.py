"""The decorators on the views of a small host app."""

from __future__ import annotations

import functools
import gc
import importlib.util
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from ...core.errors import Untested
from ...instruments.html import Page
from ...instruments.threads import together
from ...transports import Client, Response
from ..cached import (
    PEOPLE,
    RUNS,
    TIMEOUTS,
    CachedComponent,
    Decorator,
    Got,
    Runs,
)
from .binding import Query, ViewDecorators
from .harness import CachedViews, Rendered, TemplatedViews, Wearing
from .host import PLACES, add_login, add_views, host_app, worn

if TYPE_CHECKING:
    from ...transports import WSGIApp


class ViewDecoratorsComponent(
    CachedComponent[ViewDecorators], CachedViews, TemplatedViews, Wearing
):
    """The decorators on the views of a small host app."""

    kind = "component"
    keys = ("login_required", "cached", "templated")

    login_page = "/login"

    #: How the host app determines the user: "stored", "missing" or "raises".
    _loader = "stored"

    def make_app(self) -> WSGIApp:
        """Return a host app whose views have the bound decorators."""
        names = [key for key in self.keys if getattr(self.binding, key) is not None]
        components = {name: self.component(name) for name in names}
        app = host_app(self.binding.next_field, self._loader)
        if self.binding.init_app is not None:
            self.call("init_app(app)", self.component("init_app"), app)
        else:
            self.furnish(app)
        self._has_login = add_login(app, self.binding.login_endpoint)
        self.call(f"{', '.join(components)} on views of an app", add_views, app, **components)
        return app

    def protected(self, segments: Sequence[str] = (), query: Query = ()) -> str:
        """Return a path below /secret."""
        self._need_login()
        path = "/".join(["/secret", *(quote(each, safe="") for each in segments)])
        return path + (f"?{urlencode(query)}" if query else "")

    def _need_login(self) -> None:
        """End the clause as `untested` if it is about the login of another app."""
        self.need("login_required")
        # Only whether they are bound: what is wrong with one is for the clauses that send it.
        if {"protected", "login"} <= self.binding.model_fields_set:
            raise Untested("tested on the app's own pages, as protected and a login are bound")
        if not self._goes_by_host:
            raise Untested.for_keys(
                self.slug,
                "protected",
                hint=", and somebody in [people.NAME]: login_required does not go by g.user",
            )

    @functools.cached_property
    def _goes_by_host(self) -> bool:
        """Whether the decorator admits a user who is logged in at the host app.

        It does not if it fails for everybody, because it needs something that only its own app
        has, such as an extension.
        """
        self.ledger.note("a trial with an app of its own, whether login_required goes by g.user:")
        # A separate app, so that this login leaves nothing behind for the clause.
        app = self.make_app()
        if not self._has_login:
            return False
        client = self.client(app)
        stranger = client.get("/secret")
        self.log_in(client)
        known = client.get("/secret")
        self.ledger.note("after the trial:")
        fails = stranger.status >= 500 and known.status >= 500
        return not known.is_redirect and not fails

    def credentials(self, person: str) -> Mapping[str, str]:
        """Return just a name: the host app accepts it."""
        return {"username": person, "password": "-"}

    def log_in(self, client: Client, person: str = PEOPLE[0]) -> Response:
        """Log in at the host app."""
        return client.post(self.login_page, form=self.credentials(person))

    def runs(self, client: Client) -> int | None:
        """Ask the host app how often its views have run."""
        return int(client.get(RUNS).body)

    def broken_logins(self) -> Iterator[tuple[str, Client]]:
        """Yield a client of an app that stores no user, then one where accessing it raises."""
        self._need_login()
        for loader, why in (
            ("missing", "no user is stored in g"),
            ("raises", "accessing g.user raises a LookupError"),
        ):
            self._loader = loader
            self.renew()
            yield why, self.client()

    def ways(self) -> Mapping[str, float]:
        """Return the host app's pages."""
        self.need("cached")
        return TIMEOUTS

    def ask(self, way: str, name: str = "", failing: str | None = None) -> Got:
        """Request a page of this example."""
        self.need("cached")
        return self.kept_page(way, name, failing)

    def kept_answers(self, way: str, value: object) -> int:
        """Make the host app return the value, and return how often its view ran."""
        self.need("cached")
        return self.runs_for(way, value)

    def described(self, way: str) -> str:
        """Return the decorator with which a page is cached: without arguments if it may be."""
        return "the view under cached()" if way == "page" else super().described(way)

    def fresh_private_page(self) -> str:
        """Return another page of this example."""
        return f"{self.private_page()}-alone"

    def private_page(self) -> str:
        """Return a page that is protected outside and cached inside."""
        self._need_login()
        self.need("cached")
        return f"/private/{self.serial}"

    def streamed(self, kind: str) -> Response:
        """Request a page of this example."""
        self.need("cached")
        return self.client().get(f"/stream/{self.serial}", headers={"X-Kind": kind})

    def nested(self, outer: str, inner: str) -> tuple[Got, Got]:
        """Hold the view of the outer page, for a limited time if the app is single-threaded."""
        self.need("cached")
        self.inside()
        runs: Runs = self.app.extensions["conformance_runs"]
        runs.released.clear()
        begun = runs.count + 1

        def inside() -> Got:
            runs.reach(begun, 1)
            self.ledger.note(f"the view of .../{outer} waits until .../{inner} is answered")
            try:
                return self.page(f"/page/{self.serial}/{inner}")
            finally:
                runs.released.set()

        held = functools.partial(self.page, f"/page/{self.serial}/{outer}", {"X-View-Waits": "1"})
        one, other = together(held, inside)
        return one, other

    def overlapping(self, name: str) -> Got:
        """Request a page of this example."""
        self.need("cached")
        return self.page(f"/page/{self.serial}/{name}", {"X-Together": "1 0.1"})

    def render(self, place: str, context: Mapping[str, object] | None) -> Rendered:
        """Post the context to a view that returns it."""
        self.need("templated")
        response = self.client().post(place, json={"context": context})
        page = Page(response.text)
        values = {each.attributes["title"]: each.text for each in page.find("p", class_="value")}
        templates = [each.text for each in page.find("h1")]
        return Rendered(PLACES[place], templates, values, response)

    def returned(self, kind: str, text: str) -> tuple[Response, Response]:
        """Make both views of the host app return the same value."""
        self.need("templated")
        client = self.client()
        bare, templated = (
            client.post(f"/{place}", json={"kind": kind, "text": text})
            for place in ("bare", "worn")
        )
        return bare, templated

    def decorators(self) -> dict[str, Decorator]:
        """Return the decorators, those with arguments called without any."""
        bound = {key for key in self.keys if getattr(self.binding, key) is not None}
        return worn(**{key: self.component(key) for key in bound})

    def asked(self) -> list[str]:
        """Return their names, without the login's if the host app's login does not affect it."""
        found = list(self.decorators())
        if "login_required" in found and not self._goes_by_host:
            found.remove("login_required")
        if not found:
            self._need_login()
        return found

    def decorated(self, which: str, kind: str, rest: str = "") -> Response:
        """Request the view, logging in first if the decorator is about that."""
        if kind == "async" and importlib.util.find_spec("asgiref") is None:
            raise Untested.for_package("asgiref", "flask[async]")
        client = self.client()
        if which == "login_required":
            self.log_in(client)
        with warnings.catch_warnings():
            # The clause finds out that nobody awaits a view; the interpreter's own warning comes
            # when the coroutine is deleted, which the error prevents.
            warnings.simplefilter("ignore", RuntimeWarning)
            answer = client.get(f"/{kind}/{which}{rest}")
            if answer.error is not None:
                answer.error.with_traceback(None)
                gc.collect()
        return answer
