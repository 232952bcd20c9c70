"""What Acme asks of flashed messages, on top of what Flask's docs do."""

from __future__ import annotations

from typing import Any

from conformance.clause import expect, should
from conformance.patterns import Harness

pattern = "flashing"
docs = "https://acme.example/handbook/messages/"


@should("language")
def test_language(flashing: Harness[Any]) -> None:
    """The page that renders messages says in which language they are.

    Usual cause: the layout's html element has no lang attribute.
    """
    client = flashing.client()
    page = flashing.send(client, flashing.need("page"))
    expect("<html lang=" in page.text, "an html element with a lang attribute", page.text[:60])
