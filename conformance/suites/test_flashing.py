"""The clauses of Message Flashing."""

from __future__ import annotations

import random
import re
import warnings
from collections import Counter
from collections.abc import Sequence
from functools import partial

import flask
from flask.sessions import SecureCookieSessionInterface
from hypothesis import strategies as st
from hypothesis.stateful import rule

from conformance.clause import (
    Gate,
    example,
    expect,
    explore,
    given,
    harden,
    must,
    should,
    together,
)
from conformance.core.errors import Broken, Untested
from conformance.instruments.html import Element, Page, normal
from conformance.instruments.strategies import Machine, markup
from conformance.patterns.flashing import (
    PUBLISHED_KEYS,
    FlashingHarness,
    Message,
    path_to,
    shape,
    signed_with,
)
from conformance.transports import Client, Request, Response

Harness = FlashingHarness

#: Werkzeug warns about longer Set-Cookie headers, and browsers ignore them.
COOKIE_LIMIT = 4093

#: This many messages of such words fit into any cookie: their size is checked by another clause.
MOST_WAITING = 5

#: So many messages of hostile texts fit into any cookie too.
TOGETHER = 6
words = st.text(
    st.one_of(st.characters(categories=("L", "N", "Zs")), st.sampled_from("|;,:%&/#+=")),
    max_size=20,
)
categories = st.text("abcdefgh", min_size=3, max_size=8)
#: Where the question is when a message is shown: how a page shows its text is for other clauses.
plain = st.text("abcdefgh", max_size=8)
who = st.integers(0, 2)


class Visits(Machine):
    """Clients that flash messages and read pages; the model is each client's pending messages."""

    visitors = 1

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness)
        self.flashing = harness
        self.clients = [harness.client() for _ in range(self.visitors)]
        self.waiting: list[list[str]] = [[] for _ in self.clients]
        self.ever: list[set[str]] = [set() for _ in self.clients]

    @rule(who=who, text=plain)
    def flash(self, who: int, text: str) -> None:
        """Flash a message for one of the clients."""
        who %= self.visitors
        if len(self.waiting[who]) < MOST_WAITING:
            message = self.flashing.marked(text)
            self.flashing.flash(self.clients[who], message)
            self.waiting[who].append(message.text)
            self.ever[who].add(message.text)

    @rule(who=who)
    def look(self, who: int) -> None:
        """Request the page, which shows the pending messages."""
        who %= self.visitors
        shown = self.flashing.texts_shown(
            self.flashing.read(self.clients[who]), set().union(*self.ever)
        )
        self.check(who, shown)
        self.waiting[who] = []

    def check(self, who: int, shown: list[str]) -> None:
        """Compare what a page shows with the model."""
        raise NotImplementedError


class Triggers(Visits):
    """The same, together with messages that the app's own route flashes."""

    @rule()
    def trigger(self) -> None:
        """Send the bound trigger while nothing is pending: a login may begin a new session."""
        flashing = self.flashing
        route = flashing.binding.trigger
        if route is None or self.waiting[0] or not flashing.bench.transport.same_process:
            return
        empty = flashing.read(flashing.client())
        with flashing.flashed() as said:
            response = flashing.send(self.clients[0], route)
        if 400 <= response.status < 500:
            raise flashing.refused("trigger", response)
        # Texts that the page always shows do not count, and a response with messages is a page.
        standing = flashing.texts_shown(empty, said)
        if not flashing.texts_shown(response, said):
            self.waiting[0] = [text for text in said if text not in standing]
        self.ever[0].update(self.waiting[0])

    def check(self, who: int, shown: list[str]) -> None:
        """Check that the page shows the pending messages, each as often as it was flashed."""
        expect(
            Counter(shown) == Counter(self.waiting[who]),
            f"the page to show {self.waiting[who] or 'no message'}",
            f"it shows {shown or 'none'}",
        )


class Detours(Visits):
    """The same, with requests in between whose responses show no messages."""

    def __init__(self, harness: Harness, detours: list[Request]) -> None:
        super().__init__(harness)
        self.detours = detours
        self.last = self.shown_by = ""

    @rule(text=plain, picks=st.lists(st.integers(0, 9), min_size=1, max_size=3))
    def detour(self, text: str, picks: list[int]) -> None:
        """Send requests that show no messages while one is pending; then read the page."""
        self.flash(0, text)
        for pick in picks:
            request = self.detours[pick % len(self.detours)]
            response = self.clients[0].send(request)
            self.last = f" after {request.method} {request.target}"
            if self.flashing.texts_shown(response, self.waiting[0]):
                self.shown_by = (
                    f"the response to {request.method} {request.target}, a {response.status}, "
                    "renders the messages"
                )
        self.look(0)

    def check(self, who: int, shown: list[str]) -> None:
        """Check that no pending message is missing."""
        lost = [text for text in self.waiting[who] if text not in shown]
        expect(
            not lost,
            f"the page{self.last} to show {self.waiting[who]}",
            f"{lost} is gone",
            cause=self.shown_by,
        )
        self.last = self.shown_by = ""


class Crowd(Visits):
    """Several clients that take turns."""

    visitors = 3

    def check(self, who: int, shown: list[str]) -> None:
        """Check that no message for another client is shown."""
        foreign = [text for text in shown if text not in self.ever[who]]
        expect(
            not foreign,
            "the page to show a client only its own messages",
            f"it shows {foreign}, flashed for another client",
            cause=_shared(self.flashing) if foreign else "",
        )


def _shared(flashing: Harness) -> str:
    """Return what clients that see one another's messages have in common, if that shows."""
    if flashing.bench.transport.name != "wsgi":
        return ""
    for address, seen in {"192.0.2.1": "from any address", "127.0.0.1": "from one address"}.items():
        author, message = flashing.client(), flashing.marked("shared")
        with flashing.aside():
            flashing.flash(author, message)
            page = flashing.send(
                flashing.client(), flashing.need("page"), environ={"REMOTE_ADDR": address}
            )
        if flashing.texts_shown(page, [message.text]):
            cookie = "sets a cookie" if author.cookies else "sets no cookie"
            return f"all clients {seen} share the messages; the response that flashes one {cookie}"
    return ""


@must("", share=0.6)
def test_next_only(flashing: Harness) -> None:
    """A flashed message appears once, in the next page that renders messages.

    Source: a message is recorded at the end of a request and available in the next request,
    and only there.

    Usual cause: the messages are read from the session without being removed, the page is
    cached, or they are read after the response has started.
    """
    explore(partial(Triggers, flashing))


@must("", share=0.4)
def test_survives_redirects(flashing: Harness) -> None:
    """A redirect, or a response that shows no messages, does not consume a message.

    Source: the next page that reads the message shows it, usually in its layout; a response that
    does not read messages does not consume them.

    Usual cause: a hook or context processor reads the messages on every request, or the session
    is cleared on the way.
    """
    detours = [route.request() for route in flashing.need("elsewhere")]
    explore(partial(Detours, flashing, detours))


@must("simple-flashing", share=0.5)
@given(texts=st.lists(words, min_size=1, max_size=MOST_WAITING), twice=st.booleans())
@example(texts=["saved"], twice=True)
@example(texts=["a|b;c,d&e", "50%"], twice=False)
def test_order_and_all(flashing: Harness, texts: list[str], twice: bool) -> None:
    """All messages flashed since the last page appear on the next one, in order.

    This includes equal messages: two things were saved, and each was reported.

    Source: the layout loops over all flashed messages.

    Usual cause: only the first or last message is shown, or messages are stored in a set or
    under one key.
    """
    messages = [flashing.marked(text) for text in texts]
    if twice:
        messages = [*messages[:-1], messages[0]] if len(messages) > 1 else messages * 2
    client = flashing.client()
    flashing.flash(client, *messages)
    expected = [message.text for message in messages]
    shown = flashing.texts_shown(flashing.read(client), expected)
    expect(shown == expected, f"the page to show {expected}", f"it shows {shown}")


@must("simple-flashing")
def test_success_and_error(flashing: Harness) -> None:
    """A successful request redirects to its message; a failed one shows its error only once.

    After the redirect, a reload does not repeat the request. An error that is both flashed and
    rendered, or flashed after the page was rendered, appears again on a later page, where
    nothing has failed.

    Source: the chapter's example flashes and redirects on success, and passes the error of a
    failed login to the template of the same page.

    Usual cause: `flash(error)` in addition to `render_template(..., error=error)`, or a success
    that renders a page instead of redirecting.
    """
    trigger, failure = flashing.need("trigger"), flashing.need("failure")
    error = flashing.need("error")
    client = flashing.client()
    empty = flashing.read(flashing.client())
    if flashing.texts_shown(empty, [error]):
        raise Broken.for_key(
            flashing.slug,
            "error",
            "the page always shows it: bind a text that only a failure shows",
        )

    with flashing.flashed(error) as said:
        sent = flashing.send(client, failure)
        failed = client.follow(sent)
    if sent.status in (400, 403) and "CSRF" in sent.text:
        raise flashing.refused("failure", sent)
    expect(
        failed.status < 500 and flashing.texts_shown(failed, [error]),
        f"the failing request to show {error!r}",
        failed,
    )
    late = set(flashing.texts_shown(flashing.read(client), {error, *said}))
    late -= set(flashing.texts_shown(empty, late))
    expect(
        not late,
        "the page after a failure to show none of its messages",
        f"it shows {late}",
        cause="the error is flashed although it is already shown: the page is rendered without "
        "reading the messages, or before `flash` is called",
    )

    with flashing.flashed(flashing.binding.success) as said:
        answer = flashing.send(client, trigger)
    if 400 <= answer.status < 500:
        raise flashing.refused("trigger", answer)
    expect(answer.status < 400, "the successful request not to give an error", answer)
    expect(
        answer.is_redirect or trigger.method == "GET" or answer.mimetype != "text/html",
        f"a redirect after the successful {trigger.method}",
        answer,
        cause="a success renders a page instead of redirecting",
    )
    pages = [client.follow(answer), flashing.read(client), flashing.read(client)]
    if not said and _gone(pages[:2], pages[2], empty):
        hint = ": the app does not call flash(); success is the text of its message"
        raise Untested.for_keys(flashing.slug, "success", hint=hint)
    expect(said, "the successful request to flash a message", f"it flashes none: {answer}")
    standing = set(flashing.texts_shown(empty, said))
    counts = Counter(text for page in pages for text in flashing.texts_shown(page, said))
    for text in set(said) - standing:
        expect(
            counts[text] == said.count(text),
            f"{text!r} to be shown once on the pages after the redirect",
            f"it is shown {counts[text]} times",
        )


def _gone(before: list[Response], after: Response, empty: Response) -> bool:
    """Check whether pages show a text that neither the page after them nor an empty one shows."""
    texts = {line for each in (after, empty) for line in _lines(each)}
    return any(set(_lines(each)) - texts for each in before)


def _lines(response: Response) -> list[str]:
    if response.mimetype != "text/html":
        return [response.text]
    return [
        normal(element.text)
        for element in Page(response.text).find()
        if not any(isinstance(child, Element) for child in element.children)
    ]


@should("simple-flashing")
def test_shown_after_redirect(flashing: Harness) -> None:
    """The page that a successful request redirects to shows its message.

    Otherwise the message stays pending and appears later, next to something unrelated.

    Source: flashing gives feedback, and a message is available in the next request.

    Usual cause: the page that is redirected to does not use the layout.
    """
    trigger = flashing.need("trigger")
    client = flashing.client()
    empty = flashing.read(flashing.client())
    with flashing.flashed(flashing.binding.success) as said:
        answer = flashing.send(client, trigger)
    if 400 <= answer.status < 500:
        raise flashing.refused("trigger", answer)
    page = client.follow(answer)
    if not answer.is_redirect or page.mimetype != "text/html":
        raise Untested("the trigger does not redirect to an HTML page")
    wanted = set(said) - set(flashing.texts_shown(empty, said))
    if not wanted:
        raise Untested("the page always shows what the trigger flashes")
    missing = wanted - set(flashing.texts_shown(page, wanted))
    expect(
        not missing,
        f"{page.request.target}, where the trigger redirects, to show {sorted(missing)}",
        f"it does not: {page}",
    )


@should("")
def test_not_from_cache(flashing: Harness) -> None:
    """A browser that has the page cached still gets the next message.

    A browser sends the validators of its cached page, or no request at all while the page is
    fresh: it then shows the cached page, without the message.

    Source: a message is available in the next request. RFC 9111, 4: a fresh response may be
    reused without a request.

    Usual cause: Cache-Control with a max-age, or an ETag that does not depend on the messages.
    """
    client = flashing.client()
    first = flashing.read(client)
    message = flashing.marked("news")
    control = first.header_tokens("Cache-Control")
    kept = {token for token in control if re.fullmatch(r"max-age=[1-9]\d*", token)}
    expect(
        not kept or {"no-cache", "no-store"} & control,
        "a page that browsers do not reuse without a request",
        f"Cache-Control: {first.header('Cache-Control')}",
        cause="the Cache-Control header keeps the page fresh",
    )
    flashing.flash(client, message)
    validators = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
    headers = tuple(
        (asks, first.header(has) or "") for has, asks in validators.items() if first.header(has)
    )
    if not headers:
        # Browsers request the whole page each time.
        return
    route = flashing.need("page")
    again = flashing.send(client, route, headers=(*route.headers.items(), *headers))
    expect(
        flashing.texts_shown(again, [message.text]),
        f"the page, requested with {' and '.join(asks for asks, _ in headers)}, "
        "to show the message",
        again,
        cause="the validator does not depend on the messages",
    )


@harden("simple-flashing")
def test_empty_no_markup(flashing: Harness) -> None:
    """Without messages, the page contains no empty list or box for them.

    A live region, which assistive technology watches, may stay.

    Source: the chapter's layout renders the list only if there are messages.

    Usual cause: the list is outside `{% if messages %}`.
    """
    client = flashing.client()
    first, second = flashing.marked("first"), flashing.marked("second")
    flashing.flash(client, first, second)
    full = _page(flashing.read(client))
    around = path_to(full, first.text)
    both = path_to(full, second.text)
    if not around or not both:
        raise Untested("needs messages in the page's own markup: a script renders them")
    parts = [element for element in around if _is_list(element) or element not in both]
    empty = _page(flashing.read(flashing.client()))
    before, after = Counter(_blank(full)), Counter(_blank(empty))
    for signature in map(_signature, parts):
        expect(
            after[signature] <= before[signature],
            "a page without messages not to contain their list",
            f"an empty <{signature[0]} class={signature[1]!r}>",
        )


def _page(response: Response) -> Page:
    if response.mimetype != "text/html":
        raise Untested(f"needs an HTML page: {response.request.target} is {response.mimetype}")
    return Page(response.text)


def _signature(element: Element) -> tuple[str, str, str]:
    return element.tag, element.attributes.get("class", ""), element.attributes.get("id", "")


def _is_list(element: Element) -> bool:
    if "aria-live" in element.attributes:
        return False
    role = element.attributes.get("role")
    return role == "list" or (role is None and element.tag in ("ul", "ol", "dl", "menu"))


def _blank(page: Page) -> list[tuple[str, str, str]]:
    """Return the elements without any content other than, perhaps, a button to close them."""
    holds = ("input", "img", "iframe", "video", "canvas", "form", "textarea", "select")
    return [
        _signature(element)
        for element in page.find()
        if not any(below.tag in holds for below in element.walk())
        and not any(char.isalnum() for char in _said(element))
    ]


def _said(element: Element) -> str:
    return "".join(
        child if isinstance(child, str) else _said(child)
        for child in element.children
        if isinstance(child, str) or child.tag not in ("button", "script", "style", "template")
    )


@must("flashing-with-categories", share=0.5)
@given(category=categories, index=st.integers(0, 7))
@example(category="error", index=0)
def test_default_category(flashing: Harness, category: str, index: int) -> None:
    """A message is shown with its category; one flashed without a category has `message`.

    Source: the default category is `message`; the second argument sets another, which is read
    with `with_categories`.

    Usual cause: the page reads the messages without `with_categories`, or handles only some
    categories.
    """
    flashing.need("category_in")
    known = sorted(flashing.binding.categories or ())
    if known:
        category = flashing.choose(known, index=index)
    messages = [flashing.marked("other", category)]
    flashing.find_out()
    client = flashing.client()
    with flashing.flashed_with() as given:
        if not known or "message" in known:
            # The bound `notice` may set a category itself, in its form or in its code.
            messages.insert(0, flashing.marked("plain"))
            flashing.flash_inside(client, messages[0])
        flashing.flash(client, messages[-1])
    page = flashing.read(client)
    texts = [message.text for message in messages]
    for message in messages:
        others = [text for text in texts if text != message.text]
        named = message.category or "message"
        if flashing.category_shown(page, message, others):
            continue
        shown, apart = flashing.shown_unchanged
        if not known and apart and named not in shown:
            # Nobody says which categories the page knows, and how it shows them.
            if shown:
                continue
            hint = f": the page shows {named!r}, and other categories, by words of its own"
            raise Untested.for_keys(flashing.slug, "categories", hint=hint)
        expect(
            False,
            f"the page to show the category {named!r} with {message.text!r}",
            f"in its place ({flashing.binding.category_in}) it shows "
            f"{flashing.said_with(page, message.text, others)}",
            cause="; ".join(
                f"`flash` was called with the category {category!r}"
                for text, category in given.items()
                if message.text in text
            )
            + (
                ""
                if apart
                else "; the page shows the same for each: the template ignores the category"
            ),
        )


@must("filtering-flash-messages", share=0.3)
@given(drawn=st.lists(st.tuples(st.integers(0, 7), words), max_size=MOST_WAITING))
@example(drawn=[(0, "one"), (1, "two"), (0, "three")])
def test_filter(flashing: Harness, drawn: list[tuple[int, str]]) -> None:
    """A category's block shows exactly that category's messages, and each message appears once.

    Whatever is read, all messages are removed: a message that no block shows is lost.

    Source: a list of categories filters the messages, so that each category can have its own
    block.

    Usual cause: one of the blocks has no filter, or a page with a single block consumes the
    messages of the others.
    """
    route, blocks = flashing.need("filtered"), sorted(flashing.need("blocks"))
    flashing.check_blocks()
    messages = [flashing.marked(text, blocks[index % len(blocks)]) for index, text in drawn]
    texts = [message.text for message in messages]
    client = flashing.client()
    flashing.flash(client, *messages)
    page = flashing.read(client, route)
    for category in blocks:
        expected = [message.text for message in messages if message.category == category]
        found = flashing.in_block(page, category, texts)
        others = {each.category for each in messages if each.text in found} - {category}
        expect(
            found == expected,
            f"the block for {category!r} to show {expected or 'no message'}",
            f"it shows {found or 'none'}"
            + (f", with messages of the category {', '.join(map(repr, others))}" if others else ""),
        )
    shown = flashing.texts_shown(page, texts)
    expect(
        Counter(shown) == Counter(texts),
        f"the page to show each of {texts} once",
        f"it shows {shown}",
    )
    again = flashing.texts_shown(flashing.read(client, route), texts)
    again += flashing.texts_shown(flashing.read(client), texts)
    expect(not again, "later pages to show none of them again", f"they show {again}")


@should("filtering-flash-messages", share=0.2)
@given(index=st.integers(0, 7), start=st.integers(0, 9), length=st.integers(1, 9))
@example(index=0, start=0, length=3)
def test_filter_is_list(flashing: Harness, index: int, start: int, length: int) -> None:
    """A block does not show a message whose category is only a substring of the block's.

    Source: `category_filter` takes a list of categories.

    Usual cause: `category_filter="error"`, a string, in which `err` is found; pass a list.
    """
    route, blocks = flashing.need("filtered"), sorted(flashing.need("blocks"))
    flashing.check_blocks()
    category = flashing.choose(blocks, index=index)
    part = category[start % len(category) :][:length]
    if part == category:
        part = category[:-1] or "-"
    message, other = flashing.marked("part", part), flashing.marked("other", "unheard-of")
    client = flashing.client()
    flashing.flash(client, message, other)
    page = flashing.read(client, route)
    found = flashing.in_block(page, category, [message.text])
    # A block for all other categories may show both.
    expect(
        not found or flashing.in_block(page, category, [other.text]),
        f"the block for {category!r} not to show a message of the category {part!r}",
        f"it shows {found}, but no message of the category 'unheard-of'",
        cause=f"the block's filter finds {part!r} in {category!r}, as a `category_filter` that is "
        "a string does: it must be a list",
    )


@must("", share=0.4)
def test_per_client(flashing: Harness) -> None:
    """A message is shown only to the client that it was flashed for.

    Source: messages are stored in the session cookie of the client.

    Usual cause: messages in a module-level list or in a cache under one key, or a page with a
    message that is cached for everyone.
    """
    explore(partial(Crowd, flashing))
    for hold in (None, *range(1, 9)):
        flashing.begin_example()
        clients = [flashing.client() for _ in range(3)]
        messages = [flashing.marked("mine") for _ in clients]
        every = {message.text for message in messages}

        def visit(client: Client, own: Message, every: set[str] = every) -> list[str]:
            flashing.flash(client, own)
            return flashing.texts_shown(flashing.read(client), every)

        visits = [partial(visit, *pair) for pair in zip(clients, messages, strict=True)]
        for own, shown in zip(messages, together(*visits, hold=hold), strict=True):
            foreign = set(shown) - {own.text}
            expect(
                not foreign,
                "concurrent requests to show each client only its own messages",
                f"it shows {foreign}, flashed for another client",
                cause=_shared(flashing) if foreign else "",
            )


@harden("", share=0.2)
def test_not_consumed_by_assets(flashing: Harness) -> None:
    """Requests a browser makes alongside a page, even for missing images, consume no message.

    The visitor never sees the response to a request for an icon or an image.

    Source: beyond the chapter, where the next request of any kind gets the message; it protects
    a message from a request whose response is not shown.

    Usual cause: an error page or catch-all page renders the layout with its messages even for
    the request of an image.
    """
    explore(partial(Detours, flashing, flashing.assets()))


LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def incompressible(length: int, seed: int, alphabet: str = LETTERS) -> str:
    """Return a text that cannot be compressed much."""
    return "".join(random.Random(seed).choices(alphabet, k=length))


#: What else a session holds: a login, a token and a few things in a basket.
KEPT = incompressible(512, 0, "0123456789abcdef")

alphabets = st.sampled_from(
    [
        LETTERS,
        "".join(map(chr, range(0x4E00, 0x9FA5))),
    ]
)


@harden("", share=0.3)
@given(
    texts=st.lists(
        st.builds(incompressible, st.integers(0, 6000), st.integers(0, 999), alphabets),
        min_size=1,
        max_size=3,
    ),
    category=st.none() | st.builds(incompressible, st.integers(1, 6000), st.integers(0, 999)),
)
@example(texts=[incompressible(8000, 0, "abcdefghijklmnopqrstuvwxyz0123456789")], category=None)
# These fit as long as nothing else is in the session.
@example(texts=[incompressible(3450, 0, LETTERS)], category=None)
@example(texts=[incompressible(3600, 0, LETTERS)], category=None)
@example(texts=[incompressible(3750, 0, LETTERS)], category=None)
# Each of these is short.
@example(texts=[incompressible(150, number, LETTERS) for number in range(30)], category=None)
@example(texts=["short"], category=incompressible(6000, 0, LETTERS))
def test_cookie_size(flashing: Harness, texts: list[str], category: str | None) -> None:
    """Whatever is flashed fits browser limits, is not lost silently, and the session's rest stays.

    Browsers silently drop a cookie that is too long: the message is lost, and so is everything
    else that the response stored in the session, such as a login. Werkzeug's test client keeps
    it, so tests do not notice. The session has to hold both: half a kilobyte is in
    it already.

    Source: browsers limit cookie sizes, and flashing a message that is too large fails silently.

    Usual cause: text of any length, such as user input, is passed to `flash`.
    """
    notice = flashing.need("notice")
    field, category_field = flashing.binding.text_field, flashing.binding.category_field
    client = flashing.client()
    inside = (
        flashing.bench.transport.same_process
        and isinstance(flashing.app, flask.Flask)
        and bool(flashing.app.secret_key)
    )
    if inside:
        flashing.within(client, f"session['conformance'] = {KEPT!r}", _keep)
    without = flashing.read(client)
    for number, text in enumerate(texts, 1):
        with warnings.catch_warnings():
            # Werkzeug's own warning, which a strict test run would turn into an error.
            warnings.simplefilter("ignore")
            fields = {field: text}
            if category is not None and category_field is not None:
                fields[category_field] = category
            response = flashing.send(client, notice, fields=fields)
        expect(response.status < 500, f"a text of {len(text)} characters to be accepted", response)
        for header in response.header_values("Set-Cookie"):
            expect(
                len(header) <= COOKIE_LIMIT,
                f"a Set-Cookie header of at most {COOKIE_LIMIT} bytes, with all pending messages",
                f"one of {len(header)} bytes, with {number} pending "
                + ("message" if number == 1 else "messages")
                + f" of {sum(map(len, texts[:number]))} characters"
                + (f" and a category of {len(category)}" if category and len(fields) > 1 else ""),
            )
    if inside:
        kept = flashing.within(client, "session.get('conformance')", _kept)
        expect(kept == KEPT, "the rest of the session to be kept", "it is gone")
    # A redirect elsewhere than usual says by itself that it is refused.
    taken = response.is_redirect and response.location == flashing.usual_notice.location
    if taken and len(texts) == 1 and len(texts[0]) > COOKIE_LIMIT:
        # Shortened, or another message that says so.
        shown = client.follow(response)
        again = client.get(shown.request.target)
        expect(
            shown.body != again.body or flashing.read(client).body != without.body,
            f"a message on the page after a text of {len(texts[0])} characters was accepted",
            "the page as it is without one",
        )


def _keep() -> None:
    flask.session["conformance"] = KEPT


def _kept() -> object:
    return flask.session.get("conformance")


@harden(
    "",
    gates=[
        Gate(
            "flask",
            "<3.1.3",
            "GHSA-68rp-wp8r-4726: reading messages when there are none adds no Vary: Cookie",
        )
    ],
)
def test_vary(flashing: Harness) -> None:
    """A page that renders messages varies on the cookie, even without messages.

    Otherwise a shared cache serves the page without a message, or with someone else's.

    Source: RFC 9110, 12.5.5: Vary names the request header fields that a response depends on.

    Usual cause: an `after_request` hook that sets Vary or Cache-Control for every page.
    """
    binding = flashing.binding
    for route in (flashing.need("page"), binding.filtered, binding.streamed):
        if route is None:
            continue
        client = flashing.client()
        new = flashing.read(client, route)
        flashing.flash(client, flashing.marked("text"))
        for state, response in {
            "without a session": new,
            "with a message": flashing.read(client, route),
            "after the message": flashing.read(client, route),
        }.items():
            control = response.header_tokens("Cache-Control")
            private = {"private", "no-store"} & control
            expect(
                private or {"cookie", "*"} & response.header_tokens("Vary"),
                f"Vary: Cookie, or Cache-Control: private, at {route.path} {state}",
                f"Vary: {response.header('Vary')}",
            )
            public = {token for token in control if token.startswith(("public", "s-maxage"))}
            expect(
                not public,
                f"no {' or '.join(sorted(public))} in the Cache-Control of {route.path} {state}, "
                "with which shared caches store the page",
                f"Cache-Control: {response.header('Cache-Control')} "
                f"(Vary: {response.header('Vary')})",
            )


@should("")
def test_streaming_safe(flashing: Harness) -> None:
    """A streamed page shows its messages once, and later pages do not show them again.

    The headers, including the session, are sent before the template runs: messages read there
    can no longer be removed.

    Source: a message is available in the next request and only in the next.

    Usual cause: `stream_template` with `get_flashed_messages()` in the layout; call it in the
    view as well, before the stream begins.
    """
    route = flashing.need("streamed")
    client = flashing.client()
    message = flashing.marked("streamed")
    flashing.flash(client, message)
    pages = [flashing.read(client, route), flashing.read(client, route), flashing.read(client)]
    counts = [len(flashing.texts_shown(page, [message.text])) for page in pages]
    expect(
        counts == [1, 0, 0],
        f"{route.path} to show the message once, and the two pages after it not at all",
        f"{route.path} shows it {_times(counts[0])}, the same page {_times(counts[1])} after that, "
        f"and {pages[2].request.target} {_times(counts[2])}",
        cause="the response that shows the message has no Set-Cookie header to take it out of the "
        "session: what is read after the headers are sent stays there"
        if counts[0] and sum(counts[1:]) and not pages[0].header_values("Set-Cookie")
        else "",
    )


def _times(count: int) -> str:
    return {0: "not", 1: "once"}.get(count, f"{count} times")


@must("simple-flashing", share=0.6)
@given(text=markup(), category=markup())
@example(text="<script>alert(1)</script>", category="x onload=alert(1)")
@example(text="a|b;c,d\te:f", category="plain")
@example(text="100%s %d %(x)s {0} \\n", category="plain")
@example(text="&lt;b&gt; {{ 7*7 }}", category='"><img src=x onerror=alert(1)>')
def test_escape(flashing: Harness, text: str, category: str) -> None:
    """Message texts and categories are escaped, and the text appears unchanged.

    Messages often quote user input.

    Source: the chapter's layout renders text and category with Jinja's autoescaping, and the
    category in quotes.

    Usual cause: `{{ message|safe }}`, or a category in an unquoted attribute.
    """
    plain = [flashing.marked("plain"), flashing.marked("plain", "plain")]
    hostile = [flashing.marked(text), flashing.marked("plain", category)]
    _same_elements(flashing, plain, hostile, text, category)
    # A page may show each category by a part of its template of its own.
    known = flashing.known_categories
    for some in (known[at : at + TOGETHER] for at in range(0, len(known), TOGETHER)):
        plain = [flashing.marked("plain", each) for each in some]
        hostile = [flashing.marked(text, each) for each in some]
        _same_elements(flashing, plain, hostile, text)


def _same_elements(
    flashing: Harness,
    plain: list[Message],
    hostile: list[Message],
    text: str,
    category: str | None = None,
) -> None:
    """Check that hostile messages add no elements, and that each text that is shown is unchanged.

    All of them, or the first if there is a hostile category, have the hostile text.
    """
    pages = []
    for messages in (plain, hostile):
        client = flashing.client()
        flashing.flash(client, *messages)
        pages.append(flashing.read(client))
    if pages[1].mimetype == "text/html":
        added = Counter(shape(pages[1])) - Counter(shape(pages[0]))
        tags = ", ".join(f"<{' '.join([tag, *names])}>" for tag, names in added)
        named = ", ".join(repr(each.category or "message") for each in hostile)
        with_ = "a plain message" if category is not None else f"plain messages of {named}"
        expect(
            not added,
            f"the same elements and attributes as with {with_}",
            f"also {tags}",
            cause=_unescaped(flashing, text, category, hostile, pages[0]) if added else "",
        )
    for before, message in zip(plain, hostile, strict=True):
        if category is None and not flashing.texts_shown(pages[0], [before.text]):
            # A category that the page does not show.
            continue
        expect(
            flashing.texts_shown(pages[1], [message.text]),
            f"the page to show the text {message.text!r} unchanged",
            f"it shows {flashing.shown_instead(pages[1], message)}",
        )
        if category is not None:
            break


def _unescaped(
    flashing: Harness,
    text: str,
    category: str | None,
    hostile: Sequence[Message],
    plain: Response,
) -> str:
    """Return which part of a message adds elements or attributes to the page."""
    if category is None:
        wrong = [each.category for each in hostile if _adds(flashing, text, each.category)]
        named = " and ".join(map(repr, wrong))
        told = f"the page does not escape the text of messages of the category {named}"
        return told if wrong else ""
    parts = []
    for part, message, other in (
        ("text", flashing.marked(text), flashing.marked("plain", "plain")),
        ("category", flashing.marked("plain", category), flashing.marked("plain")),
    ):
        client = flashing.client()
        with flashing.aside():
            flashing.flash(client, *((message, other) if part == "text" else (other, message)))
            page = flashing.read(client)
        if Counter(shape(page)) - Counter(shape(plain)):
            parts.append(part)
    return f"the page does not escape the message's {' and '.join(parts)}" if parts else ""


def _adds(flashing: Harness, text: str, category: str | None) -> bool:
    """Check whether a hostile text of one category adds elements to the page."""
    pages = []
    with flashing.aside():
        for each in (text, "plain"):
            client = flashing.client()
            flashing.flash(client, flashing.marked(each, category))
            pages.append(flashing.read(client))
    return bool(Counter(shape(pages[0])) - Counter(shape(pages[1])))


@should("simple-flashing")
def test_browser(flashing: Harness) -> None:
    """A hostile message does not run a script in a browser.

    Source: the chapter's layout escapes each message.

    Usual cause: a script of the page that renders messages with `innerHTML`.
    """
    hostile = ("<script>alert(1)</script>", "<img src=x onerror=alert(2)>", "<svg onload=alert(3)>")
    messages = [flashing.marked(text) for text in hostile]
    client = flashing.client()
    with flashing.tab() as tab:
        flashing.flash(client, *messages)
        tab.take_cookies(client)
        tab.open(flashing.need("page").path)
        tab.page.wait_for_load_state("networkidle")
        source = tab.page.content()
    numbered = [message.text.partition("a")[0] for message in messages]
    expect(
        all(number in source for number in numbered),
        "the page in the browser to contain the messages",
        f"a page without one of {numbered}",
    )
    if tab.dialogs:
        ran = [text for text in hostile if any(f"alert({each})" in text for each in tab.dialogs)]
        expect(
            False,
            "no script in a message to run",
            f"{', '.join(ran)} ran: dialogs opened: {sorted(set(tab.dialogs))}",
            cause=_written(flashing, hostile),
        )


def _written(flashing: Harness, hostile: Sequence[str]) -> str:
    """Return whether the app's HTML has hostile messages as elements, or a script makes them."""
    pages = []
    for texts in (("plain",) * len(hostile), hostile):
        client = flashing.client()
        with flashing.aside():
            flashing.flash(client, *map(flashing.marked, texts))
            pages.append(flashing.read(client))
    if Counter(shape(pages[1])) - Counter(shape(pages[0])):
        return "the HTML that the app sends has the messages unescaped"
    return (
        "the HTML that the app sends has the messages escaped: a script of the page writes them "
        "as HTML, such as with `innerHTML`"
    )


@harden("simple-flashing")
def test_secret(flashing: Harness) -> None:
    """SECRET_KEY is set, and is not a key published in documentation.

    Anyone who knows the key can write the session: messages, and who is logged in.

    Source: the key must be secret.

    Usual cause: the key of an example is still in the code, or is the default of a configuration
    value.
    """
    client = flashing.client()
    if flashing.bench.transport.same_process:
        app = flashing.flask_app
        if not app.secret_key and not isinstance(
            app.session_interface, SecureCookieSessionInterface
        ):
            raise Untested("the app has its own kind of sessions, not signed with SECRET_KEY")
        if not app.secret_key and flashing.has_own_messages():
            raise Untested("the app's messages are not in the session, and it has no SECRET_KEY")
        flashing.ledger.note("app.secret_key")
        expect(app.secret_key, "a SECRET_KEY", "none")
    flashing.flash(client, flashing.marked("signed"))
    for cookie in client.cookies.values():
        for key in PUBLISHED_KEYS:
            expect(
                not signed_with(cookie.value, key),
                "a key that is not published",
                f"the cookie {cookie.name!r} is signed with {key!r}, which is published",
            )
