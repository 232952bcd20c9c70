"""Finds the layout, pages that extend it, and the page for unknown paths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..survey import Exchange, Survey
from ..survey.submissions import attempt, send
from . import Finding

SLUG = "templateinheritance"

#: How many pages are bound.
PAGES = 4

#: A path that no application has.
MISSING = "/conformance/missing"


def find(survey: Survey) -> Iterator[Finding]:
    """Yield the layout that most pages extend, those pages, and the app's own 404 page.

    A layout of a library, such as Flask-Admin's, is not the app's to mend, its pages are.
    """
    pages = [each for each in survey.pages if each.is_page]
    bases = {id(each): base for each in pages if (base := layout_of(survey, each))}
    if not bases:
        return
    base, count = Counter(bases.values()).most_common(1)[0]
    shown: dict[str, Exchange] = {}
    for each in pages:
        # One page per template: two URLs of one page may well have the same title.
        if bases.get(id(each)) == base and each.templates[0][0] not in shown:
            alone = each if "?" not in each.target else survey.crawl.get(each.path)
            if alone is not None and alone.is_page and alone.templates == each.templates:
                shown[each.templates[0][0]] = alone
    chosen = list(shown.values())[:PAGES]
    layout, own = base
    if own:
        yield Finding(SLUG, "layout", layout, f"{count} of {len(pages)} pages extend it")
    if chosen:
        names = ", ".join(each.templates[0][0] for each in chosen)
        text = f"they rendered {names}, which extend {'it' if own else layout}"
        yield Finding(SLUG, "pages", [each.path for each in chosen], text)
    yield from _missing(survey, 2 * count > len(pages))


def _missing(survey: Survey, of_all: bool) -> Iterator[Finding]:
    """Yield the path of the page for unknown ones, as somebody where a visitor has to log in.

    One that renders nothing of the app's own misses the layout, where that is `of_all` pages.
    """
    missing = survey.crawl.get(MISSING)
    value: Any = MISSING
    if missing is not None and missing.status != 404 and survey.people:
        value = {"path": MISSING, "as": next(iter(survey.people))}
        answer = attempt(survey, lambda: send(survey, survey.visitor(), value))
        missing = None if answer is None else Exchange(answer.request, answer)
    if missing is None or missing.status != 404 or not missing.is_html:
        return
    if not missing.templates and not of_all:
        return
    rendered = f"rendered {missing.templates[0][0]}" if missing.templates else "is an HTML page"
    yield Finding(SLUG, "missing", value, f"a 404 that {rendered}")


def layout_of(survey: Survey, exchange: Exchange) -> tuple[str, bool] | None:
    """Return the base of the template that a page rendered first, and whether it is the app's.

    None if it extends nothing.
    """
    library = survey.facts.library
    if library is None or not exchange.templates:
        return None
    template = library.own.get(exchange.templates[0][0])
    line = library.lineage(template) if template is not None else []
    if len(line) < 2:
        return None
    # What a base extends in turn may be for rendering alone to tell.
    whole = library.chain(line[0]) is not None
    return line[-1].name, whole and line[-1].name in library.own
