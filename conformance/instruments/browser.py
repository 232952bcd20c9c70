"""A real browser: Chromium through Playwright, started once per process that needs it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..core.errors import Deviation, Kind, Missing, OutOfTime, Untested
from .html import normal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, JSHandle, Page, Playwright

    from ..core.ledger import Ledger
    from ..transports import Client

#: The timeout of one browser action, in seconds.
PATIENCE = 15.0

#: How many characters of an address a step shows.
LONGEST_SHOWN = 120

#: Names under which systems install the browser.
_EXECUTABLES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

_FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)

#: Returns the form that has the most of the fields with some names.
_FORM = """names => {
    const count = form => names.filter(name => form.elements[name]).length;
    return [...document.forms].reduce((a, b) => a && count(b) <= count(a) ? a : b, null);
}"""

_running: Browser | None = None
_loop: asyncio.AbstractEventLoop | None = None


class Tab:
    """A tab with its own cookies and cache, and what was observed in it.

    `page` is Playwright's page. `dialogs` are the texts of `alert` and the like, which a hostile
    value would open; `errors` what scripts raised or logged as errors, and what the page could not
    load; `refused` what a script was refused that it fetched, which it may expect; `requests` what
    the page requested, as `GET /path`.
    """

    def __init__(self, page: Page, base_url: str, ledger: Ledger) -> None:
        self.page = page
        self.base_url = base_url
        self.dialogs: list[str] = []
        self.errors: list[str] = []
        self.refused: list[str] = []
        self.requests: list[str] = []
        self._fetched: set[str] = set()
        #: Called with each path before it is opened; returns a client whose cookies the tab takes
        #: over.
        self.attend: Callable[[str], Client | None] | None = None
        self._ledger = ledger
        page.on("dialog", self._dismiss)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._log)
        page.on("request", self._note)

    def open(self, target: str) -> int:
        """Go to a path of the subject, wait until it is loaded, and return the status."""
        if self.attend is not None and (client := self.attend(target)) is not None:
            self.take_cookies(client)
        shown = target if len(target) <= LONGEST_SHOWN else f"{target[:LONGEST_SHOWN]}…"
        self._ledger.call(f"opened {shown} in Chromium")
        response = self.page.goto(self.base_url + target, wait_until="load")
        return response.status if response else 0

    def take_cookies(self, client: Client) -> None:
        """Take over the cookies of a client."""
        self.page.context.add_cookies(
            [
                {"name": cookie.name, "value": cookie.value, "url": self.base_url}
                for cookie in client.cookies.values()
            ]
        )

    def evaluate(self, script: str, value: object = None) -> Any:
        """Run a JavaScript expression or function in the page and return its JSON value."""
        self._ledger.call()
        return self.page.evaluate(script, value)

    def form_with(self, names: Iterable[str]) -> JSHandle:
        """Return the form on the page with the most of the given fields.

        Raise `Deviation` if the page has no form.
        """
        wanted = list(names)
        self._ledger.call()
        form = self.page.evaluate_handle(_FORM, wanted).as_element()
        if form is None:
            seen = normal(self.page.inner_text("body"))
            raise Deviation(
                f"a form with the fields {', '.join(wanted)} at {self.path} in a browser",
                f"no form; the page shows {seen[:200]!r}, "
                f"errors: {'; '.join(self.errors) or 'none'}",
            )
        return form

    def wait_for(self, function: str, value: object = None, seconds: float = PATIENCE) -> None:
        """Wait until a JavaScript function returns true for a value, on whichever page is shown.

        Raises Playwright's TimeoutError.
        """
        from playwright.sync_api import Error

        self._ledger.call()
        deadline = time.monotonic() + seconds
        while True:
            # At least a moment, as zero means no limit.
            left = max(deadline - time.monotonic(), 0.001)
            try:
                self.page.wait_for_function(function, arg=value, timeout=1000 * left)
            except Error as error:
                # Under most policies it can evaluate once, but not poll by itself.
                if "'unsafe-eval'" not in error.message:
                    raise
            else:
                return

    @property
    def path(self) -> str:
        """The path, query and fragment in the address bar."""
        return self._local(self.page.url)

    def _local(self, url: str) -> str:
        return url.removeprefix(self.base_url)

    def _dismiss(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _note(self, request: Any) -> None:
        target = self._local(request.url)
        self.requests.append(f"{request.method} {target}")
        if request.resource_type in ("fetch", "xhr"):
            self._fetched.add(target)

    def _log(self, message: Any) -> None:
        if message.type == "error":
            # A browser's message does not include the URL that it could not load.
            place = self._local(message.location.get("url", ""))
            failed = message.text.startswith("Failed to load resource")
            if failed and place == "/favicon.ico":
                # The browser asks for it by itself.
                return
            told = self.refused if failed and place in self._fetched else self.errors
            told.append(f"{message.text} at {place}" if failed else message.text)


@contextlib.contextmanager
def open_tab(base_url: str, ledger: Ledger, executable: str | None = None) -> Iterator[Tab]:
    """Yield a new tab for the site at a URL; `executable` is the browser's path.

    Raises `Untested` if there is no Playwright or no Chromium.
    """
    global _running
    with _loop_switched_on():
        context = _new_context(_browser(executable))
        try:
            yield Tab(context.new_page(), base_url, ledger)
        except OutOfTime:
            # Interrupted in the middle of an exchange with the browser: neither is usable any
            # more.
            _running = None
            _playwright.cache_clear()
            asyncio._set_running_loop(None)
            raise
        finally:
            if _running is not None:
                context.close()


@contextlib.contextmanager
def _loop_switched_on() -> Iterator[None]:
    """Make this thread count as running Playwright's event loop only while a tab is open.

    Playwright leaves the loop set, and then no async view can be awaited in the thread.
    """
    global _loop
    asyncio._set_running_loop(_loop)
    try:
        yield
    finally:
        _loop = asyncio._get_running_loop()
        asyncio._set_running_loop(None)


def _new_context(browser: Browser) -> BrowserContext:
    context = browser.new_context()
    context.set_default_timeout(PATIENCE * 1000)
    return context


def _browser(executable: str | None) -> Browser:
    global _running
    if _running is None or not _running.is_connected():
        try:
            from playwright.sync_api import Error
        except ImportError:
            raise Untested.for_package("a browser", "flask-conformance[browser]") from None
        chosen = executable or os.environ.get("CONFORMANCE_CHROMIUM") or _installed()
        try:
            _running = _playwright().chromium.launch(executable_path=chosen, args=list(_FLAGS))
        except Error as error:
            reason = str(error).strip().splitlines()[0].removeprefix("BrowserType.launch: ")
            raise Untested(
                f"needs Chromium: --service chromium=PATH ({reason})",
                Missing(Kind.SERVICE, "chromium"),
            ) from None
    return _running


@functools.cache
def _playwright() -> Playwright:
    from playwright.sync_api import sync_playwright

    return sync_playwright().start()


def _installed() -> str | None:
    return next((path for name in _EXECUTABLES if (path := shutil.which(name))), None)
