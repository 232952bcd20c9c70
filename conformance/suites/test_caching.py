"""The clauses of Caching."""

from __future__ import annotations

import ast
import contextlib
import copy
import time
from functools import partial
from itertools import product
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from conformance.clause import Gate, example, expect, explore, given, harden, must, should, together
from conformance.core.errors import Deviation, SubjectRaised, Untested
from conformance.instruments.strategies import Machine
from conformance.patterns.cached import COOKIES, MOUNTS, TYPES, Asked
from conformance.patterns.caching import (
    FAILURES,
    OUTAGES,
    CachingHarness,
    Changing,
    Memoizing,
    Outdating,
    Store,
    Twins,
    why_missed,
    with_defaults,
)
from conformance.suites.caches import (
    ALIKE,
    MISSING,
    PICTURE,
    ROUNDING,
    Kept,
    Made,
    answers,
    falsy,
    head_first,
    kept_once,
    no_errors,
    no_set_cookie,
    queries,
    same_response,
)
from conformance.transports import Response

#: When no page has been modified yet.
_LATER = "Fri, 31 Dec 2100 23:59:59 GMT"

Harness = CachingHarness

values = st.recursive(
    st.booleans() | st.integers(-(2**31), 2**31) | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)

segments = st.text(
    st.characters(categories=("L", "N"), include_characters="-_.~ ,:|", max_codepoint=0x24F),
    min_size=1,
    max_size=8,
).filter(lambda text: text.strip(". ") != "")


# What a cache is for.


@must("", share=0.25)
@given(visits=st.lists(st.tuples(st.integers(0, 3), st.sampled_from("ab")), min_size=2, max_size=6))
@example(visits=[(0, "a"), (0, "a")])
@example(visits=[(1, "a"), (1, "a")])
def test_hit(caching: Harness, visits: list[tuple[int, str]]) -> None:
    """Within the timeout, a cached view or function runs once for identical requests or calls.

    Source: the result of a slow function is stored in the cache, so that the function does
    not run again while that result is good enough.
    """
    ways = list(caching.ways().items())
    first: dict[tuple[str, str], tuple[float, str | None]] = {}
    for which, name in visits:
        way, timeout = ways[which % len(ways)]
        began = time.perf_counter()
        got = caching.ask(way, name)
        what = caching.described(way)
        expect(got.text is not None, f"{what} to return a result for {name!r}", got)
        stored, text = first.setdefault((way, name), (began, got.text))
        if got.text != text and time.perf_counter() - stored < timeout - ROUNDING:
            raise Deviation(
                f"the cached result of {what} for {name!r}",
                f"it ran again: {got}",
                why_missed(partial(caching.ask, way, name)),
            )


@must("", share=0.3)
def test_expiry(caching: Harness) -> None:
    """A result is computed again once its timeout has passed, and not before.

    Source: the results are stored in the cache for some time, such as 5 minutes.
    """
    caching.ways()
    caching.start_clock()
    explore(lambda: Kept(caching), steps=10)


@must("", share=0.4)
@given(wanted=answers)
@example(wanted=PICTURE)
@example(wanted=MISSING)
def test_same_response(caching: Harness, wanted: dict[str, Any]) -> None:
    """A cache hit returns the same response as the miss: status, body, content type and headers.

    Source: the cache stores the result of the calculation.
    """
    same_response(caching, wanted)


@must("")
def test_active(caching: Harness) -> None:
    """With the production configuration, the app's cache actually stores values.

    CACHE_TYPE may be set for tests only; without it, Flask-Caching stores nothing, and only
    warns about that.

    Source: slow results are stored in the cache to speed up the application.
    """
    for sentence, holds, observed in caching.in_production():
        expect(holds, sentence, observed)


# What a result is cached for.


@must("", share=0.4)
@given(paths=st.lists(segments, min_size=2, max_size=5))
@example(paths=["a", "b"])
def test_key_path_args(caching: Harness, paths: list[str]) -> None:
    """Different paths never share a cached response.

    Source: the cache stores the result of that calculation; View Decorators: the current path
    is part of the key.
    """
    Made(caching).ask(*(Asked(path=path) for path in ("page", *map(_quoted, paths))))


def _quoted(text: str) -> str:
    return quote(text, safe="")


@must(
    "",
    share=0.5,
    gates=[
        Gate(
            "flask-caching",
            "<2.5",
            "pallets-eco/flask-caching#656: an argument of None shares the key of a falsy default",
            needed=False,
        )
    ],
)
@given(
    calls=st.lists(
        st.lists(
            st.text("ab,| '1", max_size=3) | st.integers(0, 2) | st.booleans() | st.none(),
            min_size=1,
            max_size=3,
        ),
        min_size=2,
        max_size=5,
    )
)
@example(calls=[[1], ["1"]])
@example(calls=[["a", "b"], ["a,b"]])
@example(calls=[["a,b", "c"], ["a", "b,c"]])
@example(calls=[["ab", "a"], ["a", "ba"]])
@example(calls=[[None], ["None"]])
def test_key_function_args(caching: Harness, calls: list[list[Any]]) -> None:
    """A cached function has a separate result for each list of arguments.

    This includes calls with keyword arguments, and calls that leave some to their defaults.
    Values that are equal, such as 1 and True, may share a result.

    Source: the cache stores the result of that calculation.
    """
    memoizing = Memoizing.of(caching)
    for arguments, keywords in LEFT_OUT:
        wanted = with_defaults(*arguments, **keywords)
        try:
            given_back = memoizing.function(arguments, keywords)
        except SubjectRaised as error:
            if keywords and isinstance(error.error, TypeError):
                continue  # the decorator does not support keyword arguments
            raise
        shown = [*map(repr, arguments), *(f"{name}={value!r}" for name, value in keywords.items())]
        expect(
            [ast.literal_eval(text) for text in given_back] == wanted,
            f"the result for ({', '.join(shown)}), which the function sees as {wanted}",
            f"the one for ({', '.join(map(str, given_back))})",
        )
    for arguments in calls:
        given_back = memoizing.function(arguments)
        # Equal arguments may share a result, whichever came first.
        expect(
            [ast.literal_eval(text) for text in given_back] == arguments,
            f"the result for ({', '.join(map(repr, arguments))})",
            f"the one for ({', '.join(map(str, given_back))})",
        )


#: Calls of `with_defaults` that differ in what is passed by keyword or left out.
LEFT_OUT: tuple[tuple[list[Any], dict[str, Any]], ...] = (
    ([1], {}),
    ([1, None], {}),
    ([1], {"second": None}),
    ([1], {"third": None}),
    ([1], {"fourth": None}),
    ([1], {"third": "a"}),
    ([1], {"fourth": "a"}),
    ([1], {"third": "a", "fourth": "b"}),
    ([1], {"third": "b", "fourth": "a"}),
    ([1, 2], {}),
    ([2, 1], {}),
    ([], {"first": 2, "second": 3}),
    ([], {"first": 3, "second": 2}),
    ([1, "third"], {}),
)


@should("", share=0.4)
@given(asked=st.lists(queries, min_size=2, max_size=5))
@example(asked=ALIKE[0])
@example(asked=ALIKE[1])
@example(asked=ALIKE[2])
def test_key_query(caching: Harness, asked: list[list[tuple[str, str]]]) -> None:
    """Different query strings never share a cached response.

    By default, Flask-Caching's key is the path; `query_string=True` adds the query. The order
    of fields, and of the values of one field, does not matter here.

    Source: RFC 9111, 4: a stored response is used only if the target URIs match.
    """
    Made(caching).ask(*(Asked(query=tuple(query)) for query in asked))


@harden("", share=0.2)
@given(values=st.lists(st.text("12&=+/é ", max_size=3), min_size=2, max_size=2, unique=True))
@example(values=["1", "2"])
def test_key_query_order(caching: Harness, values: list[str]) -> None:
    """Repeated query fields in a different order do not share a cached response.

    `request.args[...]` returns the first value, and Flask-Caching's `query_string=True` sorts
    the values.

    Source: beyond the chapter; it protects a view that reads the first value of a repeated
    field.
    """
    orders = (tuple(("a", value) for value in order) for order in (values, values[::-1]))
    Made(caching, ordered=True).ask(*(Asked(query=order) for order in orders))


class Methods(Machine):
    """Requests for one page with any method."""

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness)
        self.harness: Harness = harness
        self.made = Made(harness)

    @rule(method=st.sampled_from(["GET", "GET", "HEAD", "POST", "PUT", "DELETE"]))
    def visit(self, method: str) -> None:
        """Request the page."""
        self.made.ask(Asked(method))


@should("", share=0.4)
def test_key_method(caching: Harness) -> None:
    """POST, PUT and DELETE always run the view, and neither read nor fill the cache.

    A HEAD request, whose response has no body, must not leave an empty page for GET.

    Source: RFC 9111, 4: a stored response is used only if the method of its request allows it
    for the current one; RFC 9110, 9.3.2: HEAD is GET without the content.
    """
    head_first(caching)
    explore(lambda: Methods(caching), steps=8)


class People(Machine):
    """Two browsers in which people log in and out; the model is who is logged in."""

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness)
        self.harness: Harness = harness
        self.names = harness.people()
        self.clients = [harness.client() for _ in range(2)]
        self.users: list[str | None] = [None, None]

    @rule(which=st.integers(0, 1), person=st.integers(0, 1))
    def log_in(self, which: int, person: int) -> None:
        """Log in, after logging out if necessary."""
        if self.users[which] is not None:
            self.harness.log_out(self.clients[which])
        self.users[which] = self.names[person]
        self.harness.log_in(self.clients[which], self.names[person])

    @rule(which=st.integers(0, 1))
    def log_out(self, which: int) -> None:
        """Log out."""
        if self.users[which] is not None:
            self.harness.log_out(self.clients[which])
            self.users[which] = None

    @rule(which=st.integers(0, 1))
    def look(self, which: int) -> None:
        """Request the private page."""
        self.check(self.harness.private(self.clients[which]), self.users[which])

    @precondition(lambda self: self.harness.tokens)
    @rule(person=st.integers(0, 1))
    def look_with_token(self, person: int) -> None:
        """Request the private page with an Authorization header."""
        name = self.names[person]
        self.check(self.harness.private(self.harness.client(), token=name), name)

    def check(self, answer: Response, user: str | None) -> None:
        """Check that the page shows that person alone."""
        shown = [name for name in self.names if answer.status == 200 and name in answer.text]
        wanted = [] if user is None else [user]
        expect(
            shown == wanted,
            f"a page for {user or 'an anonymous user'}",
            f"one for {', '.join(shown) or 'an anonymous user'}: {answer}",
        )


@harden("", share=0.4)
def test_key_user(caching: Harness) -> None:
    """A page cached for one user is never served to another.

    Add the user to the key, or do not cache what is private to a user.

    Source: beyond the chapter; it protects each user's private data.
    """
    caching.people()
    explore(lambda: People(caching), steps=10)


places = st.tuples(
    st.sampled_from(["alpha.example", "beta.example", "gamma.example"]), st.sampled_from(MOUNTS)
)


@harden("", share=0.2)
@given(visits=st.lists(places, min_size=2, max_size=4))
@example(visits=[("alpha.example", ""), ("beta.example", "")])
@example(visits=[("alpha.example", "/north"), ("alpha.example", "/south")])
def test_key_host(caching: Harness, visits: list[tuple[str, str]]) -> None:
    """Requests for different hosts or mount points never share a cached response.

    If one app serves several names, or is mounted for several customers, one of them would
    otherwise see the links and data of another.

    Source: beyond the chapter; it protects the data of one host or mount from the others.
    """
    names = {name for visit in visits for name in visit if name}
    for host, mount in visits:
        answer = caching.hosted(host, mount)
        foreign = [
            name for name in names - {host, mount} if answer.status == 200 and name in answer.text
        ]
        expect(
            not foreign,
            f"the page of {host}{mount}/",
            f"a page for {', '.join(foreign)}: {answer}",
        )


@harden("", share=0.2)
@given(visits=st.lists(st.sampled_from(TYPES), min_size=2, max_size=4))
@example(visits=["text/html", "application/json"])
def test_key_accept(caching: Harness, visits: list[str]) -> None:
    """Each media type of a page is cached separately.

    Add the header fields named in the response's Vary header to the key.

    Source: beyond the chapter; it protects clients from a media type that they did not ask
    for; RFC 9111, section 4.1, defines `Vary`.
    """
    for accept in visits:
        answer = caching.negotiate(accept)
        expect(
            answer.status == 200 and answer.mimetype == accept,
            f"{accept}, as the Accept header asks",
            f"{answer.mimetype}: {answer}",
        )


#: What says that a body is not the whole page as it is.
_PARTIAL = ("Content-Encoding", "Content-Range")


@harden("")
def test_plain_request(caching: Harness) -> None:
    """A client gets the whole page, whatever the request that filled the cache asked for.

    A browser that has the page asks for it under a condition and gets a 304; a client that
    decompresses gets it compressed. Neither is an answer for a client that sends no such header.

    Source: beyond the chapter; it protects clients from an answer that they cannot read: RFC
    9110, 12.5.3 and 13.1.

    Usual cause: the view makes the response conditional, or the decorator compresses it, before it
    is cached, under a key without the request's header.
    """
    caching.forget()
    known = caching.plain()
    conditions = {"If-None-Match": known.header("ETag"), "If-Modified-Since": _LATER}
    firsts = [{name: value} for name, value in conditions.items() if value]
    for first in [*firsts, {"Accept-Encoding": "gzip"}, {"Range": "bytes=0-0"}]:
        caching.forget()
        caching.plain(first)
        answer = caching.plain()
        (name,) = first
        expect(
            answer.status == known.status
            and bool(answer.body) == bool(known.body)
            and all(answer.header(name) == known.header(name) for name in _PARTIAL),
            f"the whole page for a client without {name}, after a request with it: "
            f"{_outline(known)}, as if nothing were cached",
            _outline(answer),
        )


def _outline(answer: Response) -> str:
    headers = (f"{name}: {answer.header(name)}" for name in _PARTIAL if answer.header(name))
    return ", ".join([str(answer.status), f"{len(answer.body)} bytes", *headers])


# What is not cached.


@should("", share=0.3)
@given(
    which=st.integers(0, 3),
    visits=st.lists(st.none() | st.sampled_from(FAILURES), min_size=1, max_size=5),
)
@example(which=0, visits=["answers 500"])
@example(which=0, visits=["aborts with 503"])
@example(which=0, visits=["raises"])
def test_no_errors(caching: Harness, which: int, visits: list[str | None]) -> None:
    """An error is not cached: once the view or function works again, its result is returned.

    Since 2.5, Flask-Caching also stores responses that a view aborts with, unless a
    `response_filter` excludes them.

    Source: only results that are still good enough are reused; an error is not a result.
    """
    ways = list(caching.ways())
    way = caching.choose(ways, which=which)
    no_errors(caching, way, visits)


@harden("")
def test_fails_once(caching: Harness) -> None:
    """A view that raises runs only once per request.

    Otherwise whatever it did before it raised is done twice.

    Source: beyond the chapter; it protects a view's side effects from happening twice.
    """
    runs = caching.runs_of_failing()
    expect(
        runs <= 1,
        "the view to run once for a request in which it raises",
        f"it ran {runs} times",
        cause="the `try` that is meant for an unreachable cache also encloses the view",
    )


@harden("", share=0.3)
@given(how=st.sampled_from(COOKIES), visits=st.integers(2, 4))
@example(how="a cookie", visits=2)
@example(how="the session", visits=3)
def test_no_set_cookie(caching: Harness, how: str, visits: int) -> None:
    """A cookie or session that a cached page sets is never sent to a second visitor.

    Anyone who gets another visitor's session is logged in as that visitor. A cache that stores
    the response object itself even keeps headers added after it was stored.

    Source: beyond the chapter; it protects a visitor's session from the next visitor.
    """
    no_set_cookie(caching, how, visits)


# Changes and failures.


@should("", share=0.2)
@given(texts=st.lists(st.text("abcxyz", min_size=4, max_size=8), min_size=1, max_size=4))
def test_invalidation(caching: Harness, texts: list[str]) -> None:
    """After a change, the next reader sees it.

    Source: results are reused while they are still good enough; after a change through the
    application they are not.
    """
    pages = Changing.of(caching)
    for number, text in enumerate(texts):
        pages.shown_page()
        wanted = f"{text}-{caching.serial}-{number}"
        changed = pages.change(wanted)
        expect(changed.status < 400, "the change to be accepted", changed)
        answer = pages.shown_page()
        expect(wanted in answer.text, f"a page that shows {wanted!r}", answer)


#: Whether the reader is held while the change runs, or the change while the reader's request does;
#: what has happened then, and the cause if the old text stays.
BESIDE = (
    (
        True,
        "a reader that began before the change has ended",
        "a reader that began before the change fills the cache after it",
    ),
    (
        False,
        "a reader has come while the change ran",
        "the cache is invalidated before the change is made, and a reader in between fills it",
    ),
)


@harden("")
def test_invalidation_beside(caching: Harness) -> None:
    """A change made while another reader's request is running is seen by the next reader.

    That request has already read the old text, and stores it in the cache after the change has
    invalidated the entry. With a version in the key, such as a number that each change
    increments, it fills an entry that is never read. Likewise a request that comes between the
    invalidation and the change: write first, and invalidate after that.

    Source: beyond the chapter; it protects readers from data that the change replaced.
    """
    pages = Changing.of(caching)
    caching.only_wsgi("holds a reader at one line of its view")
    pages.shown_page()
    for hold, (reader_first, when, cause) in product(range(1, 21), BESIDE):
        caching.begin_example()
        before, wanted = (f"{when}-{caching.serial}-{hold}" for when in ("before", "after"))
        expect(pages.change(before).status < 400, "a change to be accepted", before)
        change = partial(pages.change, wanted)
        if reader_first:
            _, changed = together(pages.shown_page, change, hold=hold)
        else:
            changed, _ = together(change, pages.shown_page, hold=hold)
        expect(changed.status < 400, "the change to be accepted", changed)
        caching.ledger.note("the GET began before the second POST, and ended after it")
        answer = pages.shown_page()
        expect(
            wanted in answer.text,
            f"a page that shows {wanted!r}, after {when}",
            answer,
            cause=cause if before in answer.text else "",
        )


@should("", share=0.3)
@given(way=st.sampled_from(["page", "function"]), value=st.sampled_from(falsy))
@example(way="page", value="")
@example(way="page", value=[])
@example(way="function", value="")
@example(way="function", value=0)
@example(way="function", value=[])
def test_falsy(caching: Harness, way: str, value: object) -> None:
    """An empty or falsy result is cached like any other.

    Source: the result is stored, whatever it is; View Decorators: a cached value that is not
    None is returned.
    """
    ways = caching.ways()
    if way not in ways:
        way = next(iter(ways))
    kept_once(caching, way, value)


@harden("", share=0.1)
@given(
    which=st.integers(0, 3),
    failing=st.sampled_from([*([each] for each in OUTAGES), list(OUTAGES)]),
    before=st.booleans(),
)
@example(which=0, failing=list(OUTAGES), before=False)
@example(which=0, failing=["reading"], before=True)
@example(which=0, failing=["writing"], before=False)
def test_outage(caching: Harness, which: int, failing: list[str], before: bool) -> None:
    """If the cache is unreachable, results are computed and nothing fails.

    A cache makes an application faster; the application need not depend on it. Both reads and
    writes can fail.

    Source: beyond the chapter; it protects pages from the failure of a server that only speeds
    them up.
    """
    ways = list(caching.ways())
    way = caching.choose(ways, which=which)
    what = caching.described(way)
    if before:
        caching.ask(way, "outage")
    with caching.outage([name for each in failing for name in OUTAGES[each]]):
        for _ in range(2):
            got = caching.ask(way, "outage")
            expect(
                got.text is not None,
                f"{what} to be computed while {' and '.join(failing)} the cache "
                "fails with a ConnectionError",
                got,
            )
    got = caching.ask(way, "outage")
    expect(got.text is not None, f"{what} to return a result after the outage", got)


@harden("")
def test_unreadable(caching: Harness) -> None:
    """An entry that can no longer be unpickled counts as a miss.

    After an upgrade, the cache still holds objects stored by the previous version; if their
    class has moved or is gone, they cannot be unpickled. cachelib does not catch the
    AttributeError or ModuleNotFoundError that `pickle` then raises, so every visitor gets a
    500 until the entry expires. Store plain values, or add a version to the keys.

    Source: beyond the chapter; it protects pages from entries stored by an older version.
    """
    outdating = Outdating.of(caching)
    for way, got in outdating.outdated():
        expect(
            got.text is not None,
            f"{outdating.described(way)} to ignore an entry that cannot be read",
            got,
        )


@harden("")
def test_stampede(caching: Harness) -> None:
    """Concurrent requests that all miss the cache each get the complete page.

    When the entry of a busy page expires, many requests miss it at once. Whether each of them
    runs the view or one runs it for all is up to the application.

    Source: beyond the chapter; it protects a busy page when its entry expires.
    """
    for hold in (None, *range(2, 42, 4)):
        caching.begin_example()
        for got in together(*caching.rush(4), hold=hold):
            expect(got.text, "the complete page for every visitor", got)


@should("")
def test_app_isolation(caching: Harness) -> None:
    """Two apps do not see each other's cache entries.

    Apps that share a cache server have equal paths as soon as both have a front page; apps
    created in one process for two tests have everything in common.

    Source: Application Factories: several instances of an application, with different
    settings, run in one process.
    """
    twins = Twins.of(caching)
    twins.begin_example()
    for sentence, holds, observed in twins.apart():
        expect(holds, sentence, observed)


@harden("")
def test_bounded(caching: Harness) -> None:
    """Arbitrary query strings do not grow the cache without bound.

    A dict from which nothing is removed keeps expired entries until they are read again. Set
    a limit, or add only those fields to the key that the view reads.

    Source: beyond the chapter; it protects the process from running out of memory.
    """
    caching.begin_example()
    limit = caching.binding.limit
    expect(
        caching.flood(limit + 100),
        f"at most {limit} entries to be kept",
        f"{limit + 100} were stored, and all of them are still cached"
        + caching.setting("CACHE_THRESHOLD"),
    )


# The cache itself.


KEYS = ["a", "a:b", "ü/ä"]


class Entries(Machine):
    """Calls of a cache; the model is a dict of values with the time at which each expires."""

    timeouts = st.sampled_from([30, 300])
    keys = st.sampled_from(KEYS)
    kept = st.integers(-3, 3) | st.sampled_from(["", "text", [], [1, "a"], {"a": 1}, False])

    def __init__(self, harness: Store) -> None:
        super().__init__(harness)
        self.harness: Store = harness
        self.model: dict[str, tuple[float, Any]] = {}
        #: The operation that stored each entry.
        self.stored_by: dict[str, str] = {}
        self.now = 0.0

    def offered(self, operation: str) -> bool:
        """Check whether the cache has a method."""
        return self.harness.offers(operation)

    def named(self, mapping: dict[str, Any]) -> dict[str, Any]:
        """Return a mapping with its keys turned into this example's."""
        return {self.harness.name(key): value for key, value in mapping.items()}

    @rule(key=keys, value=kept, timeout=timeouts)
    def put(self, key: str, value: object, timeout: int) -> None:
        """Set an entry."""
        self.harness.operate("set", self.harness.name(key), value, timeout=timeout)
        self.model[key] = self.now + timeout, value
        self.stored_by[key] = "set"

    @precondition(lambda self: self.offered("set_many"))
    @rule(mapping=st.dictionaries(keys, kept, min_size=1, max_size=3), timeout=timeouts)
    def put_many(self, mapping: dict[str, Any], timeout: int) -> None:
        """Set several entries."""
        self.harness.operate("set_many", self.named(mapping), timeout=timeout)
        self.model.update((key, (self.now + timeout, value)) for key, value in mapping.items())
        self.stored_by.update(dict.fromkeys(mapping, "set_many"))

    @precondition(lambda self: self.offered("delete"))
    @rule(key=keys)
    def remove(self, key: str) -> None:
        """Delete an entry, or one that is not there."""
        self.harness.operate("delete", self.harness.name(key))
        self.model.pop(key, None)

    @precondition(lambda self: self.offered("delete_many"))
    @rule(gone=st.lists(keys, min_size=1, max_size=3, unique=True))
    def remove_many(self, gone: list[str]) -> None:
        """Delete several entries, whether or not they are there."""
        present = [key for key in gone if key in self.model]
        if present:
            self.harness.operate("delete_many", *map(self.harness.name, present))
        for key in present:
            del self.model[key]

    @precondition(lambda self: self.offered("clear"))
    @rule()
    def clear(self) -> None:
        """Delete everything."""
        self.harness.operate("clear")
        self.model.clear()

    @rule(seconds=st.sampled_from([10, 32, 302]))
    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.harness.advance(seconds)
        self.now += seconds

    @invariant()
    def read(self) -> None:
        """Get every entry."""
        for key in KEYS:
            self.check(key, self.harness.operate("get", self.harness.name(key)))

    @precondition(lambda self: self.offered("get_many"))
    @rule(wanted=st.lists(keys, min_size=1, max_size=4))
    def read_many(self, wanted: list[str]) -> None:
        """Get several entries."""
        got = list(self.harness.operate("get_many", *map(self.harness.name, wanted)))
        expect(len(got) == len(wanted), f"{len(wanted)} values", got)
        for key, value in zip(wanted, got, strict=True):
            self.check(key, value)

    def check(self, key: str, got: object) -> None:
        """Expect what the model has."""
        until, value = self.model.get(key, (self.now, None))
        left = until - self.now
        if key in self.model and left > ROUNDING:
            expect(
                got == value and type(got) is type(value),
                f"{value!r} under {key!r}, which is cached for another {left:g} s",
                repr(got),
            )
        elif key not in self.model:
            expect(got is None, f"nothing under {key!r}, which is not set", repr(got))
        elif left < -ROUNDING and got is not None:
            way = self.stored_by[key]
            contrast = ""
            if way == "set_many":
                name = self.harness.name("alone")
                self.harness.operate("set", name, value, timeout=30)
                self.harness.advance(32)
                there = self.harness.operate("get", name) is not None
                contrast = f"; an entry of set() is {'also there' if there else 'gone'} by then"
            raise Deviation(
                f"get({key!r}) to return None, {-left:g} s after it expired",
                f"it returns {got!r}, the expired value that {way}() had stored{contrast}",
            )


@must("", share=0.7)
def test_store(caching: Harness) -> None:
    """A value that is set can be read until it expires, is deleted or the cache is cleared.

    Source: a result is stored in the cache for some time, and read from there meanwhile.
    """
    store = Store.of(caching)
    store.need_operation("set")  # which creates the cache before the clock is stopped
    store.start_clock()
    explore(lambda: Entries(store), steps=15)


@harden(
    "",
    share=0.5,
    gates=[
        Gate(
            "cachelib",
            "<0.14.0",
            "pallets-eco/cachelib#449: `add` treats an expired entry as still present",
            needed=False,
        )
    ],
)
@given(
    timeout=st.sampled_from([None, 30, 300]),
    seconds_later=st.sampled_from([0, 32, 302]),
    deleted=st.booleans(),
)
@example(timeout=None, seconds_later=0, deleted=False)
@example(timeout=300, seconds_later=0, deleted=False)
@example(timeout=30, seconds_later=32, deleted=False)
def test_add(caching: Harness, timeout: int | None, seconds_later: int, deleted: bool) -> None:
    """`add` stores a value only if the key has no live entry.

    Locks and limits are built on it. An expired entry that has not been removed does not count;
    cachelib's FileSystemCache counts it.

    Source: beyond the chapter; it protects the locks and limits that are built on `add`.
    """
    store = Store.of(caching)
    store.need_operation("add")
    store.start_clock()
    key = store.name("added")
    if timeout is not None:
        store.operate("set", key, "first", timeout=timeout)
    if seconds_later:
        store.advance(seconds_later)
    if deleted:
        store.operate("delete", key)
    lives = timeout is not None and seconds_later < timeout and not deleted
    said = store.operate("add", key, "second", timeout=300)
    got = store.operate("get", key)
    if lives:
        why = "while the first entry is live"
    elif timeout is None:
        why = "to a key that was never set"
    elif deleted:
        why = "after the first entry was deleted"
    else:
        why = f"{seconds_later - timeout} s after the first entry has expired"
    wanted = "first" if lives else "second"
    expect(got == wanted, f"get() to return {wanted!r} after add() {why}", repr(got))
    expect(bool(said) is not lives, f"add() to return {not lives} {why}", repr(said))


@should("", share=0.4)
@given(value=values, key=st.text("abc:/ é", max_size=20))
@example(value=0, key="")
@example(value="é", key="a")
@example(value={"": [[], {}, "", False]}, key="a b")
def test_round_trip(caching: Harness, value: Any, key: str) -> None:
    """Numbers, strings, lists and dicts are returned as they were stored, even if falsy.

    Source: the cache stores the result of the calculation.
    """
    store = Store.of(caching)
    store.operate("set", store.name(key), value, timeout=300)
    got = store.operate("get", store.name(key))
    expect(_same(got, value), f"get() to return {value!r}, which was set", f"{got!r}")
    if store.offers("has"):
        there = store.operate("has", store.name(key))
        expect(there, f"has() to be true for {value!r}", repr(there))


def _same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


@harden("", share=0.2)
@given(value=st.lists(values, min_size=1, max_size=3))
def test_own_copy(caching: Harness, value: list[Any]) -> None:
    """Changing a value read from the cache does not change the cached value.

    Otherwise a list that one request sorts or extends is changed for all later ones. Store
    copies, or pickles, instead of the objects themselves.

    Source: beyond the chapter; it protects a cached value from the code that reads it.
    """
    store = Store.of(caching)
    name = store.name("own")
    stored = copy.deepcopy(value)
    store.operate("set", name, stored, timeout=300)
    change = "changed by the caller"
    stored.append(change)
    store.ledger.note("the caller appends to the list that it passed to set()")
    for keeper in ("set() keeps the object that it is given", "get() returns the stored object"):
        got = store.operate("get", name)
        expect(
            got == value,
            f"get() to return the list as it was stored, {value!r}",
            f"{got!r}",
            cause=f"{keeper}, not a copy" if got == [*value, change] else "",
        )
        got.append(change)
        store.ledger.note("the caller appends to the list that get() returned")
    # A decorator that uses such a cache returns copies as well.
    with contextlib.suppress(Untested):
        memoizing = Memoizing.of(caching)
        for _ in range(3):
            found = memoizing.listed("own")
            expect(found == ["'own'"], "['own'] from the cached function", f"{found!r}")
            found.append("changed by the caller of the function")


@should("", share=0.1)
@given(texts=st.lists(st.text("abc", min_size=1, max_size=4), min_size=4, max_size=4))
def test_threads(caching: Harness, texts: list[str]) -> None:
    """Threads that use the cache concurrently read back only what was stored under their keys.

    Source: the cache stores the result of that calculation.
    """
    store = Store.of(caching)
    store.operate("set", store.name("common"), "at first", timeout=300)

    def work(number: int, text: str) -> list[object]:
        own, value = store.name(f"own {number}"), [number, text]
        seen = []
        for _ in range(3):
            store.operate("set", own, value, timeout=300)
            store.operate("set", store.name("common"), value, timeout=300)
            seen.append(store.operate("get", own))
            common = store.operate("get", store.name("common"))
            expect(
                common in written,
                f"one of the values that were set: {written}",
                repr(common),
            )
        return seen

    written = [[number, text] for number, text in enumerate(texts)]
    actions = [partial(work, number, text) for number, text in enumerate(texts)]
    for number, seen in enumerate(together(*actions)):
        own = written[number]
        wrong = [value for value in seen if value != own]
        expect(
            not wrong,
            f"get() of the key 'own {number}', which only one thread sets, to return {own}",
            repr(wrong[0]) if wrong else "",
            cause="it is the value that another thread set under another key"
            if wrong[:1] and wrong[0] in written
            else "",
        )
