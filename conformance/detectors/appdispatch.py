"""Find dispatchers by path and by subdomain, and the prefixes of mounted applications."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import flask

from ..survey import Survey
from ..survey.facts import Thing, parameters_of
from ..transports import Request
from ..transports.wsgi import WSGIStream, make_environ
from . import Finding

SLUG = "appdispatch"


def find(survey: Survey) -> Iterator[Finding]:
    """Yield the dispatchers that pass a trial, and the prefixes at which this app mounts others."""
    for thing in _candidates(survey):
        if survey.trial(_by_subdomain, thing.value):
            text = "requests for subdomains of example.org reached the apps created for them"
            yield Finding(SLUG, "subdomain_dispatcher", thing.reference, text)
        elif survey.trial(_by_path, thing.value):
            text = "requests reached the app created for the first segment of their path"
            yield Finding(SLUG, "path_dispatcher", thing.reference, text)
    yield from _mounts(survey)


def _candidates(survey: Survey) -> Iterator[Thing]:
    for thing in survey.facts.things:
        if not isinstance(thing.value, type) and not hasattr(thing.value, "__code__"):
            continue
        names = [each.name for each in parameters_of(thing.value) or ()]
        makes = any("app" in name or "factory" in name or "make" in name for name in names)
        if len(names) == 2 and makes:
            yield thing


def _app(said: str) -> flask.Flask:
    app = flask.Flask("conformance_host")
    app.add_url_rule("/", "index", lambda: said)
    app.add_url_rule("/<path:rest>", "rest", lambda rest: f"{said} {rest}")
    return app


def _ask(dispatcher: Any, target: str, host: str) -> str:
    environ = make_environ(Request.build("GET", target, host=host))
    with WSGIStream(dispatcher, environ) as stream:
        return b"".join(stream).decode() if stream.status == 200 else str(stream.status)


def _by_subdomain(make: Callable[..., object]) -> bool:
    dispatcher = make("example.org", _app)
    answers = [_ask(dispatcher, "/", f"{name}.example.org") for name in ("one", "two", "one")]
    return answers == ["one", "two", "one"]


def _by_path(make: Callable[..., object]) -> bool:
    dispatcher = make(_app("default"), lambda name: _app(name) if name == "one" else None)
    answers = [_ask(dispatcher, target, "example.org") for target in ("/one/", "/one/x", "/two")]
    return answers == ["one", "one x", "default two"]


def _mounts(survey: Survey) -> Iterator[Finding]:
    for each in survey.facts.middleware:
        mounts = getattr(each, "mounts", None)
        if not isinstance(mounts, dict) or not mounts:
            continue
        found: dict[str, str] = {}
        for prefix, mounted in mounts.items():
            inner = getattr(mounted, "url_map", None)
            paths = ["/"] + [
                rule.rule for rule in (inner.iter_rules() if inner is not None else ())
                if not rule.arguments and "GET" in (rule.methods or ())
            ]  # fmt: skip
            for path in dict.fromkeys(paths):
                answer = survey.crawl.get(prefix + path)
                if answer is not None and answer.status == 200:
                    found[prefix] = path
                    break
        if len(found) == len(mounts):
            yield Finding(SLUG, "mounts", found, "prefixes of the app's dispatcher that answer 200")
            return
