"""Where a browser goes: the part of the WHATWG URL standard that determines the origin.

An oracle for redirects. `urllib.parse` follows RFC 3986, browsers do not: they drop tabs and line
breaks, treat a backslash as a slash, and find a host in `https:evil.example` and
`///evil.example`.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

#: Schemes whose URLs have an authority, and their default ports.
SPECIAL = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}

_C0_OR_SPACE = "".join(map(chr, range(0x21)))
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_FORBIDDEN_IN_HOST = re.compile(r"[\x00-\x20#/:<>?@\[\\\]^|%\x7f]")


def origin(reference: str, base: str) -> str | None:
    """Return the origin that a browser goes to, from a page of the origin `base`.

    `reference` is the value of a Location header or a link; `base` is an origin such as
    "http://localhost". For a scheme without an authority (`javascript:`), returns the scheme with
    its colon; None if the URL is invalid, so that the browser stays.
    """
    text = re.sub(r"[\t\n\r]", "", reference.strip(_C0_OR_SPACE))
    own = base.partition(":")[0]
    found = _SCHEME.match(text)
    if found is None:
        return _relative(text, own, base)
    scheme, rest = found[1].lower(), text[found.end() :]
    if scheme not in SPECIAL:
        return f"{scheme}:"
    if scheme == own and not rest.startswith("//"):
        return _relative(rest, own, base)
    return _authority(scheme, rest)


def _relative(text: str, scheme: str, base: str) -> str | None:
    if text[:1] in ("/", "\\") and text[1:2] in ("/", "\\"):
        return _authority(scheme, text)
    return base


def _authority(scheme: str, rest: str) -> str | None:
    authority = re.split(r"[/\\?#]", rest.lstrip("/\\"), maxsplit=1)[0]
    found = re.fullmatch(r"(\[[^\]]*\]|[^:]+)(?::([0-9]*))?", authority.rpartition("@")[2])
    host = _host(found[1]) if found else None
    if found is None or host is None or int(found[2] or 0) > 65535:
        return None
    port = found[2]
    shown = f":{int(port)}" if port and int(port) != SPECIAL[scheme] else ""
    return f"{scheme}://{host}{shown}"


def _host(text: str) -> str | None:
    if text.startswith("["):
        return text.lower()
    text = unquote(text, errors="replace")
    if not text.isascii():
        labels = re.split("[.\u3002\uff0e\uff61]", text)
        try:
            text = b".".join(label.encode("idna") for label in labels).decode("ascii")
        except UnicodeError:
            return None
    return None if _FORBIDDEN_IN_HOST.search(text) else text.lower()
