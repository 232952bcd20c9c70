"""The clauses of Deferred Request Callbacks."""

from __future__ import annotations

import linecache
from functools import partial
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from conformance.clause import example, expect, given, harden, must, should, together
from conformance.core.errors import Deviation, Untested
from conformance.instruments.strategies import header_values, markup
from conformance.patterns.deferredcallbacks import (
    RAN,
    STREAMED,
    WAYS,
    DeferComponent,
    DeferredCallbacksHarness,
    DeferredCallbacksRoutes,
    defers,
    fails,
    named,
    replaces,
)
from conformance.patterns.harness import Mounted
from conformance.transports import Request, Response

Harness = DeferredCallbacksHarness

numbers = st.lists(st.integers(0, 99), max_size=5, unique=True)


def visit(
    harness: Harness, drawn: list[int], outcome: str = "page", when: str = "this request"
) -> Response:
    """Send a request that defers functions, and check that just these ran in its response."""
    marks = harness.marks(drawn)
    response = harness.visit(marks, outcome)
    ran = harness.ran(response)
    if outcome in WAYS[1:] and not isinstance(harness, DeferComponent) and len(ran) < 2:
        # Whether such a response sets a cookie is up to the deferred function.
        return response
    if sorted(ran) != sorted(marks) and (marks or isinstance(harness, DeferComponent)):
        observed = f"{_quoted(ran)} ran, in a {response.status} response"
        foreign = sorted({*ran} - {*marks}) if isinstance(harness, DeferComponent) else []
        if foreign:
            observed += f": {_quoted(foreign)} was deferred by an earlier request"
        elif outcome != "page" and sorted(harness.ran(harness.visit(marks))) == sorted(marks):
            observed += "; for a view that returns a page, they run"
            when = OUTCOMES_TOLD.get(outcome, when)
        raise Deviation(f"{_quoted(marks)} to run once for {when}", observed)
    return response


#: The outcomes of a request, in words.
OUTCOMES_TOLD = {
    "forbidden": "a request whose view aborts with 403",
    "raises": "a request whose view raises",
    "short": "a request that a before_request function answers",
    "missing": "a request for a path that no rule matches",
    "method": "a request with a method that is not allowed",
    "stream": "a request whose response is streamed",
    "nested": "a request whose view enters another app context and leaves it",
    "file": "a request that `send_file` answers",
    "part": "a request with Range, which `send_file` answers with a part of the file",
    "unchanged": "a request with If-Modified-Since, which `send_file` answers without a body",
}


def _quoted(marks: list[str]) -> str:
    return "nothing" if not marks else ", ".join(map(repr, marks))


@must("", share=0.3)
@given(drawn=numbers, way=st.sampled_from(WAYS))
@example(drawn=[0], way="page")
@example(drawn=[0], way="nested")
@example(drawn=[0], way="file")
@example(drawn=[0], way="part")
@example(drawn=[0], way="unchanged")
def test_runs_once(deferredcallbacks: Harness, drawn: list[int], way: str) -> None:
    """A function deferred during a request runs exactly once, with its response.

    This includes responses that are files, and parts of them.

    Source: a function is registered during a request, to be called at its end.

    Usual cause: the function is both deferred and registered as a hook, or it is stored where
    nothing calls it.
    """
    visit(deferredcallbacks, drawn, way if way in deferredcallbacks.ways() else "page")


@harden("", share=0.3)
@given(drawn=numbers)
@example(drawn=[0])
def test_deferred_while_running(deferredcallbacks: Harness, drawn: list[int]) -> None:
    """A function that a deferred function defers runs too, once, with the same response.

    If it is refused, with an exception, no later request runs it either.

    Source: beyond the chapter, whose functions defer nothing; it protects a function from being
    lost, or run for another visitor.

    Usual cause: the list of functions is copied or emptied before its functions are called.
    """
    defer = DeferComponent.of(deferredcallbacks)
    marks = defer.marks(drawn)
    defer.functions["first"] = defers(defer.defer, "first", "then")
    response = defer.visit([*marks, "first"])
    ran = defer.ran(response)
    expect(
        sorted(ran) == sorted([*marks, "first", "then"]) or response.status >= 500,
        "'first' to run once, and 'then', which 'first' defers while it runs, too",
        f"{_quoted(ran)} ran",
    )
    visit(defer, drawn, when="the next request")


@must("", share=0.15)
@given(
    requests=st.lists(numbers, min_size=2, max_size=4),
    hold=st.none() | st.integers(1, 12),
    leaves=st.booleans(),
)
@example(requests=[[0], []], hold=None, leaves=True)
@example(requests=[[0], [], [1], []], hold=None, leaves=False)
@example(requests=[[0], [1]], hold=2, leaves=False)
@example(requests=[[0], [1]], hold=4, leaves=False)
def test_only_this_request(
    deferredcallbacks: Harness, requests: list[list[int]], hold: int | None, leaves: bool
) -> None:
    """A deferred function affects only its own request, not the next or a concurrent one.

    This holds even if an earlier request ended in an exception that left the application.

    Source: the callbacks are executed after the current request only.

    Usual cause: the functions are stored in a module-level list, or the hook registers one with
    `app.after_request` on every request.
    """
    for drawn in requests:
        if leaves and isinstance(deferredcallbacks, DeferComponent):
            deferredcallbacks.leave(["left"])
        visit(deferredcallbacks, drawn)
    together(*[partial(visit, deferredcallbacks, drawn) for drawn in requests], hold=hold)


@must("", share=0.3)
@given(drawn=numbers.filter(bool), number=st.integers(0, 9))
@example(drawn=[0], number=1)
@example(drawn=[0], number=2)
@example(drawn=[0], number=3)
@example(drawn=[0], number=4)
@example(drawn=[0, 1], number=5)
def test_on_error_responses(deferredcallbacks: Harness, drawn: list[int], number: int) -> None:
    """Deferred functions also run if the view raises, aborts, or is never called.

    Whether an error page sets a cookie is up to the deferred function.

    Source: the response is created by a view function or by some other component.

    Usual cause: the functions are called by a decorator around the view, or at the view's end.
    """
    outcomes = deferredcallbacks.outcomes()
    if not isinstance(deferredcallbacks, DeferComponent):
        outcomes = [outcome for outcome in outcomes if outcome == "short"]
        if not outcomes:
            raise Untested.for_keys("deferredcallbacks", "after_this_request")
    visit(deferredcallbacks, drawn, deferredcallbacks.choose(outcomes, number=number))


@must("", share=0.3)
@given(wishes=st.lists(st.integers(0, 9), min_size=2, max_size=4))
@example(wishes=[0, 1])
def test_conditional_cookie(deferredcallbacks: Harness, wishes: list[int]) -> None:
    """The cookie is set for a client that has none, and not again for one that sends it.

    Source: the function is deferred only if the request has no cookie.

    Usual cause: the function is deferred without checking for the cookie; then no response can
    be cached, and the value follows every change of the header.
    """
    deferredcallbacks.remembers()
    client = deferredcallbacks.client()
    for count, number in enumerate(wishes):
        response = deferredcallbacks.visit(deferredcallbacks.marks([number]), client=client)
        ran = deferredcallbacks.ran(response)
        if count == 0:
            expect(len(ran) == 1, "a cookie for a client without one", f"{len(ran)} cookies")
        else:
            expect(not ran, "no cookie for a client that sends it", f"{_quoted(ran)} set again")


@must("")
@given(number=st.integers(0, 9))
def test_value_consistent(deferredcallbacks: Harness, number: int) -> None:
    """The request that sets the cookie and the next one both use the value in it.

    Source: the user's language is remembered in the cookie, and `g.language` is set on each
    request.

    Usual cause: the value is determined a second time, or changed between the two.
    """
    deferredcallbacks.remembers()
    deferredcallbacks.need("attribute")
    client = deferredcallbacks.client()
    wish = {deferredcallbacks.binding.header: deferredcallbacks.marks([number])[0]}
    for visit_number, headers in enumerate((wish, {})):
        request = deferredcallbacks.request("page", headers)
        _, used = deferredcallbacks.send_and_look(
            client, request, deferredcallbacks.used, finished=True
        )
        kept = client.cookie(deferredcallbacks.binding.cookie)
        expect(
            used is not None and used == kept,
            f"g.{deferredcallbacks.binding.attribute} to be the cookie's value, {kept!r}",
            f"{used!r} in the {('first', 'second')[visit_number]} request",
        )


@must("", share=0.15)
@given(drawn=numbers.filter(bool))
def test_response_returned(deferredcallbacks: Harness, drawn: list[int]) -> None:
    """Each request gets its own response, whatever is deferred and however its view ends.

    This includes clients that do not send the header, and those that have the cookie.

    A deferred function that returns nothing leaves Flask with None instead of a response; no
    error handler sees the exception that follows. A before-request function that returns a value
    ends the request: Flask sends the value instead of calling the view.

    Source: callbacks can modify or replace a response: they return one.

    Usual cause: a missing `return response` at the end of the function.
    """
    deferredcallbacks.remembers()
    for outcome in deferredcallbacks.outcomes():
        for marks in (deferredcallbacks.marks(drawn), []):
            response = deferredcallbacks.visit(marks, outcome)
            expected = 500 if outcome == "raises" else 499
            wish = "" if marks else f", without {deferredcallbacks.binding.header}"
            expect(
                response.error is None and response.status <= expected,
                f"a response to {OUTCOMES_TOLD.get(outcome, 'a request for a page')}{wish}",
                f"{response}{_line_of(response)}",
                cause="the deferred function returned None instead of a response"
                if "NoneType" in str(response.error)
                else "",
            )
    if isinstance(deferredcallbacks, DeferredCallbacksRoutes):
        _page_again(deferredcallbacks, deferredcallbacks.marks(drawn))


def _page_again(harness: DeferredCallbacksRoutes, marks: list[str]) -> None:
    """Check that a client with the cookie gets a page, and not the cookie's value alone."""
    client = harness.client()
    first, second = (harness.visit(marks, client=client) for _ in range(2))
    kept = client.cookie(harness.binding.cookie)
    if kept is None or second.text.strip() != kept or first.text.strip() == kept:
        return
    with harness.aside():
        asked = harness.request("page", {"Cookie": f"{harness.binding.cookie}={kept}"})
        cause = harness.returned_by(asked)
    expect(
        False,
        f"the page for a client that sends the cookie {harness.binding.cookie}={kept}",
        f"a response that is only {kept!r}, the cookie's value",
        cause=cause or "the value is returned by a before-request function, and so is the response",
    )


def _line_of(response: Response) -> str:
    """Return, for a failure, the line of the subject's code that raised, if it can be read."""
    location = response.raised and response.raised.location
    line = linecache.getline(location.file, location.line).strip() if location else ""
    return f"; line {location.line} is `{line:.100}`" if location and line else ""


@should("")
@given(drawn=numbers.filter(lambda drawn: len(drawn) > 1), place=st.none() | st.integers(0, 4))
@example(drawn=[2, 1], place=None)
@example(drawn=[1, 2, 3], place=1)
def test_order(deferredcallbacks: Harness, drawn: list[int], place: int | None) -> None:
    """All deferred functions run, in the order in which they were registered.

    If one of them returns a different response, the later ones get that.

    Source: responses are passed down a chain of callbacks that can modify or replace them.

    Usual cause: the functions are stored in a set or taken from the end of the list, or the
    loop passes each of them the original response.
    """
    defer = DeferComponent.of(deferredcallbacks)
    marks = defer.marks(drawn)
    if place is not None:
        place %= len(marks)
        defer.functions[marks[place]] = replaces
        expected = ["replaced", *marks[place + 1 :]]
    else:
        expected = marks
    ran = defer.ran(defer.visit(marks))
    expect(ran == expected, f"{_quoted(expected)} in this order", f"{_quoted(ran)}")


@should("")
@given(count=st.integers(2, 8))
def test_closure_values(deferredcallbacks: Harness, count: int) -> None:
    """Functions deferred in a loop all run, each with the value of its own iteration.

    Source: several callbacks can be registered at any time, from anywhere in the application.

    Usual cause: functions are identified by name, or a closure reads the loop variable after
    the loop.
    """
    defer = DeferComponent.of(deferredcallbacks)
    marks = defer.marks(range(count))
    ran = defer.ran(defer.visit(marks))
    if sorted(ran) == sorted(marks):
        return
    for mark in marks:
        defer.functions[mark] = named(mark)
    by_name = sorted(defer.ran(defer.visit(marks))) == sorted(marks)
    raise Deviation(
        f"{count} functions to run: {_quoted(marks)}",
        f"{_quoted(ran)} ran" + ("; all run if their names differ" if by_name else ""),
        "functions with the same __name__ replace each other" if by_name else "",
    )


@harden("", share=0.3)
@given(before=numbers, after=numbers)
@example(before=[0], after=[1])
def test_failing_callback(deferredcallbacks: Harness, before: list[int], after: list[int]) -> None:
    """A deferred function that raises affects its own response at most, not the next one.

    Source: beyond the chapter; it protects the next request from what a failed callback left.

    Usual cause: the functions that have not run yet are kept beyond the request, or the
    exception leaves the application.
    """
    defer = DeferComponent.of(deferredcallbacks)
    defer.functions["fails"] = fails
    response = defer.visit([*defer.marks(before), "fails"])
    expect(
        response.error is None and response.status in (200, 500),
        "a 500 response, or the page without the failed function",
        response,
    )
    visit(defer, after, when="the request after the one in which a function raised")


@harden("", share=0.3)
@given(text=header_values() | markup().map(quote), where=st.sampled_from(["cookie", "header"]))
@example(text="xx-unknown", where="cookie")
@example(text="xx-unknown", where="header")
def test_known_values(deferredcallbacks: Harness, text: str, where: str) -> None:
    """Only values that the application knows are used and stored, whatever a client sends.

    Source: beyond the chapter, which uses the cookie unchecked.

    Usual cause: the cookie's value is used unchecked, or `best_match` returns None because
    nothing matches and the cookie then says "None".
    """
    deferredcallbacks.remembers()
    binding = deferredcallbacks.binding
    plain = "".join(char for char in text if char not in '",; \\')
    headers = {"Cookie": f"{binding.cookie}={plain}"} if where == "cookie" else {}
    if where == "header":
        headers = {binding.header: text}
    response = deferredcallbacks.client().send(deferredcallbacks.request("page", headers))
    expect(response.status < 500, "a response without a server error", response)
    ran = deferredcallbacks.ran(response)
    known = binding.values
    expect(
        all(value in known for value in ran),
        f"a cookie with one of {', '.join(known)}, or none",
        _quoted(ran),
    )
    if binding.attribute and deferredcallbacks.bench.transport.same_process:
        request = deferredcallbacks.request("page", headers)
        client = deferredcallbacks.client()
        _, used = deferredcallbacks.send_and_look(
            client, request, deferredcallbacks.used, finished=True
        )
        expect(used in known, f"one of {', '.join(known)} to be used", repr(used))


@harden("", share=0.3)
@given(
    picks=st.lists(st.integers(0, 9), min_size=2, max_size=4, unique=True), weighted=st.booleans()
)
@example(picks=[1, 0], weighted=False)
@example(picks=[1, 0], weighted=True)
def test_preferred_value(deferredcallbacks: Harness, picks: list[int], weighted: bool) -> None:
    """Of the languages that a client lists, the one it prefers among those known is used.

    Browsers list several languages, and the first one need not be known.

    Source: beyond the chapter; RFC 9110, section 12.5.4: Accept-Language is a list of languages,
    each with a weight that says how much it is preferred.

    Usual cause: the header is split at its first comma, or cut to two letters, instead of
    `request.accept_languages.best_match(...)`.
    """
    deferredcallbacks.remembers()
    binding = deferredcallbacks.binding
    if binding.header.lower() != "accept-language":
        raise Untested("the header is not Accept-Language, which lists values by preference")
    wanted = list(dict.fromkeys(deferredcallbacks.choose_all(binding.values, picks=picks)))
    listed = [f"{value};q={0.9 - 0.1 * at:.1f}" for at, value in enumerate(wanted)]
    listed = ["xx", *(reversed(listed) if weighted else listed)]
    text = ", ".join(listed)
    response = deferredcallbacks.client().send(
        deferredcallbacks.request("page", {binding.header: text})
    )
    ran = deferredcallbacks.ran(response)
    expect(
        ran in ([wanted[0]], []),
        f"the cookie {binding.cookie}={wanted[0]} for a client that sends {binding.header}: {text}",
        _quoted(ran),
    )


@harden("")
def test_cookie_attrs(deferredcallbacks: Harness) -> None:
    """The cookie has SameSite, Secure over HTTPS, Max-Age up to 400 days, and a matching path.

    Source: beyond the chapter; RFC 6265bis for the attributes.

    Usual cause: `set_cookie(name, value)` without any of its options; browsers cap the age at
    400 days.
    """
    deferredcallbacks.remembers()
    marks = deferredcallbacks.marks([0])
    cookie = _attributes(deferredcallbacks, deferredcallbacks.visit(marks))
    expect(
        cookie.get("samesite", "").lower() in ("lax", "strict"),
        "a cookie with SameSite=Lax or SameSite=Strict",
        f"SameSite={cookie['samesite']}" if "samesite" in cookie else "it has no SameSite",
    )
    age = cookie.get("max-age", "0")
    expect(
        age.isdigit() and int(age) <= 400 * 86400, "Max-Age of 400 days at most", f"Max-Age={age}"
    )
    below = deferredcallbacks.client(Mounted(deferredcallbacks.app, "/mount"))
    request = deferredcallbacks.request("page", {deferredcallbacks.binding.header: marks[0]})
    below.send(_at(request, "/mount" + request.target))
    kept = next(iter(below.cookies.values()), None)
    expect(
        kept is not None and "/mount/".startswith(kept.path.rstrip("/") + "/"),
        "a cookie that is sent back below the prefix /mount",
        f"Path={kept.path if kept else None}",
    )
    deferredcallbacks.only_wsgi("says in the environ that the request came over HTTPS")
    secure = Request(
        request.method, request.target, request.headers, environ={"wsgi.url_scheme": "https"}
    )
    cookie = _attributes(deferredcallbacks, deferredcallbacks.client().send(secure))
    expect("secure" in cookie, "Secure in a cookie that is set over HTTPS", str(cookie))


def _at(request: Request, target: str) -> Request:
    return Request(request.method, target, request.headers)


def _attributes(harness: Harness, response: Response) -> dict[str, str]:
    for header in response.header_values("Set-Cookie"):
        pair, *rest = header.split(";")
        if pair.strip().startswith(f"{harness.binding.cookie}="):
            items = (item.strip().partition("=") for item in rest)
            return {name.lower(): value for name, _, value in items}
    raise Untested(f"the page sets no cookie {harness.binding.cookie}")


@harden("")
@given(number=st.integers(0, 9))
def test_vary(deferredcallbacks: Harness, number: int) -> None:
    """A response that depends on the cookie or the header says so in Vary, or is not cacheable.

    Source: beyond the chapter; RFC 9110, section 12.5.5.

    Usual cause: no `response.vary.add(...)`, so a cache in front of the application serves one
    visitor's language and cookie to everyone.
    """
    deferredcallbacks.remembers()
    response = deferredcallbacks.visit(deferredcallbacks.marks([number]))
    varies = response.header_tokens("Vary")
    header = deferredcallbacks.binding.header.lower()
    private = response.header_tokens("Cache-Control") & {"private", "no-store", "no-cache"}
    expect(
        private or "*" in varies or {"cookie", header} <= varies,
        f"a response for which caches keep one visitor apart from the next: Vary: Cookie, "
        f"{deferredcallbacks.binding.header}, or Cache-Control: private or no-store",
        f"{response.request.name} has "
        + " and ".join(
            f"{name}: {value}" if (value := response.header(name)) else f"no {name}"
            for name in ("Vary", "Cache-Control")
        ),
        cause=f"the response depends on the cookie {deferredcallbacks.binding.cookie} and on "
        f"{deferredcallbacks.binding.header}, and does not say so in Vary: a cache in front of the "
        "application may serve it to everyone",
    )


@should("")
@given(drawn=numbers)
def test_no_callback_outside(deferredcallbacks: Harness, drawn: list[int]) -> None:
    """Deferring outside a request raises an error that says so, or does nothing.

    Source: the callbacks are executed after the current request only.

    Usual cause: the function is kept until the next request, which is another visitor's.
    """
    defer = DeferComponent.of(deferredcallbacks)
    for mark in defer.marks(drawn):

        def late(response: Any, _mark: str = mark) -> Any:
            response.headers.add(RAN, f"{_mark} of nobody")
            return response

        try:
            defer.defer(late)
        except RuntimeError as error:
            expect(str(error), "an error with a message", "it has none")
        except Exception as error:
            expect(False, "a RuntimeError that says so", f"{type(error).__name__}: {error}")
    own = defer.marks([100])
    ran = defer.ran(defer.visit(own))
    theirs = [mark for mark in ran if mark.endswith("of nobody")]
    expect(not theirs, "the next request to run only what it deferred", _quoted(theirs))


@should("", share=0.3)
@given(drawn=numbers.filter(bool))
def test_stream(deferredcallbacks: Harness, drawn: list[int]) -> None:
    """Deferred functions also run for a streamed response, and leave its body unchanged.

    Source: the response is modified, whatever created it; RFC 9112, section 6, for a body of
    unknown length.

    Usual cause: the deferred function reads the body (`response.data`), or runs only after the
    stream has ended, when the headers are already sent.
    """
    response = visit(deferredcallbacks, drawn, "stream")
    expect(
        response.body == STREAMED and response.header("Content-Length") is None,
        "the pieces of the stream, without a Content-Length",
        response,
    )
