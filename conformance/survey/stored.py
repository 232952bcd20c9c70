"""Finds which of the requests that were heard stores a text of its own each time."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import itertools
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import flask

from ..instruments.html import Page
from ..transports import Response
from . import Survey
from .submissions import Submission, attempt, is_taken, send, submissions, with_form_page

#: How many requests are tried, and how many pages are looked at for what was stored.
_TRIES = 8
_PAGES = 12

_numbers = itertools.count(1)

#: Where a text is: a table and a column.
Place = tuple[str, str]
Where = Callable[[str], "Place | None"]

#: Gives settings that put an app's database into a new place, and what looks for a text there.
Fresh = Callable[[], tuple[Mapping[str, Any], Where]]


@dataclasses.dataclass(frozen=True)
class Stored:
    """A request that stores the text of one of its fields, and where that was then."""

    route: dict[str, Any]
    field: str
    place: Place
    #: Who sent it, for evidence.
    source: str
    #: A page that showed each text, as a configuration says it.
    page: Any = None


#: Where the SQLite databases that are opened are noted.
_noting: list[set[str]] = []


@functools.cache
def _hook() -> None:
    def hear(event: str, args: tuple[Any, ...]) -> None:
        if event == "sqlite3.connect" and _noting:
            with contextlib.suppress(TypeError, ValueError):
                path = (
                    urlsplit(text).path
                    if (text := os.fsdecode(args[0])).startswith("file:")
                    else text
                )
                for each in _noting:
                    each.add(os.path.realpath(path))

    # It cannot be removed, and does nothing by itself.
    sys.addaudithook(hear)


@contextlib.contextmanager
def databases_opened() -> Iterator[set[str]]:
    """Yield the paths of the SQLite databases that are opened meanwhile; it grows."""
    _hook()
    paths: set[str] = set()
    _noting.append(paths)
    try:
        yield paths
    finally:
        # Not `remove`: another one may have the same paths.
        _noting[:] = [each for each in _noting if each is not paths]


def stored(
    survey: Survey, fresh: Fresh, ready: Callable[[flask.Flask], object] = lambda app: None
) -> Stored | None:
    """Return a request that stores a text, one with a page that shows it first.

    Each is tried on a new app with a database of its own, which `ready` gives its tables.
    """
    found: list[Stored] = []
    tried: set[str] = set()
    for each in submissions(survey):
        if not each.accepted or each.exchange.path in tried or len(tried) == _TRIES:
            continue
        if (one := _tried(survey, fresh, ready, each)) is not None:
            tried.add(each.exchange.path)
            found.append(one)
            if one.page is not None:
                break
    return max(found, key=lambda each: each.page is not None, default=None)


def _tried(
    survey: Survey, fresh: Fresh, ready: Callable[[flask.Flask], object], heard: Submission
) -> Stored | None:
    for field in list(heard.texts())[:3]:
        others = {
            name: f"{heard.exchange.fields[name][0]}{{n}}"
            for name in heard.texts()
            if name != field
        }
        for values in [{}, others] if others else [{}]:
            config, where = fresh()
            app = survey.new_app(**config)
            if app is None:
                return None
            survey.trial(ready, app)
            route = with_form_page(survey, app, heard.route(without=field, **values))
            place = attempt(survey, _stores_twice, survey, app, route, field, where, heard)
            if place is not None:
                page = attempt(survey, _page, survey, app, route, place[2:])
                return Stored(route, field, place[:2], heard.source, page)
    return None


def _text() -> str:
    return f"kq7stored{next(_numbers)}"


def _stores_twice(
    survey: Survey,
    app: flask.Flask,
    route: Mapping[str, Any],
    field: str,
    where: Where,
    heard: Submission,
) -> tuple[str, str, str, str] | None:
    client = survey.visitor(app)
    texts = (_text(), _text())
    places = set()
    for text in texts:
        answer = send(survey, client, route, {field: text})
        if not is_taken(answer, heard.exchange):
            return None
        places.add(where(text))
    place = places.pop()
    # Both are there still: it adds a row each time.
    if places or place is None or where(texts[0]) is None:
        return None
    return (*place, *texts)


def _page(
    survey: Survey, app: flask.Flask, route: Mapping[str, Any], texts: tuple[str, str]
) -> Any:
    """Return a page that shows both texts, for a visitor or else for whom the route is."""
    paths = [each.target for each in survey.pages if each.status == 200 and not each.cut]
    heard = [each.target for each in survey.heard if each.method == "GET" and each.status == 200]
    # Where something is sent, it is often listed too, even if nothing was to be seen there before.
    own = str(route["path"]).partition("?")[0]
    paths = list(dict.fromkeys([own, *paths, *heard]))[:_PAGES]
    for person in dict.fromkeys([None, route.get("as")]):
        client = survey.visitor(app)
        for path in paths:
            asked = {"path": path, **({"as": person} if person else {})}
            if _shows(send(survey, client, asked), texts):
                return asked if person else path
    return None


def _shows(response: Response, texts: tuple[str, str]) -> bool:
    kind = response.mimetype
    if response.status != 200 or not (kind.startswith("text/") or kind == "application/json"):
        return False
    shown = Page(response.text).text if response.mimetype == "text/html" else response.text
    # As text that somebody sees: what stands in a field to fill in is no list.
    return all(text in shown for text in texts)
