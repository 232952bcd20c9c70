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

    #: How the host app finds out who asks: "stored", "missing" or "raises".
    _loader = "stored"

    def make_app(self) -> WSGIApp:
        """Return a host app whose views wear the bound decorators."""
        names = [key for key in self.keys if getattr(self.binding, key) is not None]
        components = {name: self.component(name) for name in names}
        app = host_app(self.binding.next_field, self._loader)
        if self.binding.init_app is not None:
            self.call("init_app(app)", self.component("init_app"), app)
        self._has_login = add_login(app, self.binding.login_endpoint)
        self.call(
            f"{', '.join(components)} on the views of the host app", add_views, app, **components
        )
        return app

    def protected(self, segments: Sequence[str] = (), query: Query = ()) -> str:
        """Return a path below /secret."""
        self._need_login()
        path = "/".join(["/secret", *(quote(each, safe="") for each in segments)])
        return path + (f"?{urlencode(query)}" if query else "")

    def _need_login(self) -> None:
        """End the clause as `untested` where it is about the login of another app."""
        self.need("login_required")
        # Only whether they are there: what is wrong with one is for those that send it.
        if {"protected", "login"} <= self.binding.model_fields_set:
            raise Untested(
                "asked of the app's own pages, as protected and somebody who logs in are bound"
            )
        if not self._goes_by_host:
            raise Untested.for_keys(
                self.slug,
                "protected",
                hint=", and somebody in [people.NAME]: whom login_required lets in is not for "
                "g.user to say",
            )

    @functools.cached_property
    def _goes_by_host(self) -> bool:
        """Whether the decorator lets in whoever has logged in at the host app.

        It does not where it fails for everybody: it needs what its own app has been given, an
        extension for example.
        """
        # An app of its own, so that nothing of this login is left for the clause.
        app = self.make_app()
        if not self._has_login:
            return False
        client = self.client(app)
        stranger = client.get("/secret")
        self.log_in(client)
        known = client.get("/secret")
        fails = stranger.status >= 500 and known.status >= 500
        return not known.is_redirect and not fails

    def credentials(self, person: str) -> Mapping[str, str]:
        """Return the name alone: the host app believes it."""
        return {"username": person, "password": "-"}

    def log_in(self, client: Client, person: str = PEOPLE[0]) -> Response:
        """Log in at the host app."""
        return client.post(self.login_page, form=self.credentials(person))

    def runs(self, client: Client) -> int | None:
        """Ask the host app how often its views have run."""
        return int(client.get("/runs").body)

    def broken_logins(self) -> Iterator[tuple[str, Client]]:
        """Let nothing store the user, then let looking at the user raise."""
        self._need_login()
        for loader, why in (
            ("missing", "nothing has stored the user in g"),
            ("raises", "looking at g.user raises"),
        ):
            self._loader = loader
            self.renew()
            yield why, self.client()

    def ways(self) -> Mapping[str, float]:
        """Return the host app's pages."""
        self.need("cached")
        return TIMEOUTS

    def ask(self, way: str, name: str = "", failing: str | None = None) -> Got:
        """Ask for a page of this example."""
        self.need("cached")
        return self.kept_page(way, name, failing)

    def kept_answers(self, way: str, value: object) -> int:
        """Let the host app give the value, and count."""
        self.need("cached")
        return self.runs_for(way, value)

    def private_page(self) -> str:
        """Return a page that is protected outside and cached inside."""
        self._need_login()
        self.need("cached")
        return f"/private/{self.serial}"

    def streamed(self, kind: str) -> Response:
        """Ask for a page of this example."""
        self.need("cached")
        return self.client().get(f"/stream/{self.serial}", headers={"X-Kind": kind})

    def nested(self, outer: str, inner: str) -> tuple[Got, Got]:
        """Hold the view of the outer page, for a while where the app lets nobody else in."""
        self.need("cached")
        self.inside()
        runs: Runs = self.app.extensions["conformance_runs"]
        runs.released.clear()
        begun = runs.count + 1

        def inside() -> Got:
            runs.reach(begun, 1)
            try:
                return self.page(f"/page/{self.serial}/{inner}")
            finally:
                runs.released.set()

        held = functools.partial(self.page, f"/page/{self.serial}/{outer}", {"X-Held": "1"})
        one, other = together(held, inside)
        return one, other

    def overlapping(self, name: str) -> Got:
        """Ask for a page of this example."""
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

    def asked(self) -> list[str]:
        """Leave the login's out where the host app's login means nothing to it."""
        found = list(self.decorators())
        if "login_required" in found and not self._goes_by_host:
            found.remove("login_required")
        if not found:
            self._need_login()
        return found

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
