"""An app whose pages use the database."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.errors import Untested
from ...transports import Client, Response
from ..harness import Probe
from .harness import Shown, SQLAlchemyHarness


class SQLAlchemyRoutes(SQLAlchemyHarness):
    """The routes of an app that stores rows."""

    kind = "routes"
    keys = ("create", "list", "find", "fail", "stream", "core_create")

    def create(self, text: str, client: Client | None = None) -> Response:
        """Send the route that stores a row."""
        return self.route("create", text, client)

    def duplicate(self, text: str) -> Response:
        """Store a text that a row already has."""
        response = self.create(text)
        if response.status < 400 and self.store.texts().count(text) > 1:
            raise Untested(f"{self.binding.column} is not unique: no row is rejected")
        return response

    def fail(self, text: str, how: str) -> Response:
        """Send the route that fails; how it fails is up to the app."""
        return self.route("fail", text)

    def shown(self) -> Shown:
        """Read the page with all rows."""
        return Shown(self.route("list"))

    def visit(self, ending: str) -> None:
        """Use the bound routes for it; do nothing if none is bound."""
        text = self.unique("visit")
        if ending == "read" and self.binding.list is not None:
            self.shown()
        elif ending == "write":
            self.create(text)
        elif ending == "untouched":
            self.client().get(f"/conformance-{text}")
        elif ending == "database error":
            self.create(text)
            self.create(text)
        elif ending in ("error", "abort") and self.binding.fail is not None:
            self.fail(text, ending)

    def probes(self) -> Sequence[Probe]:
        """Return a request for each route whose response is telling, with a text in its field.

        `fail` is supposed to fail; a broken `stream` is for clauses to find; and `find` may
        return 404 if there are no rows.
        """
        return [
            Probe(key, value, parts={"fields": self.fields(self.unique("probe"))})
            for key, value in self._routes()
            if key not in ("fail", "stream", "find")
        ]


class RoutesOnPostgreSQL(SQLAlchemyRoutes):
    """The routes of an app on PostgreSQL."""

    kind = "routes on PostgreSQL"
    on = "postgresql"


class RoutesOnMariaDB(SQLAlchemyRoutes):
    """The routes of an app on MariaDB."""

    kind = "routes on MariaDB"
    on = "mariadb"
