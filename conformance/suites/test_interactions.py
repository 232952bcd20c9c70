"""The clauses of patterns together: what comes of several chapters in one app, and of faults."""

from __future__ import annotations

import threading
from collections import Counter
from functools import partial
from urllib.parse import urljoin, urlsplit

from hypothesis import strategies as st
from hypothesis.stateful import rule

from conformance.clause import example, expect, explore, given, harden, should, together
from conformance.core.errors import Untested
from conformance.instruments.html import Page
from conformance.instruments.strategies import Machine, cased, chunk_sizes
from conformance.patterns.fileuploads import unread
from conformance.patterns.interactions import DISK, PREFIX, InteractionsHarness, in_time
from conformance.transports import Client, Request, Response, Upload
from conformance.transports.messages import path_of

Harness = InteractionsHarness

#: Exactly: what counts the seconds of a day and forgets the days sees no time pass.
YEAR = 365 * 86400.0

#: Which of a few clients, and what it does.
steps = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=8)

words = st.text("xyzé ", max_size=8)
tokens = cased(st.just("DELETE"))
contents = st.binary(max_size=300)


def _shown(texts: list[str]) -> str:
    return ", ".join(map(repr, texts)) or "none"


# Caches.


@should("caching", share=0.15)
@given(steps=steps)
@example(steps=[(0, 0), (0, 1), (1, 1), (0, 2), (1, 1)])
@example(steps=[(1, 1), (0, 0), (0, 1), (0, 2)])
@example(steps=[(0, 0), (1, 1), (0, 1), (0, 2)])
def test_cached_flash(interactions: Harness, steps: list[tuple[int, int]]) -> None:
    """A cached page neither swallows a waiting message nor shows it to another client.

    Whoever asks first has their message on the page that is kept for all.

    Source: Message Flashing: a message is recorded at the end of a request and there for the next
    one, and only for that.

    Usual cause: `@cached` around a view whose layout calls `get_flashed_messages()`. Keep
    what is expensive instead of the page, or keep no page while a message waits.
    """
    place = interactions.place()
    clients = [interactions.visitor(who, "messages", "notice", "cached") for who in range(3)]
    waiting: list[list[str]] = [[], [], []]
    for who, action in [*steps, *[(who, 2) for who in range(3)]]:
        client = clients[who]
        if action == 0:
            waiting[who].append(interactions.notice(client))
            continue
        page = interactions.whole(client.get(place)) if action == 1 else interactions.look(client)
        shown = interactions.shown(page)
        whose = "the cached page" if action == 1 else "the page"
        expect(
            not Counter(shown) - Counter(waiting[who]),
            f"{whose} to show no message but what waits for this client: {_shown(waiting[who])}",
            f"it shows {_shown(shown)}",
        )
        missing = [text for text in waiting[who] if text not in shown]
        # A cached page need not show messages; then they go on waiting.
        if action == 2 or shown:
            expect(
                not missing,
                f"{whose} to show what waits: {_shown(waiting[who])}",
                f"it shows {_shown(shown)}",
            )
        waiting[who] = missing


@harden("caching", share=0.15)
@given(steps=steps)
@example(steps=[(0, 0), (0, 2), (1, 2), (2, 0), (2, 2), (0, 1), (0, 2)])
@example(steps=[(0, 0), (0, 2), (0, 1), (0, 2)])
def test_cached_user(interactions: Harness, steps: list[tuple[int, int]]) -> None:
    """A cached page shows the name of nobody but the one who asks.

    Source: beyond the chapters; it protects a name from whoever asks after its owner.

    Usual cause: the cache's key is made of the path, and the layout greets who is logged
    in: the first one's page is everybody's.
    """
    place = interactions.place()
    clients = [interactions.client() for _ in range(3)]
    people = interactions.people
    logged_in: list[str | None] = [None, None, None]
    for who, action in steps:
        if action == 0:
            logged_in[who] = people[who % len(people)]
            interactions.log_in(clients[who], people[who % len(people)])
        elif action == 1:
            interactions.send(clients[who], interactions.need("logout"))
            logged_in[who] = None
        else:
            page = clients[who].get(place)
            if logged_in[who] is None and interactions.is_closed("cached"):
                continue
            names = interactions.names(interactions.whole(page))
            expect(
                not set(names) - {logged_in[who]},
                f"no name but {logged_in[who]!r} for client {who}"
                if logged_in[who]
                else f"no name for client {who}, who is not logged in",
                f"the page shows {_shown(names)}",
            )


@harden("caching", share=0.3)
@given(token=st.sampled_from(["PUT", "DELETE", "PATCH"]))
@example(token="PUT")
@example(token="DELETE")
def test_override_cached(interactions: Harness, token: str) -> None:
    """An overridden POST is neither answered from the cache nor kept in it.

    Source: beyond the chapters; it protects the cache from an answer to another method.

    Usual cause: the cache looks at another method than routing does, or leaves out POST
    alone.
    """
    route = interactions.need("cached")
    header = interactions.need("override_header")
    cold, warm, spoilt = (interactions.place() for _ in range(3))
    client = interactions.visitor(0, "cached")
    # Twice, as what sets a cookie for a new client may not be kept.
    client.get(warm)
    page = interactions.whole(client.get(warm))
    plain = client.open(token, cold)
    stands = client.post(warm, headers={**route.headers, header: token})
    expect(
        stands.status == plain.status,
        f"{plain.status} for a POST that stands for {token}, as for {token}",
        f"{stands} where the page is in the cache",
    )
    client.post(spoilt, headers={**route.headers, header: token})
    after = client.get(spoilt)
    expect(
        (after.status, _shape(after)) == (page.status, _shape(page)),
        f"the page for a GET that comes after a POST that stood for {token}",
        after,
    )


def _shape(response: Response) -> list[str]:
    return [element.tag for element in Page(response.text).find()]


# Method overrides.


@should("methodoverrides", share=0.15)
@given(token=tokens, text=words, form=st.booleans())
@example(token="DELETE", text="", form=False)
def test_override_login(interactions: Harness, token: str, text: str, form: bool) -> None:
    """An overridden method is refused without login, as the method itself is, without effect.

    Source: View Decorators, "Login Required Decorator": the view is for those who are logged in;
    Adding HTTP Method Overrides: the request is handled as one of the method in the header.

    Usual cause: what guards the method looks at it before the override has put it in
    place, and sees a POST.
    """
    interactions.need("remove")
    name = interactions.add(interactions.member(), text)
    for how in (None, token):
        response = interactions.remove(
            interactions.client(), name, how, fields={"sure": "yes"} if form else None
        )
        said = "DELETE" if how is None else f"a POST that stands for {how}"
        expect(
            response.status >= 300 and interactions.things()[name] == 1,
            f"{said} to be refused for one who is not logged in, and {name!r} to stay",
            f"{response}, and {_there(interactions, name)}",
        )


@should("methodoverrides", share=0.15)
@given(token=tokens, texts=st.lists(words, min_size=1, max_size=3))
@example(token="DELETE", texts=["", ""])
def test_override_effect(interactions: Harness, token: str, texts: list[str]) -> None:
    """With login an overridden method has the effect of the method itself, once.

    Source: Adding HTTP Method Overrides: the request is handled as one of the method in the
    header.

    Usual cause: the override is applied when the URL has been matched: the POST view
    answers, or there is none.
    """
    interactions.need("remove")
    member = interactions.member()
    name, *_ = [interactions.add(member, text) for text in texts]
    before = interactions.things()
    response = interactions.remove(member, name, token)
    expect(
        response.status < 400 and not interactions.things()[name],
        f"{name!r} to be removed by a POST that stands for {token}",
        f"{response}, and {_there(interactions, name)}",
    )
    again = interactions.remove(member, name, token)
    expect(again.status < 500, "an answer for a thing that is gone", again)
    left = interactions.things()
    expect(
        before - left == Counter([name]) and not left - before,
        f"{name!r} to be removed, once, and nothing else",
        f"{_shown(list((before - left).elements()))} removed",
    )


def _there(interactions: Harness, name: str) -> str:
    count = interactions.things()[name]
    return "it is still there" if count else "it is gone"


# Checksums.


@should("requestchecksum", share=0.4)
@given(
    text=words, how=st.sampled_from(["urlencoded", "multipart"]), chunks=st.none() | chunk_sizes()
)
@example(text="x", how="urlencoded", chunks=None)
@example(text="x", how="multipart", chunks=None)
@example(text="x", how="multipart", chunks=[5])
def test_checksum_form(
    interactions: Harness, text: str, how: str, chunks: list[int] | None
) -> None:
    """The checksum is that of the bytes sent, and the form's fields arrive too.

    Source: Request Content Checksums: the hash is that of the data as it is read, and the form is
    used after it was set up.

    Usual cause: the form was parsed before the checksum began, by a hook or by the
    protection against forged requests: then it is that of nothing.
    """
    _check_checksum(interactions, text, how, chunks, None)


@harden("requestchecksum", share=0.15)
@given(text=words, how=st.sampled_from(["urlencoded", "multipart"]))
@example(text="x", how="urlencoded")
def test_checksum_override(interactions: Harness, text: str, how: str) -> None:
    """The checksum and the fields are right for a POST that stands for a PUT, too.

    Source: beyond the chapters; it protects a checksum from a body that the override drops.

    Usual cause: the override empties the body of more methods than have none.
    """
    route = interactions.need("checksum")
    interactions.need("override_header")
    if interactions.member().send(Request.build("PUT", route.path)).status == 405:
        raise Untested.for_keys(interactions.slug, "checksum", hint=": it takes no PUT")
    _check_checksum(interactions, text, how, None, "PUT")


def _check_checksum(
    interactions: Harness, text: str, how: str, chunks: list[int] | None, token: str | None
) -> None:
    route = interactions.need("checksum")
    member = interactions.member()
    marked = interactions.mark(text)
    form = {**(route.form or {}), interactions.binding.text_field: marked}
    headers = list(route.headers.items())
    if token is not None:
        headers.append((interactions.need("override_header"), token))
    files = {"attachment": Upload("a.bin", b"\x00\xff" * 20)} if how == "multipart" else None
    request = Request.build(
        route.method, route.path, form=form, files=files, headers=headers, chunked=chunks or False
    )
    response = member.send(request)
    if chunks and response.status == 411:
        return  # A server that does not say where such a body ends leaves no other answer.
    digest = interactions.digest(request.payload)
    expect(
        response.status < 400 and digest in response.text.lower(),
        f"the {interactions.binding.algorithm} of the {len(request.payload)} bytes that were sent, "
        f"{digest}",
        response,
    )
    expect(
        interactions.says(response, marked),
        f"the field {interactions.binding.text_field} to arrive as {marked!r}",
        response,
    )


# Streams.


@should("streaming", share=0.1)
@given(visitors=st.lists(st.booleans(), min_size=2, max_size=4))
@example(visitors=[True, False])
@example(visitors=[True, True, False, False])
def test_stream_session(interactions: Harness, visitors: list[bool]) -> None:
    """A streamed page shows each visitor what is their own, and a message once at most.

    The generator runs when the view has returned, while others ask; and the session
    is saved before it runs, so that a message which it takes out stays in the cookie.

    Source: Streaming Contents, "Streaming with Context": the generator has the context of its own
    request; Message Flashing: a message is there for the next request only.

    Usual cause: the generator reads a module's variable or `session` without
    `stream_with_context`; the template calls `get_flashed_messages()` before the view has.
    """
    interactions.need("stream")
    people = interactions.people
    clients, names = [], []
    closed = interactions.is_closed("stream") or interactions.is_closed("messages")
    for number, known in enumerate(visitors):
        client = interactions.client()
        name = people[number % len(people)] if known or closed else None
        if name is not None:
            interactions.log_in(client, name)
        clients.append(client)
        names.append(name)
    waiting = [
        [interactions.notice(client)] if interactions.binding.notice else [] for client in clients
    ]
    begun = threading.Barrier(len(clients))
    pages = together(*[partial(interactions.stream, client, begun) for client in clients])
    for client, name, message, page in zip(clients, names, waiting, pages, strict=True):
        shown = interactions.names(page)
        expect(
            shown == ([name] if name else []),
            f"the stream to show the name {name!r}" if name else "the stream to show no name",
            f"it shows {_shown(shown)}",
        )
        streamed = interactions.shown(page)
        expect(
            not Counter(streamed) - Counter(message),
            f"the stream to show no message but this visitor's: {_shown(message)}",
            f"it shows {_shown(streamed)}",
        )
        later = interactions.shown(interactions.look(client))
        expect(
            Counter(streamed + later) == Counter(message),
            f"the message {_shown(message)} to be shown once",
            f"the stream shows {_shown(streamed)}, the next page {_shown(later)}",
        )


# Below a prefix.


@should("fileuploads", share=0.15)
@given(content=contents)
@example(content=b"a\r\nb\x00\xff")
def test_upload_mounted(interactions: Harness, content: bytes) -> None:
    """In an app mounted below a prefix the upload's answer leads to the file, byte for byte.

    Source: PEP 3333, `SCRIPT_NAME`: what stands there is the part of the URL that leads to the
    application.

    Usual cause: a path that is put together by hand instead of `url_for`: it begins at
    the server's root.
    """
    interactions.need("upload")
    member = interactions.member(PREFIX)
    content = interactions.mark("").encode() + content
    response = member.send(interactions.upload(member, content, PREFIX))
    expect(response.status < 400, "the upload to be taken", response)
    found = interactions.found(member, response)
    expect(
        any(body == content for target, body in found.items() if target.startswith(PREFIX + "/")),
        f"an answer that leads to an address below {PREFIX} at which the {len(content)} bytes are",
        f"{response}, which leads to {_shown(list(found))}",
    )


@should("fileuploads")
def test_upload_folder(interactions: Harness) -> None:
    """Of two apps in one process each stores an upload in the folder that its settings name.

    Source: Uploading Files, "A Gentle Introduction": the file is saved in the folder that
    `app.config["UPLOAD_FOLDER"]` names; Application Factories: instances of different settings in
    one process.

    Usual cause: a module reads the folder once, and keeps it for every app.
    """
    interactions.need("upload")
    interactions.need("folder")
    places = interactions.two_apps()
    for number, (member, folder) in enumerate(places):
        other = places[1 - number][1]
        before = interactions.files(other)
        content = interactions.mark("").encode()
        response = interactions.in_time(member, interactions.upload(member, content))
        expect(response.status < 400, "the upload to be taken", response)
        strayed = [name for name in interactions.files(other) if name not in before]
        expect(
            not strayed,
            f"the file in the folder of the app that was asked, app {number + 1} of 2",
            f"{_shown(strayed)} in that of the other",
            cause="one folder is kept for all apps",
        )
        if not interactions.files(folder):
            interactions.has_folder()
            expect(
                False,
                f"the file in the folder that {interactions.binding.folder} names",
                "no file is there",
                cause="the folder is not read from the settings of the app that stores",
            )


@should("viewdecorators")
def test_login_mounted(interactions: Harness) -> None:
    """In an app mounted below a prefix the way to the login and back stays below it.

    Source: PEP 3333, `SCRIPT_NAME`: what stands there is the part of the URL that leads to the
    application.

    Usual cause: `request.path` is what the login is to lead back to, which lacks the
    prefix: `request.root_path` has it.
    """
    client = interactions.below()
    person = interactions.people[0]
    asked = interactions.send(client, interactions.route("protected", PREFIX))
    expect(asked.status >= 300, "who is not logged in to be refused", asked)
    if not asked.is_redirect:
        raise Untested(f"protected answers {asked.status}: there is no way to the login")
    target = client.resolve(asked)
    expect(target.startswith(PREFIX + "/"), f"a way to the login below {PREFIX}", target)
    page = interactions.whole(client.get(target))
    forms = [
        form
        for form in Page(page.text).find("form")
        if any(each.attributes.get("type", "").lower() == "password" for each in form.walk())
    ]
    if not forms:
        raise Untested(f"there is no form with a password at {target}")
    action = urlsplit(urljoin(target, forms[0].attributes.get("action", "")))
    expect(action.path.startswith(PREFIX + "/"), f"a form that leads below {PREFIX}", action.path)
    method = forms[0].attributes.get("method", "get").upper()
    fields = {**Page(page.text).hidden_fields(), **interactions.need("people")[person]}
    answer = client.open(method, path_of(action), form=fields)
    if answer.is_redirect:
        back = client.resolve(answer)
        expect(back.startswith(PREFIX + "/"), f"a way back below {PREFIX}", back)
        answer = client.follow(answer)
    expect(answer.status < 400, "a page after the login", answer)


# Deferred callbacks.


@should("deferredcallbacks")
def test_deferred_error(interactions: Harness) -> None:
    """A deferred cookie is on an error response too, once, and never another client's.

    Source: Deferred Request Callbacks: what is deferred is called with the response of its own
    request. That an error has the cookie, too, is what `failing` says.

    Usual cause: the cookie is set by a decorator around the view, which an `abort`
    passes by; the cache keeps the response when the cookie is on it.
    """
    name = interactions.need("cookie")
    first = interactions.client()
    response = interactions.send(first, interactions.need("failing"))
    expect(response.status >= 400, "an error from the page that fails", response)
    cookies = _cookies(response, name)
    expect(len(cookies) == 1, f"the cookie {name} on the error page, once", f"{len(cookies)} times")
    again = _cookies(interactions.send(first, interactions.need("failing")), name)
    expect(not again, f"no cookie {name} for a client that has it", _shown(again))
    other = _cookies(interactions.send(interactions.client(), interactions.need("failing")), name)
    # Who logs in has the cookie already.
    if interactions.binding.cached is None or interactions.is_closed("cached"):
        return
    place = interactions.place()
    visitor = interactions.client()
    kept = _cookies(interactions.whole(visitor.get(place)), name)
    theirs = _cookies(interactions.whole(first.get(place)), name)
    expect(
        not theirs,
        f"no cookie {name} from the cached page for a client that has it",
        f"{_shown(theirs)}, and the first visitor of the page had {_shown(kept)}",
    )
    # Whose values are all the same has nothing that could be another's.
    if kept and other != cookies:
        late = _cookies(interactions.whole(interactions.client().get(place)), name)
        expect(late != kept, "a cookie of its own for each client", f"{_shown(late)} for two")


def _cookies(response: Response, name: str) -> list[str]:
    headers = response.header_values("Set-Cookie")
    pairs = [header.split(";")[0].strip().partition("=") for header in headers]
    return [value for key, _, value in pairs if key == name]


# Tasks.


@harden("celery", share=0.1)
@given(text=words)
def test_task_rollback(interactions: Harness, text: str) -> None:
    """A request that is rolled back leaves neither a thing nor a queued task.

    Source: beyond the chapters; it protects workers from tasks for what does not exist.

    Usual cause: the task is queued before the commit, and works on what is not there.
    """
    interactions.need("failing_order")
    member, name = interactions.member(), interactions.mark(text)
    with interactions.queue() as queued:
        response = member.send(interactions.ask_to_add(member, name, "failing_order"))
    expect(response.status >= 400, "the order that fails to be refused", response)
    count = interactions.things()[name]
    expect(not count, f"no thing {name!r} after the order failed", f"there is {count}")
    expect(not queued, "no task after the order failed", f"{len(queued)} queued")


@harden("celery", share=0.1)
@given(text=words)
def test_task_committed(interactions: Harness, text: str) -> None:
    """When a task is queued, what it needs can be seen by another client; it is queued once.

    A worker may begin before the request ends.

    Source: beyond the chapters; it protects a task from being quicker than its data.

    Usual cause: the task is queued before the commit: on a quiet day the worker is slow
    enough.
    """
    interactions.need("order")
    member, name = interactions.member(), interactions.mark(text)
    with interactions.queue(lambda: interactions.things()[name]) as queued:
        response = member.send(interactions.ask_to_add(member, name, "order"))
    expect(response.status < 400, "the order to be taken", response)
    expect(len(queued) == 1, "a task to be queued, once", f"{len(queued)} queued")
    expect(queued[0] == 1, f"{name!r} to be stored when its task is queued", "it is not")
    expect(interactions.things()[name] == 1, f"{name!r} to be stored", "it is not")


# All of it.


who = st.integers(0, 1)


class Shop(Machine):
    """Two clients; the model is who is logged in, what waits for whom, and what is stored."""

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness)
        self.shop = harness
        self.clients = [harness.client(), harness.client()]
        self.users: list[str | None] = [None, None]
        self.waiting: list[list[str]] = [[], []]
        self.stored = harness.things()
        self.own: list[str] = []

    def see(self, who: int, page: Response, *, name: bool, messages: bool) -> None:
        """Compare a page with the model; `name` and `messages` say whether it must show them."""
        names, shown = self.shop.names(page), self.shop.shown(page)
        user, waiting = self.users[who], self.waiting[who]
        expect(
            not set(names) - {user} and (names or not user or not name),
            f"the name {user!r} and no other" if user else "no name: nobody is logged in",
            f"the page shows {_shown(names)}",
        )
        expect(
            not Counter(shown) - Counter(waiting) and (shown == waiting or not messages),
            f"the page to show what waits: {_shown(waiting)}",
            f"it shows {_shown(shown)}",
        )
        self.waiting[who] = [text for text in waiting if text not in shown]

    @rule(who=who)
    def look(self, who: int) -> None:
        """Ask for the page with the messages."""
        page = self.shop.look(self.clients[who])
        self.see(who, page, name=False, messages=True)

    @rule(who=who, person=who)
    def log_in(self, who: int, person: int) -> None:
        """Log in, when nothing waits: it may begin a new session."""
        self.look(who)
        people = self.shop.people
        self.users[who] = people[person % len(people)]
        self.shop.log_in(self.clients[who], people[person % len(people)])

    @rule(who=who)
    def log_out(self, who: int) -> None:
        """Log out, when nothing waits."""
        self.look(who)
        self.shop.send(self.clients[who], self.shop.need("logout"))
        self.users[who] = None

    @rule(who=who)
    def notice(self, who: int) -> None:
        """Flash a message; three of them fit any cookie."""
        if len(self.waiting[who]) < 3:
            self.waiting[who].append(self.shop.notice(self.clients[who]))

    @rule(who=who)
    def cached(self, who: int) -> None:
        """Ask for a cached page that nobody has asked for, then as the other, then again."""
        place = self.shop.place()
        for each in (who, 1 - who, who):
            page = self.shop.whole(self.clients[each].get(place))
            self.see(each, page, name=False, messages=False)

    @rule(who=who)
    def stream(self, who: int) -> None:
        """Read the streamed page, and look whether a message that it showed still waits."""
        if self.shop.binding.stream is not None:
            page = self.shop.stream(self.clients[who], threading.Barrier(1))
            self.see(who, page, name=True, messages=False)
            self.look(who)

    @rule(who=who)
    def protected(self, who: int) -> None:
        """Ask for the page that wants a login; to be refused costs no message."""
        self.notice(who)
        response = self.shop.send(self.clients[who], self.shop.need("protected"))
        if self.users[who]:
            self.see(who, self.shop.whole(response), name=False, messages=False)
        else:
            expect(response.status >= 300, "who is not logged in to be refused", response)
            self.look(who)

    @rule(who=who)
    def add(self, who: int) -> None:
        """Store two things; who is not logged in logs in first."""
        if not self.users[who]:
            self.log_in(who, who)
        for _ in range(2):
            name = self.shop.add(self.clients[who])
            self.stored[name] += 1
            self.own.append(name)
        self.same()

    @rule(who=who, override=st.booleans())
    def remove(self, who: int, override: bool) -> None:
        """Remove the last thing, which wants a login; the other adds some where there is none."""
        if not self.own:
            self.add(1 - who)
        name = self.own[-1]
        override = override and self.shop.binding.override_header is not None
        response = self.shop.remove(self.clients[who], name, "DELETE" if override else None)
        if self.users[who]:
            expect(response.status < 400, f"{name!r} to be removed", response)
            self.own.remove(name)
            del self.stored[name]
        else:
            expect(response.status >= 300, "who is not logged in to be refused", response)
        self.same()

    def walk(self) -> None:
        """Go through the known traps."""
        self.notice(0)
        self.cached(0)
        self.log_in(0, 0)
        self.cached(0)
        self.notice(0)
        self.stream(0)
        self.protected(1)
        self.protected(0)
        self.add(0)
        for override in (True, False):
            self.remove(1, override)
            self.remove(0, override)
        self.log_out(0)
        self.cached(0)

    def same(self) -> None:
        """What is stored is what the model says."""
        there = self.shop.things()
        expect(
            there == self.stored,
            f"what is stored to be what was added and not removed: {_shown(self.own)}",
            f"{_shown(list((self.stored - there).elements()))} missing, "
            f"{_shown(list((there - self.stored).elements()))} too much",
        )


@should("", share=0.3)
def test_machine(interactions: Harness) -> None:
    """Whatever two clients do in whatever order, each page holds what is theirs.

    Source: Message Flashing: a message is there for the next request and only for that; View
    Decorators, "Login Required Decorator": a page for those who are logged in.

    Usual cause: what one pattern keeps, another throws away: a login check that clears
    the session, a cache that knows no users.
    """
    for key in ("login", "logout", "messages", "notice", "cached", "protected", "add", "remove"):
        interactions.need(key)
    for key in ("messages", "notice", "cached"):
        if interactions.is_closed(key):
            raise Untested(f"needs a {key} that asks for no login")
    Shop(interactions).walk()
    explore(lambda: Shop(interactions), steps=10)


# Faults.


@harden("fileuploads", share=0.05)
@given(size=st.integers(DISK + 1, 3 * DISK))
@example(size=DISK + 1)
@example(size=2 * DISK)
def test_disk_full(interactions: Harness, size: int) -> None:
    """Where the disk takes no more, an upload is an error, and no part of it is stored.

    Source: beyond the chapters; it protects readers from half a file.

    Usual cause: the file is written in the place where it is found, and what was written
    stays when the disk is full. Write beside it, and rename it when it is whole.
    """
    interactions.need("upload")
    member = interactions.member()
    content = interactions.mark("").encode()
    content += bytes(size - len(content))
    request = interactions.upload(member, content)
    before = interactions.files()
    with interactions.full_disk():
        response = interactions.in_time(member, request)
    if response.status >= 400:
        _nothing_stored(interactions, member, response, content, before)
    else:
        # Not every app stores what it is sent on this disk.
        whole = content in interactions.found(member, response).values()
        expect(whole, "an error where the disk is full, or the whole file", response)
    _next_upload(interactions)


@harden("fileuploads", share=0.1)
@given(part=st.floats(0.1, 0.95), key=st.sampled_from(["upload", "add"]))
@example(part=0.6, key="upload")
@example(part=0.95, key="upload")
@example(part=0.8, key="add")
def test_disconnect_upload(interactions: Harness, part: float, key: str) -> None:
    """A client that hangs up in mid-request leaves nothing half stored; others are served.

    Source: beyond the chapters; it protects readers from half a file.

    Usual cause: the body is read from `wsgi.input` itself, where nobody notices that less
    came than was announced.
    """
    interactions.need("upload")
    member = interactions.member()
    content = interactions.mark("x" * 400).encode()
    if interactions.binding.add is None:
        key = "upload"
    if key == "upload":
        request = interactions.upload(member, content)
    else:
        request = interactions.ask_to_add(member, content.decode())
    whole = len(request.body)
    sent = request.body[: int(whole * part)]
    before = interactions.files()
    things = interactions.things() if interactions.binding.things else Counter()
    cut = Request(request.method, request.target, request.headers, sent, content_length=whole)
    with unread():
        response = interactions.in_time(member, cut)
    expect(
        response.status >= 400,
        f"no success where {len(sent)} of {whole} bytes came",
        response,
    )
    if key == "upload":
        _nothing_stored(interactions, member, response, content, before)
    elif interactions.binding.things:
        more = interactions.things() - things
        expect(not more, "no thing from half a request", _shown(list(more.elements())))
    _next_upload(interactions)


def _nothing_stored(
    interactions: Harness,
    client: Client,
    response: Response,
    content: bytes,
    before: dict[str, int],
) -> None:
    for target, body in interactions.found(client, response).items():
        expect(
            body[:5] != content[:5],
            "no part of the file to be had",
            f"{len(body)} bytes at {target}",
        )
    after = interactions.files()
    changed = [f"{name} ({after[name]} bytes)" for name in after if before.get(name) != after[name]]
    expect(not changed, "no part of the file in the folder", _shown(changed))


def _next_upload(interactions: Harness) -> None:
    client = interactions.member()
    content = interactions.mark("").encode()
    response = interactions.in_time(client, interactions.upload(client, content))
    found = interactions.found(client, response)
    expect(content in found.values(), "the next upload to be stored", response)


@harden("streaming", share=0.05)
@given(part=st.floats(0, 1))
@example(part=0.0)
@example(part=0.1)
@example(part=0.9)
def test_disconnect_stream(interactions: Harness, part: float) -> None:
    """A client that hangs up in mid-response leaves no context, thread or open file behind.

    Source: beyond the chapters; it protects the server from what clients leave behind.

    Usual cause: the generator closes what it opened when it has ended, not in a `finally`;
    or a thread feeds it and waits for ever.
    """
    interactions.need("stream")
    client = interactions.member()
    if interactions.binding.add is not None and interactions.binding.things is not None:
        interactions.add(client)
    count = interactions.leave(client, None)
    with interactions.counted() as left:
        for _ in range(3):
            interactions.leave(client, int(count * part))
    expect(
        not left,
        f"nothing to be left by who hung up after {int(count * part)} of {count} pieces",
        _shown(left),
    )
    interactions.stream(client, threading.Barrier(1))


@harden("sqlite3")
def test_database_locked(interactions: Harness) -> None:
    """While another connection holds the lock an answer comes in time, and nothing is half done.

    Source: beyond the chapters; it protects a sender from a success that was none.

    Usual cause: the error is caught, and the answer says that all is well; or the
    transaction stays open, and nobody can write any more.
    """
    member = interactions.member()
    interactions.add(member)
    interactions.has_database()
    name = interactions.mark("")
    with interactions.locked():
        response = interactions.in_time(member, interactions.ask_to_add(member, name))
    count = interactions.things()[name]
    # A redirect may lead to a page that says what went wrong.
    expect(
        count == (response.status < 300) or 300 <= response.status < 400,
        f"the thing {name!r} to be stored where the answer says so, and only there",
        f"{response}, and {_there(interactions, name)}",
    )
    # Raises where it is not stored; in time, as a lock that is left would be waited for.
    in_time(lambda: interactions.add(member), "an answer when the lock is gone")


@harden("sqlite3")
def test_database_gone(interactions: Harness) -> None:
    """Where the database cannot be read the answer is an error of 5xx; once it can, all works.

    Source: beyond the chapters; it protects readers from an empty list that is an error.

    Usual cause: an `except` that takes every database error for "nothing found", or that
    keeps the broken connection.
    """
    member = interactions.member()
    interactions.add(member)
    interactions.has_database()
    before = interactions.things()
    request = interactions.prepare(member, interactions.need("things"))
    with interactions.gone():
        response = interactions.in_time(member, request)
    # An app may go on to answer from what it has read before.
    known = response.status == 200 and Counter(response.json()) == before
    expect(response.status >= 500 or known, "an error of 5xx, or what is stored", response)
    after = interactions.things()
    expect(after == before, "all things again when the database is back", f"{len(after)} of them")
    interactions.add(member)


@harden("", share=0.1)
@given(context=st.sampled_from(["request", "app"]), key=st.sampled_from(["messages", "add"]))
@example(context="request", key="messages")
@example(context="app", key="add")
def test_teardown_raises(interactions: Harness, context: str, key: str) -> None:
    """A teardown function that raises costs its own request at most: the next one is clean.

    The exception leaves the application past every error handler.

    Source: beyond the chapters; it protects the next request from the state of one that failed.

    Usual cause: something around the application is put in place before the call and taken
    away after it, without a `finally`.
    """
    if interactions.binding.add is None or interactions.binding.things is None:
        key = "messages"
    member, visitor = interactions.member(), interactions.client()
    page = interactions.prepare(visitor, interactions.need("messages"))
    # It need not be a page for everybody.
    before = visitor.send(page).status
    request = page
    if key == "add":
        request = interactions.ask_to_add(member, interactions.mark(""))

    def ask() -> Response:
        # In one thread, as what is left behind may be the thread's.
        with interactions.failing_teardown(context):
            member.send(request)
        return visitor.send(page)

    response = in_time(ask, "an answer to the next request")
    expect(response.status == before, f"{before} for the next request, as before", response)
    names = interactions.names(response) if interactions.binding.people else []
    expect(
        not names,
        "no name on the next page, for one who is not logged in",
        f"it shows {_shown(names)}",
    )
    if key == "add":
        in_time(lambda: interactions.add(interactions.member()), "an answer to the next who adds")


@harden("caching")
def test_clock_jumps(interactions: Harness) -> None:
    """When the clock jumps a year no page fails, and what was kept before it is made anew.

    Source: beyond the chapters; it protects pages from a clock that is set right.

    Usual cause: `timedelta.seconds`, which leaves out the days, where
    `total_seconds()` is meant.
    """
    clock = interactions.clock()
    place = interactions.place()
    member, visitor = interactions.member(), interactions.visitor(1, "cached")
    first = interactions.add(member)
    if not interactions.says(interactions.whole(visitor.get(place)), first):
        raise Untested("the cached page does not show what things there are")
    second = interactions.add(member)
    keys = [key for key in ("messages", "stream", "things") if getattr(interactions.binding, key)]
    for years, when in ((1, "ahead"), (-2, "back")):
        clock.advance(years * YEAR)
        for client in (member, visitor):
            for key in keys:
                response = interactions.send(client, interactions.need(key))
                expect(
                    response.status < 500, f"{key} to work after the clock jumped {when}", response
                )
        if interactions.is_closed("cached"):
            # A login does not last for a year.
            visitor = interactions.visitor(1, "cached")
        page = interactions.whole(visitor.get(place))
        if years > 0:
            expect(
                interactions.says(page, second),
                f"{second!r} on the cached page a year after it was stored",
                "the page that was kept a year ago",
            )


@harden("", share=0.03)
@given(picks=st.lists(st.integers(0, 99), min_size=5, max_size=15))
@example(picks=list(range(20)))
def test_no_leak(interactions: Harness, picks: list[int]) -> None:
    """After any mix of requests, refused ones too, threads, open files and contexts are as before.

    Source: beyond the chapters; it protects a process that runs for long.

    Usual cause: what a request opens is closed at the view's end, which an error passes by.
    """
    actions = list(interactions.mix().items())
    if not actions:
        raise Untested(f"[patterns.{interactions.slug}] binds no route")
    client = interactions.client()
    for _, action in actions:
        action(client)
    chosen = [actions[pick % len(actions)] for pick in picks]
    with interactions.counted() as left:
        for _, action in chosen:
            action(client)
    expect(
        not left,
        "nothing to be left behind by " + ", ".join(name for name, _ in chosen[:20]),
        _shown(left),
    )
