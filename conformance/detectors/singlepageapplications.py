"""Finds a page that answers for every path below it, and the API next to it."""

from __future__ import annotations

from collections.abc import Iterator

from ..survey import Exchange, Survey
from ..survey.facts import RuleFact
from . import Finding

SLUG = "singlepageapplications"

#: Paths that only a client-side application would know.
DEEP = ("kq7/page", "kq7/other/deep")


def find(survey: Survey) -> Iterator[Finding]:
    """Yield the entry page of a catch-all rule, and routes below it that return JSON."""
    for rule in survey.facts.rules:
        root = _root(rule)
        if root is None:
            continue
        entry = survey.crawl.get(root)
        if entry is None or not entry.is_page or not entry.page.find("script"):
            continue
        below = [survey.crawl.get(root + path) for path in DEEP]
        if not all(each is not None and _same(each, entry) for each in below):
            continue
        text = f"{root}{DEEP[0]} and {root}{DEEP[1]} returned the same page"
        yield Finding(SLUG, "entry", root, text)
        yield from _api(survey, root)
        return


def _root(rule: RuleFact) -> str | None:
    """Return the path above a rule that matches all paths; None for other rules."""
    if "GET" not in rule.methods or len(rule.arguments) != 1:
        return None
    (argument,) = rule.arguments
    before, _, rest = rule.path.partition("<")
    if rule.converters.get(argument) != "PathConverter" or rest.partition(">")[2]:
        return None
    return before


def _same(one: Exchange, other: Exchange) -> bool:
    names = [[element.tag for element in each.page.find()] for each in (one, other)]
    return one.status == 200 and one.is_html and names[0] == names[1]


def _api(survey: Survey, root: str) -> Iterator[Finding]:
    routes = [
        each.path
        for each in survey.pages
        if each.status == 200
        and each.response.mimetype == "application/json"
        and each.path.startswith(root)
        and "." not in each.path
    ]
    if not routes:
        return
    yield Finding(SLUG, "api", routes[:3], "they return JSON")
    first = routes[0][len(root) :].partition("/")
    prefix = f"{root}{first[0]}/"
    if first[1] and all(each.startswith(prefix) for each in routes):
        missing = survey.crawl.get(f"{prefix}kq7missing")
        if missing is not None and missing.status == 404 and not missing.is_html:
            text = "all of them are below it, and an unknown path is a 404 without a page"
            yield Finding(SLUG, "api_prefix", prefix, text)
