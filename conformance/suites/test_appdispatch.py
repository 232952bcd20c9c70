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

#: Seconds after which a request counts as stuck; one that is not stuck takes milliseconds.
PATIENCE = 3.0

#: How many unknown names are asked for, and how many of them may be held on to.
ASKED, KEPT = 1100, 1000

names = st.text("abcxyz019", min_size=1, max_size=8)

#: Segments that no layer may change: neither empty nor dots, which stand for other paths.
segments = (
    lines(max_size=12)
    .map(lambda text: text.replace("/", ""))
    .filter(lambda text: text not in ("", ".", ".."))
)

#: What follows a prefix, as it is sent.
rests = st.tuples(st.lists(segments, max_size=3), st.sampled_from(["", "/"])).map(
    lambda drawn: "".join(f"/{safe_path(each)}" for each in drawn[0]) + drawn[1]
)


def wsgi_path(target: str) -> str:
    """Return the path of a request target as WSGI carries it."""
    return unquote_to_bytes(target.partition("?")[0]).decode("latin-1")


def shown(response: Response, seen: Seen | None) -> str:
    """Say where a request ended."""
    if seen is None:
        return f"none of the applications saw it: {response}"
    return f"{seen.app} saw SCRIPT_NAME {seen.script_name!r} and PATH_INFO {seen.path_info!r}"


def aside(action: Callable[[], object]) -> Callable[[float], Any]:
    """Run an action in a thread of its own; call what this gives with seconds to wait for it.

    That gives the action's result, or None where it has not ended by then.
    """
    results: queue.SimpleQueue[object] = queue.SimpleQueue()
    threading.Thread(target=lambda: results.put(action()), daemon=True).start()

    def wait(seconds: float) -> object:
        try:
            return results.get(timeout=seconds)
        except queue.Empty:
            return None

    return wait


@must("combining-applications", share=0.5)
@given(name=names, rest=st.none() | rests, outer=st.sampled_from(["", OUTER]))
@example(name="a", rest=None, outer="")
@example(name="a", rest="", outer="")
@example(name="a", rest="/b/", outer=OUTER)
def test_prefix_to_script_name(
    appdispatch: Harness, name: str, rest: str | None, outer: str
) -> None:
    """The prefix moves from the path to the script name, and a URL made there leads back.

    An application knows by the script name where it is mounted: links, redirects
    and cookie paths are made with it. Behind a front server that mounts the whole,
    the prefix comes after what stands there already.

    Source: "Combining Applications" and "Dispatch by Path": a prefix is shifted off the path
    (`shift_path_info`), which by PEP 3333 lengthens SCRIPT_NAME by what PATH_INFO loses.

    Usual cause: the path is shortened and SCRIPT_NAME is not lengthened by the
    same text, or it is replaced where it had a value.
    """
    place = appdispatch.mount(name)
    client = appdispatch.client(appdispatch.below if outer else None)
    target = outer + place.prefix + (place.page if rest is None else rest) or "/"
    response, seen = appdispatch.ask(target, place.host, client=client)
    script_name, whole = wsgi_path(outer + place.prefix), wsgi_path(target)
    expect(
        seen is not None and (seen.script_name, seen.path_info)
        == (script_name, whole[len(script_name) :]),
        f"SCRIPT_NAME {script_name!r} and PATH_INFO {whole[len(script_name):]!r}",
        shown(response, seen),
    )  # fmt: skip
    if seen is None or seen.url is None:
        return
    _, again = appdispatch.ask(seen.url, place.host, client=client)
    expect(
        again is not None and (again.app, again.endpoint) == (seen.app, seen.endpoint),
        f"the URL {seen.url}, made for {seen.endpoint} in {seen.app}, to lead back there",
        shown(response, again),
    )


@must("combining-applications", share=0.3)
@given(name=names, tail=names, rest=paths())
@example(name="backend", tail="x", rest="/")
def test_segment_boundary(appdispatch: Harness, name: str, tail: str, rest: str) -> None:
    """A prefix matches whole segments only: neither a longer nor a shorter word is it.

    Source: "Dispatch by Path": one looks at the request path up to the first slash;
    "Combining Applications": the main application runs on `/`, the other on `/backend`.

    Usual cause: `path.startswith(prefix)`, without the slash that has to follow.
    """
    by_path = ByPath.of(appdispatch)
    place = by_path.mount(name)
    script_name = wsgi_path(place.prefix)
    for inside in (place.prefix, f"{place.prefix}/", place.prefix + rest):
        response, seen = by_path.ask(inside)
        expect(
            seen is not None and f"{seen.script_name}/".startswith(f"{script_name}/"),
            f"{inside} to end below {place.prefix}",
            shown(response, seen),
        )
    for outside in (f"{place.prefix}{tail}", f"{place.prefix}{tail}{rest}", place.prefix[:-1]):
        response, seen = by_path.ask(outside or "/")
        expect(
            seen is None or not f"{seen.script_name}/".startswith(f"{script_name}/"),
            f"{outside} to end outside of {place.prefix}",
            shown(response, seen),
        )


@should("combining-applications", share=0.4)
@given(number=st.integers(0, 9), rest=rests)
def test_longest_prefix(appdispatch: Harness, number: int, rest: str) -> None:
    """Where one prefix lies below another, the longer one gets its paths.

    Source: "Combining Applications": applications work next to each other, dispatched based on
    prefix; Werkzeug's `DispatcherMiddleware`, which it names, takes the longest.

    Usual cause: the prefixes are tried in the order in which they were written.
    """
    combined = CombinedApp.of(appdispatch)
    prefixes = [place.prefix for place in combined.places()[:-1]]
    inner = [prefix for prefix in prefixes if combined.owner(prefix.rpartition("/")[0])]
    if not inner:
        raise Untested.for_keys("appdispatch", "mounts", hint=": one of them below another")
    target = inner[number % len(inner)] + rest
    longest = combined.owner(target)
    if longest not in prefixes:
        return
    response, seen = combined.ask(target)
    expect(
        seen is not None and seen.script_name == wsgi_path(longest),
        f"{target} to end in the application at {longest}",
        shown(response, seen),
    )


@must("dispatch-by-path", share=0.5)
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
    """A path that is nobody's reaches the default app exactly as it was sent.

    Behind a front server that mounts the whole below a prefix, SCRIPT_NAME is that prefix.

    Source: "Dispatch by Path": it falls back to another application where the creator gives
    None, and shifts the path only where there is one.

    Usual cause: the first segment is taken off the path before it is known
    whether there is an application for it.
    """
    by_path = ByPath.of(appdispatch)
    target = f"/{NOBODY}{safe_path(first)}{rest}"
    client = by_path.client(by_path.below if outer else None)
    response, seen = by_path.ask(f"{outer}{target}?{query}", client=client)
    if seen is None and isinstance(by_path, CombinedApp):
        raise Untested("needs a Flask app outside of the mounts")
    expect(
        seen is not None
        and seen.key is None
        and (seen.script_name, seen.path_info, seen.query) == (outer, wsgi_path(target), query),
        f"the default app to see {wsgi_path(target)!r} with the query {query!r}"
        + (f" below {outer}" if outer else ""),
        shown(response, seen) + (f" with the query {seen.query!r}" if seen else ""),
    )


@must("dispatch-by-subdomain", share=0.15)
def test_create_once(appdispatch: Harness) -> None:
    """However many requests come for it, an application is created once.

    Two instances share nothing that lives in the process: caches, counters and
    connections of the first are lost to the second.

    Source: "Dispatch by Subdomain": an application that does not exist yet is created and
    remembered.

    Usual cause: the instance is not stored, or not under the key that it is
    looked up with.
    """
    dispatcher = Dispatcher.of(appdispatch)
    dispatcher.inside()

    class Requests(Machine):
        def __init__(self) -> None:
            super().__init__(dispatcher)
            dispatcher.renew()
            self.first: dict[str, str] = {}

        @rule(name=st.sampled_from(["alice", "bob", "carol"]), rest=paths(2))
        def ask(self, name: str, rest: str) -> None:
            response, seen = dispatcher.visit(dispatcher.mount(name), rest)
            expect(
                seen is not None and seen.key == name,
                f"a request for {name} to end in its application",
                shown(response, seen),
            )
            if seen is not None:
                first = self.first.setdefault(name, seen.app)
                expect(
                    seen.app == first and dispatcher.tenants.made[name] == 1,
                    f"every request for {name} to end in {first}",
                    f"{seen.app} ({dispatcher.tenants.made[name]} were created)",
                )

    explore(Requests)


@must("dispatch-by-subdomain", share=0.4)
@given(tenants=st.lists(names, min_size=2, max_size=3, unique=True), below=st.none() | names)
@example(tenants=["alice", "bob"], below=None)
@example(tenants=["alice", "bob"], below="api")
def test_own_instance(appdispatch: Harness, tenants: list[str], below: str | None) -> None:
    """Each subdomain has an application of its own, also below the same further name.

    Hosts such as `api.alice` and `api.bob` may be refused, or belong to `alice` and `bob`.

    Source: "Dispatch by Subdomain": user-specific instances for all subdomains, where the
    subdomain is the host up to the domain.

    Usual cause: the subdomain is taken to be the host's first label.
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
            expect(seen is not None, f"an application for {where}", shown(response, seen))
        if seen is not None:
            other = owners.setdefault(seen.app, where)
            expect(
                other == where,
                f"another application for {where} than for {other}",
                f"both end in {seen.app}",
                cause="only a part of the subdomain decides which application is asked"
                if below and not by_path
                else "",
            )


@must("")
def test_dispatchers_apart(appdispatch: Harness) -> None:
    """A second dispatcher in the same process creates and keeps applications of its own.

    Tests make a new one each, and a server may have one for each of its domains.

    Source: the introduction: the applications are entirely isolated from each other; "Dispatch
    by Subdomain": what a dispatcher remembers is made by its own creator.

    Usual cause: the remembered instances are an attribute of the class, or of the module.
    """
    dispatcher = Dispatcher.of(appdispatch)
    dispatcher.inside()
    for number in (1, 2):
        dispatcher.renew()
        response, seen = dispatcher.visit(dispatcher.mount("alice"), "/")
        expect(
            seen is not None and dispatcher.tenants.made["alice"] == 1,
            f"dispatcher {number} to create its own application for alice",
            shown(response, seen) + ("" if seen is None else ", which another dispatcher made"),
            cause="what was created is kept outside of the dispatcher" if seen else "",
        )


@must("dispatch-by-subdomain")
def test_create_once_concurrent(appdispatch: Harness) -> None:
    """First requests that come at the same time get one application, which is created once.

    Source: "Dispatch by Subdomain": looking for the instance, creating it and storing it happen
    under a lock.

    Usual cause: no lock around looking for the instance, creating it and storing it.
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
        # All are on their way; a second creator is given the time to get here.
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
        f"{len(clients)} requests at one moment to end in the one instance that is created",
        f"{len(calls)} were created, and the requests ended in {', '.join(sorted(ended))}",
    )


@must("dispatch-by-path", share=0.15)
def test_failed_create_not_cached(appdispatch: Harness) -> None:
    """Where the creator raises or, by path, gives nothing, nothing is remembered or left locked.

    A database that is away for a moment must not take an application away until
    the process is restarted.

    Source: "Dispatch by Path": only what the creator gives is stored, and None is not.

    Usual cause: the entry is made before the creator has succeeded, None is
    stored as if it were an instance, or the lock is released on one way out only.
    """
    dispatcher = Dispatcher.of(appdispatch)
    dispatcher.inside()
    by_path = isinstance(dispatcher, PathDispatch)

    def created_now(name: str) -> None:
        response, seen = dispatcher.visit(dispatcher.mount(name), "/x")
        expect(
            seen is not None and seen.key == name,
            f"the application of {name}, which can be created now",
            shown(response, seen),
        )

    for outcome in ("raises", "absent"):
        dispatcher.renew()
        dispatcher.tenants.outcomes["alice"] = outcome
        dispatcher.visit(dispatcher.mount("alice"), "/")
        waiting = aside(partial(dispatcher.visit, dispatcher.mount("bob"), "/"))
        answer = waiting(PATIENCE)
        what = "raised" if outcome == "raises" else "gave nothing"
        expect(
            answer is not None,
            f"a request after one whose creator {what} to be answered",
            "it waits for ever: the lock is still held",
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
                expect(seen is None, f"no application for {name} yet", shown(response, seen))
            else:
                expect(
                    seen is not None and (seen.key, seen.path_info) == (None, f"/{name}/x"),
                    f"the default app to see '/{name}/x' while there is no {name}",
                    shown(response, seen),
                )

    explore(Flips)


@harden("dispatch-by-subdomain")
def test_unknown_not_kept(appdispatch: Harness) -> None:
    """A subdomain that was asked for in vain is served once it exists.

    Someone who signs up has often been on the new address before. An answer that
    is kept for a while, up to a day, is accepted.

    Source: beyond the chapter, whose code stores the `NotFound()` until the process ends.

    Usual cause: the `NotFound()` that the creator gives for an unknown subdomain
    is stored as if it were its application.
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
    expect(
        seen is not None and seen.key == "alice",
        "alice's application, which was unknown when it was first asked for",
        shown(response, seen),
    )


@must("dispatch-by-subdomain")
@given(name=names, port=st.integers(1, 65535).map(str))
@example(name="alice", port="80")
def test_port_ignored(appdispatch: Harness, name: str, port: str) -> None:
    """A host with a port leads to the same instance as without one.

    Source: "Dispatch by Subdomain": the host is used without what follows the colon.

    Usual cause: the whole Host header is compared with the domain, or is the key
    that instances are stored under.
    """
    subdomains = SubdomainDispatch.of(appdispatch)
    host = subdomains.mount(name).host
    response, plain = subdomains.ask("/", host)
    expect(plain is not None, f"the application of {name}", shown(response, plain))
    response, seen = subdomains.ask("/", f"{host}:{port}")
    expect(
        plain and seen and (seen.app, seen.key) == (plain.app, name),
        f"{plain and plain.app} for {host}:{port} too",
        shown(response, seen),
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
    """Only the domain and what ends in a dot and the domain is accepted.

    Anyone can register a name that ends in the same letters, and have its
    visitors get pages, cookies and caches of an application here.

    Source: beyond the chapter, which compares the last letters.

    Usual cause: `host.endswith(domain)`, or a pattern with unescaped dots or
    without an end.
    """
    subdomains = SubdomainDispatch.of(appdispatch)
    response, seen = subdomains.ask("/", host)
    expect(seen is None, f"no application for {host}: it is not in {DOMAIN}", shown(response, seen))


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
    """A host outside the domain, or none, is refused with a 4xx: neither served nor a server error.

    Every scanner sends such requests, also with an X-Forwarded-Host of its choice, which
    is to be believed only where a proxy is known to set it. A redirect into the domain is
    accepted, and so is the dot that may end a full domain name. Python can leave
    assertions out: `PYTHONOPTIMIZE=1 conformance check` shows what is served then.

    Source: beyond the chapter, which asserts that the host is in the domain; RFC 9110, section
    15.5, for the class of the status.

    Usual cause: `assert host.endswith(...)`, or `environ["HTTP_HOST"]` where an
    HTTP/1.0 request has none.
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
        response if seen is None else shown(response, seen),
    )


@harden("dispatch-by-subdomain")
@given(host=cased(names.map(f"{{}}.{DOMAIN}".format)))
@example(host=f"ALICE.{DOMAIN}")
@example(host=f"alice.{DOMAIN.title()}")
def test_host_case_insensitive(appdispatch: Harness, host: str) -> None:
    """However a host is spelled in upper and lower case, it is one instance.

    Source: RFC 9110, section 4.2.3: the host is case-insensitive. The chapter's code takes it as
    it came, which browsers send in lower case.

    Usual cause: the Host header is used without `.lower()`.
    """
    subdomains = SubdomainDispatch.of(appdispatch)
    response, plain = subdomains.ask("/", host.lower())
    expect(plain is not None, f"an application for {host.lower()}", shown(response, plain))
    response, seen = subdomains.ask("/", host)
    expect(
        plain and seen and seen.app == plain.app,
        f"{plain and plain.app} for {host} too",
        shown(response, seen),
    )


@must("dispatch-by-subdomain")
def test_unknown_tenant_404(appdispatch: Harness) -> None:
    """An unknown subdomain is answered with a whole 404 or a redirect, not with an exception.

    Source: "Dispatch by Subdomain": without a user for the subdomain a WSGI application still
    has to handle the request, such as `NotFound()` or a redirect.

    Usual cause: the dispatcher uses more of what the creator gives than that it
    is a WSGI application.
    """
    subdomains = SubdomainDispatch.of(appdispatch)
    response, seen = subdomains.visit(subdomains.mount(f"{NOBODY}body"), "/")
    expect(
        seen is None and (response.status == 404 or response.is_redirect),
        "404, or a redirect",
        response if seen is None else shown(response, seen),
    )


@must("", share=0.15)
def test_isolation(appdispatch: Harness) -> None:
    """Neither configuration nor session of one application is seen or changed by another.

    Applications on one host share the browser's cookies: with the same name, logging
    in to one logs out of the other; with the same key too, one reads what the
    other wrote.

    Source: the introduction: the applications are entirely isolated from each other and run
    different configurations.

    Usual cause: mounted applications that all have the cookie name `session` at
    the path `/` (set SESSION_COOKIE_NAME and SESSION_COOKIE_PATH), or one configuration
    object for several.
    """

    class Visits(Machine):
        def __init__(self) -> None:
            super().__init__(appdispatch)
            self.clients = {
                place.host: appdispatch.client(host=place.host) for place in appdispatch.places()
            }
            self.sessions: dict[Place, str | None] = {}

        @rule(
            place=st.sampled_from(list(appdispatch.places())),
            change=st.none() | st.just((DROP, "1")) | st.tuples(st.just(PUT), names),
        )
        def visit(self, place: Place, change: tuple[str, str] | None) -> None:
            headers = [change] if change else []
            client = self.clients[place.host]
            response, seen = appdispatch.visit(place, place.page, client=client, headers=headers)
            if seen is None and not place.prefix and appdispatch.kind == "routes":
                # What answers outside of the mounts need not be Flask's.
                return
            where = f"{place.host}{place.prefix}"
            expect(seen is not None, f"an application at {where}", shown(response, seen))
            if seen is None:
                return
            expect(
                seen.marked_by == seen.app,
                f"the configuration of {seen.app} to be its own",
                f"it is also that of {seen.marked_by}",
            )
            if not seen.has_session:
                return
            kept = self.sessions.get(place)
            expect(
                seen.session == kept,
                f"the session at {where} to hold what was put there: {kept!r}",
                f"it holds {seen.session!r}",
            )
            if change:
                self.sessions[place] = change[1] if change[0] == PUT else None

    explore(Visits)


@harden("dispatch-by-subdomain")
def test_answers_together(appdispatch: Harness) -> None:
    """While an application answers a request, requests for it and for others are answered.

    Source: beyond the chapter, whose lock is released before the application is called.

    Usual cause: the application is called where the lock is still held.
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
            "it is answered only when the other is",
            cause="the lock is held while the application answers",
        )


@harden("dispatch-by-path", share=0.5)
@given(name=segments.filter(lambda text: not text.startswith(NOBODY)), rest=rests)
@example(name="é", rest="/x")
def test_unicode_prefix(appdispatch: Harness, name: str, rest: str) -> None:
    """The creator is asked for the text of a segment, whatever its script.

    WSGI carries the path's bytes as latin-1, so that an é arrives as Ã©.

    Source: beyond the chapter, which uses PATH_INFO as it comes; PEP 3333, "Unicode Issues", says
    how it is encoded.

    Usual cause: a piece of PATH_INFO is used as text without
    `.encode("latin-1").decode()`.
    """
    by_path = PathDispatch.of(appdispatch)
    place = by_path.mount(name)
    response, seen = by_path.visit(place, rest)
    expect(
        seen is not None and seen.key == name,
        f"the application of {name!r}",
        f"the creator was asked for {seen.key!r}" if seen else shown(response, seen),
    )
    expect(
        seen and seen.script_name + seen.path_info == wsgi_path(place.prefix + rest),
        f"script name and path to be {wsgi_path(place.prefix + rest)!r} together",
        shown(response, seen),
    )


@harden("dispatch-by-subdomain")
def test_bounded(appdispatch: Harness) -> None:
    """Requests for ever new unknown names do not make the process hold ever more.

    Up to a thousand names may be kept, as a cache with a limit does.

    Source: beyond the chapter; it protects memory from apps that nobody asks for any more.

    Usual cause: the 404 of each unknown name is remembered, or a lock for each name.
    """
    dispatcher = Dispatcher.of(appdispatch)
    dispatcher.inside()
    client = dispatcher.client()
    for number in range(ASKED):
        dispatcher.visit(dispatcher.mount(f"{NOBODY}{number}-junk"), "/", client=client)
    kept = dispatcher.kept("-junk")
    expect(
        kept <= KEPT,
        f"at most {KEPT} of {ASKED} names that are nobody's to be held on to",
        f"the dispatcher still holds {kept} of them",
    )


@harden("dispatch-by-subdomain")
def test_no_head_of_line(appdispatch: Harness) -> None:
    """While an application is being created, others that exist already are served.

    Source: beyond the chapter, which holds its lock while it creates.

    Usual cause: one lock for all, held while the creator runs. Hold it only to
    look and to store; let those who want the same application wait for it.
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
        "the application of 'warm' to answer while that of 'slow' is being created",
        "it answers only when the other is there",
    )


@harden("dispatch-by-path", share=0.5)
@given(
    lead=st.lists(st.sampled_from(["/", "./", "../"]), min_size=1, max_size=3).map("".join),
    name=names,
    rest=paths(2),
)
@example(lead="/", name="alice", rest="/")
@example(lead="./", name="alice", rest="/")
def test_canonical_path(appdispatch: Harness, lead: str, name: str, rest: str) -> None:
    """Slashes and dots before a prefix lead where the plain path leads, the default app or a 4xx.

    A front server that guards a prefix compares the path without them.

    Source: beyond the chapter; it protects relative links below a mount from leading elsewhere.

    Usual cause: the prefix is looked for in one form of the path and cut off another.
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
        shown(response, seen),
    )
