"""Find the cache and its decorators by what they store in an app of the kit's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import flask

from ..survey import Survey
from ..survey.facts import Thing, parameters_of
from ..survey.kept import kept_pages
from . import Finding
from .viewdecorators import host_with, keeps_pages, most_like

SLUG = "caching"

#: The methods of a cache.
METHODS = ("get", "set", "delete", "clear")


def find(survey: Survey) -> Iterator[Finding]:
    """Yield the cache, its `memoize`, a decorator for views, and what sets them up."""
    cache = init = None
    for thing in survey.facts.instances():
        if isinstance(thing.value, dict) or not all(
            callable(getattr(type(thing.value), name, None)) for name in METHODS
        ):
            continue
        for how in (None, *_initialisers(survey)):
            if survey.trial(_keeps, thing.value, how):
                cache, init = thing, how
                break
        if cache is not None:
            break
    if cache is not None:
        yield Finding(
            SLUG, "cache", cache.reference, "a value that was set could be read until deleted"
        )
        if init is not None:
            yield Finding(SLUG, "init_app", init.reference, "the cache worked in an app after it")
        if hasattr(cache.value, "memoize") and survey.trial(_memoizes, cache.value, init):
            text = "of two calls of a function under it, one ran"
            yield Finding(SLUG, "memoize", f"{cache.reference}.memoize", text)
    decorators = list(_cached(survey, init))
    yield from decorators
    yield from _page(survey, next((each.value for each in decorators), None))


def _initialisers(survey: Survey) -> Iterator[Thing]:
    for thing in survey.facts.functions():
        parameters = parameters_of(thing.value)
        if (
            parameters
            and len(parameters) == 1
            and parameters[0].name in ("app", "flask_app", "application")
            and "cache" in thing.name.lower()
        ):
            yield thing


def _ready(cache: object, init: Thing | None) -> flask.Flask:
    app = host_with(init, lambda name: name)
    if init is None and hasattr(cache, "init_app"):
        app.config["CACHE_TYPE"] = "SimpleCache"
        cache.init_app(app)
    return app


def _keeps(cache: Any, init: Thing | None) -> bool:
    with _ready(cache, init).app_context():
        cache.set("kq7", "kept")
        kept = cache.get("kq7")
        cache.delete("kq7")
        return bool(kept == "kept" and cache.get("kq7") is None)


def _memoizes(cache: Any, init: Thing | None) -> bool:
    ran: list[int] = []

    def work(number: int) -> int:
        ran.append(number)
        return number + 1

    app = _ready(cache, init)
    with app.app_context():
        kept = cache.memoize(timeout=60)(work)
        return [kept(1), kept(1), kept(2)] == [2, 2, 3] and ran == [1, 2]


def _cached(survey: Survey, known: Thing | None) -> Iterator[Finding]:
    for thing in survey.facts.functions():
        names = {each.name for each in parameters_of(thing.value) or ()}
        # A decorator that takes a key as well belongs to the chapter on decorators.
        if "timeout" not in names or "key" in names:
            continue
        for init in dict.fromkeys((known, None)) if known else (None, *_initialisers(survey)):
            if survey.trial(keeps_pages, thing.value, init):
                text = "of two requests for a page under it, its view ran for the first only"
                yield Finding(SLUG, "cached", thing.reference, text)
                if init is not None:
                    text = f"{thing.name} cached pages of an app set up by it"
                    yield Finding(SLUG, "init_app", init.reference, text)
                return


def _page(survey: Survey, decorator: str | None) -> Iterator[Finding]:
    """Yield the page that is kept, and on what it depends."""
    pages = [each for each in kept_pages(survey) if not each.personal]
    page = most_like(survey, decorator, pages)
    if page is None:
        return
    text = "each call of its view gave another content, and each visitor got the same"
    yield Finding(SLUG, "page", page.path, text)
    if page.seconds != 300:
        text = "with a clock that was moved, it changed after that time"
        yield Finding(SLUG, "timeout", page.seconds, text)
    if page.field:
        yield Finding(SLUG, "query_field", page.field, "it was another page for another value")
    negotiated = next((each for each in (page, *pages) if each.negotiated), None)
    if negotiated is not None:
        yield Finding(SLUG, "negotiated", negotiated.path, "it was kept as HTML and as JSON")
