"""The clauses of Message Flashing."""

from __future__ import annotations

import random
import re
import warnings
from collections import Counter
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
from conformance.instruments.html import Element, Page
from conformance.instruments.strategies import Machine, markup
from conformance.patterns.flashing import (
    PUBLISHED_KEYS,
    FlashingHarness,
    Message,
    normal,
    path_to,
    shape,
    signed_with,
)
from conformance.transports import Client, Request, Response

Harness = FlashingHarness

#: Werkzeug warns of longer Set-Cookie headers, and browsers ignore them.
COOKIE_LIMIT = 4093

#: So many messages of such words fit any cookie: to be too long is a clause of its own.
MOST_WAITING = 5
words = st.text(
    st.one_of(st.characters(categories=("L", "N", "Zs")), st.sampled_from("|;,:%&/#+=")),
    max_size=20,
)
categories = st.text("abcdefgh", min_size=3, max_size=8)
who = st.integers(0, 2)


class Visits(Machine):
    """Clients that flash and look; the model is a list of the messages that wait for each."""

    visitors = 1

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness)
        self.flashing = harness
        self.clients = [harness.client() for _ in range(self.visitors)]
        self.waiting: list[list[str]] = [[] for _ in self.clients]
        self.ever: list[set[str]] = [set() for _ in self.clients]

    @rule(who=who, text=words)
    def flash(self, who: int, text: str) -> None:
        """Flash a message for one of them."""
        who %= self.visitors
        if len(self.waiting[who]) < MOST_WAITING:
            message = self.flashing.marked(text)
            self.flashing.flash(self.clients[who], message)
            self.waiting[who].append(message.text)
            self.ever[who].add(message.text)

    @rule(who=who)
    def look(self, who: int) -> None:
        """Ask for the page, which shows what waits."""
        who %= self.visitors
        shown = self.flashing.shown(self.flashing.read(self.clients[who]), set().union(*self.ever))
        self.check(who, shown)
        self.waiting[who] = []

    def check(self, who: int, shown: list[str]) -> None:
        """Compare what a page shows with the model."""
        raise NotImplementedError


class Triggers(Visits):
    """The same, with the messages of the app's own route among them."""

    @rule()
    def trigger(self) -> None:
        """Send the bound trigger, where nothing waits: a login may begin a new session."""
        flashing = self.flashing
        route = flashing.binding.trigger
        if route is None or self.waiting[0] or not flashing.bench.transport.same_process:
            return
        empty = flashing.read(flashing.client())
        with flashing.flashed() as said:
            response = flashing.send(self.clients[0], route)
        if 400 <= response.status < 500:
            raise flashing.refused("trigger", response)
        # What the page says anyway tells nothing, and an answer that shows messages is a page.
        standing = flashing.shown(empty, said)
        if not flashing.shown(response, said):
            self.waiting[0] = [text for text in said if text not in standing]
        self.ever[0].update(self.waiting[0])

    def check(self, who: int, shown: list[str]) -> None:
        """The page shows what waits as often as it was flashed, and nothing else."""
        expect(
            Counter(shown) == Counter(self.waiting[who]),
            f"the page to show {self.waiting[who] or 'no message'}",
            f"it shows {shown or 'none'}",
        )


class Detours(Visits):
    """The same, with requests between that show no messages."""

    def __init__(self, harness: Harness, detours: list[Request]) -> None:
        super().__init__(harness)
        self.detours = detours
        self.last = ""

    @rule(text=words, picks=st.lists(st.integers(0, 9), min_size=1, max_size=3))
    def detour(self, text: str, picks: list[int]) -> None:
        """Ask, while a message waits, for things that are no page with messages; then look."""
        self.flash(0, text)
        for pick in picks:
            request = self.detours[pick % len(self.detours)]
            self.clients[0].send(request)
            self.last = f" after {request.method} {request.target}"
        self.look(0)

    def check(self, who: int, shown: list[str]) -> None:
        """Nothing that waits is missing."""
        lost = [text for text in self.waiting[who] if text not in shown]
        expect(
            not lost,
            f"the page{self.last} to show {self.waiting[who]}",
            f"{lost} is gone",
        )
        self.last = ""


class Crowd(Visits):
    """Several clients, in turns."""

    visitors = 3

    def check(self, who: int, shown: list[str]) -> None:
        """Nothing that is for others is shown."""
        foreign = [text for text in shown if text not in self.ever[who]]
        expect(
            not foreign,
            "the page to show a client its own messages only",
            f"it shows {foreign}, flashed for another",
        )


@must("", share=0.6)
def test_next_only(flashing: Harness) -> None:
    """A flashed message appears once, in the next page that shows messages, and in none after it.

    Source: a message is recorded at the end of a request and is there in the next request, and
    only in the next.

    Usual cause: the messages are read out of the session by hand and not removed, the
    page is cached, or they are read while the page is already on its way.
    """
    explore(partial(Triggers, flashing))


@must("", share=0.4)
def test_survives_redirects(flashing: Harness) -> None:
    """A redirect, or an answer that shows no messages, leaves a waiting message waiting.

    Source: the message is shown by the next page that reads it, usually by its layout; what
    reads none uses none up.

    Usual cause: a hook or context processor reads the messages for every request, or
    the session is cleared on the way.
    """
    detours = [route.request() for route in flashing.need("elsewhere")]
    explore(partial(Detours, flashing, detours))


@must("simple-flashing", share=0.5)
@given(texts=st.lists(words, min_size=1, max_size=MOST_WAITING), twice=st.booleans())
@example(texts=["saved"], twice=True)
@example(texts=["a|b;c,d", "50%"], twice=False)
def test_order_and_all(flashing: Harness, texts: list[str], twice: bool) -> None:
    """All messages that were flashed since the last page appear on the next, in order.

    Equal ones too: two things were saved, and each was said.

    Source: the layout goes through all messages that were flashed.

    Usual cause: only the first or the last message is shown, or they are kept in a
    set or under one key.
    """
    messages = [flashing.marked(text) for text in texts]
    if twice:
        messages = [*messages[:-1], messages[0]] if len(messages) > 1 else messages * 2
    client = flashing.client()
    flashing.flash(client, *messages)
    expected = [message.text for message in messages]
    shown = flashing.shown(flashing.read(client), expected)
    expect(shown == expected, f"the page to show {expected}", f"it shows {shown}")


@must("simple-flashing")
def test_success_and_error(flashing: Harness) -> None:
    """A request that succeeds redirects to its message; one that fails leaves only its error.

    After the redirect a reload repeats no request. An error that is flashed as well
    as shown, or flashed after the page was rendered, turns up on a later page, where
    nothing has failed.

    Source: the chapter's example flashes and redirects on success, and hands the error of a
    failed login to the template of the same page.

    Usual cause: `flash(error)` beside `render_template(..., error=error)`; a success
    that renders a page instead of redirecting to one.
    """
    trigger, failure = flashing.need("trigger"), flashing.need("failure")
    error = flashing.need("error")
    client = flashing.client()
    empty = flashing.read(flashing.client())
    if flashing.shown(empty, [error]):
        raise Broken.for_key(
            flashing.slug,
            "error",
            "it is on the page anyway: bind a text that only a failure shows",
        )

    with flashing.flashed(error) as said:
        sent = flashing.send(client, failure)
        failed = client.follow(sent)
    if sent.status in (400, 403) and "CSRF" in sent.text:
        raise flashing.refused("failure", sent)
    expect(
        failed.status < 500 and flashing.shown(failed, [error]),
        f"the request that fails to show {error!r}",
        failed,
    )
    late = set(flashing.shown(flashing.read(client), {error, *said}))
    late -= set(flashing.shown(empty, late))
    expect(
        not late,
        "the page after a failure to show no message of it",
        f"it shows {late}",
        cause="the error is flashed, and was shown already: the page that shows it is rendered "
        "without reading the messages, or before `flash` is called.",
    )

    with flashing.flashed(flashing.binding.success) as said:
        answer = flashing.send(client, trigger)
    if 400 <= answer.status < 500:
        raise flashing.refused("trigger", answer)
    expect(answer.status < 400, "the request that succeeds to be answered so", answer)
    expect(
        answer.is_redirect or trigger.method == "GET" or answer.mimetype != "text/html",
        f"a redirect after the {trigger.method} that succeeds",
        answer,
        cause="a success renders a page instead of redirecting to one.",
    )
    pages = [client.follow(answer), flashing.read(client), flashing.read(client)]
    if not said and _gone(pages[:2], pages[2], empty):
        hint = ": the app does not call flash(); success is the text of its message"
        raise Untested.for_keys(flashing.slug, "success", hint=hint)
    expect(said, "the request that succeeds to flash a message", f"it flashes none: {answer}")
    standing = set(flashing.shown(empty, said))
    counts = Counter(text for page in pages for text in flashing.shown(page, said))
    for text in set(said) - standing:
        expect(
            counts[text] == said.count(text),
            f"{text!r} to be shown once on the pages after the redirect",
            f"it is shown {counts[text]} times",
        )


def _gone(before: list[Response], after: Response, empty: Response) -> bool:
    """Check whether pages say what neither the page after them nor an empty one does."""
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
    """The page that a success redirects to shows its message.

    A page without it lets the message wait, and show up later beside something else.

    Source: flashing gives feedback, and a message is there in the next request.

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
        raise Untested("the trigger does not redirect to a page of HTML")
    wanted = set(said) - set(flashing.shown(empty, said))
    if not wanted:
        raise Untested("the trigger flashes nothing that the page does not say anyway")
    missing = wanted - set(flashing.shown(page, wanted))
    expect(
        not missing,
        f"{page.request.target}, where the success leads, to show {sorted(missing)}",
        f"it does not: {page}",
    )


@should("")
def test_not_from_cache(flashing: Harness) -> None:
    """A browser that has the page already asks for it again, and gets the message.

    A browser sends the validators of the page that it has, or does not ask at all while that
    is fresh: then the page it shows is the one without the message.

    Source: a message is there in the next request. RFC 9111, 4: a response that is fresh may be
    reused without asking.

    Usual cause: Cache-Control with a max-age, or an ETag made of what does not include the
    messages.
    """
    client = flashing.client()
    first = flashing.read(client)
    message = flashing.marked("news")
    control = first.header_tokens("Cache-Control")
    kept = {token for token in control if re.fullmatch(r"max-age=[1-9]\d*", token)}
    expect(
        not kept or {"no-cache", "no-store"} & control,
        "a page that browsers ask for again",
        f"Cache-Control: {first.header('Cache-Control')}",
        cause="the page is kept fresh by its Cache-Control header.",
    )
    flashing.flash(client, message)
    validators = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
    headers = tuple(
        (asks, first.header(has) or "") for has, asks in validators.items() if first.header(has)
    )
    if not headers:
        # Browsers get the page whole each time.
        return
    route = flashing.need("page")
    again = flashing.send(client, route, headers=(*route.headers.items(), *headers))
    expect(
        flashing.shown(again, [message.text]),
        f"the page, asked for with {' and '.join(asks for asks, _ in headers)}, "
        "to show the message",
        again,
        cause="the validator does not change with the messages.",
    )


@harden("simple-flashing")
def test_empty_no_markup(flashing: Harness) -> None:
    """Where no message waits, the page has no empty list and no empty box for one.

    A live region, which assistive technology watches, may stay.

    Source: the chapter's layout writes the list where there are messages.

    Usual cause: the list stands outside of `{% if messages %}`.
    """
    client = flashing.client()
    first, second = flashing.marked("first"), flashing.marked("second")
    flashing.flash(client, first, second)
    full = _page(flashing.read(client))
    around = path_to(full, first.text)
    both = path_to(full, second.text)
    if not around or not both:
        raise Untested("needs messages in the page's own markup: a script writes them")
    parts = [element for element in around if _is_list(element) or element not in both]
    empty = _page(flashing.read(flashing.client()))
    before, after = Counter(_blank(full)), Counter(_blank(empty))
    for signature in map(_signature, parts):
        expect(
            after[signature] <= before[signature],
            "nothing of the list of messages on a page without one",
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
    """Return the elements that say and hold nothing but, at most, a button to close them."""
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
    """A message with a category is shown with that one, and one without with `message`.

    Source: the default category is `message`; another is given as the second argument and read
    with `with_categories`.

    Usual cause: the page reads the messages without `with_categories`, or has names
    for some categories only.
    """
    flashing.need("category_in")
    known = sorted(flashing.binding.categories or ())
    if known:
        category = known[index % len(known)]
    messages = [flashing.marked("other", category)]
    client = flashing.client()
    if not known or "message" in known:
        # The bound `notice` may have a category of its own in its form, or in its code.
        messages.insert(0, flashing.marked("plain"))
        flashing.flash_inside(client, messages[0])
    flashing.flash(client, messages[-1])
    page = flashing.read(client)
    texts = [message.text for message in messages]
    for message in messages:
        others = [text for text in texts if text != message.text]
        expect(
            flashing.category_shown(page, message, others),
            f"the page to say {message.category or 'message'!r} with {message.text!r}",
            f"it says {flashing.said_with(page, message.text, others)}",
        )


@must("filtering-flash-messages", share=0.5)
@given(drawn=st.lists(st.tuples(st.integers(0, 7), words), max_size=MOST_WAITING))
@example(drawn=[(0, "one"), (1, "two"), (0, "three")])
def test_filter(flashing: Harness, drawn: list[tuple[int, str]]) -> None:
    """A block for a category shows its messages and no others; together the blocks show each once.

    Whatever is read, all messages are removed: what no block shows is lost.

    Source: a list of categories filters the messages, so that each category has a block of its own.

    Usual cause: the filter is missing from one of the blocks, or a page with one
    block uses up the messages of the others.
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
        expect(
            found == expected,
            f"the block for {category!r} to show {expected or 'no message'}",
            f"it shows {found or 'none'}",
        )
    shown = flashing.shown(page, texts)
    expect(
        Counter(shown) == Counter(texts),
        f"the page to show each of {texts} once",
        f"it shows {shown}",
    )
    again = flashing.shown(flashing.read(client, route), texts)
    again += flashing.shown(flashing.read(client), texts)
    expect(not again, "the pages after it to show none of them again", f"they show {again}")


@should("filtering-flash-messages", share=0.5)
@given(index=st.integers(0, 7), start=st.integers(0, 9), length=st.integers(1, 9))
@example(index=0, start=0, length=3)
def test_filter_is_list(flashing: Harness, index: int, start: int, length: int) -> None:
    """A block does not show messages whose category is only a part of its category's name.

    Source: `category_filter` takes a list of categories.

    Usual cause: `category_filter="error"`, a string, which `err` is found in; it takes
    a list.
    """
    route, blocks = flashing.need("filtered"), sorted(flashing.need("blocks"))
    flashing.check_blocks()
    category = blocks[index % len(blocks)]
    part = category[start % len(category) :][:length]
    if part == category:
        part = category[:-1] or "-"
    message, other = flashing.marked("part", part), flashing.marked("other", "unheard-of")
    client = flashing.client()
    flashing.flash(client, message, other)
    page = flashing.read(client, route)
    found = flashing.in_block(page, category, [message.text])
    # A block for all the rest may show both.
    expect(
        not found or flashing.in_block(page, category, [other.text]),
        f"the block for {category!r} not to show a message of the category {part!r}",
        f"it shows {found}",
    )


@must("", share=0.4)
def test_per_client(flashing: Harness) -> None:
    """A message is shown to the client that it was flashed for, and to no other.

    Source: messages are kept in the session cookie of the client.

    Usual cause: messages in a module's list or in a cache under one key, or a page
    with a message in it that is cached for all.
    """
    explore(partial(Crowd, flashing))
    for hold in (None, *range(1, 9)):
        flashing.begin_example()
        clients = [flashing.client() for _ in range(3)]
        messages = [flashing.marked("mine") for _ in clients]
        every = {message.text for message in messages}

        def visit(client: Client, own: Message, every: set[str] = every) -> list[str]:
            flashing.flash(client, own)
            return flashing.shown(flashing.read(client), every)

        visits = [partial(visit, *pair) for pair in zip(clients, messages, strict=True)]
        for own, shown in zip(messages, together(*visits, hold=hold), strict=True):
            foreign = set(shown) - {own.text}
            expect(
                not foreign,
                "a page that is asked for beside others to show a client its own messages only",
                f"it shows {foreign}, flashed for another",
            )


@harden("", share=0.2)
def test_not_consumed_by_assets(flashing: Harness) -> None:
    """What a browser asks for beside the page, missing pictures too, leaves the messages waiting.

    The visitor never sees the answer to a request for an icon or a picture.

    Source: beyond the chapter, for which any next request gets the message; it protects one
    from a request whose answer nobody sees.

    Usual cause: an error page, or a catch-all page, that renders the layout with its
    messages also where a picture was asked for.
    """
    explore(partial(Detours, flashing, flashing.assets()))


def incompressible(length: int, seed: int, alphabet: str) -> str:
    """Return text that no compression makes short."""
    return "".join(random.Random(seed).choices(alphabet, k=length))


alphabets = st.sampled_from(
    [
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        "".join(map(chr, range(0x4E00, 0x9FA5))),
    ]
)


@harden("", share=0.3)
@given(
    texts=st.lists(
        st.builds(incompressible, st.integers(0, 6000), st.integers(0, 999), alphabets),
        min_size=1,
        max_size=3,
    )
)
@example(texts=[incompressible(8000, 0, "abcdefghijklmnopqrstuvwxyz0123456789")])
def test_cookie_size(flashing: Harness, texts: list[str]) -> None:
    """Whatever is flashed, no cookie grows too long for browsers, and other session keys stay.

    A browser drops a cookie that is too long without a word: the message is lost, and
    so is what else the answer put into the session, such as a login. Werkzeug's test
    client keeps it, so tests do not notice.

    Source: browsers limit cookies, and flashing a message that is too large fails silently.

    Usual cause: text of any length, such as what a person typed, goes into `flash`.
    """
    notice, field = flashing.need("notice"), flashing.binding.text_field
    client = flashing.client()
    inside = (
        flashing.bench.transport.same_process
        and isinstance(flashing.app, flask.Flask)
        and bool(flashing.app.secret_key)
    )
    if inside:
        flashing.within(client, "session['conformance'] = 'kept'", _keep)
    for text in texts:
        with warnings.catch_warnings():
            # Werkzeug's own, which a strict test run would turn into an error.
            warnings.simplefilter("ignore")
            response = flashing.send(client, notice, fields={field: text})
        expect(response.status < 500, f"a text of {len(text)} characters to be taken", response)
        for header in response.header_values("Set-Cookie"):
            expect(
                len(header) <= COOKIE_LIMIT,
                f"a Set-Cookie header of at most {COOKIE_LIMIT} bytes",
                f"one of {len(header)} bytes, after a text of {len(text)} characters",
            )
    if inside:
        kept = flashing.within(client, "session.get('conformance')", _kept)
        expect(kept == "kept", "the rest of the session to be kept", "it is gone")


def _keep() -> None:
    flask.session["conformance"] = "kept"


def _kept() -> object:
    return flask.session.get("conformance")


@harden(
    "",
    gates=[
        Gate(
            "flask",
            "<3.1.3",
            "GHSA-68rp-wp8r-4726: looking for messages where none waits adds no Vary: Cookie",
        )
    ],
)
def test_vary(flashing: Harness) -> None:
    """A page that shows messages says that it varies on the cookie, also where none waits.

    A shared cache would serve the page without a message, or with someone else's.

    Source: RFC 9110, 12.5.5: Vary names the request fields that an answer depends on.

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
                f"no shared cache to keep {route.path} {state}",
                f"Cache-Control: {response.header('Cache-Control')}",
            )


@should("")
def test_streaming_safe(flashing: Harness) -> None:
    """A page that is streamed shows its messages once, and the pages after it do not.

    The headers, with the session in them, are sent before the template runs: what it
    reads there can no longer be removed.

    Source: a message is there in the next request and only in the next.

    Usual cause: `stream_template` with `get_flashed_messages()` in the layout; call it
    in the view too, before the stream begins.
    """
    route = flashing.need("streamed")
    client = flashing.client()
    message = flashing.marked("streamed")
    flashing.flash(client, message)
    pages = [flashing.read(client, route), flashing.read(client, route), flashing.read(client)]
    counts = [len(flashing.shown(page, [message.text])) for page in pages]
    expect(
        counts == [1, 0, 0],
        "the streamed page to show the message, and the two pages after it not to",
        f"the three show it {counts} times",
    )


@must("simple-flashing", share=0.6)
@given(text=markup(), category=markup())
@example(text="<script>alert(1)</script>", category="x onload=alert(1)")
@example(text="a|b;c,d\te:f", category="plain")
@example(text="100%s %d %(x)s {0} \\n", category="plain")
@example(text="&lt;b&gt; {{ 7*7 }}", category='"><img src=x onerror=alert(1)>')
def test_escape(flashing: Harness, text: str, category: str) -> None:
    """The text and the category of a message add no markup to the page, and the text is as it was.

    Messages often quote what somebody typed.

    Source: the chapter's layout writes text and category with Jinja's escaping, and the category
    in quotes.

    Usual cause: `{{ message|safe }}`, or a category in an attribute without quotes.
    """
    plain = [flashing.marked("plain"), flashing.marked("plain", "plain")]
    hostile = [flashing.marked(text), flashing.marked("plain", category)]
    pages = []
    for messages in (plain, hostile):
        client = flashing.client()
        flashing.flash(client, *messages)
        pages.append(flashing.read(client))
    if pages[1].mimetype == "text/html":
        added = Counter(shape(pages[1])) - Counter(shape(pages[0]))
        expect(
            not added,
            "the same elements and attributes as with a plain message",
            "also " + ", ".join(f"<{' '.join([tag, *names])}>" for tag, names in added),
        )
    expect(
        flashing.shown(pages[1], [hostile[0].text]),
        f"the page to show the text {hostile[0].text!r} as it is",
        f"it shows {flashing.shown_instead(pages[1], hostile[0])}",
    )


@should("simple-flashing")
def test_browser(flashing: Harness) -> None:
    """In a browser, a hostile message runs no script.

    Source: the chapter's layout escapes each message.

    Usual cause: a script of the page that writes messages with `innerHTML`.
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
        "the browser to get the messages",
        f"a page without one of {numbered}",
    )
    expect(not tab.dialogs, "no script in a message to run", f"dialogs opened: {tab.dialogs}")


@harden("simple-flashing")
def test_secret(flashing: Harness) -> None:
    """The key that signs the messages' session is there, and not one that documentation prints.

    Whoever knows the key writes the session: messages, and who is logged in.

    Source: the key has to be a secret one.

    Usual cause: the key of an example is still in the code, or the fallback of a
    configuration value.
    """
    client = flashing.client()
    if flashing.bench.transport.same_process:
        app = flashing.flask_app
        if not app.secret_key and not isinstance(
            app.session_interface, SecureCookieSessionInterface
        ):
            raise Untested("the app's sessions are its own: they are not signed with SECRET_KEY")
        if not app.secret_key and flashing.has_own_messages():
            raise Untested("the app's messages are not in the session, and it has no SECRET_KEY")
        expect(app.secret_key, "a SECRET_KEY", "none")
    flashing.flash(client, flashing.marked("signed"))
    for cookie in client.cookies.values():
        for key in PUBLISHED_KEYS:
            expect(
                not signed_with(cookie.value, key),
                "a key that nobody else knows",
                f"the cookie {cookie.name!r} is signed with {key!r}, which is published",
            )
