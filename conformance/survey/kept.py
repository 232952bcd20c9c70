"""Finds the pages that an app keeps in a cache, and for how long, by what their views give."""

from __future__ import annotations

import dataclasses
import weakref
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from ..instruments.clock import stopped_clock
from ..transports import Client
from . import Survey
from .exchanges import Exchange
from .facts import names_in, query_fields, unwrapped

#: How many pages are tried; how many that are kept.
_TRIES = 20
_MOST = 6

#: Seconds for which pages are kept by many applications.
_USUAL = (1, 5, 10, 15, 20, 30, 50, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 86400)

#: Seconds after which nothing is left of what was kept before.
_LONG = 40 * 86400

#: What a view reads of whoever asks for it.
_PERSONAL = frozenset({"session", "current_user", "user", "cookies", "authorization"})

#: The media types of a page that depends on the Accept header.
_TYPES = ("text/html", "application/json")


@dataclasses.dataclass(frozen=True)
class Kept:
    """A page that is kept: its view gives something else each time, and visitors get the same."""

    exchange: Exchange
    #: Seconds for which it is kept.
    seconds: float
    #: The field of the query on which it depends; empty for none.
    field: str
    #: Whether it is HTML or JSON, as the client likes.
    negotiated: bool
    #: Whether it may be another one for somebody who has logged in.
    personal: bool

    @property
    def path(self) -> str:
        """Its path."""
        return self.exchange.path


#: What was found: two patterns ask for it.
_known: weakref.WeakKeyDictionary[Survey, list[Kept]] = weakref.WeakKeyDictionary()


def kept_pages(survey: Survey) -> list[Kept]:
    """Return the pages that are kept, in the order in which they were visited."""
    if survey not in _known:
        _known[survey] = list(_found(survey))
    return _known[survey]


def _found(survey: Survey) -> Iterator[Kept]:
    tried = count = 0
    for exchange in survey.pages:
        view = survey.app.view_functions.get(exchange.endpoint or "")
        # What keeps it is around the view.
        if exchange.status != 200 or exchange.streamed or len(unwrapped(view)) < 2:
            continue
        if "?" in exchange.target or tried == _TRIES or count == _MOST:
            continue
        tried += 1
        if not survey.trial(_is_kept, survey, exchange):
            continue
        if (seconds := survey.trial(_seconds, survey, exchange)) is not None:
            count += 1
            fields = query_fields(view)
            field = next((f for f in fields if survey.trial(_depends, survey, exchange, f)), "")
            negotiated = bool(survey.trial(_negotiated, survey, exchange))
            yield Kept(exchange, seconds, field, negotiated, _personal(view))


def _personal(view: object) -> bool:
    words = {word for name in names_in(unwrapped(view)[-1]) for word in name.split(".")}
    return bool(words & _PERSONAL)


def _get(client: Client, exchange: Exchange, **headers: str) -> bytes:
    response = client.get(exchange.path, headers=headers)
    if response.status != 200:
        raise ValueError(response.status)
    return response.body


def _is_kept(survey: Survey, exchange: Exchange) -> bool:
    """Check whether each call of the view gives another content, and each visit the same."""
    visited = {_get(survey.visitor(), exchange) for _ in range(2)}
    given = {_given(survey, exchange) for _ in range(2)}
    return len(visited) == 1 and len(given) == 2 and not visited & given


def _given(survey: Survey, exchange: Exchange) -> bytes:
    """Return what the view gives for a visitor, without what is around it."""
    app = survey.app
    inner = unwrapped(app.view_functions[exchange.endpoint or ""])[-1]
    with app.test_request_context(exchange.path):
        app.preprocess_request()
        data: bytes = app.make_response(app.ensure_sync(inner)(**exchange.values)).get_data()
        return data


def _seconds(survey: Survey, exchange: Exchange) -> float | None:
    """Return for how many seconds the page is kept, with a clock that is moved."""
    view = survey.app.view_functions[exchange.endpoint or ""]
    said = {value for each in unwrapped(view)[:-1] for value in _numbers(each)}
    client = survey.visitor()
    with stopped_clock() as clock:
        clock.advance(_LONG)
        began = clock.moved
        first = _get(client, exchange)
        for seconds in sorted({*_USUAL, *said}):
            clock.advance(began + seconds - 0.5 - clock.moved)
            if _get(client, exchange) != first:
                return None
            clock.advance(1)
            if _get(client, exchange) != first:
                return seconds
    return None


def _numbers(function: object) -> Iterator[float]:
    """Yield the numbers that a decorator's function may have for the seconds."""
    cells: Mapping[str, Any] = {
        name: cell.cell_contents
        for name, cell in zip(
            getattr(getattr(function, "__code__", None), "co_freevars", ()),
            getattr(function, "__closure__", None) or (),
            strict=False,
        )
    }
    for value in (*cells.values(), *vars(function).values()):
        if type(value) in (int, float) and 1 <= value <= _LONG / 2:
            yield value


def _depends(survey: Survey, exchange: Exchange, field: str) -> bool:
    """Check whether the page is another one for another value of a field."""

    def shown(value: str) -> bytes:
        response = survey.visitor().get(f"{exchange.path}?{urlencode({field: value})}")
        return response.body if response.status == 200 else b""

    one, other = shown("1"), shown("2")
    return bool(one) and one != other and shown("1") == one and shown("2") == other


def _negotiated(survey: Survey, exchange: Exchange) -> bool:
    """Check whether the page is HTML or JSON, as the client likes, and either is kept."""
    found = []
    for kind in _TYPES:
        one, two = (survey.visitor().get(exchange.path, headers={"Accept": kind}) for _ in range(2))
        found.append(one.status == 200 and one.mimetype == kind and one.body == two.body)
    return all(found)
