"""The HTML page in a real browser: no rule of axe-core is broken, and it does what it is for."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.core.errors import Kind, Missing
from conformance.core.told import Location
from conformance.core.verdict import Failure, Outcome, Verdict
from conformance.instruments.browser import _installed
from conformance.reports.html import render_page

DOCS = "https://flask.palletsprojects.com/en/stable/patterns/flashing/"


def verdict(name: str, outcome: str, level: str = "must", **values: Any) -> Verdict:
    slug = name.partition(".")[0]
    return Verdict(name, slug, level, "It holds for all of them.", DOCS, Outcome(outcome), **values)


def result(flask: str = "3.1.3", fails: bool = True) -> dict[str, Any]:
    failure = Failure(
        "the text to stay text", "also <script> and a very-long-word" + "-so-long" * 40, "routes",
        "text='<script>'", ("GET / -> 200",) * 3, ("curl -i http://localhost:5000/?" + "x" * 300,),
        "a filter is missing.", "KeyError: 'x'", Location("shop/views.py", 12, "save"),
    )  # fmt: skip
    key = Missing(Kind.KEY, "patterns.flashing.trigger")
    bare = Missing(Kind.PLACE, "caching")
    rows = [
        verdict("flashing.escape", "fail" if fails else "pass", failure=failure if fails else None),
        verdict("flashing.once", "fail", "should", failure=failure),
        verdict("flashing.later", "untested", "harden", reason="needs trigger", missing=(key,)),
        verdict("flashing.good", "pass", "harden"),
        verdict("favicon.link", "waived", "must", reason="ours", failure=failure),
        verdict(
            "favicon.root", "broken", "must", reason="patterns.favicon.page: GET / answers 404"
        ),
        verdict("caching.page", "untested", reason="not bound", missing=(bare,)),
    ]
    counts = [row.outcome for row in rows]
    return {
        "schema_version": 1, "complete": True, "kit": {"version": "1"}, "seed": 0,
        "command": ["conformance", "check"], "subject": {"app": "shop:create_app", "config": None},
        "environment": {"flask": flask, "python": "3.12.1", "werkzeug": "3.1", "packages": {}},
        "touched": [], "clauses": [row.to_json() for row in rows],
        "summary": {outcome.value: counts.count(outcome) for outcome in Outcome},
    }  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api")
    path = os.environ.get("CONFORMANCE_CHROMIUM") or _installed()
    if path is None:
        pytest.skip("there is no Chromium on this machine")
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path)
        yield chromium
        chromium.close()
    # Playwright's loop stays the thread's current one, closed: a later test would get it.
    asyncio.set_event_loop(None)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    pages = {
        "one": render_page([result()]),
        "two": render_page([result("3.0.3"), result("3.1.3", fails=False)], ["A", "B"]),
    }
    for name, text in pages.items():
        (tmp_path / f"{name}.html").write_text(text)
    return {name: f"file://{tmp_path}/{name}.html" for name in pages}


@pytest.mark.parametrize("which", ["one", "two"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(
    browser: Any, files: dict[str, str], which: str, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(files[which])
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    found = axe.Axe().run(page).response["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.close()

    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    assert not wide
    assert errors == []
    # One file, and no network.
    assert asked == [files[which]]


def test_a_cell_of_the_picture_opens_its_clause_and_arrows_go_from_cell_to_cell(
    browser: Any, files: dict[str, str]
) -> None:
    page = browser.new_page()
    page.goto(files["one"])
    page.locator("a.cell").first.focus()
    for key in ("ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    name = page.evaluate("document.activeElement.title")
    stops = page.evaluate("document.querySelectorAll('a.cell[tabindex=\"0\"]').length")
    page.keyboard.press("Enter")
    page.wait_for_function("location.hash")
    opened = page.evaluate(
        "[...document.querySelectorAll('details[open]')].map(each => each.id || each.className)"
    )
    page.close()

    assert name == "flashing.later"
    assert stops == 1
    # What it is folded into is open, too.
    assert {"flashing.later", "fold"} <= set(opened)


def test_search_and_filters_leave_what_fits(browser: Any, files: dict[str, str]) -> None:
    page = browser.new_page()
    page.goto(files["one"])

    def shown() -> list[str]:
        return list(
            page.evaluate(
                "[...document.querySelectorAll('main li:not([hidden]) > details')].map(e => e.id)"
            )
        )

    everything = shown()
    page.get_by_label("untested").uncheck()
    tested = shown()
    page.get_by_label("untested").check()
    page.get_by_label("Find").fill("needs trigger")
    found = shown()
    visible = page.locator("[id='flashing.later']").is_visible()
    page.close()

    assert len(everything) == 7
    assert set(everything) - set(tested) == {"flashing.later", "caching.page"}
    assert found == ["flashing.later"]
    assert visible


def test_print_shows_what_is_wrong_in_full(browser: Any, files: dict[str, str]) -> None:
    page = browser.new_page()
    page.goto(files["one"])
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = false)")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    wrong = page.evaluate(
        "[...document.querySelectorAll('li[data-verdicts=fail] > details')].every(e => e.open)"
    )
    form = page.locator("form").is_visible()
    page.close()

    assert wrong
    assert not form


def test_the_page_is_read_from_what_the_json_has() -> None:
    again = json.loads(json.dumps(result()))

    assert render_page([again]) == render_page([result()])
