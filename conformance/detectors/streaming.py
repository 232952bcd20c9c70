"""Finds responses that arrive piece by piece, and what they show of the request."""

from __future__ import annotations

import contextlib
import gc
import inspect
import io
import socket
import sqlite3
import sys
from collections import Counter
from collections.abc import Container, Iterator
from typing import Any
from unittest import mock
from urllib.parse import urlencode

from ..survey import PATIENCE_MORE, Exchange, Survey
from ..survey.facts import query_fields, unwrapped
from ..survey.submissions import log_in, person_of
from ..transports import Request
from . import Finding

SLUG = "streaming"

MARK = "kq7streamed"


def find(survey: Survey) -> Iterator[Finding]:
    """Yield streamed routes, by what their responses are."""
    streamed = [each for each in survey.pages if each.streamed and each.status == 200]
    for exchange in streamed:
        kind = exchange.response.mimetype
        if exchange.cut:
            yield Finding(SLUG, "endless", exchange.target, "it did not end within half a megabyte")
        elif kind in ("text/csv", "application/x-ndjson", "application/jsonl"):
            yield from _table(survey, exchange)
        elif exchange.session_after and "cookie" in exchange.response.header_tokens("Vary"):
            text = "it is streamed and varies with the cookie"
            yield Finding(SLUG, "personal", exchange.target, text)
    shown = list(_shown(survey))
    yield from shown
    yield from _resource(survey, {each.value for each in shown})


def _open_now() -> Counter[str]:
    """Count the files, connections to SQLite and sockets that are open, by what they are."""
    gc.collect()
    counted: Counter[str] = Counter()
    # Of a million objects nearly all are something else.
    for each in (one for one in gc.get_objects() if issubclass(type(one), _OPEN)):
        if isinstance(each, sqlite3.Connection):
            with contextlib.suppress(sqlite3.Error):
                # It raises where it is closed.
                counted["connection to SQLite"] += each.total_changes >= 0
        elif isinstance(each, socket.socket):
            counted["socket"] += each.fileno() >= 0
        else:
            counted["file"] += not each.closed
    return counted


_OPEN = (io.FileIO, sqlite3.Connection, socket.socket)


#: How many streams are tried.
_TRIES = 4


def _resource(survey: Survey, others: Container[str]) -> Iterator[Finding]:
    """Yield a stream during which something is open that is closed after it."""
    whose = [person_of(survey, number) for number in range(len(survey.heard))]
    seen = [("", each) for each in survey.pages]
    seen += [
        (person, each)
        for person, each in zip(whose, survey.heard, strict=True)
        if person is not None
    ]
    tried: set[str | None] = set()
    for person, exchange in seen:
        streams = exchange.method == "GET" and exchange.streamed and exchange.status == 200
        if not streams or exchange.cut or exchange.target in others:
            continue
        if exchange.endpoint in tried or len(tried) == _TRIES:
            continue
        tried.add(exchange.endpoint)
        opened = survey.trial(_open_during, survey, exchange.target, person, seconds=PATIENCE_MORE)
        if opened:
            value = {"path": exchange.target, "as": person} if person else exchange.target
            text = f"while it was read, a {opened} more was open"
            yield Finding(SLUG, "resource", value, text)
            return


def _open_during(survey: Survey, target: str, person: str) -> str | None:
    """Return what is open while a stream is read, and not before or after it."""
    client = survey.visitor()
    if person:
        log_in(survey, client, person)
    request = Request.build("GET", target)
    client.send(request)
    before = _open_now()
    stream = client.stream(request)
    try:
        # Some open it with the first piece.
        next(stream, b"")
        during = _open_now()
        for _ in stream:
            pass
    finally:
        stream.close()
    after = _open_now()
    if stream.status != 200:
        return None
    return next(
        (name for name in sorted(during) if during[name] > before[name] >= after[name]),
        None,
    )


def _table(survey: Survey, exchange: Exchange) -> Iterator[Finding]:
    view = survey.app.view_functions.get(exchange.endpoint or "")
    csv = exchange.response.mimetype == "text/csv"
    rows = _rows(survey, exchange, view) if view is not None and csv else None
    text = f"it is streamed as {exchange.response.mimetype}"
    # Without the function of its rows, nothing can be put into the table.
    yield Finding(SLUG, "table", exchange.target, text, confirmed=rows is not None)
    if rows is not None:
        reference, before = rows
        yield Finding(SLUG, "rows", reference, "rows returned in its place were in the table")
        if before not in ("", "'"):
            text = "what the table put before a formula"
            yield Finding(SLUG, "defang", before, text)
    if not csv:
        yield Finding(SLUG, "format", "ndjson", "its media type", confirmed=False)


def _rows(survey: Survey, exchange: Exchange, view: object) -> tuple[str, str] | None:
    """Return the function of a table's rows, and what the table puts before a formula."""
    function = unwrapped(view)[-1]
    module = sys.modules.get(getattr(function, "__module__", ""))
    for name in _names(getattr(function, "__code__", None)):
        value = getattr(module, name, None)
        if not inspect.isfunction(value) or value is function:
            continue
        if not inspect.isgeneratorfunction(value) and "row" not in name.lower():
            continue

        def given(*args: object, **values: object) -> Iterator[list[str]]:
            yield [f"{MARK}1", "one"]
            yield ["=kq7", "two"]

        with mock.patch.object(module, name, given):
            again = survey.crawl.get(exchange.target, headers={"X-Survey": name})
        if again is not None and f"{MARK}1,one" in again.response.text.replace('"', ""):
            assert module is not None
            line = next((x for x in again.response.text.splitlines() if "=kq7" in x), "")
            return f"{module.__name__}:{name}", line.partition("=kq7")[0].lstrip('"')
    return None


def _names(code: Any) -> Iterator[str]:
    if code is None:
        return
    yield from code.co_names
    for const in code.co_consts:
        if hasattr(const, "co_code"):
            yield from _names(const)


def _shown(survey: Survey) -> Iterator[Finding]:
    """Yield a stream of a template and one of a generator that show a field of the query."""
    found: dict[str, tuple[str, str]] = {}
    plain = {rule.path: rule.view for rule in survey.facts.rules if rule.is_plain and rule.view}
    # With values in its path, one that was asked for.
    seen = {
        each.path: survey.app.view_functions.get(each.endpoint or "")
        for each in survey.pages
        if each.streamed and each.status == 200 and not each.cut
    }
    for path, view in {**plain, **seen}.items():
        # A view may show whatever it was asked with, without a word of it.
        for field in query_fields(view)[:3] or (["name"] if path in seen else []):
            exchange = survey.crawl.get(f"{path}?{urlencode({field: MARK})}")
            if exchange is None or not exchange.streamed or exchange.status != 200:
                continue
            if MARK in exchange.response.text and not exchange.cut:
                key = "template" if exchange.templates else "context"
                if exchange.response.mimetype == "text/event-stream":
                    key = "events"
                found.setdefault(key, (path, field))
    fields = {field for _, field in found.values()}
    for key, (path, field) in found.items():
        if field == min(fields):
            text = f"it is streamed and shows {field} of the query"
            yield Finding(SLUG, key, path, text)
    if fields and min(fields) != "name":
        yield Finding(SLUG, "field", min(fields), "what is shown in the stream")
