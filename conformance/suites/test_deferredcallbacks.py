"""The clauses of Deferred Request Callbacks."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from conformance.clause import example, expect, given, harden, must, should, together
from conformance.core.errors import Untested
from conformance.instruments.strategies import header_values, markup
from conformance.patterns.deferredcallbacks import (
    RAN,
    STREAMED,
    DeferComponent,
    DeferredCallbacksHarness,
    fails,
    replaces,
)
from conformance.patterns.harness import Mounted
from conformance.transports import Request, Response

Harness = DeferredCallbacksHarness

numbers = st.lists(st.integers(0, 99), max_size=5, unique=True)


def visit(harness: Harness, drawn: list[int], outcome: str = "page") -> Response:
    """Send a request that defers, and hold what ran against what it was asked to defer."""
    marks = harness.marks(drawn)
    response = harness.visit(marks, outcome)
    ran = harness.ran(response)
    if marks or isinstance(harness, DeferComponent):
        expect(
            sorted(ran) == sorted(marks),
            f"{_shown(marks)} to run for this request, once",
            f"{_shown(ran)} ran, in an answer of {response.status}",
        )
    return response


def _shown(marks: list[str]) -> str:
    return "nothing" if not marks else ", ".join(map(repr, marks))


@must("")
@given(drawn=numbers)
@example(drawn=[0])
def test_runs_once(deferredcallbacks: Harness, drawn: list[int]) -> None:
    """What a request defers is carried out in its response, exactly once.

    Source: a function is registered during a request, to be called at its end.

    Usual cause: the function is both deferred and registered as a hook, or kept
    where nothing runs it.
    """
    visit(deferredcallbacks, drawn)


@must("")
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
    """What a request defers leaves no trace in the next response, nor in one at the same time.

    A request before may also have ended in an exception that left the application.

    Source: the callbacks execute after only the current request.

    Usual cause: the functions are kept in a module-level list, or the hook
    registers one with `app.after_request` for each request that comes.
    """
    for drawn in requests:
        if leaves and isinstance(deferredcallbacks, DeferComponent):
            deferredcallbacks.leave(["left"])
        visit(deferredcallbacks, drawn)
    together(*[partial(visit, deferredcallbacks, drawn) for drawn in requests], hold=hold)


@must("")
@given(drawn=numbers.filter(bool), number=st.integers(0, 9))
@example(drawn=[0], number=1)
@example(drawn=[0], number=2)
@example(drawn=[0], number=3)
@example(drawn=[0], number=4)
@example(drawn=[0, 1], number=5)
def test_on_error_responses(deferredcallbacks: Harness, drawn: list[int], number: int) -> None:
    """What was deferred is carried out also where the view raises, aborts, or is never called.

    Whether a cookie is remembered by an error page, the deferred function may decide itself.

    Source: the response is created by a view function or by some other component in the
    system.

    Usual cause: the functions are run by a decorator around the view, or at its end.
    """
    outcomes = deferredcallbacks.outcomes()
    if not isinstance(deferredcallbacks, DeferComponent):
        outcomes = [outcome for outcome in outcomes if outcome == "short"]
        if not outcomes:
            raise Untested.for_keys("deferredcallbacks", "after_this_request")
    visit(deferredcallbacks, drawn, outcomes[number % len(outcomes)])


@must("")
@given(wishes=st.lists(st.integers(0, 9), min_size=2, max_size=4))
@example(wishes=[0, 1])
def test_conditional_cookie(deferredcallbacks: Harness, wishes: list[int]) -> None:
    """The cookie is set for a client that has none, and not again for one that sends it.

    Source: the function is deferred only where the request has no cookie.

    Usual cause: the function is deferred without asking for the cookie first; then no
    answer can be cached, and the value follows every change of the header.
    """
    deferredcallbacks.remembers()
    client = deferredcallbacks.client()
    for count, number in enumerate(wishes):
        response = deferredcallbacks.visit(deferredcallbacks.marks([number]), client=client)
        ran = deferredcallbacks.ran(response)
        if count == 0:
            expect(len(ran) == 1, "a cookie for a client without one", f"{len(ran)} cookies")
        else:
            expect(not ran, "no cookie for a client that sends it", f"{_shown(ran)} set again")


@must("")
@given(number=st.integers(0, 9))
def test_value_consistent(deferredcallbacks: Harness, number: int) -> None:
    """The page that sets the cookie, and the next one that gets it, use the value that is in it.

    Source: the language of the user is remembered in the cookie, and `g.language` is set in
    each request.

    Usual cause: the value is guessed a second time, or changed between the two.
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


@must("")
@given(drawn=numbers.filter(bool))
def test_response_returned(deferredcallbacks: Harness, drawn: list[int]) -> None:
    """Whatever is deferred and however the request ends, the server gets an answer.

    So does a client that sends no wish.

    A deferred function that gives nothing back leaves Flask with None in the
    place of the response: the exception passes every error handler.

    Source: callbacks can modify a response or replace it: they return one.

    Usual cause: a missing `return response` at the function's end.
    """
    deferredcallbacks.remembers()
    for outcome in deferredcallbacks.outcomes():
        for marks in (deferredcallbacks.marks(drawn), []):
            response = deferredcallbacks.visit(marks, outcome)
            expected = 500 if outcome == "raises" else 499
            wish = "" if marks else f", without {deferredcallbacks.binding.header}"
            expect(
                response.error is None and response.status <= expected,
                f"an answer for a request that ends so: {outcome}{wish}",
                response,
            )


@should("")
@given(drawn=numbers.filter(lambda drawn: len(drawn) > 1), place=st.none() | st.integers(0, 4))
@example(drawn=[2, 1], place=None)
@example(drawn=[1, 2, 3], place=1)
def test_order(deferredcallbacks: Harness, drawn: list[int], place: int | None) -> None:
    """Deferred functions act in the order in which they were registered, none left out.

    Where one of them answers something else, the later ones act on that.

    Source: responses are passed down a chain of callbacks that can modify or replace them.

    Usual cause: the functions are kept in a set or taken from the list's end, or the
    loop goes on with the response that it began with.
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
    expect(ran == expected, f"{_shown(expected)} in this order", f"{_shown(ran)}")


@should("")
@given(count=st.integers(2, 8))
def test_closure_values(deferredcallbacks: Harness, count: int) -> None:
    """Functions that are deferred in a loop all run, each with the value of its own turn.

    Source: callbacks, in the plural, can be registered at any time, from anywhere in the
    application.

    Usual cause: functions are told apart by their name, or a closure reads the loop's
    variable when the loop is over.
    """
    defer = DeferComponent.of(deferredcallbacks)
    marks = defer.marks(range(count))
    ran = defer.ran(defer.visit(marks))
    expect(sorted(ran) == sorted(marks), f"{count} functions to run: {_shown(marks)}", _shown(ran))


@harden("")
@given(before=numbers, after=numbers)
@example(before=[0], after=[1])
def test_failing_callback(deferredcallbacks: Harness, before: list[int], after: list[int]) -> None:
    """A deferred function that raises costs its own answer at most: the next one is clean.

    Source: beyond the chapter; it protects the next request from what a failing callback left.

    Usual cause: what is left to run is kept beyond the request, or the exception
    passes the application and takes the worker's request with it.
    """
    defer = DeferComponent.of(deferredcallbacks)
    defer.functions["fails"] = fails
    response = defer.visit([*defer.marks(before), "fails"])
    expect(
        response.error is None and response.status in (200, 500),
        "an answer of 500, or the page without what failed",
        response,
    )
    visit(defer, after)


@harden("")
@given(text=header_values() | markup().map(quote), where=st.sampled_from(["cookie", "header"]))
@example(text="xx-unknown", where="cookie")
@example(text="xx-unknown", where="header")
def test_known_values(deferredcallbacks: Harness, text: str, where: str) -> None:
    """Only values that the application knows are used and remembered, whatever a client sends.

    Source: beyond the chapter, which uses the cookie as it comes.

    Usual cause: the cookie's value is used as it came; `best_match` gives None where
    nothing matches, and the cookie says "None".
    """
    deferredcallbacks.remembers()
    binding = deferredcallbacks.binding
    plain = "".join(char for char in text if char not in '",; \\')
    headers = {"Cookie": f"{binding.cookie}={plain}"} if where == "cookie" else {}
    if where == "header":
        headers = {binding.header: text}
    response = deferredcallbacks.client().send(deferredcallbacks.request("page", headers))
    expect(response.status < 500, "an answer", response)
    ran = deferredcallbacks.ran(response)
    known = binding.values
    expect(
        all(value in known for value in ran),
        f"a cookie with one of {', '.join(known)}, or none",
        _shown(ran),
    )
    if binding.attribute and deferredcallbacks.bench.transport.same_process:
        request = deferredcallbacks.request("page", headers)
        client = deferredcallbacks.client()
        _, used = deferredcallbacks.send_and_look(
            client, request, deferredcallbacks.used, finished=True
        )
        expect(used in known, f"one of {', '.join(known)} to be used", repr(used))


@harden("")
def test_cookie_attrs(deferredcallbacks: Harness) -> None:
    """The cookie has SameSite, is Secure over https, ends within 400 days, and comes back.

    Source: beyond the chapter; RFC 6265bis for the attributes.

    Usual cause: `set_cookie(name, value)` without any of its options; browsers
    cap the age at 400 days.
    """
    deferredcallbacks.remembers()
    marks = deferredcallbacks.marks([0])
    cookie = _attributes(deferredcallbacks, deferredcallbacks.visit(marks))
    expect(
        cookie.get("samesite", "").lower() in ("lax", "strict"),
        "SameSite=Lax or Strict",
        f"SameSite={cookie.get('samesite')}",
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
        "a cookie that comes back below the prefix /mount",
        f"Path={kept.path if kept else None}",
    )
    deferredcallbacks.only_wsgi("says in the environ that the request came over https")
    secure = Request(
        request.method, request.target, request.headers, environ={"wsgi.url_scheme": "https"}
    )
    cookie = _attributes(deferredcallbacks, deferredcallbacks.client().send(secure))
    expect("secure" in cookie, "Secure in a cookie that is set over https", str(cookie))


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
    """An answer that depends on the cookie or the header says so, or may not be stored.

    Source: beyond the chapter; RFC 9110, section 12.5.5.

    Usual cause: no `response.vary.add(...)`: a cache in front of the application gives
    one visitor's language, and cookie, to all.
    """
    deferredcallbacks.remembers()
    response = deferredcallbacks.visit(deferredcallbacks.marks([number]))
    varies = response.header_tokens("Vary")
    header = deferredcallbacks.binding.header.lower()
    private = response.header_tokens("Cache-Control") & {"private", "no-store", "no-cache"}
    expect(
        private or "*" in varies or {"cookie", header} <= varies,
        f"Vary: Cookie, {deferredcallbacks.binding.header}, or Cache-Control: private or no-store",
        f"Vary: {response.header('Vary')}, Cache-Control: {response.header('Cache-Control')}",
    )


@should("")
@given(drawn=numbers)
def test_no_callback_outside(deferredcallbacks: Harness, drawn: list[int]) -> None:
    """Deferring where there is no request raises an error that says so, or does nothing at all.

    Source: the callbacks execute after only the current request.

    Usual cause: the function waits for the next request, which is somebody else's.
    """
    defer = DeferComponent.of(deferredcallbacks)
    for mark in defer.marks(drawn):

        def late(response: Any, _mark: str = mark) -> Any:
            response.headers.add(RAN, f"{_mark} of nobody")
            return response

        try:
            defer.defer(late)
        except RuntimeError as error:
            expect(str(error), "a message in the error", "none")
        except Exception as error:
            expect(False, "a RuntimeError that says so", f"{type(error).__name__}: {error}")
    own = defer.marks([100])
    ran = defer.ran(defer.visit(own))
    theirs = [mark for mark in ran if mark.endswith("of nobody")]
    expect(not theirs, "the next request to run what it deferred, and no more", _shown(theirs))


@should("")
@given(drawn=numbers.filter(bool))
def test_stream(deferredcallbacks: Harness, drawn: list[int]) -> None:
    """A streamed response is carried out too, with its body as it was.

    Source: the response is modified, whatever created it; RFC 9112, section 6, for a body whose
    length is not announced.

    Usual cause: the deferred function reads the body (`response.data`), or runs
    when the stream has ended and the headers are gone.
    """
    response = visit(deferredcallbacks, drawn, "stream")
    expect(
        response.body == STREAMED and response.header("Content-Length") is None,
        "the pieces of the stream, with no length announced",
        response,
    )
