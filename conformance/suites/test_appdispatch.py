"""The clauses of Application Dispatching."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from hypothesis import strategies as st
from hypothesis.stateful import rule

from conformance.clause import example, expect, explore, given, harden, must, should, together
from conformance.core.errors import Untested
from conformance.instruments.strategies import Machine, cased, lines, paths
from conformance.patterns.appdispatch import (
    DOMAIN,
    DROP,
    NOBODY,
    OUTER,
    PUT,
    AppDispatchHarness,
    ByPath,
    CombinedApp,
    Dispatcher,
    PathDispatch,
    Place,
    Seen,
    SubdomainDispatch,
)
from conformance.transports import Response, safe_path

Harness = AppDispatchHarness

#: Seconds after which a request counts as stuck; any other takes milliseconds.
PATIENCE = 3.0

#: How many unknown names are requested, and how many of them may be kept.
ASKED, KEPT = 1100, 1000

names = st.text("abcxyz019", min_size=1, max_size=8)

#: Segments that no layer normalizes: neither empty nor dots, which stand for other paths.
segments = (
    lines(max_size=12)
    .map(lambda text: text.replace("/", ""))
    .filter(lambda text: text not in ("", ".", ".."))
)

#: What follows a prefix, percent-encoded.
rests = st.tuples(st.lists(segments, max_size=3), st.sampled_from(["", "/"])).map(
    lambda drawn: "".join(f"/{safe_path(each)}" for each in drawn[0]) + drawn[1]
)


def wsgi_path(target: str) -> str:
    """Return the path of a request target as WSGI carries it."""
    return unquote_to_bytes(target.partition("?")[0]).decode("latin-1")


def describe(response: Response, seen: Seen | None) -> str:
    """Describe which application handled a request, and what it saw."""
    if seen is None:
        return f"no application of the dispatcher saw the request: {response}"
    return f"{seen.name} saw SCRIPT_NAME {seen.script_name!r} and PATH_INFO {seen.path_info!r}"


def aside(action: Callable[[], object]) -> Callable[[float], Any]:
    """Run an action in its own thread; return a function that waits a number of seconds for it.

    That function returns the action's result, or None if it has not finished by then.
    """
    results: queue.SimpleQueue[object] = queue.SimpleQueue()
    threading.Thread(target=lambda: results.put(action()), daemon=True).start()

    def wait(seconds: float) -> object:
        try:
            return results.get(timeout=seconds)
        except queue.Empty:
            return None

    return wait


@must("combining-applications", share=0.3)
@given(name=names, rest=st.none() | rests, outer=st.sampled_from(["", OUTER]))
@example(name="a", rest=None, outer="")
@example(name="a", rest="", outer="")
@example(name="a", rest="/b/", outer=OUTER)
def test_prefix_to_script_name(
    appdispatch: Harness, name: str, rest: str | None, outer: str
) -> None:
    """The prefix moves from PATH_INFO to SCRIPT_NAME, and URLs built there route back.

    An application learns where it is mounted from SCRIPT_NAME, and builds links, redirects
    and cookie paths with it. If a front server mounts the whole app, the prefix is appended
    to the SCRIPT_NAME that the front server set.

    Source: "Combining Applications" and "Dispatch by Path": `shift_path_info` takes the prefix
    off the path; per PEP 3333, what PATH_INFO loses is appended to SCRIPT_NAME.

    Usual cause: PATH_INFO is shortened without appending the same text to SCRIPT_NAME,
    or SCRIPT_NAME is overwritten although it had a value.
    """
    place = appdispatch.mount(name)
    client = appdispatch.client(appdispatch.below if outer else None)
    target = outer + place.prefix + (place.page if rest is None else rest) or "/"
    response, seen = appdispatch.ask(target, place.host, client=client)
    script_name, whole = wsgi_path(outer + place.prefix), wsgi_path(target)
    expect(
        seen is not None and (seen.script_name, seen.path_info)
        == (script_name, whole[len(script_name) :]),
        f"SCRIPT_NAME {script_name!r} and PATH_INFO {whole[len(script_name):]!r}"
        + (f", as a front server mounts the whole app with SCRIPT_NAME {outer!r}" if outer else ""),
        describe(response, seen),
    )  # fmt: skip
    if seen is None or seen.url is None:
        return
    _, again = appdispatch.ask(seen.url, place.host, client=client)
    expect(
        again is not None and (again.app, again.endpoint) == (seen.app, seen.endpoint),
        f"the URL {seen.url}, built for {seen.endpoint} in {seen.name}, to route back to it",
        describe(response, again),
    )


@must("combining-applications", share=0.3)
@given(name=names, tail=names, rest=paths())
@example(name="backend", tail="x", rest="/")
def test_segment_boundary(appdispatch: Harness, name: str, tail: str, rest: str) -> None:
    """A prefix matches whole path segments: `/app` matches neither `/apple` nor `/ap`.

    Source: "Dispatch by Path": the request path is examined up to the first slash;
    "Combining Applications": the main application runs on `/`, the other on `/backend`.

    Usual cause: `path.startswith(prefix)` without requiring a slash after the prefix.
    """
    by_path = ByPath.of(appdispatch)
    place = by_path.mount(name)
    script_name = wsgi_path(place.prefix)
    for inside in (place.prefix, f"{place.prefix}/", place.prefix + rest):
        response, seen = by_path.ask(inside)
        expect(
            seen is not None and f"{seen.script_name}/".startswith(f"{script_name}/"),
            f"{inside} to be dispatched to {place.prefix}",
            describe(response, seen),
        )
    for outside in (f"{place.prefix}{tail}", f"{place.prefix}{tail}{rest}", place.prefix[:-1]):
        response, seen = by_path.ask(outside or "/")
        expect(
            seen is None or not f"{seen.script_name}/".startswith(f"{script_name}/"),
            f"{outside} not to be dispatched to {place.prefix}",
            describe(response, seen),
        )


@should("combining-applications", share=0.4)
@given(number=st.integers(0, 9), rest=rests)
def test_longest_prefix(appdispatch: Harness, number: int, rest: str) -> None:
    """If one prefix is nested below another, the longer one wins.

    Source: "Combining Applications": applications run side by side and are dispatched by
    prefix; Werkzeug's `DispatcherMiddleware`, which it uses, picks the longest match.

    Usual cause: the prefixes are tried in the order they were written.
    """
    combined = CombinedApp.of(appdispatch)
    prefixes = [place.prefix for place in combined.places()[:-1]]
    inner = [prefix for prefix in prefixes if combined.owner(prefix.rpartition("/")[0])]
    if not inner:
        others = [place.prefix for place in combined.mounts if place.prefix not in prefixes]
        unseen = [prefix for prefix in others if combined.owner(prefix.rpartition("/")[0])]
        if unseen:
            raise Untested(
                f"{unseen[0]}, a mount below another, does not lead to a Flask app: which "
                "application responds there cannot be seen"
            )
        raise Untested.for_keys("appdispatch", "mounts", hint=" with one mount below another")
    target = appdispatch.choose(inner, number=number) + rest
    longest = combined.owner(target)
    if longest not in prefixes:
        return
    response, seen = combined.ask(target)
    expect(
        seen is not None and seen.script_name == wsgi_path(longest),
        f"{target} to be dispatched to the application at {longest}",
        describe(response, seen),
        cause=f"the shorter prefix {seen.script_name} takes the paths of {longest}"
        if seen is not None and seen.script_name in prefixes
        else "",
    )


@must("dispatch-by-path", share=0.3)
@given(
    first=segments,
    rest=rests,
    query=st.text("ab=&%+1", max_size=8),
    outer=st.sampled_from(["", OUTER]),
)
@example(first="é", rest="/b/", query="a=1&b=%20", outer="")
@example(first="a", rest="/b", query="", outer=OUTER)
def test_default_untouched(
    appdispatch: Harness, first: str, rest: str, query: str, outer: str
) -> None:
    """A path that no prefix matches reaches the default app unchanged.

    If a front server mounts the whole app below a prefix, SCRIPT_NAME is still that prefix.

    Source: "Dispatch by Path": if the creator returns None, the default application gets the
    request; the path is shifted only for an application that exists.

    Usual cause: the first segment is shifted off the path before checking whether an
    application exists for it.
    """
    by_path = ByPath.of(appdispatch)
    target = f"/{NOBODY}{safe_path(first)}{rest}"
    client = by_path.client(by_path.below if outer else None)
    response, seen = by_path.ask(f"{outer}{target}?{query}", client=client)
    if seen is None and isinstance(by_path, CombinedApp):
        raise Untested("needs a Flask app as the default app, outside the mounts")
    expect(
        seen is not None
        and seen.key is None
        and (seen.script_name, seen.path_info, seen.query) == (outer, wsgi_path(target), query),
        f"the default app to see {wsgi_path(target)!r} with the query {query!r}"
        + (f" below {outer}" if outer else ""),
        describe(response, seen) + (f" with the query {seen.query!r}" if seen else ""),
    )


@must("dispatch-by-subdomain", share=0.15)
def test_create_once(appdispatch: Harness) -> None:
    """Each application is created once, however many requests it receives.

    Two instances share nothing that lives in the process: caches, counters and
    connections of the first are lost to the second.

    Source: "Dispatch by Subdomain": an application that does not exist yet is created and
    remembered.

    Usual cause: the instance is not stored, or is stored under a different key than the
    one used to look it up.
    """
    dispatcher = Dispatcher.of(appdispatch)
    dispatcher.inside()

    class Requests(Machine):
        def __init__(self) -> None:
            super().__init__(dispatcher)
            dispatcher.renew()
            self.first: dict[str, str] = {}
            #: The names that were requested since each name last was.
            self.since: dict[str, set[str]] = {}

        @rule(name=st.sampled_from(["alice", "bob", "carol"]), rest=paths(2))
        def ask(self, name: str, rest: str) -> None:
            response, seen = dispatcher.visit(dispatcher.mount(name), rest)
            expect(
                seen is not None and seen.key == name,
                f"a request for {name} to reach its application",
                describe(response, seen),
            )
            if seen is not None:
                first = self.first.setdefault(name, seen.app)
                between = " and ".join(sorted(self.since.get(name, ()))) or "no other name"
                expect(
                    seen.app == first and dispatcher.tenants.made[name] == 1,
                    f"every request for {name} to reach {first}",
                    f"after a request for {between} in between, {name} was created again: "
                    f"the request reached {seen.app}",
                )
                self.since[name] = set()
                for other in self.since:
                    if other != name:
                        self.since[other].add(name)

    explore(Requests)


@must("dispatch-by-subdomain", share=0.4)
@given(tenants=st.lists(names, min_size=2, max_size=3, unique=True), below=st.none() | names)
@example(tenants=["alice", "bob"], below=None)
@example(tenants=["alice", "bob"], below="api")
def test_own_instance(appdispatch: Harness, tenants: list[str], below: str | None) -> None:
    """Each subdomain has its own application; `api.alice` and `api.bob` do not share one.

    Hosts such as `api.alice` and `api.bob` may be refused, or belong to `alice` and `bob`.

    Source: "Dispatch by Subdomain": each subdomain gets its user's own instance, and the
    subdomain is everything in front of the domain.

    Usual cause: only the first label of the host is used as the subdomain.
    """
    dispatcher = Dispatcher.of(appdispatch)
    by_path = isinstance(dispatcher, PathDispatch)
    owners: dict[str, str] = {}
    for name in tenants:
        place = dispatcher.mount(name if by_path or below is None else f"{below}.{name}")
        rest = f"/{below}" if by_path and below else "/"
        response, seen = dispatcher.visit(place, rest)
        where = f"{place.host}{place.prefix}{rest}"
        if below is None or by_path:
            expect(seen is not None, f"an application for {where}", describe(response, seen))
        if seen is not None:
            other = owners.setdefault(seen.app, where)
            expect(
                other == where,
                f"different applications for {where} and {other}",
                f"both reached {seen.app}",
                cause="only part of the subdomain is used to select the application"
                if below and not by_path
                else "",
            )


@must("")
def test_dispatchers_apart(appdispatch: Harness) -> None:
    """Each dispatcher in a process creates and keeps its own applications.

    Tests create a new dispatcher each, and a server may have one per domain.

    Source: the introduction: the applications are fully isolated from one another; "Dispatch
    by Subdomain": a dispatcher remembers what its own creator made.

    Usual cause: the instances are stored in a class attribute or a module global.
    """
    dispatcher = Dispatcher.of(appdispatch)
    dispatcher.inside()
    for number in (1, 2):
        dispatcher.renew()
        response, seen = dispatcher.visit(dispatcher.mount("alice"), "/")
        expect(
            seen is not None and dispatcher.tenants.made["alice"] == 1,
            f"dispatcher {number} to create its own application for alice",
            describe(response, seen) + ("" if seen is None else ", created by another dispatcher"),
            cause="instances are stored outside the dispatcher object" if seen else "",
        )


@must("dispatch-by-subdomain")
def test_create_once_concurrent(appdispatch: Harness) -> None:
    """Concurrent first requests create an application once and share it.

    Source: "Dispatch by Subdomain": the lookup, the creation and the storing of an instance
    happen under one lock.

    Usual cause: the lookup, the creation and the storing are not done under a lock.
    """
    dispatcher = Dispatcher.of(appdispatch)
    dispatcher.inside()
    app, tenants = dispatcher.app, dispatcher.tenants
    arrived, again = threading.Semaphore(0), threading.Event()
    calls: list[str] = []

    def entrance(environ: object, start_response: object) -> Any:
        arrived.release()
        return app(environ, start_response)

    def creating(name: str) -> None:
        calls.append(name)
        if len(calls) > 1:
            again.set()
            return
        # All requests have arrived; give a second creator time to get here.
        for _ in clients:
            arrived.acquire(timeout=PATIENCE)
        again.wait(0.05)

    clients = [dispatcher.client(entrance) for _ in range(8)]
    tenants.creating = creating
    place = dispatcher.mount("alice")
    answers = together(*[partial(dispatcher.visit, place, "/", client=c) for c in clients])
    ended = {seen.app if seen else str(response) for response, seen in answers}
    expect(
        len(calls) == 1 and ended == {"instance 1 of 'alice'"},
        f"{len(clients)} concurrent requests to share the one instance that is created",
        f"{len(calls)} were created, and the requests reached {', '.join(sorted(ended))}",
    )


@must("dispatch-by-path", share=0.15)
def test_failed_create_not_cached(appdispatch: Harness) -> None:
    """If the creator raises or, by path, returns None, nothing is cached and no lock is left held.

    A database that is down for a moment must not make an application unavailable until
    the process is restarted.

    Source: "Dispatch by Path": an application is stored only if the creator returned one, so
    None is not stored.

    Usual cause: the entry is stored before the creator has succeeded, None is stored like
    an application, or the lock is not released when the creator raises.
    """
    dispatcher = Dispatcher.of(appdispatch)
    dispatcher.inside()
    by_path = isinstance(dispatcher, PathDispatch)

    def created_now(name: str) -> None:
        response, seen = dispatcher.visit(dispatcher.mount(name), "/x")
        expect(
            seen is not None and seen.key == name,
            f"the application of {name}, which can be created now",
            describe(response, seen),
        )

    for outcome in ("raises", "absent"):
        dispatcher.renew()
        dispatcher.tenants.outcomes["alice"] = outcome
        dispatcher.visit(dispatcher.mount("alice"), "/")
        waiting = aside(partial(dispatcher.visit, dispatcher.mount("bob"), "/"))
        answer = waiting(PATIENCE)
        what = "raised" if outcome == "raises" else "returned no application"
        expect(
            answer is not None,
            f"an answer to the request after one whose creator {what}",
            "the request never returns: the lock is still held",
        )
        if outcome == "raises" or by_path:
            dispatcher.tenants.outcomes.clear()
            created_now("alice")

    class Flips(Machine):
        def __init__(self) -> None:
            super().__init__(dispatcher)
            dispatcher.renew()
            self.outcomes = dispatcher.tenants.outcomes

        @rule(
            name=st.sampled_from(["alice", "bob"]),
            outcome=st.sampled_from(["raises", "absent"] if by_path else ["raises"]),
        )
        def fail(self, name: str, outcome: Any) -> None:
            if not dispatcher.tenants.made[name]:
                self.outcomes[name] = outcome

        @rule(name=st.sampled_from(["alice", "bob"]))
        def mend(self, name: str) -> None:
            self.outcomes.pop(name, None)

        @rule(name=st.sampled_from(["alice", "bob"]))
        def ask(self, name: str) -> None:
            outcome = self.outcomes.get(name)
            if outcome is None:
                created_now(name)
                return
            response, seen = dispatcher.visit(dispatcher.mount(name), "/x")
            if outcome == "raises":
                expect(seen is None, f"no application for {name} yet", describe(response, seen))
            else:
                expect(
                    seen is not None and (seen.key, seen.path_info) == (None, f"/{name}/x"),
                    f"the default app to see '/{name}/x' while {name} does not exist",
                    describe(response, seen),
                )

    explore(Flips)


@harden("dispatch-by-subdomain")
def test_unknown_not_kept(appdispatch: Harness) -> None:
    """A subdomain that was unknown when first requested is served once it exists.

    People often visit the new address before they sign up. The 404 may be cached for a
    while, up to a day.

    Source: beyond the chapter, whose code stores the `NotFound()` until the process ends.

    Usual cause: the `NotFound()` that the creator returns for an unknown subdomain is
    stored like an application.
    """
    subdomains = SubdomainDispatch.of(appdispatch)
    subdomains.inside()
    place = subdomains.mount("alice")
    subdomains.tenants.outcomes["alice"] = "absent"
    subdomains.visit(place, "/")
    subdomains.tenants.outcomes.clear()
    response, seen = subdomains.visit(place, "/")
    if seen is None:
        subdomains.clock().advance(24 * 60 * 60)
        response, seen = subdomains.visit(place, "/")
    asked = subdomains.tenants.asked["alice"]
    expect(
        seen is not None and seen.key == "alice",
        "alice's application, which was unknown when it was first requested",
        describe(response, seen)
        + ("; create_app('alice') was called only for the first request" if asked == 1 else ""),
        cause="the unknown name is remembered: create_app is not called for it again"
        if asked == 1
        else "",
    )


@must("dispatch-by-subdomain", share=0.3)
@given(name=names, port=st.integers(1, 65535).map(str))
@example(name="alice", port="80")
def test_port_ignored(appdispatch: Harness, name: str, port: str) -> None:
    """The port in the Host header does not affect which application is chosen.

    Source: "Dispatch by Subdomain": the port is split off the host first.

    Usual cause: the whole Host header is compared with the domain, or instances are
    stored under it.
    """
    subdomains = SubdomainDispatch.of(appdispatch)
    host = subdomains.mount(name).host
    response, plain = subdomains.ask("/", host)
    expect(plain is not None, f"the application of {name}", describe(response, plain))
    response, seen = subdomains.ask("/", f"{host}:{port}")
    expect(
        plain and seen and (seen.app, seen.key) == (plain.app, name),
        f"{host}:{port} to reach {plain and plain.app} as well",
        describe(response, seen),
    )


@harden("dispatch-by-subdomain")
@given(
    host=st.builds(
        "{}{}{}".format, st.just("") | names.map("{}.".format), names, st.just(DOMAIN)
    ) | st.builds("{}.{}.{}".format, names, st.just(DOMAIN), names)
)  # fmt: skip
@example(host=f"evil{DOMAIN}")
@example(host=f"alice.evil{DOMAIN}")
@example(host=f"alice.{DOMAIN}.test")
@example(host=f"alice.{DOMAIN.replace('.', 'x')}")
def test_host_dot_boundary(appdispatch: Harness, host: str) -> None:
    """A host is accepted only if it is the domain or ends with a dot and the domain.

    Anyone can register a name that ends in the same letters, and then serve pages, cookies
    and cached responses of an application here to its visitors.

    Source: beyond the chapter, which compares only the ending of the host.

    Usual cause: `host.endswith(domain)`, or a regular expression with unescaped dots or
    without an anchor at the end.
    """
    subdomains = SubdomainDispatch.of(appdispatch)
    response, seen = subdomains.ask("/", host)
    expect(
        seen is None, f"no application for {host}: it is not in {DOMAIN}", describe(response, seen)
    )


@harden("dispatch-by-subdomain")
@given(
    host=st.builds(
        "{}.{}{}".format,
        st.lists(names, min_size=1, max_size=3).map(".".join),
        st.sampled_from(["test", "com", "org"]),
        st.sampled_from(["", ":80", ":5000"]),
    ).filter(lambda host: not host.partition(":")[0].endswith(DOMAIN)),
    forwarded=st.none() | names.map(f"{{}}.{DOMAIN}".format),
)
@example(host="attacker.net", forwarded=None)
@example(host=f"alice.{DOMAIN}.", forwarded=None)
@example(host="localhost", forwarded=None)
@example(host="127.0.0.1:8000", forwarded=None)
@example(host="[::1]", forwarded=None)
@example(host="[::1]:8000", forwarded=None)
@example(host="", forwarded=None)
@example(host=":80", forwarded=None)
@example(host=None, forwarded=None)
@example(host=f"al ice.{DOMAIN}", forwarded=None)
@example(host=f"evil.test#.{DOMAIN}", forwarded=None)
@example(host=f"evil.test/.{DOMAIN}", forwarded=None)
@example(host=f"alice.{DOMAIN}, evil.test", forwarded=None)
@example(host="evil.test", forwarded=f"alice.{DOMAIN}")
def test_foreign_host_4xx(appdispatch: Harness, host: str | None, forwarded: str | None) -> None:
    """A host outside the domain, or a missing one, gets a 4xx: never an application or a 500.

    Every scanner sends such requests, some with an X-Forwarded-Host header of its choice,
    which is to be trusted only behind a proxy that sets it. A redirect into the domain is
    accepted, and so is a trailing dot after the domain. Python can strip assertions:
    `PYTHONOPTIMIZE=1 conformance check` shows what is served then.

    Source: beyond the chapter, which asserts that the host is in the domain; RFC 9110, section
    15.5, for the class of the status code.

    Usual cause: `assert host.endswith(...)`, or `environ["HTTP_HOST"]`, which an HTTP/1.0
    request need not have.
    """
    subdomains = SubdomainDispatch.of(appdispatch)
    headers = [("X-Forwarded-Host", forwarded)] if forwarded else []
    response, seen = subdomains.ask("/", host, headers=headers)
    moved = urlsplit(response.location or "").hostname or ""
    holds = (
        400 <= response.status < 500
        or (response.is_redirect and f".{moved}".endswith(f".{DOMAIN}"))
        or (seen is not None and host == f"{seen.key}.{DOMAIN}.")
    )
    expect(
        holds,
        f"a 4xx for the host {host!r}" + (f", forwarded for {forwarded!r}" if forwarded else ""),
        response if seen is None else describe(response, seen),
    )


@harden("dispatch-by-subdomain", share=0.3)
@given(host=cased(names.map(f"{{}}.{DOMAIN}".format)))
@example(host=f"ALICE.{DOMAIN}")
@example(host=f"alice.{DOMAIN.title()}")
def test_host_case_insensitive(appdispatch: Harness, host: str) -> None:
    """Host names are matched case-insensitively.

    Source: RFC 9110, section 4.2.3: the host is case-insensitive. The chapter's code uses the
    header as sent, and browsers send it in lower case.

    Usual cause: the Host header is used without `.lower()`.
    """
    subdomains = SubdomainDispatch.of(appdispatch)
    response, plain = subdomains.ask("/", host.lower())
    expect(plain is not None, f"an application for {host.lower()}", describe(response, plain))
    response, seen = subdomains.ask("/", host)
    expect(
        plain and seen and seen.app == plain.app,
        f"{host} to reach {plain and plain.app} as well",
        describe(response, seen),
    )


@must("dispatch-by-subdomain")
def test_unknown_tenant_404(appdispatch: Harness) -> None:
    """An unknown subdomain gets a complete 404 or a redirect, not an exception.

    Source: "Dispatch by Subdomain": if the subdomain has no user, some WSGI application must
    still handle the request, such as `NotFound()` or a redirect.

    Usual cause: the dispatcher relies on more than that the creator returns a WSGI
    callable.
    """
    subdomains = SubdomainDispatch.of(appdispatch)
    response, seen = subdomains.visit(subdomains.mount(f"{NOBODY}body"), "/")
    expect(
        seen is None and (response.status == 404 or response.is_redirect),
        "a 404 or a redirect",
        response if seen is None else describe(response, seen),
    )


@must("", share=0.15)
def test_isolation(appdispatch: Harness) -> None:
    """No application can see or change another's configuration or session.

    Applications on one host share the browser's cookies: if the cookie names are equal,
    logging in to one logs out of the other; if the keys are equal too, one reads what the
    other wrote.

    Source: the introduction: the applications are fully isolated from one another and run
    with different configurations.

    Usual cause: all mounted applications keep the cookie name `session` and the path `/`
    (set SESSION_COOKIE_NAME and SESSION_COOKIE_PATH), or several share one configuration
    object.
    """
    places = appdispatch.places_of_different_apps()

    class Visits(Machine):
        def __init__(self) -> None:
            super().__init__(appdispatch)
            self.clients = {place.host: appdispatch.client(host=place.host) for place in places}
            self.sessions: dict[Place, str | None] = {}
            self.cookies: dict[Place, str] = {}

        @rule(
            place=st.sampled_from(places),
            change=st.none() | st.just((DROP, "1")) | st.tuples(st.just(PUT), names),
        )
        def visit(self, place: Place, change: tuple[str, str] | None) -> None:
            headers = [change] if change else []
            if change:
                # Only a signal sees the header.
                appdispatch.inside()
            if change and change[0] == PUT:
                appdispatch.ledger.note(f"the next view stores {change[1]!r} in its session")
            elif change:
                appdispatch.ledger.note("the next view empties its session")
            client = self.clients[place.host]
            response, seen = appdispatch.visit(place, place.page, client=client, headers=headers)
            if seen is None and not place.prefix and appdispatch.kind == "routes":
                # What answers outside the mounts need not be a Flask app.
                return
            where = f"{place.host}{place.prefix}"
            expect(seen is not None, f"an application at {where}", describe(response, seen))
            if seen is None:
                return
            expect(
                seen.marked_by == seen.app,
                f"{seen.name} to have its own configuration",
                f"{seen.marked_by} has the same one",
            )
            if not seen.has_session:
                return
            alike = [
                f"{other.host}{other.prefix}"
                for other, cookie in self.cookies.items()
                if other != place and other.host == place.host and cookie == seen.cookie
            ]
            self.cookies[place] = seen.cookie
            kept = self.sessions.get(place)
            expect(
                seen.session == kept,
                f"the session at {where} to hold what was stored there: {kept!r}",
                f"it holds {seen.session!r}",
                cause=f"its session cookie has the same name and path as the one at {alike[0]}: "
                f"{seen.cookie}"
                if alike
                else "",
            )
            if change:
                self.sessions[place] = change[1] if change[0] == PUT else None

    explore(Visits)


@harden("dispatch-by-subdomain")
def test_answers_together(appdispatch: Harness) -> None:
    """A slow request blocks neither its own application nor others.

    Source: beyond the chapter, whose lock is released before the application is called.

    Usual cause: the application is called while the lock is held.
    """
    dispatcher = Dispatcher.of(appdispatch)
    dispatcher.inside()
    slow, warm = dispatcher.mount("slow"), dispatcher.mount("warm")
    for place in (slow, warm):
        dispatcher.visit(place, "/")
    started, release = threading.Event(), threading.Event()

    def answering(name: str) -> None:
        if name == "slow" and not started.is_set():
            started.set()
            release.wait(10 * PATIENCE)

    dispatcher.tenants.answering = answering
    answers = {}
    try:
        waiting = aside(partial(dispatcher.visit, slow, "/"))
        started.wait(PATIENCE)
        for name, place in (("warm", warm), ("slow", slow)):
            answers[name] = aside(partial(dispatcher.visit, place, "/"))(PATIENCE)
    finally:
        release.set()
    waiting(PATIENCE)
    for name, answer in answers.items():
        expect(
            answer is not None,
            f"a request for {name} to be answered while the application of 'slow' answers another",
            "it is answered only after the slow request",
            cause="the lock is held while the application answers",
        )


@harden("dispatch-by-path", share=0.5)
@given(name=segments.filter(lambda text: not text.startswith(NOBODY)), rest=rests)
@example(name="é", rest="/x")
def test_unicode_prefix(appdispatch: Harness, name: str, rest: str) -> None:
    """The creator is called with the decoded text of the segment, in any script.

    WSGI passes the bytes of the path decoded as latin-1, so an é arrives as Ã©.

    Source: beyond the chapter, which uses PATH_INFO as it comes; PEP 3333, "Unicode Issues",
    says how it is encoded.

    Usual cause: part of PATH_INFO is used as text without `.encode("latin-1").decode()`.
    """
    by_path = PathDispatch.of(appdispatch)
    place = by_path.mount(name)
    response, seen = by_path.visit(place, rest)
    expect(
        seen is not None and seen.key == name,
        f"the application of {name!r}",
        f"the creator was called with {seen.key!r}" if seen else describe(response, seen),
    )
    expect(
        seen and seen.script_name + seen.path_info == wsgi_path(place.prefix + rest),
        f"SCRIPT_NAME plus PATH_INFO to be {wsgi_path(place.prefix + rest)!r}",
        describe(response, seen),
    )


@harden("dispatch-by-subdomain")
def test_bounded(appdispatch: Harness) -> None:
    """Requests for unknown names do not grow the dispatcher's memory without bound.

    Up to a thousand names may be kept, as in a cache with a limit.

    Source: beyond the chapter; it protects the process from running out of memory.

    Usual cause: the 404 of each unknown name is stored, or a lock for each name.
    """
    dispatcher = Dispatcher.of(appdispatch)
    dispatcher.inside()
    client = dispatcher.client()
    for number in range(ASKED):
        dispatcher.visit(dispatcher.mount(f"{NOBODY}{number}-junk"), "/", client=client)
    kept, place = dispatcher.kept("-junk")
    expect(
        kept <= KEPT,
        "names for which create_app returned no application not to be kept for good "
        f"(up to {KEPT} of {ASKED} may be)",
        f"the dispatcher still holds {kept} of them" + (f", in {place}" if place else ""),
    )


@harden("dispatch-by-subdomain")
def test_no_head_of_line(appdispatch: Harness) -> None:
    """Creating one application does not delay requests for others that already exist.

    Source: beyond the chapter, whose lock is held while an application is created.

    Usual cause: one lock for all names, held while the creator runs. Hold it only for the
    lookup and the storing; let requests for the same application wait for its creation.
    """
    dispatcher = Dispatcher.of(appdispatch)
    dispatcher.inside()
    client = dispatcher.client()
    dispatcher.visit(dispatcher.mount("warm"), "/", client=client)
    started, release = threading.Event(), threading.Event()

    def creating(name: str) -> None:
        if name == "slow":
            started.set()
            release.wait(10 * PATIENCE)

    dispatcher.tenants.creating = creating
    try:
        slow = aside(partial(dispatcher.visit, dispatcher.mount("slow"), "/"))
        started.wait(PATIENCE)
        warm = aside(partial(dispatcher.visit, dispatcher.mount("warm"), "/", client=client))
        answer = warm(PATIENCE)
    finally:
        release.set()
    slow(PATIENCE)
    expect(
        answer is not None,
        "the application of 'warm' to answer while the application of 'slow' is being created",
        "it answers only once the application of 'slow' exists",
    )


@harden("dispatch-by-path", share=0.3)
@given(
    lead=st.lists(st.sampled_from(["/", "./", "../"]), min_size=1, max_size=3).map("".join),
    name=names,
    rest=paths(2),
)
@example(lead="/", name="alice", rest="/")
@example(lead="./", name="alice", rest="/")
def test_canonical_path(appdispatch: Harness, lead: str, name: str, rest: str) -> None:
    """Extra slashes and dots before a prefix give the plain path's app, the default app or a 4xx.

    A front server that restricts access to a prefix compares the path without them.

    Source: beyond the chapter; it protects access rules that a front server applies to a path.

    Usual cause: the prefix is found in a normalized path but cut off the original one.
    """
    by_path = ByPath.of(appdispatch)
    place = by_path.mount(name)
    _, plain = by_path.visit(place, rest)
    response, seen = by_path.ask(f"/{lead}{place.prefix[1:]}{rest}")
    at_home = (
        plain is not None
        and seen is not None
        and (seen.app, seen.path_info) == (plain.app, plain.path_info)
    )
    expect(
        response.status < 500 and (seen is None or at_home or seen.script_name == ""),
        f"{place.prefix}, the default app, or a 4xx",
        describe(response, seen),
    )
