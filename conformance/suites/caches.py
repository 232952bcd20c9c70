"""What a cached view must do, for the suites of every pattern that has one."""

from __future__ import annotations

import dataclasses
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from conformance.clause import expect
from conformance.core.errors import Broken
from conformance.instruments.strategies import Machine, header_values
from conformance.patterns.cached import Asked, CachedComponent, CachedHarness, Cookies, Counted
from conformance.transports import Response

Harness = CachedHarness[Any]

#: A cache may count in whole seconds, so that an entry lives up to one less or more.
ROUNDING = 1

#: Headers that a server adds, those that tell of the cache, and what is each visitor's own.
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

#: Answers of a page, as `answers` takes them.
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
#: One that has everything but what is the default.
PICTURE = {
    "body": "ff00",
    "status": 200,
    "content_type": "image/png",
    "headers": [("Link", "</>")] * 2,
}
#: What a page says that is not there.
MISSING = {"body": "6e6f", "status": 404, "content_type": "text/plain", "headers": []}

#: Queries; the order of different fields does not matter.
queries = st.lists(st.tuples(st.sampled_from("ab"), st.text("12&=+/é ", max_size=3)), max_size=3)
#: Pairs of queries that a key easily takes for one.
ALIKE: list[list[list[tuple[str, str]]]] = [
    [[("a", "1")], [("a", "2")]],
    [[("a", "1"), ("a", "2")], [("a", "1"), ("a", "3")]],
    [[("a", "1&b=2")], [("a", "1"), ("b", "2")]],
]


class Kept(Machine):
    """Asks for what is slow while time passes; the model is when each answer was made."""

    def __init__(self, harness: Harness, *, moving: bool = True) -> None:
        super().__init__(harness)
        self.harness: Harness = harness
        self.kept = list(harness.ways().items())
        #: Whether the cache's clock can be moved.
        self.moving = moving
        #: What each was answered last, and when an answer was first seen: a page that
        #: does not go by the name gives one answer for all.
        self.last: dict[tuple[str, str], str] = {}
        self.seen: dict[str, float] = {}
        self.now = 0.0
        if moving:
            # What an earlier run has stored under the same name is gone by then.
            harness.advance(2 + max(timeout for _, timeout in self.kept))

    @rule(
        which=st.integers(0, 3),
        name=st.sampled_from("ab"),
        part=st.sampled_from([0, 0.25, 0.5, 0.9, 1.1]),
    )
    def ask(self, which: int, name: str, part: float) -> None:
        """Let a part of a timeout pass, or more than that, and ask."""
        way, timeout = self.kept[which % len(self.kept)]
        if part and self.moving:
            self.harness.advance(timeout * part)
            self.now += timeout * part
        got = self.harness.ask(way, name)
        expect(got.text is not None, f"an answer of the {way} {name!r}", got)
        text = self.last.get((way, name))
        age = self.now - self.seen.get(text or "", self.now)
        if text is not None and age < timeout - ROUNDING:
            expect(
                got.text == text,
                f"what was computed {age:g} s ago, as the {way} is kept for {timeout:g} s",
                f"it ran again: {got}",
            )
        if text is not None and age > timeout + ROUNDING:
            expect(
                got.text != text,
                f"the {way} to run again after {age:g} s, as it is kept for {timeout:g} s",
                "what it gave before",
            )
        if got.text is not None:
            self.seen.setdefault(got.text, self.now)
            self.last[way, name] = got.text


def same_response(harness: Harness, wanted: dict[str, Any]) -> None:
    """Expect a page to answer to hits what it answered to the miss."""
    miss, *hits = harness.answers(**wanted)
    for hit in hits:
        expect(
            (hit.status, hit.body, _headers(hit)) == (miss.status, miss.body, _headers(miss)),
            f"the answer that came first: {_whole(miss)}",
            _whole(hit),
        )


def _headers(answer: Response) -> list[tuple[str, str]]:
    pairs = [(k.lower(), v) for k, v in answer.headers if k.lower() not in {*_BESIDE, "vary"}]
    # Who looks at the session for the key adds Cookie, and need not do so for a hit.
    varies = answer.header_tokens("Vary") - {"cookie"}
    return sorted([*pairs, *(("vary", name) for name in varies)])


def _whole(answer: Response) -> str:
    headers = "".join(f" [{name}: {value}]" for name, value in _headers(answer))
    return f"{answer}{headers}"


class Made:
    """What each answer was made for: no two things that are asked for share one.

    Unless `ordered`, two orders of a field's values may share one.
    """

    def __init__(self, harness: Harness, *, ordered: bool = False) -> None:
        self.harness = harness
        self.ordered = ordered
        self.made: dict[str, Asked] = {}

    def ask(self, *visits: Asked) -> None:
        """Ask for pages, and expect of each answer that it was made for what is asked."""
        for visit in visits:
            asked, answer = self.harness.visit(visit)
            if asked.method in ("GET", "HEAD") or isinstance(self.harness, CachedComponent):
                expect(answer.status == 200, f"200 for {asked}", answer)
                expect(
                    answer.text or asked.method == "HEAD", f"a page for {asked}", "an empty body"
                )
            # A bound page need not take other methods, nor answer them with a text.
            if asked.method == "HEAD" or answer.status != 200 or not answer.text:
                continue
            first = self.made.setdefault(answer.text, asked)
            expect(
                self._meant(first) == self._meant(asked),
                f"an answer of its own for {asked}",
                f"the one made for {first}",
            )
            if asked.method != "GET":
                # The next one is to be carried out again.
                self.made[answer.text] = Asked(f"an earlier {asked.method}", asked.path)

    def _meant(self, asked: Asked) -> Asked:
        if self.ordered or asked.query is None:
            return asked
        return dataclasses.replace(asked, query=tuple(sorted(asked.query)))


def head_first(harness: Harness) -> None:
    """Ask for a page with HEAD where it is not kept yet, and expect GET to get it whole."""
    harness.forget()
    Made(harness).ask(Asked("HEAD"), Asked())


def no_errors(harness: Harness, way: str, visits: list[str | None]) -> None:
    """Let what is slow fail and work again, and expect its result then."""
    harness.forget()
    seen = [harness.ask(way, "failing", failing) for failing in visits]
    if visits[0] is not None and seen[0].text is not None:
        raise Broken.for_key(
            harness.slug, "fail", f"the page answers after it as before: {seen[0]}"
        )
    errors = {got.error for got in seen}
    got = harness.ask(way, "failing")
    after = ", ".join(str(visit) for visit in visits)
    expect(
        got.text is not None and got.text not in errors - {""},
        f"the {way} to give its result again after {after}",
        got,
    )


def no_set_cookie(harness: Harness, how: str, visits: int) -> None:
    """Let new clients visit a page, and expect each cookie to be given to one of them."""
    pages: Cookies[Any] = Cookies.of(harness)
    given_out: set[str] = set()
    for _ in range(visits):
        for cookie in pages.cookies(how).header_values("Set-Cookie"):
            expect(
                cookie not in given_out,
                "each visitor to get a cookie of their own",
                f"Set-Cookie: {cookie}, which was given to another one before",
            )
            given_out.add(cookie)


def kept_once(harness: Harness, way: str, value: object) -> None:
    """Ask twice for what gives a value, and expect it to have run once."""
    runs = Counted.of(harness).kept_answers(way, value)
    expect(runs == 1, f"the {way} that gives {value!r} to run once for two who ask", f"{runs} runs")
