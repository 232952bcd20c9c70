"""What is in values of any shape, such as a response's JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from .html import Page


def strings(value: object) -> Iterator[str]:
    """Yield each string in a value, including those inside lists and dicts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from strings(each)


def shows(body: bytes, text: str) -> bool:
    """Check whether a response's body contains a text, as HTML, JSON or plain text."""
    page = body.decode("utf-8", "replace")
    if text in page or text in Page(page).text:
        return True
    # JSON as a whole, as a part of the page, or one value a line.
    spelled = (json.dumps(text, ensure_ascii=safe)[1:-1] for safe in (True, False))
    return any(each in page for each in spelled)
