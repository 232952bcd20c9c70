"""The clauses of Adding HTTP Method Overrides."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import partial
from typing import Any
from wsgiref.validate import WSGIWarning, validator

from hypothesis import strategies as st
from hypothesis.stateful import rule
from werkzeug.wsgi import ClosingIterator

from conformance.clause import (
    example,
    expect,
    explore,
    given,
    harden,
    must,
    should,
    together,
)
from conformance.core.errors import Untested
from conformance.instruments.strategies import (
    Machine,
    bodies,
    cased,
    chunk_sizes,
    header_values,
)
from conformance.patterns.methodoverrides import (
    ALLOWED,
    BODYLESS,
    NEEDED,
    TOKEN,
    MethodOverridesComponent,
    MethodOverridesHarness,
    leaves_out,
)
from conformance.transports import Client, WSGIApp
from conformance.transports.wsgi import make_environ

Harness = MethodOverridesHarness

allowed = st.sampled_from(ALLOWED)
content_types = st.sampled_from(
    [
        "application/json",
        "application/octet-stream",
        "text/plain; charset=utf-8",
        "application/x-www-form-urlencoded",
    ]
)


@must("")
@given(token=allowed)
def test_post_override(methodoverrides: Harness, token: str) -> None:
    """A POST with an allowed method in the override header reaches the app as that method.

    The pattern exists for clients behind proxies that pass only the common methods. PUT, PATCH
    and DELETE must be allowed; a stricter middleware may leave the others as POST, or refuse
    them with a 4xx.

    Source: the client sends a POST and sets the header; the method is replaced with its value
    before the request is passed to Flask. The proxies in question lack "arbitrary" and newer
    methods, not GET.

    Usual cause: the middleware is not installed around `wsgi_app`, or reads another header than
    the client sends.
    """
    response, seen = methodoverrides.ask(methodoverrides.request("POST", token))
    if token not in NEEDED and leaves_out(token, response, seen):
        return
    expect(
        seen.method == token,
        f"the app to see {token} for a POST with {methodoverrides.header}: {token}",
        f"it saw {seen.method}",
        cause=_overridden(methodoverrides) if seen.method != token else "",
    )


def _overridden(methodoverrides: Harness) -> str:
    """Return which methods a POST can be overridden to."""
    with methodoverrides.aside():
        works = {
            token: methodoverrides.ask(methodoverrides.request("POST", token))[1].method == token
            for token in ("PUT", "PATCH", "DELETE")
        }
    if not any(works.values()):
        return f"{methodoverrides.header} has no effect: neither PUT nor PATCH nor DELETE is seen"
    right = [token for token, seen in works.items() if seen]
    wrong = [token for token in works if token not in right]
    return f"{' and '.join(right)} in {methodoverrides.header} is seen" + (
        f", {' and '.join(wrong)} is not" if wrong else ""
    )


@must("", share=0.3)
@given(token=cased(allowed))
@example(token="delete")
@example(token="Patch")
def test_case(methodoverrides: Harness, token: str) -> None:
    """The method in the override header is case-insensitive.

    Source: the header's value is converted to upper case (`.upper()`).

    Usual cause: the header's value is compared before `.upper()`.
    """
    methodoverrides.overrides()
    if not methodoverrides.allows(token.upper()):
        return
    _, seen = methodoverrides.ask(methodoverrides.request("POST", token))
    expect(seen.method == token.upper(), f"the app to see {token.upper()}", f"it saw {seen.method}")


@must("")
@given(method=st.sampled_from(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]), token=allowed)
@example(method="GET", token="DELETE")
def test_only_post(methodoverrides: Harness, method: str, token: str) -> None:
    """Only a POST is overridden, never a request with another method.

    If a GET can become a DELETE, everything in front of the application that decides by method
    (caches, access rules, a link on another site) is bypassed. The docs' own code does not
    check the method.

    Source: the client sends an HTTP POST request; RFC 9110, section 9.2.1: GET and HEAD are
    safe. The chapter's code differs from its text here.

    Usual cause: the middleware acts on the header without checking that REQUEST_METHOD is POST.
    """
    before, again = (methodoverrides.request("POST", token) for _ in range(2))
    _, first = methodoverrides.ask(before)
    _, seen = methodoverrides.ask(methodoverrides.request(method, token))
    expect(seen.method == method, f"the app to see {method}", f"it saw {seen.method}")
    _, last = methodoverrides.ask(again)
    expect(
        last.method == first.method,
        f"a later POST to be seen as {first.method}, like the one before",
        f"it was seen as {last.method}",
    )


@must("", share=0.3)
@given(
    token=header_values().filter(lambda text: text.strip().upper() not in ALLOWED),
)
@example(token="")
@example(token="TRACE")
@example(token="CONNECT")
@example(token="DELETE, PUT")
@example(token="DELETEX")
@example(token="_method")
def test_unknown_ignored(methodoverrides: Harness, token: str) -> None:
    """A value outside the allow-list does not change the method, or is refused with a 4xx.

    White space around a value does not count: servers strip it before the application sees the
    header.

    Source: the method is replaced only by one of the `allowed_methods`.

    Usual cause: any value of the header is stored in REQUEST_METHOD.
    """
    response, seen = methodoverrides.ask(methodoverrides.request("POST", token))
    if 400 <= response.status < 500 and seen.method != token.upper():
        return
    expect(seen.method == "POST", "the app to see POST, or a 4xx", f"it saw {seen.method}")


@must("")
@given(
    method=st.sampled_from([*ALLOWED, "TRACE"]),
    target=st.sampled_from(["/echo", "/read", "/write?a=1", "/missing", "/guarded"]),
    body=bodies(max_size=200),
    content_type=st.none() | content_types,
)
@example(
    method="POST", target="/echo", body=b"a=1", content_type="application/x-www-form-urlencoded"
)
def test_no_header_identity(
    methodoverrides: Harness, method: str, target: str, body: bytes, content_type: str | None
) -> None:
    """Without the override header, the middleware changes nothing in the response.

    Source: the client that wants the method replaced sets the header.

    Usual cause: the middleware changes the environ (CONTENT_LENGTH, the method) even without
    the header.
    """
    host = MethodOverridesComponent.of(methodoverrides)
    request = host.request(method, target=target, data=body, content_type=content_type)
    plain = host.client(host.unwrapped).send(request)
    response, seen = host.ask(request)
    skipped = {"date", "vary", "cache-control", "server"}

    def shape(headers: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
        return sorted((k.lower(), v) for k, v in headers if k.lower() not in skipped)

    expect(
        (response.status, response.body) == (plain.status, plain.body)
        and shape(response.headers) == shape(plain.headers),
        f"the response of the app alone: {plain}",
        f"{response} (the app saw {seen.method} with {len(seen.body)} bytes)",
    )


@must("", share=0.3)
@given(
    token=st.sampled_from(["PUT", "PATCH", "POST"]),
    body=bodies(),
    content_type=content_types,
    chunks=st.none() | chunk_sizes(),
)
@example(token="PUT", body=b"x" * 300_001, content_type="application/octet-stream", chunks=None)
@example(
    token="PATCH", body=b"a=1&b=", content_type="application/x-www-form-urlencoded", chunks=None
)
def test_body_kept(
    methodoverrides: Harness, token: str, body: bytes, content_type: str, chunks: object
) -> None:
    """With an override to PUT, PATCH or POST, the app gets the body and its type unchanged.

    Source: the length is set to zero only for `bodyless_methods`.

    Usual cause: the body is dropped for every overridden request.
    """
    methodoverrides.overrides()
    if not methodoverrides.allows(token):
        return
    request = methodoverrides.request(
        "POST", token, data=body, content_type=content_type, chunked=chunks or False
    )
    _, seen = methodoverrides.ask(request)
    expect(
        (seen.method, seen.body, seen.content_type) == (token, body, content_type),
        f"{token} with the {len(body)} bytes that were sent as {content_type}",
        f"{seen.method} with {len(seen.body)} bytes as {seen.content_type!r}",
        cause=_bodies(methodoverrides, ("PUT", "PATCH", "POST"), content_type)
        if seen.body != body
        else "",
    )


def _bodies(methodoverrides: Harness, tokens: Sequence[str], content_type: str | None) -> str:
    """Return with which methods in the header the app gets a small body, and with which none."""
    seen: dict[str, list[str]] = {}
    with methodoverrides.aside():
        for token in filter(methodoverrides.allows, tokens):
            request = methodoverrides.request(
                "POST", token, data=b"abcdef", content_type=content_type
            )
            body = methodoverrides.ask(request)[1].body
            amount = "none" if not body else "all" if len(body) == 6 else f"{len(body)}"
            seen.setdefault(amount, []).append(token)
    parts = [f"{amount} with {' and '.join(each)}" for amount, each in seen.items()]
    return f"of a body of 6 bytes the app reads {', '.join(parts)}"


@must("", share=0.3)
@given(token=cased(st.sampled_from(BODYLESS)), body=bodies(min_size=1, max_size=200))
@example(token="delete", body=b"abcdef")
@example(token="DELETE", body=b"abcdef")
def test_body_dropped(methodoverrides: Harness, token: str, body: bytes) -> None:
    """With an override to GET, HEAD, OPTIONS or DELETE, the app reads an empty body.

    Source: for `bodyless_methods`, the length is set to zero.

    Usual cause: the body is left unchanged, and the view for DELETE reads it; or the check for a
    bodyless method uses the value before it is converted to upper case.
    """
    methodoverrides.overrides()
    method = token.upper()
    # Whether lower case is understood is checked by the clause `case`.
    if not (methodoverrides.allows(method) and methodoverrides.allows(token)):
        return
    _, seen = methodoverrides.ask(methodoverrides.request("POST", token, data=body))
    expect(
        seen.method == method and seen.body == b"",
        f"the app to see {method} with an empty body",
        f"it saw {seen.method} with {seen.body!r}",
        cause=_bodies(methodoverrides, BODYLESS, None) if seen.body else "",
    )


@harden("", share=0.3)
@given(
    token=st.sampled_from(BODYLESS),
    body=bodies(min_size=1, max_size=200),
    chunks=chunk_sizes(),
)
@example(token="DELETE", body=b"abcdef", chunks=[2])
def test_chunked_body_dropped(
    methodoverrides: Harness, token: str, body: bytes, chunks: object
) -> None:
    """A chunked body is also empty for the app after an override to a bodyless method.

    A chunked body has no Content-Length to set to zero: the application still reads it, and
    disagrees with every layer that treats the request as one without a body.

    Source: beyond the chapter, which only sets the length.

    Usual cause: only CONTENT_LENGTH is set to 0; `wsgi.input` still contains the body.
    """
    methodoverrides.overrides()
    if not methodoverrides.allows(token):
        return
    _, seen = methodoverrides.ask(methodoverrides.request("POST", token, data=body, chunked=chunks))
    expect(
        seen.method == token and seen.body == b"",
        f"the app to see {token} with an empty body",
        f"it saw {seen.method} with {seen.body!r}",
        cause="CONTENT_LENGTH is 0, but `wsgi.input` still contains the chunks",
    )


@must("", share=0.3)
def test_each_by_itself(methodoverrides: Harness) -> None:
    """An override affects only its own request, not later ones.

    Source: the method is replaced with the value of the request's own header.

    Usual cause: the middleware stores the method on itself, or caches a decision under too short
    a key.
    """
    methodoverrides.overrides()

    class Requests(Machine):
        def __init__(self) -> None:
            super().__init__(methodoverrides)
            if isinstance(methodoverrides, MethodOverridesComponent):
                # What an earlier example left on it would not be among the steps of this one.
                methodoverrides.renew()
            self.last = ""
            self.client = methodoverrides.client()

        @rule(token=st.sampled_from(["PUT", "PATCH", "DELETE"]))
        def overridden(self, token: str) -> None:
            self.look("POST", token, token)

        @rule()
        def left(self) -> None:
            self.look("POST", None, "POST")

        @rule(method=st.sampled_from(["PUT", "DELETE"]))
        def plain(self, method: str) -> None:
            self.look(method, None, method)

        def look(self, method: str, token: str | None, wanted: str) -> None:
            request = methodoverrides.request(method, token)
            _, seen = methodoverrides.ask(request, self.client)
            override = f"with {methodoverrides.header}: {token}" if token else "without the header"
            expect(
                seen.method == wanted,
                f"the app to see {wanted} for a {method} {override}",
                f"it saw {seen.method}"
                + (", the override of an earlier request" if seen.method == self.last else ""),
            )
            self.last = token or self.last

    explore(Requests, steps=8)


@harden("")
def test_head_no_body(methodoverrides: Harness) -> None:
    """The response to a POST overridden to HEAD can be read by a client that sent a POST.

    Servers frame the response by the method that they received. A response to HEAD announces
    the length of a body that it does not have; if it is the response to a POST, the client waits
    for bytes that never arrive.

    Source: beyond the chapter; RFC 9110, section 8.6: the Content-Length that a server sends is
    that of the content, and only a response to HEAD has no content.

    Usual cause: the Content-Length of the response to HEAD is passed on unchanged.
    """
    methodoverrides.overrides()
    methodoverrides.overrides("HEAD")
    response, seen = methodoverrides.ask(methodoverrides.request("POST", "HEAD"))
    expect(seen.method == "HEAD", "the app to see HEAD", f"it saw {seen.method}")
    announced = response.header("Content-Length")
    chunked = "chunked" in response.header_tokens("Transfer-Encoding")
    expect(
        not response.body
        and not response.truncated
        and (chunked or announced is None or int(announced) == 0),
        "a response without a body that does not announce one",
        f"Content-Length {announced} and {len(response.body)} bytes",
    )


@should("")
@given(token=st.sampled_from(["PATCH", "PUT", "DELETE"]))
def test_405(methodoverrides: Harness, token: str) -> None:
    """An override to a method that the route does not allow gives 405 with Allow.

    Source: RFC 9110, section 15.5.6, for the method with which the request is passed to Flask.

    Usual cause: the override is applied after routing, so the view for POST runs.
    """
    host = MethodOverridesComponent.of(methodoverrides)
    response, seen = host.ask(host.request("POST", token, target="/read"))
    expect(
        response.status == 405 and "get" in response.header_tokens("Allow"),
        "405 with Allow: GET, HEAD, OPTIONS",
        f"{response.status} with Allow: {response.header('Allow')} (the app saw {seen.method})",
        cause=_elsewhere(host, token) if response.status != 405 else "",
    )


def _elsewhere(host: MethodOverridesComponent, token: str) -> str:
    """Return what the app sees of an override at a route that allows the method."""
    with host.aside():
        _, seen = host.ask(host.request("POST", token))
    return f"at /echo, whose route allows {token}, the app sees {seen.method}"


@must("")
@given(
    token=st.sampled_from(["GET", "PUT", "DELETE", "OPTIONS", "PATCH"]),
    target=st.sampled_from(["/echo?x=1", "/read", "/write", "/missing"]),
)
def test_routing(methodoverrides: Harness, token: str, target: str) -> None:
    """An overridden request is routed like one sent with that method, including OPTIONS.

    Source: the method is replaced before the request is passed to Flask.

    Usual cause: the override is applied inside a view or a hook, after the route was chosen by
    the original method.
    """
    methodoverrides.overrides()
    if not methodoverrides.allows(token):
        return
    if not isinstance(methodoverrides, MethodOverridesComponent):
        _, direct = methodoverrides.ask(methodoverrides.request(token))
        response, seen = methodoverrides.ask(methodoverrides.request("POST", token))
        expect(
            (seen.method, seen.endpoint) == (direct.method, direct.endpoint),
            f"the endpoint {direct.endpoint}, as for a {token}",
            f"a {seen.method} was routed to {seen.endpoint}",
        )
        return
    native = methodoverrides.client(methodoverrides.unwrapped).send(
        methodoverrides.request(token, target=target)
    )
    response, _ = methodoverrides.ask(methodoverrides.request("POST", token, target=target))

    def shape(answer: Any) -> tuple[Any, ...]:
        return (
            answer.status,
            answer.body,
            answer.header("X-Seen-Url"),
            answer.header_tokens("Allow"),
        )

    names = ("status", "body", "URL", "Allow")
    pairs = zip(names, shape(native), shape(response), strict=True)
    differ = [(name, one, other) for name, one, other in pairs if one != other]

    def told(index: int) -> str:
        return ", ".join(
            f"{each[0]}: "
            + (", ".join(sorted(each[index])).upper() if each[0] == "Allow" else f"{each[index]}")
            for each in differ
        )

    expect(
        not differ,
        f"the response of the app to a plain {token} {target}, with {told(1)}",
        f"the POST with the override {token} gets {told(2)}",
    )


@should("")
@given(token=st.none() | st.sampled_from(["PUT", "DELETE", "nonsense"]), body=bodies(max_size=50))
def test_wsgi_contract(methodoverrides: Harness, token: str | None, body: bytes) -> None:
    """The middleware follows WSGI on both sides, and does not swallow the app's exceptions.

    Source: the chapter calls it an HTTP middleware; PEP 3333, "Middleware".

    Usual cause: the response is not closed, `start_response` is called twice, or an `except` in
    the middleware swallows an exception of the application.
    """
    host = MethodOverridesComponent.of(methodoverrides)
    host.only_wsgi("checks both sides of the middleware with wsgiref.validate")
    request = host.request("POST", token, target="/guarded", data=body)
    started: list[str] = []

    def start_response(status: str, headers: object, exc_info: object = None) -> Any:
        started.append(status)
        return lambda data: None

    inner = Closing(validator(host.unwrapped))
    outer = validator(host.wrap(inner))
    exchange = host.ledger.send(request)
    try:
        with warnings.catch_warnings():
            # It warns about unknown methods; which ones are passed on is checked elsewhere.
            warnings.simplefilter("ignore", WSGIWarning)
            answer = outer(make_environ(request), start_response)
            exchange.response = ", ".join(started)
            try:
                for _ in answer:
                    pass
            finally:
                answer.close()  # type: ignore[attr-defined]
    except AssertionError as error:
        expect(False, "calls that wsgiref.validate accepts", f"it says: {error}")
    except Exception as error:
        expect(False, "a response, as from the app alone", f"{type(error).__name__}: {error}")
    finally:
        left_open = inner.close()
    expect(
        not left_open,
        "the middleware to close the app's response",
        "it was left open: `close()` of the iterable that the app returned was never called",
    )
    expect(len(started) == 1, "one call of start_response", f"{len(started)} calls")

    class Unmistakable(Exception):
        pass

    def failing(environ: object, start_response: object) -> Any:
        raise Unmistakable

    plain = make_environ(host.request("POST"))
    try:
        list(host.wrap(failing)(plain, start_response))
    except Unmistakable:
        return
    except Exception as error:
        expect(False, "the app's exception to propagate", f"{type(error).__name__} was raised")
    expect(False, "the app's exception to propagate", "it was swallowed")


@must("")
@given(token=st.none() | st.sampled_from(["PUT", "DELETE"]))
@example(token=None)
@example(token="PUT")
def test_own_app(methodoverrides: Harness, token: str | None) -> None:
    """Each middleware passes requests to its own app, however many others there are.

    Source: the example stores the app that it is created with, and calls that one.

    Usual cause: the wrapped application is stored in a module global, or on the class.
    """
    host = MethodOverridesComponent.of(methodoverrides)
    host.inside()
    reached: list[str] = []

    def named(name: str) -> Any:
        def app(environ: Any, start_response: Any) -> Any:
            reached.append(name)
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [b""]

        return app

    names = ["first", "second"]
    wrapped = [host.wrap(named(name)) for name in names]
    for name, app in zip(names, wrapped, strict=True):
        host.client(app).send(host.request("POST", token))
        last = reached[-1:]
        expect(last == [name], f"a request to the {name} app to reach it", f"it reached {last}")


@should("")
def test_app_object_kept(methodoverrides: Harness) -> None:
    """The app stays a Flask object, with its test client and command line.

    Source: the middleware wraps `app.wsgi_app`, and `app` stays the Flask object.

    Usual cause: `app = Middleware(app)` instead of `app.wsgi_app = Middleware(app.wsgi_app)`.
    """
    if isinstance(methodoverrides, MethodOverridesComponent):
        raise Untested.for_keys("methodoverrides", "route", hint=", and an app")
    app = methodoverrides.app
    methodoverrides.ledger.call("the factory")
    expect(
        hasattr(app, "test_client") and hasattr(app, "cli"),
        "a Flask object with the middleware around its wsgi_app",
        f"a {type(app).__name__} without test_client or cli",
    )


@harden("")
@given(token=st.sampled_from(["PUT", "PATCH", "DELETE"]))
def test_original_recorded(methodoverrides: Harness, token: str) -> None:
    """The original method stays in the environ, under any key.

    Logs and protections that depend on the method need to know that this DELETE was sent as a
    POST.

    Source: beyond the chapter; it protects logs from a method that no client sent.

    Usual cause: REQUEST_METHOD is overwritten without storing its old value.
    """
    methodoverrides.overrides()
    _, seen = methodoverrides.ask(methodoverrides.request("POST", token))
    expect(seen.method == token, f"the app to see {token}", f"it saw {seen.method}")
    expect(
        seen.recorded,
        "a key of the environ that holds 'POST'",
        "only REQUEST_METHOD was changed",
    )


@harden("")
@given(
    name=st.sampled_from(["_method", "__METHOD__", "method", "X-HTTP-Method-Override"]),
    token=st.sampled_from(["PUT", "DELETE", "PATCH"]),
    place=st.sampled_from(["form", "query"]),
)
def test_no_param_override(methodoverrides: Harness, name: str, token: str, place: str) -> None:
    """A form field or query parameter cannot override the method.

    A form on another site can set fields but not headers: with an override by field, it sends a
    DELETE with the visitor's cookies and without a preflight request.

    Source: beyond the chapter, which only reads the header.

    Usual cause: `_method` in the form or query is honored for convenience.
    """
    parts: dict[str, Any] = {place: {name: token}}
    _, seen = methodoverrides.ask(methodoverrides.request("POST", **parts))
    expect(seen.method == "POST", "the app to see POST", f"it saw {seen.method}")


@harden("")
@given(token=st.sampled_from(["PUT", "PATCH", "DELETE", "POST"]))
def test_csrf_after(methodoverrides: Harness, token: str) -> None:
    """A CSRF check still sees overridden requests and the token that they carry.

    Source: beyond the chapter; it protects against overridden requests that bypass the check for
    their method.

    Usual cause: the middleware drops headers or the body before the check has read the token, or
    calls the view without the app's hooks.
    """
    host = MethodOverridesComponent.of(methodoverrides)
    if not host.allows(token):
        return
    without = host.request("POST", token, target="/guarded")
    refused, _ = host.ask(without)
    expect(refused.status == 400, f"{token} without the token to be refused", refused)
    accepted, _ = host.ask(without.with_headers(("X-CSRFToken", TOKEN)))
    expect(
        accepted.status == 200,
        f"a POST overridden to {token} with the token in X-CSRFToken to be accepted",
        accepted,
    )


@harden("")
def test_no_cache(methodoverrides: Harness) -> None:
    """A cacheable response to an overridden request varies on the override header.

    The response of a GET view may be cacheable. As the response to a POST with a header that no
    cache knows, it must not be served to others; it may forbid caching instead.

    Source: beyond the chapter; RFC 9110, section 12.5.5, for Vary.

    Usual cause: nothing adds `Vary: X-HTTP-Method-Override`.
    """
    host = MethodOverridesComponent.of(methodoverrides)
    host.overrides()
    host.overrides("GET")
    response, seen = host.ask(host.request("POST", "GET", target="/cached"))
    expect(seen.method == "GET", "the app to see GET", f"it saw {seen.method}")
    varies = {host.header.lower(), "*"} & response.header_tokens("Vary")
    guarded = {"no-store", "private", "no-cache"} & response.header_tokens("Cache-Control")
    expect(
        varies or guarded,
        f"Vary: {host.header}, or Cache-Control: no-store",
        f"Vary: {response.header('Vary')}, Cache-Control: {response.header('Cache-Control')}",
    )


@should("")
def test_thread_safe(methodoverrides: Harness) -> None:
    """Concurrent requests do not change each other's method.

    Source: PEP 3333: an application object may be invoked by another thread at the same time
    (`wsgi.multithread`).

    Usual cause: the middleware stores the method or the environ on itself.
    """
    methodoverrides.overrides()
    tokens = ["PUT", "DELETE", "PATCH", None]
    clients = [methodoverrides.client() for _ in tokens]

    def send(client: Client, token: str | None) -> str:
        return methodoverrides.ask(methodoverrides.request("POST", token), client)[1].method

    # The first thread is held at each line of the middleware.
    for hold in (None, *range(1, 13)):
        methodoverrides.begin_example()
        sends = [partial(send, *pair) for pair in zip(clients, tokens, strict=True)]
        for token, seen in zip(tokens, together(*sends, hold=hold), strict=True):
            wanted = token or "POST"
            override = f"with the override {token}" if token else "without an override"
            held = f", held after {hold} lines of the middleware" if hold else ""
            expect(
                seen == wanted,
                f"the app to see {wanted} for the POST {override}, while other threads send theirs",
                f"it saw {seen} (the first of {len(tokens)} threads has the override PUT{held})",
            )


class Closing:
    """A WSGI callable that knows which of its responses were not closed."""

    def __init__(self, wsgi_app: WSGIApp) -> None:
        self.wsgi_app = wsgi_app
        self.open: list[Any] = []

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Call it and keep the response until it is closed."""
        answer = self.wsgi_app(environ, start_response)
        self.open.append(answer)
        return ClosingIterator(answer, partial(self.open.remove, answer))

    def close(self) -> int:
        """Close the responses that were left open and return how many there were."""
        for answer in self.open:
            answer.close()
        return len(self.open)
