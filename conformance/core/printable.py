"""Text of a subject made safe to show: what would move a cursor or reverse text is escaped."""

from __future__ import annotations

import re

#: Control characters other than tab and newline, marks that change the direction of text or break
#: lines, and lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff]"
)


def printable(text: str, encoding: str = "utf-8") -> str:
    """Return a text with escapes for what a terminal would obey, or the encoding lacks."""
    text = _UNSAFE.sub(lambda match: _escape(match[0]), text)
    return text.encode(encoding, "backslashreplace").decode(encoding)


def printable_json(text: str) -> str:
    """Return an equivalent JSON document with these characters in JSON's own escapes."""
    # JSON has none of them outside of its strings.
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
