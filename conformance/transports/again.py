"""Command lines that send the requests of an example again, where that shows the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import parse_qsl, unquote

from ..core.ledger import Exchange
from .messages import Request, Response

#: More requests, or a longer body, nobody pastes.
MOST_REQUESTS = 12
LONGEST_BODY = 2000

#: Values that are shorter are words that a page shows anyway.
_SHORTEST_TOKEN = 12

#: What `itsdangerous` and JSON web tokens look like: signed with a key that another server lacks.
_SIGNED = re.compile(r"[\w-]{8,}\.[\w-]{4,}\.[\w-]{8,}")


def curl_lines(steps: Iterable[Exchange | str]) -> tuple[str, ...]:
    """Return a `curl` line for every request of an example, in order.

    Empty where a server that the user starts would not do the same: the example did more than
    send requests, somebody hung up, or a request carries what an earlier answer gave out, such
    as a token against forgery. Cookies that the answers set are kept by curl, in a jar for each
    client.
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
    """Check whether a command line can carry the request as it is."""
    return not (
        request.environ
        or request.content_length is not None
        or len(request.payload) > LONGEST_BODY
        or b"\0" in request.payload
        or (request.method == "HEAD" and request.payload)
    )


def _borrows(sent: Sequence[tuple[Request, Response, object]]) -> bool:
    """Check whether a request carries what only an earlier answer can have told."""
    told, own = "", set[str]()
    for request, response, _ in sent:
        values = set(_values(request))
        if any(value in told for value in values - own):
            return True
        own |= values
        told += "\n".join([response.text, *response.header_values("Location"), ""])
    return False


def _values(request: Request) -> Iterator[str]:
    """Yield the long values of a request, and those parts of its path that have a digit."""
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
    """Return the jar of each request, "" where it needs none; None where cookies are not to be had.

    A jar is needed from the answer on that sets a cookie which is sent later.
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
                # Some from the jar and some by hand: a jar would lose these.
                return None
        for header in response.header_values("Set-Cookie"):
            name, _, value = header.partition(";")[0].strip().partition("=")
            cookies[name] = value
    names = {
        sender: f"jar{number if len(needed) > 1 else ''}.txt"
        for number, sender in enumerate((each for each in senders if each in needed), start=1)
    }
    return [names.get(id(sender), "") for _, _, sender in sent]
