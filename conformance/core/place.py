"""How a name at one of several places is written: `wtforms.csrf @register`."""

from __future__ import annotations

import re

_MARK = re.compile(r"\s*@\s*")


def at_place(name: str, place: str) -> str:
    """Return a clause's id or a key with its place; unchanged for a place without a name."""
    return f"{name} @{place}" if place else name


def split_place(text: str) -> tuple[str, str]:
    """Return the two parts that `at_place` has joined; the second is empty without a place."""
    name, *place = _MARK.split(text, maxsplit=1)
    return name, "".join(place)
