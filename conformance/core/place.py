"""How what stands at one of several places is named: `wtforms.csrf @register`."""

from __future__ import annotations

import re

_MARK = re.compile(r"\s*@\s*")


def at_place(name: str, place: str) -> str:
    """Return a clause's id or a key with its place; as it is for a place without a name."""
    return f"{name} @{place}" if place else name


def split_place(text: str) -> tuple[str, str]:
    """Return the two parts of what `at_place` gave; the second is empty where it names none."""
    name, *place = _MARK.split(text, maxsplit=1)
    return name, "".join(place)
