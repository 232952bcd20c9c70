"""What is in values of any shape, such as a response's JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from .html import Page, normal


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
    if text in page or normal(text) in normal(Page(page).text):
        return True
    # JSON as a whole, as a part of the page, or one value a line.
    spelled = [json.dumps(text, ensure_ascii=safe)[1:-1] for safe in (True, False)]
    return any(each in page or _in_script(each) in page for each in spelled)


def _in_script(spelled: str) -> str:
    """Return JSON as a script of a page may have it, with what means something in HTML escaped."""
    return "".join(f"\\u{ord(char):04x}" if char in "<>&'" else char for char in spelled)
