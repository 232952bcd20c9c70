"""The browser: what happens in a tab is seen, over a socket even where the transport has none."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import flask
import pytest

from conformance import Subject
from conformance.core.errors import Deviation, OutOfTime, Untested
from conformance.core.ledger import Ledger
from conformance.instruments.bench import Bench
from conformance.instruments.browser import Tab, open_tab
from conformance.patterns.harness import Harness
from conformance.runner.limits import time_limit
from conformance.transports import TRANSPORTS

PAGE = """<!doctype html><link rel="icon" href="data:,"><script>
addEventListener("load", async () => {
  document.title = (await (await fetch("/data")).json()).word;
  alert("seen");
  missing();
});
addEventListener("unhandledrejection", () => window.ended = true);
</script>"""


def create_app() -> flask.Flask:
    app = flask.Flask("site")
    # A policy that many sites have: no text is evaluated, the kit's neither.
    policy = {"Content-Security-Policy": "script-src 'self' 'unsafe-inline'"}
    app.add_url_rule("/", "page", lambda: (PAGE, policy))
    app.add_url_rule("/data", "data", lambda: {"word": "from the server"})
    return app


@pytest.fixture
def harness() -> Iterator[Harness]:  # type: ignore[type-arg]
    bench = Bench(Subject(app=create_app), TRANSPORTS["wsgi"])
    yield Harness("site", None, bench)
    bench.close()


@pytest.fixture
def tab(harness: Harness) -> Iterator[Tab]:  # type: ignore[type-arg]
    try:
        with harness.tab() as tab:
            yield tab
    except Untested as reason:
        pytest.skip(str(reason))


def test_a_tab_waits_for_what_comes_later_and_for_another_page(tab: Tab) -> None:
    tab.open("/")
    # The page's own script opens a dialog, which would come between.
    tab.wait_for("() => window.ended")
    tab.evaluate("() => { setTimeout(() => { window.later = true; }, 50); }")
    tab.wait_for("() => window.later")
    tab.evaluate("() => { setTimeout(() => { location.href = '/data'; }, 50); }")

    tab.wait_for("path => location.pathname === path", "/data")

    assert tab.path == "/data"


def test_a_page_without_a_form_is_told_with_what_it_shows(tab: Tab) -> None:
    tab.open("/data")

    with pytest.raises(Deviation) as failed:
        tab.form_with(["name", "mail"])

    assert failed.value.expected == "a form with the fields name, mail at /data in a browser"
    assert "no form; the page shows" in failed.value.observed
    assert "from the server" in failed.value.observed


def test_after_a_time_limit_there_is_another_browser(harness: Harness) -> None:  # type: ignore[type-arg]
    try:
        with pytest.raises(OutOfTime), harness.tab() as tab, time_limit(0.5):
            tab.evaluate("() => new Promise(() => {})")
    except Untested as reason:
        pytest.skip(str(reason))

    with harness.tab() as tab:
        assert tab.open("/") == 200


def test_a_tab_shows_what_the_page_did(tab: Tab, harness: Harness) -> None:  # type: ignore[type-arg]
    assert tab.open("/") == 200
    tab.wait_for("() => window.ended")

    assert tab.evaluate("document.title") == "from the server"
    assert tab.requests == ["GET /", "GET /data"]
    assert tab.dialogs == ["seen"]
    assert tab.errors == ["missing is not defined"]
    assert tab.path == "/"
    assert tab.evaluate("value => value + 1", 2) == 3
    assert harness.ledger.calls >= 3
    assert "opened / in Chromium" in harness.ledger.trail


def test_beside_a_browser_a_coroutine_can_be_awaited(
    harness: Harness,  # type: ignore[type-arg]
) -> None:
    try:
        for _ in range(2):
            with harness.tab() as tab:
                assert tab.open("/") == 200
    except Untested as reason:
        pytest.skip(str(reason))

    async def answer() -> int:
        return 42

    assert asyncio.run(answer()) == 42


def test_a_browser_that_is_not_there_is_a_reason_not_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("playwright")
    monkeypatch.setattr("conformance.instruments.browser._running", None)
    monkeypatch.setenv("CONFORMANCE_CHROMIUM", os.devnull)

    with pytest.raises(Untested, match="needs Chromium: --service chromium=PATH"):
        with open_tab("http://127.0.0.1:1", Ledger()):
            pass
