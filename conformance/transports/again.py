"""Command lines that repeat the requests of an example, if they would show the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import parse_qsl, unquote

from ..core.ledger import Exchange
from .messages import Request, Response

#: Nobody would paste more requests, or a longer body.
MOST_REQUESTS = 6
LONGEST_BODY = 2000

#: Shorter values are words that a page may show anyway.
_SHORTEST_TOKEN = 12

#: The form of `itsdangerous` values and JSON web tokens, which are signed with a secret key.
_SIGNED = re.compile(r"[\w-]{8,}\.[\w-]{4,}\.[\w-]{8,}")


def curl_lines(steps: Iterable[Exchange | str]) -> tuple[str, ...]:
    """Return a `curl` line for every request of an example, in order.

    Empty if the user's own server would not respond alike: the example did more than send
    requests, a client disconnected, or a request contains something from an earlier response,
    such as a CSRF token. curl stores the cookies that responses set, in one jar per client.
    """
    exchanges = list(steps)
    if not 0 < len(exchanges) <= MOST_REQUESTS:
        return ()
    sent: list[tuple[Request, Response, object]] = []
    for step in exchanges:
        if not isinstance(step, Exchange) or not step.repeatable:
            return ()
        if not isinstance(step.request, Request) or not isinstance(step.response, Response):
            return ()
        if not _is_plain(step.request):
            return ()
        sent.append((step.request, step.response, step.sender))
    if len({id(getattr(sender, "server", None)) for _, _, sender in sent}) > 1:
        return ()
    if _borrows(sent):
        return ()
    jars = _jars(sent)
    if jars is None:
        return ()
    return tuple(request.curl(jar=jar) for (request, _, _), jar in zip(sent, jars, strict=True))


def _is_plain(request: Request) -> bool:
    """Check whether a command line can represent the request unchanged."""
    return not (
        request.environ
        or request.content_length is not None
        or len(request.payload) > LONGEST_BODY
        or b"\0" in request.payload
        or (request.method == "HEAD" and request.payload)
    )


def _borrows(sent: Sequence[tuple[Request, Response, object]]) -> bool:
    """Check whether a request contains something that only an earlier response can provide."""
    told, own = "", set[str]()
    for request, response, _ in sent:
        values = set(_values(request))
        if any(value in told for value in values - own):
            return True
        own |= values
        told += "\n".join([response.text, *response.header_values("Location"), ""])
    return False


def _values(request: Request) -> Iterator[str]:
    """Yield the long values of a request, and those parts of its path that contain a digit."""
    path, _, query = request.target.partition("?")
    for part in unquote(path).split("/"):
        if len(part) >= _SHORTEST_TOKEN and any(char.isdigit() for char in part):
            yield part
    body = request.payload.decode("utf-8", "replace")
    for _, value in (*parse_qsl(query), *parse_qsl(body)):
        if len(value) >= _SHORTEST_TOKEN:
            yield value
    for name, value in request.headers:
        if len(value) >= _SHORTEST_TOKEN and name.lower() not in ("cookie", "content-type"):
            yield value


def _jars(sent: Sequence[tuple[Request, Response, object]]) -> list[str] | None:
    """Return each request's jar, "" if it needs none; None if its cookies cannot be reproduced.

    A jar is needed from the response that sets a cookie which is sent later.
    """
    senders = list(dict.fromkeys(id(sender) for _, _, sender in sent))
    kept: dict[int, dict[str, str]] = {}
    needed: set[int] = set()
    for request, response, sender in sent:
        cookies = kept.setdefault(id(sender), {})
        lines = [value for name, value in request.headers if name.lower() == "cookie"]
        for pair in "; ".join(lines).split("; ") if lines else ():
            name, _, value = pair.partition("=")
            if cookies.get(name) == value:
                needed.add(id(sender))
            elif _SIGNED.search(value):
                return None
            elif id(sender) in needed or cookies:
                # Some from the jar and some by hand: a jar would lose the latter.
                return None
        for header in response.header_values("Set-Cookie"):
            name, _, value = header.partition(";")[0].strip().partition("=")
            cookies[name] = value
    names = {
        sender: f"jar{number if len(needed) > 1 else ''}.txt"
        for number, sender in enumerate((each for each in senders if each in needed), start=1)
    }
    return [names.get(id(sender), "") for _, _, sender in sent]
