"""Find what is deferred to the end of a request: a value that is stored in a cookie."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import CookieError, SimpleCookie
from typing import Any

import flask

from ..survey import Exchange, Survey
from ..survey.facts import Thing, calls_in, parameters_of
from . import Finding

SLUG = "deferredcallbacks"

#: Headers that may contain a client's preferred value, with the values that are tried.
HEADERS = {"Accept-Language": ("en", "de", "fr", "es", "it")}


def find(survey: Survey) -> Iterator[Finding]:
    """Yield the page and cookie of a stored value, its hook, and the function that defers."""
    yield from _own(survey)
    for exchange in survey.pages[:30]:
        for name, value in cookies(exchange).items():
            if name == survey.app.config["SESSION_COOKIE_NAME"]:
                continue
            for header, tried in HEADERS.items():
                values = list(_values(survey, exchange, name, header, tried))
                if len(values) < 2:
                    continue
                text = f"it set the cookie {name} to the value in {header}"
                yield Finding(SLUG, "page", exchange.path, text)
                if name != "user_lang":
                    yield Finding(SLUG, "cookie", name, "the cookie's name")
                if set(values) != {"en", "de"}:
                    yield Finding(SLUG, "values", values, f"{header} chooses between them")
                kept = [key for key, text in exchange.kept.items() if text == value]
                if kept:
                    yield Finding(SLUG, "attribute", kept[0], "g had the value during the request")
                yield from _hook(survey, exchange)
                return


def cookies(exchange: Exchange) -> dict[str, str]:
    """Return the cookies that a response sets."""
    found: dict[str, str] = {}
    for header in exchange.response.header_values("Set-Cookie"):
        try:
            found |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        except CookieError:
            continue
    return found


def _values(
    survey: Survey, exchange: Exchange, name: str, header: str, tried: tuple[str, ...]
) -> Iterator[str]:
    for value in tried:
        answer = survey.crawl.get(exchange.target, headers={header: value})
        if answer is not None and cookies(answer).get(name) == value:
            yield value


def _hook(survey: Survey, exchange: Exchange) -> Iterator[Finding]:
    blueprint = (exchange.endpoint or "").rpartition(".")[0] or None
    for scope in dict.fromkeys((blueprint, None)):
        for function in survey.app.before_request_funcs.get(scope, ()):
            reference = survey.facts.reference(function)
            if reference and parameters_of(function) == [] and _defers(function):
                text = "the hook before that page defers a function"
                yield Finding(SLUG, "hook", reference, text)
                names = {each.rpartition(".")[2] for each in calls_in(function)}
                if "after_this_request" in _decorators(function) | names:
                    own = function.__globals__.get("after_this_request")
                    if own is flask.after_this_request:
                        text = "the hook uses Flask's own"
                        yield Finding(SLUG, "after_this_request", "flask:after_this_request", text)
                return


def _defers(function: Any) -> bool:
    return any(hasattr(const, "co_code") for const in function.__code__.co_consts)


def _decorators(function: Any) -> set[str]:
    return set(function.__code__.co_names)


def _own(survey: Survey) -> Iterator[Finding]:
    """Yield a function of the subject's own that defers the function passed to it."""
    for thing in survey.facts.functions():
        parameters = parameters_of(thing.value) or []
        if len(parameters) != 1 or "after" not in thing.name or "request" not in thing.name:
            continue
        if survey.trial(_runs_after, survey, thing):
            text = "a function passed to it got the response at the end of the request"
            yield Finding(SLUG, "after_this_request", thing.reference, text)
            return


def _runs_after(survey: Survey, thing: Thing) -> bool:
    seen: list[object] = []

    def note(response: object) -> object:
        seen.append(response)
        return response

    with survey.app.test_request_context("/conformance"):
        thing.value(note)
        if seen:
            return False
        survey.app.process_response(survey.app.make_response("x"))
    return len(seen) == 1
