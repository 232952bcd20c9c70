"""An app with a form."""

from __future__ import annotations

import json

from ...transports import Client
from .harness import WTFormsHarness, plain


class WTFormsRoutes(WTFormsHarness):
    """A page of the app with a form on it."""

    kind = "routes"
    keys = ("page",)

    def look(self, client: Client | None = None) -> str | None:
        """Return the bound records, read inside the app, or the bound effects."""
        if self.binding.records is not None and self.bench.transport.same_process:
            with self.flask_app.app_context():
                found = self.call("records()", self.component("records"))
                return json.dumps(found, default=plain, ensure_ascii=False)
        if self.binding.effects is None:
            return None
        return self.show(client or self.visitor(), self.binding.effects)
