"""The requirements on cached views, for the suites of all patterns that have them."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from conformance.clause import expect
from conformance.core.errors import Broken
from conformance.instruments.strategies import Machine, header_values
from conformance.patterns.cached import Asked, CachedComponent, CachedHarness, Cookies, Counted
from conformance.transports import Response

Harness = CachedHarness[Any]

#: A cache may count whole seconds, so that an entry lives up to one second less or more.
ROUNDING = 1

#: Headers that a server adds, that describe the cache, or that belong to one visitor.
_BESIDE = {
    "date",
    "server",
    "connection",
    "age",
    "x-cache",
    "hit_cache",
    "content-length",
    "set-cookie",
}

#: Headers that a page may have.
HEADERS = [
    ("Cache-Control", "max-age=60"),
    ("ETag", '"1"'),
    ("Link", '</style.css>; rel="preload"'),
    ("Location", "/elsewhere"),
    ("Vary", "Accept-Encoding"),
    ("Content-Disposition", "attachment; filename=a.csv"),
]

falsy: list[Any] = ["", 0, 0.0, False, [], {}]

#: Responses of a page, as `answers` takes them.
answers = st.fixed_dictionaries(
    {
        "body": st.binary(max_size=60).map(bytes.hex),
        "status": st.sampled_from([200, 200, 201, 203, 301, 404, 410]),
        "content_type": st.sampled_from(
            ["text/html; charset=utf-8", "text/plain", "application/json", "image/png", "text/csv"]
        ),
        "headers": st.lists(
            st.sampled_from(HEADERS)
            | st.tuples(st.just("X-Kept"), header_values()).filter(lambda pair: pair[1]),
            max_size=4,
        ),
    }
)
#: A response that differs from the defaults in everything but its status.
PICTURE = {
    "body": "ff00",
    "status": 200,
    "content_type": "image/png",
    "headers": [("Link", "</>")] * 2,
}
#: A response for a page that does not exist.
MISSING = {"body": "6e6f", "status": 404, "content_type": "text/plain", "headers": []}

#: Queries; the order of different fields does not matter.
queries = st.lists(st.tuples(st.sampled_from("ab"), st.text("12&=+/é ", max_size=3)), max_size=3)
#: Pairs of queries for which a key is easily the same.
ALIKE: list[list[list[tuple[str, str]]]] = [
    [[("a", "1")], [("a", "2")]],
    [[("a", "1"), ("a", "2")], [("a", "1"), ("a", "3")]],
    [[("a", "1&b=2")], [("a", "1"), ("b", "2")]],
]


class Kept(Machine):
    """Requests of cached pages and functions over time; the model is when each was computed."""

    def __init__(self, harness: Harness, *, moving: bool = True) -> None:
        super().__init__(harness)
        self.harness: Harness = harness
        self.kept = list(harness.ways().items())
        #: Whether the cache's clock can be advanced.
        self.moving = moving
        #: The last result of each, and when a result was first seen: a page that ignores the
        #: name has one result for all names.
        self.last: dict[tuple[str, str], str] = {}
        #: When each was last asked for.
        self.asked: dict[tuple[str, str], float] = {}
        self.seen: dict[str, float] = {}
        self.now = 0.0
        if moving:
            # So that what an earlier run has stored under the same names has expired.
            harness.advance(2 + max(timeout for _, timeout in self.kept))

    @rule(
        which=st.integers(0, 3),
        name=st.sampled_from("ab"),
        part=st.sampled_from([0, 0.25, 0.5, 0.9, 1.1]),
    )
    def ask(self, which: int, name: str, part: float) -> None:
        """Let some time pass, up to more than the timeout, and ask."""
        way, timeout = self.kept[which % len(self.kept)]
        if part and self.moving:
            self.harness.advance(timeout * part)
            self.now += timeout * part
        got = self.harness.ask(way, name)
        what, now = self.harness.described(way), self.now
        expect(got.text is not None, f"{what} to return a result for {name!r}", got)
        since = now - self.asked.get((way, name), now)
        self.asked[way, name] = now
        text = self.last.get((way, name))
        age = self.now - self.seen.get(text or "", self.now)
        if text is not None and age < timeout - ROUNDING:
            expect(
                got.text == text,
                f"the result that {what} returned {age:g} s ago, as it is cached for {timeout:g} s",
                f"it ran again: {got}",
            )
        if text is not None and age > timeout + ROUNDING:
            expect(
                got.text != text,
                f"{what} to run again after {age:g} s, as its result is cached for {timeout:g} s",
                f"the earlier result, which was also requested {since:g} s ago"
                if since < age
                else "the earlier result",
            )
        if got.text is not None:
            self.seen.setdefault(got.text, self.now)
            self.last[way, name] = got.text


def same_response(harness: Harness, wanted: dict[str, Any]) -> None:
    """Check that cache hits equal the response to the miss."""
    miss, *hits = harness.answers(**wanted)
    for number, hit in enumerate(hits, 2):
        had, has = Counter(_headers(miss)), Counter(_headers(hit))
        lost, more = _listed(had - has), _listed(has - had)
        expect(
            (hit.status, hit.body, has) == (miss.status, miss.body, had),
            f"request {number}, answered from the cache, to get the same response as request 1: "
            f"{miss}{_listed(had)}",
            f"{hit}{_listed(has)}"
            + (f", without{lost}" if lost else "")
            + (f", and{more} instead" if lost and more else f", with{more} besides" if more else "")
            + (f", with another body: {hit.body!r:.60}" if hit.body != miss.body else ""),
        )


def _headers(answer: Response) -> list[tuple[str, str]]:
    pairs = [(k.lower(), v) for k, v in answer.headers if k.lower() not in {*_BESIDE, "vary"}]
    # A decorator that reads the session for its key adds Cookie, and may not do so for a hit.
    varies = answer.header_tokens("Vary") - {"cookie"}
    return sorted([*pairs, *(("vary", name) for name in varies)])


def _listed(headers: Counter[tuple[str, str]]) -> str:
    return "".join(f" [{name}: {value}]" for name, value in headers.elements())


class Made:
    """Checks that no two different requests share a response.

    Unless `ordered`, requests that differ only in the order of a field's values may share one.
    """

    def __init__(self, harness: Harness, *, ordered: bool = False) -> None:
        self.harness = harness
        self.ordered = ordered
        self.made: dict[str, Asked] = {}

    def ask(self, *visits: Asked) -> None:
        """Send requests, and check that each response was computed for such a request."""
        for visit in visits:
            asked, answer = self.harness.visit(visit)
            if asked.method in ("GET", "HEAD") or isinstance(self.harness, CachedComponent):
                expect(answer.status == 200, f"200 for {asked}", answer)
                expect(
                    answer.text or asked.method == "HEAD", f"a page for {asked}", "an empty body"
                )
            # A bound page need not accept other methods, or answer them with a text.
            if asked.method == "HEAD" or answer.status != 200 or not answer.text:
                continue
            first = self.made.setdefault(answer.text, asked)
            expect(
                self._meant(first) == self._meant(asked),
                f"a separate response for {asked.beside(first)}",
                f"the response to {first.beside(asked)}: "
                f"the {' and '.join(asked.differing(first))} made no difference",
            )
            if asked.method != "GET":
                # The next such request must run the view again.
                self.made[answer.text] = Asked(f"an earlier {asked.method}", asked.path)

    def _meant(self, asked: Asked) -> Asked:
        if self.ordered or asked.query is None:
            return asked
        return dataclasses.replace(asked, query=tuple(sorted(asked.query)))


def head_first(harness: Harness) -> None:
    """Request a page that is not cached with HEAD, and check that GET then gets all of it."""
    harness.forget()
    Made(harness).ask(Asked("HEAD"), Asked())


def no_errors(harness: Harness, way: str, visits: list[str | None]) -> None:
    """Let a page or function fail, and check that it returns its result once it works again."""
    harness.forget()
    seen = [harness.ask(way, "failing", failing) for failing in visits]
    if visits[0] is not None and seen[0].text is not None:
        raise Broken.for_key(harness.slug, "fail", f"the page still answers as before: {seen[0]}")
    errors = {got.error for got in seen}
    got = harness.ask(way, "failing")
    after = ", then ".join(visit or "works" for visit in visits)
    expect(
        got.text is not None and got.text not in errors - {""},
        f"{harness.described(way)} to return its result again once it works, after requests "
        f"for which it {after}",
        got,
    )


def no_set_cookie(harness: Harness, how: str, visits: int) -> None:
    """Let new clients visit a page, and check that no two of them get the same cookie."""
    pages: Cookies[Any] = Cookies.of(harness)
    given_out: set[str] = set()
    for _ in range(visits):
        for cookie in pages.cookies(how).header_values("Set-Cookie"):
            expect(
                cookie not in given_out,
                "each visitor to get a cookie of their own",
                f"Set-Cookie: {cookie}, which another visitor already got",
            )
            given_out.add(cookie)


def kept_once(harness: Harness, way: str, value: object) -> None:
    """Ask twice for something that returns a value, and check that it has run once."""
    runs = Counted.of(harness).kept_answers(way, value)
    expect(
        runs == 1,
        f"{harness.described(way)}, which returns {value!r}, to run once for two requests or calls",
        f"it ran {runs} times",
    )
