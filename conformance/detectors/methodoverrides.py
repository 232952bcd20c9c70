"""Find middleware that replaces a POST's method by the one in a header."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..survey import Survey
from ..transports import Request
from ..transports.wsgi import WSGIStream, make_environ
from . import Finding

SLUG = "methodoverrides"

USUAL = "X-HTTP-Method-Override"
HEADERS = (USUAL, "X-Method-Override", "X-HTTP-Method")


def find(survey: Survey) -> Iterator[Finding]:
    """Yield a class or function that wraps the app's WSGI callable, and its header."""
    around = {id(type(each)) for each in survey.facts.middleware}
    things = [
        thing
        for thing in survey.facts.things
        if id(thing.value) in around
        or (callable(thing.value) and "override" in thing.name.lower().replace("_", ""))
    ]
    for thing in things:
        for header in HEADERS:
            if survey.trial(_overrides, thing.value, header):
                text = f"around another WSGI callable, it turned a POST with {header} into a PUT"
                yield Finding(SLUG, "middleware", thing.reference, text)
                if header != USUAL:
                    yield Finding(SLUG, "header", header, "the header that it reads")
                return


def _overrides(middleware: Any, header: str) -> bool:
    seen: list[str] = []

    def inner(environ: Any, start_response: Any) -> Any:
        seen.append(environ["REQUEST_METHOD"])
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"seen"]

    wrapped = middleware(inner)
    for headers in ([(header, "PUT")], []):
        with WSGIStream(wrapped, make_environ(Request.build("POST", "/", headers=headers))) as got:
            list(got)
    return seen == ["PUT", "POST"]
