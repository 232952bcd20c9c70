"""Request ids: whoever reads two logs can tell which lines belong to one request."""

from __future__ import annotations

from conformance.patterns import Binding, Harness, Pattern, Route
from conformance.transports import Response


class Acme(Binding):
    """How a service exposes its request ids."""

    page: Route | None = None
    """A page that anybody may get."""
    header: str = "X-Request-ID"
    """The header field that carries the id."""


class AcmeHarness(Harness[Acme]):
    """Gets the page as another service would, with an id of its own or without one."""

    kind = "routes"
    keys = ("page",)

    def get(self, *ids: str) -> Response:
        """Get the page with ids in the request's header."""
        client = self.client()
        request = self.prepare(client, self.need("page"))
        return client.send(request.with_headers(*((self.binding.header, each) for each in ids)))

    def ids(self, response: Response) -> list[str]:
        """Return the ids in a response's header."""
        return response.header_values(self.binding.header)


pattern = Pattern(
    slug="acme",
    title="Request ids",
    sections={"": "Request ids", "ids": "Where ids come from"},
    binding=Acme,
    harnesses=(AcmeHarness,),
    suite="acme_conformance.suite",
    docs="https://acme.example/handbook/request-ids/",
)
