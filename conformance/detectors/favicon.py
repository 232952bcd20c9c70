"""Find a page whose head links an icon of this site."""

from __future__ import annotations

from collections.abc import Iterator

from ..survey import Survey
from . import Finding

SLUG = "favicon"


def find(survey: Survey) -> Iterator[Finding]:
    """Yield the first page that links an existing icon."""
    broken: Finding | None = None
    for exchange in survey.pages:
        if not exchange.is_page:
            continue
        for element in exchange.page.find("link"):
            rel = element.attributes.get("rel", "").lower().split()
            href = element.attributes.get("href", "")
            target = exchange.local(href) if "icon" in rel and href else None
            if target is None:
                continue
            icon = survey.crawl.get(target)
            if icon is not None and icon.status == 200 and icon.response.mimetype != "text/html":
                text = f"its head links {target}, which exists"
                yield Finding(SLUG, "page", exchange.path, text)
                return
            text = f"its head links {target}, which does not exist"
            broken = broken or Finding(SLUG, "page", exchange.path, text, confirmed=False)
    if broken is not None:
        yield broken
