"""The clauses of patterns together: what comes of several chapters in one app, and of faults."""

from __future__ import annotations

import threading
from collections import Counter
from functools import partial
from urllib.parse import parse_qsl, quote, urljoin, urlsplit

from hypothesis import strategies as st
from hypothesis.stateful import rule

from conformance.clause import example, expect, explore, given, harden, should, together
from conformance.core.errors import Refused, Untested
from conformance.instruments.html import Page
from conformance.instruments.strategies import Machine, cased, chunk_sizes
from conformance.patterns.fileuploads import unread
from conformance.patterns.interactions import DISK, PREFIX, InteractionsHarness, in_time
from conformance.transports import Client, Request, Response, Upload
from conformance.transports.messages import path_of

Harness = InteractionsHarness

#: Exactly a year: code that counts the seconds of a day and drops the days sees no time pass.
YEAR = 365 * 86400.0

CLIENTS = "ABC"

#: After so many visits, a page that is kept only when it is popular is kept.
OFTEN = 6


def turns(*actions: str) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Return a strategy for turns: the name of a client, and what it does."""
    turn = st.tuples(st.sampled_from(CLIENTS), st.sampled_from(actions))
    return st.lists(turn, min_size=2, max_size=8)


words = st.text("xyzé ", max_size=8)
#: Names that stand in a path: what looks like an escape there is part of the name.
names = st.one_of(words, st.text("x%2541", max_size=8))
tokens = cased(st.just("DELETE"))
contents = st.binary(max_size=300)


def _listed(texts: list[str]) -> str:
    return ", ".join(map(repr, texts)) or "none"


# Caches.


@should("caching", share=0.15)
@given(turns=turns("notice", "cached", "messages", "login"))
@example(
    turns=[("A", "notice"), ("A", "cached"), ("B", "cached"), ("A", "messages"), ("B", "cached")]
)
@example(turns=[("B", "cached"), ("A", "notice"), ("A", "cached"), ("A", "messages")])
@example(turns=[("A", "notice"), ("B", "cached"), ("A", "cached"), ("A", "messages")])
@example(
    turns=[
        *(("A", "login"), ("B", "login"), ("A", "notice"), ("A", "cached"), ("A", "cached")),
        *(("B", "cached"), ("B", "notice"), ("B", "cached"), ("A", "cached")),
    ]
)
# A page may be kept only once it is asked for often.
@example(turns=[*[("A", "notice"), ("A", "cached")] * OFTEN, ("B", "cached")])
def test_cached_flash(interactions: Harness, turns: list[tuple[str, str]]) -> None:
    """A cached page neither consumes a pending message nor shows it to another client.

    Otherwise, the first client's message is on the page that is cached for everyone.

    Source: Message Flashing: a message is recorded at the end of a request and available in the
    next one, and only there.

    Usual cause: `@cached` on a view whose layout calls `get_flashed_messages()`. Cache the
    expensive part instead of the page, or do not cache a page while a message is pending.
    """
    keys = ("messages", "notice", "cached")
    place = interactions.place()
    with interactions.aside():
        # Whether a visitor has to log in is found out by asking for the page, which is then kept.
        interactions.visitor(0, *keys)
        interactions.let_expire()
        clients = {who: interactions.visitor(number, *keys) for number, who in enumerate(CLIENTS)}
    waiting: dict[str, list[str]] = {who: [] for who in CLIENTS}
    flashed: dict[str, str] = {}
    for who, action in [*turns, *[(who, "messages") for who in CLIENTS]]:
        client = clients[who]
        if action == "notice":
            message = interactions.notice(client)
            waiting[who].append(message)
            flashed[message] = who
            continue
        cached = action == "cached"
        page = interactions.cached_page(client, place) if cached else interactions.look(client)
        shown = interactions.shown(page)
        whose = "the cached page" if cached else "the page"
        foreign = [
            f"{text!r}, flashed for client {flashed[text]}"
            if text in flashed
            else f"{text!r}, flashed for a client of an earlier example"
            for text in shown
        ]
        expect(
            not Counter(shown) - Counter(waiting[who]),
            f"{whose} to show client {who} no message but its pending ones: "
            f"{_listed(waiting[who])}",
            f"it shows {', '.join(foreign)}",
        )
        missing = [text for text in waiting[who] if text not in shown]
        # A cached page need not show messages; they then stay pending.
        if not cached or shown:
            expect(
                not missing,
                f"{whose} to show client {who} its pending messages: {_listed(waiting[who])}",
                f"it shows {_listed(shown)}",
            )
        waiting[who] = missing
        if action == "login" and interactions.can_log_in:
            # Only now that no message is pending: a login may begin a new session.
            people = interactions.people
            interactions.log_in(client, people[CLIENTS.index(who) % len(people)])


@harden("caching", share=0.15)
@given(turns=turns("login", "logout", "cached", "notice"))
@example(
    turns=[
        *(("A", "login"), ("A", "cached"), ("B", "cached")),
        *(("C", "login"), ("C", "cached"), ("A", "logout"), ("A", "cached")),
    ]
)
@example(turns=[("A", "login"), ("A", "cached"), ("A", "logout"), ("A", "cached")])
# Two people may share a page that nobody shares with a visitor.
@example(turns=[("A", "login"), ("A", "cached"), ("B", "login"), ("B", "cached")])
@example(
    turns=[
        *(("A", "login"), ("A", "notice"), ("A", "cached"), ("A", "cached")),
        *(("B", "login"), ("B", "notice"), ("B", "cached"), ("B", "cached")),
    ]
)
# A page may be kept only once it is asked for often.
@example(turns=[("A", "login"), *[("A", "cached")] * OFTEN, ("B", "login"), ("B", "cached")])
def test_cached_user(interactions: Harness, turns: list[tuple[str, str]]) -> None:
    """A cached page shows no user's name except that of the current user.

    Source: beyond the chapters; it protects a user's name from the next visitor.

    Usual cause: the cache key is the path, and the layout greets the user: everyone gets the
    first user's page.
    """
    interactions.let_expire()
    place = interactions.place()
    clients = {who: interactions.client() for who in CLIENTS}
    people = interactions.need_names()
    logged_in: dict[str, str | None] = dict.fromkeys(CLIENTS)
    for who, action in turns:
        if action == "login":
            logged_in[who] = person = people[CLIENTS.index(who) % len(people)]
            interactions.log_in(clients[who], person)
        elif action == "logout":
            interactions.send_logout(clients[who])
            logged_in[who] = None
        elif action == "notice":
            bound = interactions.binding.notice is not None
            if bound and (logged_in[who] or not interactions.is_closed("notice")):
                interactions.notice(clients[who])
        elif logged_in[who] is not None or not interactions.is_closed("cached"):
            names = interactions.names(interactions.cached_page(clients[who], place))
            expect(
                not set(names) - {logged_in[who]},
                f"no name but {logged_in[who]!r} on the cached page for client {who}"
                if logged_in[who]
                else f"no name on the cached page for client {who}, who is not logged in",
                f"the page shows {_listed(names)}",
            )


@harden("caching", share=0.3)
@given(token=st.sampled_from(["PUT", "DELETE", "PATCH"]))
@example(token="PUT")
@example(token="DELETE")
def test_override_cached(interactions: Harness, token: str) -> None:
    """An overridden POST is neither answered from the cache nor stored in it.

    Source: beyond the chapters; it protects the cache from the response to another method.

    Usual cause: the cache checks a different method than the one that is routed, or excludes
    only POST.
    """
    route = interactions.need("cached")
    header = interactions.need("override_header")
    cold, warm, spoilt = (interactions.place() for _ in range(3))
    client = interactions.visitor(0, "cached")
    # Twice, because a response that sets a cookie for a new client may not be cached.
    client.get(warm)
    page = interactions.whole(client.get(warm))
    plain = client.open(token, cold)
    stands = client.post(warm, headers={**route.headers, header: token})
    expect(
        stands.status == plain.status,
        f"{plain.status} for a POST with the override {token}, as for {token} before the page "
        "was cached",
        f"{stands}, once the page is cached",
        cause=_cached_for(interactions, client, warm, token, stands, plain),
    )
    client.post(spoilt, headers={**route.headers, header: token})
    after = client.get(spoilt)
    expect(
        (after.status, _shape(after)) == (page.status, _shape(page)),
        f"the page for a GET after a POST with the override {token}",
        after,
    )


def _cached_for(
    interactions: Harness,
    client: Client,
    warm: str,
    token: str,
    stands: Response,
    plain: Response,
) -> str:
    """Return whether a cached page is the response to a method, or to the override of it alone."""
    with interactions.aside():
        direct = client.open(token, warm)
    if direct.status == plain.status:
        return f"only the override reaches the cache: a {token} of the cached page gets {direct}"
    if direct.status == stands.status:
        return f"a plain {token} of the cached page gets it too: the cache ignores the method"
    return ""


def _shape(response: Response) -> list[str]:
    return [element.tag for element in Page(response.text).find()]


# Method overrides.


@should("methodoverrides", share=0.15)
@given(token=tokens, text=names, form=st.booleans())
@example(token="DELETE", text="", form=False)
def test_override_login(interactions: Harness, token: str, text: str, form: bool) -> None:
    """An overridden method requires the same login as the method itself.

    Source: View Decorators, "Login Required Decorator": the view is only for logged-in users;
    Adding HTTP Method Overrides: the request is handled with the method in the header.

    Usual cause: the login check looks at the method before the override is applied, and sees a
    POST.
    """
    interactions.need("remove")
    name = interactions.add(interactions.member(), text)
    for how in (None, token):
        response = interactions.remove(
            interactions.client(), name, how, fields={"sure": "yes"} if form else None
        )
        said = "DELETE" if how is None else f"a POST with the override {how}"
        expect(
            response.status >= 300 and interactions.things()[name] == 1,
            f"{said} to be refused without a login, and {name!r} to stay",
            f"{response}, and {_there(interactions, name)}",
        )


@should("methodoverrides", share=0.15)
@given(token=tokens, texts=st.lists(names, min_size=1, max_size=3))
@example(token="DELETE", texts=["", ""])
@example(token="DELETE", texts=["%25"])
@example(token="DELETE", texts=["50%", "%C3%A9"])
def test_override_effect(interactions: Harness, token: str, texts: list[str]) -> None:
    """A POST overridden to DELETE removes the thing that it names, as DELETE does, and no other.

    Source: Adding HTTP Method Overrides: the request is handled with the method in the header.

    Usual cause: the override is applied after the URL was matched, so that the view for POST
    responds, or none.
    """
    interactions.need("remove")
    member = interactions.member()
    name, *_ = [interactions.add(member, text) for text in texts]
    before = interactions.things()
    response = interactions.remove(member, name, token)
    expect(
        response.status < 400 and not interactions.things()[name],
        f"{name!r} to be removed by a POST with the override {token}",
        f"{response}, and {_there(interactions, name)}",
        cause=_without_override(interactions, member, name, response),
    )
    once = interactions.things()
    again = interactions.remove(member, name, token)
    expect(again.status < 500, "no server error for a thing that no longer exists", again)
    left = interactions.things()
    expect(
        before - left == Counter([name]) and not left - before,
        f"two POSTs with the override {token} to remove {name!r}, and nothing else",
        f"they removed {_listed(list((before - left).elements()))}"
        + (f" and added {_listed(list((left - before).elements()))}" if left - before else ""),
        cause=f"the second POST, for {name!r}, which was gone, removed "
        f"{_listed(list((once - left).elements()))}"
        if once - left
        else "",
    )
    if interactions.add_again(member, name):
        response = interactions.remove(member, name, token)
        expect(
            response.status < 400 and not interactions.things()[name],
            f"a second thing named {name!r}, added after the first was removed, to be removed by "
            f"a POST with the override {token} as well",
            f"{response}, and {_there(interactions, name)}",
            cause=_without_override(interactions, member, name, response),
        )


def _without_override(interactions: Harness, member: Client, name: str, response: Response) -> str:
    """Return what a plain POST and a plain DELETE do, if an override of the POST did not work."""
    with interactions.aside():
        if not interactions.things()[name]:
            return ""
        route = interactions.need("remove")
        target = route.path.replace("{name}", quote(name, safe=""))
        post = interactions.send(member, route, target=target, method="POST")
        plain = interactions.remove(member, name)
        removed = not interactions.things()[name]
    cause = f"a plain DELETE gets {plain.status} and " + (
        "removes it" if removed else "does not remove it either"
    )
    if (post.status, post.body) == (response.status, response.body):
        cause = f"a POST without the header gets the same response; {cause}"
    return cause


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
    """The checksum matches the bytes sent, and the form fields are parsed too.

    Source: Request Content Checksums: the hash is computed as the data is read, and the form is
    used after the hash was set up.

    Usual cause: the form was parsed before the checksum was set up, by a hook or by the CSRF
    protection: it is then the checksum of no data.
    """
    _check_checksum(interactions, text, how, chunks, None)


@harden("requestchecksum", share=0.15)
@given(text=words, how=st.sampled_from(["urlencoded", "multipart"]))
@example(text="x", how="urlencoded")
def test_checksum_override(interactions: Harness, text: str, how: str) -> None:
    """The checksum and the form fields are also right for a POST overridden to PUT.

    Source: beyond the chapters; it protects a checksum from a body that the override drops.

    Usual cause: the override drops the body for methods that can have one.
    """
    route = interactions.need("checksum")
    interactions.need("override_header")
    with interactions.aside():
        refused = interactions.member().send(Request.build("PUT", route.path)).status == 405
    if refused:
        raise Untested.for_keys(interactions.slug, "checksum", hint=": it does not accept PUT")
    _check_checksum(interactions, text, how, None, "PUT")


def _check_checksum(
    interactions: Harness, text: str, how: str, chunks: list[int] | None, token: str | None
) -> None:
    route = interactions.need("checksum")
    member = interactions.member()
    headers = list(route.headers.items())
    if token is not None:
        headers.append((interactions.need("override_header"), token))
    files = {"attachment": Upload("a.bin", b"\x00\xff" * 20)} if how == "multipart" else None

    def asked(marked: str) -> Request:
        form = {**(route.form or {}), interactions.binding.text_field: marked}
        return Request.build(
            *(route.method, route.path),
            form=form,
            files=files,
            headers=headers,
            chunked=chunks or False,
        )

    marked = interactions.mark(text)
    request = asked(marked)
    response, raised = interactions.explained(member, request)
    if chunks and response.status == 411:
        return  # A server that does not mark the end of such a body allows no other response.
    if text and 400 <= response.status < 500:
        with interactions.aside():
            plain = member.send(asked(interactions.mark("")))
        if plain.status < 400:
            raise Refused.for_text(interactions.slug, "checksum", marked, response)
    digest = interactions.digest(request.payload)
    expect(
        response.status < 400 and digest in response.text.lower(),
        f"the {interactions.binding.algorithm} of the {len(request.payload)} bytes that were sent, "
        f"{digest}",
        response,
        cause="the response has the checksum of an empty body"
        if interactions.digest(b"") in response.text.lower()
        else raised,
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
    """A streamed page shows each visitor only their own data, and a message at most once.

    The generator runs after the view has returned, concurrently with other requests; the
    session is saved before it runs, so a message that it reads stays in the cookie.

    Source: Streaming Contents, "Streaming with Context": the generator has the context of its
    own request; Message Flashing: a message is available in the next request only.

    Usual cause: the generator reads a module global, or `session` without
    `stream_with_context`; or the template calls `get_flashed_messages()` and the view does not.
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
            shown == ([name] if name and interactions.are_shown else []),
            f"the stream to show the name {name!r}" if name else "the stream to show no name",
            f"it shows {_listed(shown)}",
        )
        streamed = interactions.shown(page)
        expect(
            not Counter(streamed) - Counter(message),
            f"the stream to show no message but this visitor's: {_listed(message)}",
            f"it shows {_listed(streamed)}",
        )
        later = interactions.shown(interactions.look(client))
        expect(
            Counter(streamed + later) == Counter(message),
            f"the message {_listed(message)} to be shown once",
            f"the stream shows {_listed(streamed)}, the next page {_listed(later)}",
        )


# Below a prefix.


@should("fileuploads", share=0.15)
@given(content=contents)
@example(content=b"a\r\nb\x00\xff")
def test_upload_mounted(interactions: Harness, content: bytes) -> None:
    """With the app mounted below a prefix, the response to an upload leads to the file's bytes.

    Source: PEP 3333, `SCRIPT_NAME`: it is the part of the URL path that leads to the application.

    Usual cause: a path that is built by hand instead of with `url_for` starts at the root of
    the server.
    """
    interactions.need("upload")
    member = interactions.member(PREFIX)
    content = interactions.mark("").encode() + content
    response = member.send(interactions.upload(member, content, PREFIX))
    expect(response.status < 400, "the upload to be accepted", response)
    found = interactions.found(member, response)
    expect(
        any(body == content for target, body in found.items() if target.startswith(PREFIX + "/")),
        f"a response that leads to the {len(content)} bytes at an address below {PREFIX}",
        f"{response}, which leads to {_listed(list(found))}",
    )


@should("fileuploads")
def test_upload_folder(interactions: Harness) -> None:
    """Two apps in one process each store uploads in the folder of their own configuration.

    Source: Uploading Files, "A Gentle Introduction": the file is saved in
    `app.config["UPLOAD_FOLDER"]`; Application Factories: instances with different settings in
    one process.

    Usual cause: a module reads the folder once and uses it for every app.
    """
    interactions.need("upload")
    interactions.need("folder")
    places = interactions.two_apps()
    for number, (member, folder) in enumerate(places):
        other = places[1 - number][1]
        before = interactions.files(other)
        content = interactions.mark("").encode()
        response = interactions.in_time(member, interactions.upload(member, content))
        expect(response.status < 400, "the upload to be accepted", response)
        strayed = [name for name in interactions.files(other) if name not in before]
        expect(
            not strayed,
            f"the file in the folder of the app that received it, app {number + 1} of 2",
            f"{_listed(strayed)} in the other app's folder",
            cause="one folder is used for all apps",
        )
        if not interactions.files(folder):
            interactions.has_folder()
            expect(
                False,
                f"the file in the folder that {interactions.binding.folder} names",
                "no file is there",
                cause="the folder is not read from the settings of the app that stores the file",
            )


@harden("fileuploads")
def test_upload_names(interactions: Harness) -> None:
    """An upload does not replace that of another person, or an earlier one, of the same name.

    Source: beyond the chapter, whose view overwrites; it protects a person's file from the next
    person who names theirs alike.

    Usual cause: the file is stored under the name that the client sent.
    """
    interactions.need("upload")
    first, stem = interactions.member(), interactions.mark("")
    content = interactions.mark("").encode()
    response = first.send(interactions.upload(first, content, stem=stem))
    kept = [place for place, body in interactions.found(first, response).items() if body == content]
    if not kept:
        raise Untested("the response to an upload does not lead to the file")
    second = interactions.client()
    if interactions.can_log_in:
        interactions.log_in(second, interactions.people[-1])
    for whose, client in (("another client", second), ("the same client", first)):
        other = interactions.mark("").encode()
        client.send(interactions.upload(client, other, stem=stem))
        again = first.get(kept[0])
        expect(
            again.body == content,
            f"{kept[0]} to keep the {len(content)} bytes of its upload when {whose} uploads "
            "another file of the same name",
            "it has the other file's bytes" if again.body == other else again,
            cause="both files are stored under the name that the clients sent"
            if again.body == other
            else "",
        )


@should("viewdecorators")
def test_login_mounted(interactions: Harness) -> None:
    """With the app mounted below a prefix, redirects to the login and back keep the prefix.

    Source: PEP 3333, `SCRIPT_NAME`: it is the part of the URL path that leads to the application.

    Usual cause: the login redirects back to `request.path`, which lacks the prefix;
    `request.root_path` has it.
    """
    client = interactions.below()
    person = interactions.people[0]
    asked = interactions.send(client, interactions.route("protected", PREFIX))
    expect(asked.status >= 300, "the page to be refused without a login", asked)
    if not asked.is_redirect:
        raise Untested(f"protected answers {asked.status}, without a redirect to the login")
    target = client.resolve(asked)
    expect(target.startswith(PREFIX + "/"), f"a redirect to a login below {PREFIX}", target)
    page = interactions.whole(client.get(target))
    forms = [
        form
        for form in Page(page.text).find("form")
        if any(each.attributes.get("type", "").lower() == "password" for each in form.walk())
    ]
    if not forms:
        raise Untested(f"there is no form with a password at {target}")
    action = urlsplit(urljoin(target, forms[0].attributes.get("action", "")))
    expect(action.path.startswith(PREFIX + "/"), f"a form action below {PREFIX}", action.path)
    method = forms[0].attributes.get("method", "get").upper()
    fields = {**Page(page.text).hidden_fields(), **interactions.need("people")[person]}
    answer = client.open(method, path_of(action), form=fields)
    if answer.is_redirect:
        back = client.resolve(answer)
        named = back in dict(parse_qsl(urlsplit(target).query)).values()
        expect(
            back.startswith(PREFIX + "/"),
            f"the login to redirect to an address below {PREFIX}, where the app is mounted",
            f"it redirects to {back}",
            cause=f"the redirect to the login names the way back without the prefix: {target}"
            if named
            else "",
        )
        answer = client.follow(answer)
    expect(answer.status < 400, "a page after the login", answer)


# Deferred callbacks.


@should("deferredcallbacks")
def test_deferred_error(interactions: Harness) -> None:
    """A deferred cookie is also set on an error response, once, and never another client's.

    Source: Deferred Request Callbacks: a deferred function is called with the response of its
    own request. The key `failing` says that an error response has the cookie too.

    Usual cause: the cookie is set by a decorator around the view, which `abort` bypasses, or
    the cache stores the response with the cookie.
    """
    name = interactions.need("cookie")
    first = interactions.client()
    response = interactions.send(first, interactions.need("failing"))
    expect(response.status >= 400, "an error from the page that fails", response)
    cookies = _cookies(response, name)
    expect(len(cookies) == 1, f"the cookie {name} on the error page, once", f"{len(cookies)} times")
    again = _cookies(interactions.send(first, interactions.need("failing")), name)
    expect(not again, f"no cookie {name} for a client that has it", _listed(again))
    other = _cookies(interactions.send(interactions.client(), interactions.need("failing")), name)
    # A client that logs in has the cookie already.
    if interactions.binding.cached is None or interactions.is_closed("cached"):
        return
    place = interactions.place()
    visitor = interactions.client()
    kept = _cookies(interactions.whole(visitor.get(place)), name)
    theirs = _cookies(interactions.whole(first.get(place)), name)
    expect(
        not theirs,
        f"no cookie {name} from the cached page for a client that has it",
        f"{_listed(theirs)}, and the first visitor of the page had {_listed(kept)}",
    )
    # If all values are equal, none can be another client's.
    if kept and other != cookies:
        late = _cookies(interactions.whole(interactions.client().get(place)), name)
        expect(late != kept, "a separate cookie for each client", f"{_listed(late)} for two")


def _cookies(response: Response, name: str) -> list[str]:
    headers = response.header_values("Set-Cookie")
    pairs = [header.split(";")[0].strip().partition("=") for header in headers]
    return [value for key, _, value in pairs if key == name]


# Tasks.


@harden("celery", share=0.1)
@given(text=words)
def test_task_rollback(interactions: Harness, text: str) -> None:
    """A request that is rolled back leaves neither a stored thing nor a queued task.

    Source: beyond the chapters; it protects workers from tasks for data that does not exist.

    Usual cause: the task is queued before the commit, for data that is then rolled back.
    """
    interactions.need("failing_order")
    member, name = interactions.member(), interactions.mark(text)
    with interactions.queue() as queued:
        response = member.send(interactions.ask_to_add(member, name, "failing_order"))
    expect(response.status >= 400, "the failing order to be refused", response)
    count = interactions.things()[name]
    expect(not count, f"no thing {name!r} after the order failed", f"there is {count}")
    expect(not queued, "no task after the order failed", f"{len(queued)} queued")


@harden("celery", share=0.1)
@given(text=words)
def test_task_committed(interactions: Harness, text: str) -> None:
    """A task is queued once, after its data is visible to other clients.

    A worker may start before the request ends.

    Source: beyond the chapters; it protects a task from running before its data is stored.

    Usual cause: the task is queued before the commit, which goes unnoticed while the worker is
    slow.
    """
    interactions.need("order")
    member, name = interactions.member(), interactions.mark(text)
    with interactions.queue(lambda: interactions.things()[name]) as queued:
        response = interactions.order(member, name, text)
    expect(response.status < 400, "the order to be accepted", response)
    expect(len(queued) == 1, "a task to be queued, once", f"{len(queued)} queued")
    expect(
        queued[0] == 1,
        f"another client to see {name!r} when its task is queued",
        f"when {interactions.binding.enqueue} is called, "
        f"{interactions.need('things').path} does not have it yet",
    )
    expect(interactions.things()[name] == 1, f"{name!r} to be stored", "it is not")


# All of them together.


who = st.integers(0, 1)


class Shop(Machine):
    """Two clients; the model is who is logged in, the pending messages, and what is stored."""

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness)
        self.shop = harness
        self.clients = [harness.client(), harness.client()]
        self.users: list[str | None] = [None, None]
        self.waiting: list[list[str]] = [[], []]
        self.stored = harness.things()
        self.own: list[str] = []

    def see(
        self,
        who: int,
        page: Response,
        *,
        name: bool,
        messages: bool,
        refusal: Response | None = None,
    ) -> None:
        """Compare a page with the model; `name` and `messages` say whether it must show them.

        `refusal` is the last response to the client, if it refused a page.
        """
        after = cause = ""
        if refusal is not None:
            after = f" after {refusal.request.name} was refused"
            names = [each.partition("=")[0] for each in refusal.header_values("Set-Cookie")]
            if names:
                cause = (
                    f"the response that refuses {refusal.request.name} replaces or deletes the "
                    f"cookie {', '.join(names)}"
                )
        people, shown = self.shop.names(page), self.shop.shown(page)
        named = name and self.shop.are_shown
        user, waiting = self.users[who], self.waiting[who]
        expect(
            not set(people) - {user} and (people or not user or not named),
            f"the name {user!r} and no other" if user else "no name without a login",
            f"the page shows {_listed(people)}",
        )
        expect(
            not Counter(shown) - Counter(waiting) and (shown == waiting or not messages),
            f"the page{after} to show the pending messages: {_listed(waiting)}",
            f"it shows {_listed(shown)}",
            cause=cause,
        )
        self.waiting[who] = [text for text in waiting if text not in shown]

    @rule(who=who)
    def look(self, who: int) -> None:
        """Request the page that shows messages."""
        page = self.shop.look(self.clients[who])
        self.see(who, page, name=False, messages=True)

    @rule(who=who, person=who)
    def log_in(self, who: int, person: int) -> None:
        """Log in while no message is pending: it may begin a new session."""
        self.look(who)
        people = self.shop.people
        self.users[who] = people[person % len(people)]
        self.shop.log_in(self.clients[who], people[person % len(people)])

    @rule(who=who)
    def log_out(self, who: int) -> None:
        """Log out while no message is pending."""
        self.look(who)
        self.shop.send_logout(self.clients[who])
        self.users[who] = None

    @rule(who=who)
    def notice(self, who: int) -> None:
        """Flash a message; three of them fit into any cookie."""
        if len(self.waiting[who]) < 3:
            self.waiting[who].append(self.shop.notice(self.clients[who]))

    @rule(who=who)
    def cached(self, who: int) -> None:
        """Request a cached page for the first time, then as the other client, then again."""
        place = self.shop.place()
        for each in (who, 1 - who, who):
            page = self.shop.cached_page(self.clients[each], place)
            self.see(each, page, name=False, messages=False)

    @rule(who=who)
    def stream(self, who: int) -> None:
        """Read the streamed page, and check that a message it showed is no longer pending."""
        if self.shop.binding.stream is not None:
            page = self.shop.stream(self.clients[who], threading.Barrier(1))
            self.see(who, page, name=True, messages=False)
            self.look(who)

    @rule(who=who)
    def protected(self, who: int) -> None:
        """Request the page that requires a login; a refusal must not consume a message."""
        self.notice(who)
        response = self.shop.send(self.clients[who], self.shop.need("protected"))
        if self.users[who]:
            self.see(who, self.shop.whole(response), name=False, messages=False)
        else:
            expect(response.status >= 300, "the page to be refused without a login", response)
            page = self.shop.look(self.clients[who])
            self.see(who, page, name=False, messages=True, refusal=response)

    @rule(who=who)
    def add(self, who: int) -> None:
        """Store two things, after logging in if necessary."""
        if not self.users[who]:
            self.log_in(who, who)
        for _ in range(2):
            name = self.shop.add(self.clients[who])
            self.stored[name] += 1
            self.own.append(name)
        self.same()

    @rule(who=who, override=st.booleans())
    def remove(self, who: int, override: bool) -> None:
        """Remove the last thing, which requires a login; the other client adds one if needed."""
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
            expect(response.status >= 300, "the removal to be refused without a login", response)
        self.same()

    def walk(self) -> None:
        """Go through the known traps in order."""
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
        self.log_in(1, 1)
        self.cached(0)
        self.notice(0)
        self.cached(0)
        self.log_out(0)
        self.cached(0)

    def same(self) -> None:
        """Check that the stored things are those of the model."""
        there = self.shop.things()
        expect(
            there == self.stored,
            f"only what was added and not removed to be stored: {_listed(self.own)}",
            f"{_listed(list((self.stored - there).elements()))} missing, "
            f"{_listed(list((there - self.stored).elements()))} extra",
        )


@should("", share=0.3)
def test_machine(interactions: Harness) -> None:
    """Each page shows a client only its own data, whatever two clients do in any order.

    Source: Message Flashing: a message is available in the next request and only there; View
    Decorators, "Login Required Decorator": a page for logged-in users.

    Usual cause: one pattern drops what another stores: a login check that clears the session, or
    a cache that ignores users.
    """
    for key in ("login", "logout", "messages", "notice", "cached", "protected", "add", "remove"):
        interactions.need(key)
    for key in ("messages", "notice", "cached"):
        if interactions.is_closed(key):
            raise Untested(f"needs a {key} that requires no login")
    Shop(interactions).walk()
    explore(lambda: Shop(interactions), steps=10)


# Faults.


@harden("fileuploads", share=0.05)
@given(size=st.integers(DISK + 1, 3 * DISK))
@example(size=DISK + 1)
@example(size=2 * DISK)
def test_disk_full(interactions: Harness, size: int) -> None:
    """If the disk is full, an upload gives an error, and no part of it is stored.

    Source: beyond the chapters; it protects readers from half a file.

    Usual cause: the file is written directly to its final path, and a partial file stays when
    the disk is full. Write it to a temporary path, and rename it when it is complete.
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
        # Not every app stores uploads on this disk.
        whole = content in interactions.found(member, response).values()
        expect(whole, "an error because the disk is full, or the whole file", response)
    _next_upload(interactions)


@harden("fileuploads", share=0.1)
@given(part=st.floats(0.1, 0.95), key=st.sampled_from(["upload", "add"]))
@example(part=0.6, key="upload")
@example(part=0.95, key="upload")
@example(part=0.8, key="add")
def test_disconnect_upload(interactions: Harness, part: float, key: str) -> None:
    """A client that disconnects during a request leaves nothing half-stored or blocked.

    Source: beyond the chapters; it protects readers from half a file.

    Usual cause: the body is read directly from `wsgi.input`, without a check that it is as long
    as announced.
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
        f"an error for a body that ends after {len(sent)} of the {whole} bytes of its "
        "Content-Length",
        response,
    )
    if key == "upload":
        _nothing_stored(interactions, member, response, content, before)
    elif interactions.binding.things:
        more = interactions.things() - things
        expect(not more, "no thing from half a request", _listed(list(more.elements())))
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
            "no part of the file to be served",
            f"{len(body)} bytes at {target}",
        )
    after = interactions.files()
    changed = [f"{name} ({after[name]} bytes)" for name in after if before.get(name) != after[name]]
    expect(not changed, "no part of the file in the folder", _listed(changed))


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
    """A client that disconnects during a response leaves no context, thread or open file behind.

    Source: beyond the chapters; it protects the server from what clients leave behind.

    Usual cause: the generator closes what it opened at its end rather than in a `finally`, or a
    thread that feeds it waits forever.
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
        f"nothing left by clients that disconnect after {int(count * part)} of {count} pieces",
        _listed(left),
    )
    interactions.stream(client, threading.Barrier(1))
    if interactions.can_log_in and interactions.are_shown:
        # In the thread of the client that disconnects, as a server's next request may be.
        interactions.leave(client, int(count * part))
        for key in ("messages", "stream"):
            _name_of_nobody(interactions, key)


def _name_of_nobody(interactions: Harness, key: str) -> None:
    """Check that a page shows the name of nobody who has not logged in with its client."""
    if getattr(interactions.binding, key) is None:
        return
    number = 1 if len(interactions.people) > 1 else 0
    visitor = interactions.visitor(number, key)
    own = {interactions.people[number]} if interactions.is_closed(key) else set()
    page = interactions.send(visitor, interactions.need(key))
    foreign = [name for name in interactions.names(page) if name not in own]
    expect(
        not foreign,
        f"no name of another client on {page.request.name}, requested in the same thread after a "
        "client disconnected during a stream",
        f"it shows {_listed(foreign)}, who requested the stream",
        cause="what the stream stores in the thread stays there if the client disconnects",
    )


@harden("sqlite3")
def test_database_locked(interactions: Harness) -> None:
    """If the database is locked, requests are answered in time and report failed writes as such.

    Source: beyond the chapters; it protects clients from a success message for a failed write.

    Usual cause: the error is caught and the response reports success, or the transaction stays
    open and blocks all other writers.
    """
    member = interactions.member()
    interactions.add(member)
    interactions.has_database()
    name = interactions.mark("")
    with interactions.locked():
        response = interactions.in_time(member, interactions.ask_to_add(member, name))
    count = interactions.things()[name]
    # A redirect may lead to a page that reports the error.
    expect(
        count == (response.status < 300) or 300 <= response.status < 400,
        f"the thing {name!r} to be stored if the response says so, and only then",
        f"{response}, and {_there(interactions, name)}",
    )
    # Raises if it is not stored; within a time limit, as it would wait for a lock that is left.
    in_time(lambda: interactions.add(member), "a response after the lock is released")


@harden("sqlite3")
def test_database_gone(interactions: Harness) -> None:
    """If the database is unreadable, the response is a 5xx; once it is back, everything works.

    Source: beyond the chapters; it protects readers from an error that looks like an empty list.

    Usual cause: an `except` that treats every database error as "nothing found", or that keeps
    the broken connection.
    """
    member = interactions.member()
    interactions.add(member)
    interactions.has_database()
    before = interactions.things()
    request = interactions.prepare(member, interactions.need("things"))
    with interactions.gone():
        response = interactions.in_time(member, request)
    # An app may still answer from what it has read before.
    known = response.status == 200 and Counter(response.json()) == before
    expect(response.status >= 500 or known, "a 5xx, or what is stored", response)
    after = interactions.things()
    expect(after == before, "all things again once the database is back", f"{len(after)} of them")
    interactions.add(member)


@harden("", share=0.1)
@given(context=st.sampled_from(["request", "app"]), key=st.sampled_from(["messages", "add"]))
@example(context="request", key="messages")
@example(context="app", key="add")
def test_teardown_raises(interactions: Harness, context: str, key: str) -> None:
    """A teardown function that raises affects its own request at most, not the next one.

    The exception leaves the application without reaching an error handler.

    Source: beyond the chapters; it protects the next request from the state of a failed one.

    Usual cause: something around the application is set up before the call and cleaned up
    after it, without a `finally`.
    """
    if interactions.binding.add is None or interactions.binding.things is None:
        key = "messages"
    member, visitor = interactions.member(), interactions.client()
    page = interactions.prepare(visitor, interactions.need("messages"))
    # The page need not be public.
    before = visitor.send(page).status
    request = page
    if key == "add":
        request = interactions.ask_to_add(member, interactions.mark(""))

    def ask() -> Response:
        # In one thread, because the state left behind may be thread-local.
        with interactions.failing_teardown(context):
            member.send(request)
        return visitor.send(page)

    response = in_time(ask, "a response to the next request")
    expect(response.status == before, f"{before} for the next request, as before", response)
    names = interactions.names(response) if interactions.binding.people else []
    cause = ""
    if names:
        with interactions.aside():
            # `in_time` uses a new thread.
            elsewhere = in_time(lambda: visitor.send(page), "a response in another thread")
        if not interactions.names(elsewhere):
            cause = (
                "the name stays in the thread that served the failed request: the same request "
                "in another thread shows none"
            )
    expect(
        not names,
        f"no name on {page.name}, for a client that has not logged in, after another client's "
        "request whose teardown function raised",
        f"the page shows {_listed(names)}, the name of that other client",
        cause=cause,
    )
    if key == "add":
        in_time(lambda: interactions.add(interactions.member()), "a response to the next add")


@harden("caching")
def test_clock_jumps(interactions: Harness) -> None:
    """If the clock jumps by a year, no page fails, and cached pages are computed again.

    Source: beyond the chapters; it protects pages from a clock that is corrected.

    Usual cause: `timedelta.seconds`, which excludes the days, instead of `total_seconds()`.
    """
    clock = interactions.clock()
    place = interactions.place()
    member, visitor = interactions.member(), interactions.visitor(1, "cached")
    first = interactions.add(member)
    if not interactions.says(interactions.whole(visitor.get(place)), first):
        raise Untested("the cached page does not show the stored things")
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
            # A login does not last a year.
            visitor = interactions.visitor(1, "cached")
        page = interactions.whole(visitor.get(place))
        if years > 0 and not interactions.says(page, second):
            with interactions.aside():
                clock.advance(YEAR / 730)
                later = interactions.whole(visitor.get(place))
            expect(
                False,
                f"the cached page, requested 365 days after it was stored, to have {second!r}",
                "it is the page that was stored 365 days ago",
                cause="12 hours later the page is computed again: whole days do not count"
                if interactions.says(later, second)
                else "",
            )


@harden("", share=0.03)
@given(picks=st.lists(st.integers(0, 99), min_size=5, max_size=15))
@example(picks=list(range(20)))
def test_no_leak(interactions: Harness, picks: list[int]) -> None:
    """No mix of requests, even refused ones, leaves threads, open files or contexts behind.

    Source: beyond the chapters; it protects a long-running process.

    Usual cause: what a request opens is closed at the end of the view, which an error skips.
    """
    actions = interactions.mix()
    if not actions:
        raise Untested(f"[patterns.{interactions.slug}] binds no route")
    client = interactions.client()
    for action in actions.values():
        action(client)
    chosen = interactions.choose_all(list(actions), picks=picks)
    with interactions.counted() as left:
        for name in chosen:
            actions[name](client)
    expect(
        not left,
        f"no thread, open file or context left behind by {len(chosen)} requests",
        ", ".join(f"{what} ({count} times)" for what, count in Counter(left).items()),
        cause=interactions.who_leaves(client, {name: actions[name] for name in chosen})
        if left
        else "",
    )
