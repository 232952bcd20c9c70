"""An app whose pages use the database."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Sequence

from ...core.errors import Broken
from ...transports import Client, Response
from ..harness import Probe
from ..sqlalchemy import Shown
from .binding import BAD, IDLE
from .harness import SQLite3Harness, jobs, trouble


class SQLite3Routes(SQLite3Harness):
    """The routes of an app that stores rows."""

    kind = "routes"
    keys = ("create", "list", "find", "fail", "stream", "plain")

    def value(self, text: str) -> str:
        """Return what a form field can hold, with a unique number at the end."""
        # A database that the clause did not create has rows of earlier clauses and runs.
        self.need_app()  # shows which database it uses
        number = next(jobs) if self.owned else time.time_ns()
        return f"{self.typed(text)[:30]}.{number}"

    def typed(self, text: str) -> str:
        """Return a text as a careful form would store it: one line, normalised."""
        kept = "".join(char if char.isprintable() else " " for char in text)
        return unicodedata.normalize("NFKC", kept).strip()

    def route(self, key: str, text: str | None = None, client: Client | None = None) -> Response:
        """Send a bound route, with a text in its field."""
        fields = None if text is None else {self.binding.field: text}
        response = self.send(client or self.client(), self.need(key), fields=fields)
        self.settle()
        return response

    def connect_once(self) -> None:
        """Request the list, or store a row."""
        if self.binding.list is not None:
            self.shown()
        else:
            self.create(self.value("first"))

    def create(self, text: str, client: Client | None = None) -> Response:
        """Send the route that stores a row."""
        return self.route("create", text, client)

    def fail(self, text: str, how: str) -> Response:
        """Send the route that fails; how it fails is up to the app."""
        response = self.route("fail", text)
        if response.status < 400:
            raise Broken(f"fail returns {response.status}: it should be a request that fails")
        return response

    def shown(self) -> Shown:
        """Read the page with all rows."""
        return Shown(self.route("list"))

    def found(self, text: str) -> Shown:
        """Read the page that looks up a text; 404 means that there is none."""
        return Shown(self.route("find", self.typed(text)))

    def visit(self, ending: str) -> str | None:
        """Use the bound routes for it; do nothing if none is bound."""
        bound = self.binding
        response: Response | None = None
        if ending == "nothing" and bound.plain is not None:
            response = self.route("plain")
            if response.status in (404, 405):
                raise Broken.for_key(self.slug, "plain", f"it returns {response}")
        elif ending in IDLE:
            response = self.unknown_page()
        elif ending == "write" and bound.create is not None:
            response = self.create(self.value("visit"))
        elif ending == "read" and bound.list is not None:
            response = self.shown().response
        elif ending in BAD and bound.fail is not None:
            self.fail(self.value("visit"), ending)
        return None if response is None else trouble(response, "")

    def probes(self) -> Sequence[Probe]:
        """Return a request for each route whose response is telling, with a text in its field.

        `fail` is supposed to fail; a failing `stream` or `plain` is for clauses to find; and
        `find` may return 404 if there are no rows.
        """
        return [
            Probe(key, value, parts={"fields": {self.binding.field: self.value("probe")}})
            for key, value in self._routes()
            if key not in ("fail", "stream", "plain", "find")
        ]
