"""The clauses of Adding HTTP Method Overrides."""

from __future__ import annotations

import warnings
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

    This is what the pattern is for: clients behind proxies that pass only the
    common methods. PUT, PATCH and DELETE have to be allowed; a stricter middleware may
    leave the others out, as a POST that stays one or is refused with a 4xx.

    Source: the client does a POST and sets the header; the method is replaced with its value
    before the request is passed to Flask. The proxies in question lack "arbitrary" and newer
    methods, not GET.

    Usual cause: the middleware is not installed around `wsgi_app`, or reads
    another header than the client sends.
    """
    response, seen = methodoverrides.ask(methodoverrides.request("POST", token))
    if token not in NEEDED and leaves_out(token, response, seen):
        return
    expect(seen.method == token, f"the app to see {token}", f"it saw {seen.method}")


@must("")
@given(token=cased(allowed))
@example(token="delete")
@example(token="Patch")
def test_case(methodoverrides: Harness, token: str) -> None:
    """The method in the override header is understood in any letter case.

    Source: the header is used in upper case (`.upper()`).

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
    """A request that is not a POST is never changed, whatever its override header says.

    Where a GET can become a DELETE, everything in front of the application that
    decides by the method (caches, access rules, a link on a foreign page) is
    bypassed. The docs' own code does not look at the method.

    Source: the client does an HTTP POST request; RFC 9110, section 9.2.1: a GET or HEAD does
    no harm. The chapter's code differs from its text here.

    Usual cause: the middleware acts on the header without asking whether
    REQUEST_METHOD is POST.
    """
    before, again = (methodoverrides.request("POST", token) for _ in range(2))
    _, first = methodoverrides.ask(before)
    _, seen = methodoverrides.ask(methodoverrides.request(method, token))
    expect(seen.method == method, f"the app to see {method}", f"it saw {seen.method}")
    _, last = methodoverrides.ask(again)
    expect(
        last.method == first.method,
        f"a POST after it to be seen as {first.method}, as the one before it",
        f"it was seen as {last.method}",
    )


@must("")
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
    """A value outside the allow-list leaves the method as it is, or is refused with a 4xx.

    White space around a value does not count: servers strip it before the
    application sees the header.

    Source: the method is replaced only by one of the `allowed_methods`.

    Usual cause: any value of the header is put into REQUEST_METHOD.
    """
    response, seen = methodoverrides.ask(methodoverrides.request("POST", token))
    if 400 <= response.status < 500 and seen.method != token.upper():
        return
    expect(seen.method == "POST", "the app to see POST, or a 4xx answer", f"it saw {seen.method}")


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
    """Without the override header the answer is the same as without the middleware.

    Source: the client that wants a method replaced sets the header.

    Usual cause: the middleware changes the environ (CONTENT_LENGTH, the method)
    also where there is no header to act on.
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
        f"the answer that the app alone gives: {plain}",
        f"{response} (the app saw {seen.method} with {len(seen.body)} bytes)",
    )


@must("")
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
    """Overridden to PUT, PATCH or POST, the body and its type reach the app intact.

    Source: only for `bodyless_methods` is the length set to zero.

    Usual cause: the body is declared empty for every overridden request.
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
    )


@must("")
@given(token=cased(st.sampled_from(BODYLESS)), body=bodies(min_size=1, max_size=200))
@example(token="delete", body=b"abcdef")
@example(token="DELETE", body=b"abcdef")
def test_body_dropped(methodoverrides: Harness, token: str, body: bytes) -> None:
    """Overridden to GET, HEAD, OPTIONS or DELETE, the app reads an empty body.

    Source: for `bodyless_methods` the length is set to zero.

    Usual cause: the body is left as it came, which the view of a DELETE then reads; or
    whether the method has one is asked of the value before it is put in capitals.
    """
    methodoverrides.overrides()
    method = token.upper()
    # Whether small letters are understood is `case`'s.
    if not (methodoverrides.allows(method) and methodoverrides.allows(token)):
        return
    _, seen = methodoverrides.ask(methodoverrides.request("POST", token, data=body))
    expect(
        seen.method == method and seen.body == b"",
        f"the app to see {method} with an empty body",
        f"it saw {seen.method} with {seen.body!r}",
    )


@harden("")
@given(
    token=st.sampled_from(BODYLESS),
    body=bodies(min_size=1, max_size=200),
    chunks=chunk_sizes(),
)
@example(token="DELETE", body=b"abcdef", chunks=[2])
def test_chunked_body_dropped(
    methodoverrides: Harness, token: str, body: bytes, chunks: object
) -> None:
    """Overridden to GET, HEAD, OPTIONS or DELETE, the app reads an empty body of a chunked one too.

    A chunked body has no Content-Length to set to zero: the application still
    reads it, and disagrees with every layer that takes the request for body-less.

    Source: beyond the chapter, which sets the length alone.

    Usual cause: only CONTENT_LENGTH is set to 0; `wsgi.input` still holds the body.
    """
    methodoverrides.overrides()
    if not methodoverrides.allows(token):
        return
    _, seen = methodoverrides.ask(methodoverrides.request("POST", token, data=body, chunked=chunks))
    expect(
        seen.method == token and seen.body == b"",
        f"the app to see {token} with an empty body",
        f"it saw {seen.method} with {seen.body!r}",
        cause="CONTENT_LENGTH is 0, and `wsgi.input` still holds the chunks",
    )


@must("")
def test_each_by_itself(methodoverrides: Harness) -> None:
    """What a request reaches the app as depends on that request alone, whatever came before.

    Source: the method is replaced with the value of the request's own header.

    Usual cause: the middleware keeps the method on itself, or a decision under too short a
    key.
    """
    methodoverrides.overrides()

    class Requests(Machine):
        def __init__(self) -> None:
            super().__init__(methodoverrides)
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
            expect(seen.method == wanted, f"the app to see {wanted}", f"it saw {seen.method}")

    explore(Requests, steps=8)


@harden("")
def test_head_no_body(methodoverrides: Harness) -> None:
    """A POST overridden to HEAD is answered so that a client that sent a POST can read it.

    Servers frame the answer by the method that they received. A HEAD answer
    announces the length of a body that it does not have; sent as the answer to a
    POST, the client waits for bytes that never come.

    Source: beyond the chapter; RFC 9110, section 8.6: a Content-Length that a server sends
    is that of the content, and only the answer to a HEAD has none.

    Usual cause: the Content-Length of the HEAD answer is passed on unchanged.
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
        "an answer without a body that announces none",
        f"Content-Length {announced} and {len(response.body)} bytes",
    )


@should("")
@given(token=st.sampled_from(["PATCH", "PUT", "DELETE"]))
def test_405(methodoverrides: Harness, token: str) -> None:
    """Overridden to a method that the route does not have, the answer is 405 with Allow.

    Source: RFC 9110, section 15.5.6, of the method that the request is passed to Flask with.

    Usual cause: the override happens after routing, so the POST view runs.
    """
    host = MethodOverridesComponent.of(methodoverrides)
    response, seen = host.ask(host.request("POST", token, target="/read"))
    expect(
        response.status == 405 and "get" in response.header_tokens("Allow"),
        "405 with Allow: GET, HEAD, OPTIONS",
        f"{response.status} with Allow: {response.header('Allow')} (the app saw {seen.method})",
    )


@must("")
@given(
    token=st.sampled_from(["GET", "PUT", "DELETE", "OPTIONS", "PATCH"]),
    target=st.sampled_from(["/echo?x=1", "/read", "/write", "/missing"]),
)
def test_routing(methodoverrides: Harness, token: str, target: str) -> None:
    """Routing, automatic OPTIONS and `url_for` are those of a request sent with that method.

    Source: the method is replaced before the request is passed to Flask.

    Usual cause: the override is applied inside a view or a hook, when the route
    has already been chosen by the method that was sent.
    """
    methodoverrides.overrides()
    if not methodoverrides.allows(token):
        return
    if not isinstance(methodoverrides, MethodOverridesComponent):
        _, direct = methodoverrides.ask(methodoverrides.request(token))
        response, seen = methodoverrides.ask(methodoverrides.request("POST", token))
        expect(
            (seen.method, seen.endpoint) == (direct.method, direct.endpoint),
            f"the endpoint {direct.endpoint} that a {token} goes to",
            f"a {seen.method} went to {seen.endpoint}",
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

    expect(shape(response) == shape(native), f"what {token} {target} gives: {native}", response)


@should("")
@given(token=st.none() | st.sampled_from(["PUT", "DELETE", "nonsense"]), body=bodies(max_size=50))
def test_wsgi_contract(methodoverrides: Harness, token: str | None, body: bytes) -> None:
    """The middleware keeps to WSGI on both sides, and the app's exceptions pass through it.

    Source: the chapter calls it an HTTP middleware; PEP 3333, "Middleware".

    Usual cause: the response is not closed, `start_response` is called twice, or
    an `except` in the middleware swallows what the application raised.
    """
    host = MethodOverridesComponent.of(methodoverrides)
    host.only_wsgi("checks both sides of the middleware with wsgiref.validate")
    request = host.request("POST", token, target="/guarded", data=body)
    host.ledger.send(request)
    started: list[str] = []

    def start_response(status: str, headers: object, exc_info: object = None) -> Any:
        started.append(status)
        return lambda data: None

    inner = Closing(validator(host.unwrapped))
    outer = validator(host.wrap(inner))
    try:
        with warnings.catch_warnings():
            # It warns of methods that it does not know; which are let through is another clause.
            warnings.simplefilter("ignore", WSGIWarning)
            answer = outer(make_environ(request), start_response)
            try:
                for _ in answer:
                    pass
            finally:
                answer.close()  # type: ignore[attr-defined]
    except AssertionError as error:
        expect(False, "calls that wsgiref.validate accepts", f"it says: {error}")
    except Exception as error:
        expect(False, "an answer, as the app gives one", f"{type(error).__name__}: {error}")
    finally:
        left_open = inner.close()
    expect(not left_open, "the app's answer to be closed", "it was left open")
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
        expect(False, "the app's exception to pass through", f"{type(error).__name__} came")
    expect(False, "the app's exception to pass through", "it was swallowed")


@must("")
@given(token=st.none() | st.sampled_from(["PUT", "DELETE"]))
@example(token=None)
@example(token="PUT")
def test_own_app(methodoverrides: Harness, token: str | None) -> None:
    """Each middleware passes requests to the app that it is around, however many others there are.

    Source: the example keeps the app that it is made with, and calls that one.

    Usual cause: the wrapped application is kept in a module's variable, or on the class.
    """
    host = MethodOverridesComponent.of(methodoverrides)
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
    """The app is still a Flask object, with its test client and command line.

    Source: the middleware is put around `app.wsgi_app`, and `app` stays the Flask object.

    Usual cause: `app = Middleware(app)` in place of `app.wsgi_app = Middleware(app.wsgi_app)`.
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
    """The method that was sent is kept in the environ, under any key.

    Logs and protections that decide by the method need to know that this DELETE
    travelled as a POST.

    Source: beyond the chapter; it protects logs from a method that nobody sent.

    Usual cause: REQUEST_METHOD is overwritten and its old value is kept nowhere.
    """
    methodoverrides.overrides()
    _, seen = methodoverrides.ask(methodoverrides.request("POST", token))
    expect(seen.method == token, f"the app to see {token}", f"it saw {seen.method}")
    expect(
        seen.recorded,
        "a key of the environ that holds 'POST'",
        "REQUEST_METHOD was overwritten only",
    )


@harden("")
@given(
    name=st.sampled_from(["_method", "__METHOD__", "method", "X-HTTP-Method-Override"]),
    token=st.sampled_from(["PUT", "DELETE", "PATCH"]),
    place=st.sampled_from(["form", "query"]),
)
def test_no_param_override(methodoverrides: Harness, name: str, token: str, place: str) -> None:
    """A form field or query parameter cannot override the method.

    A form on a foreign page can set fields but not headers: with an override by
    field it sends a DELETE with the visitor's cookies and no preflight.

    Source: beyond the chapter, which reads the header alone.

    Usual cause: `_method` in the form or query is honoured for convenience.
    """
    parts: dict[str, Any] = {place: {name: token}}
    _, seen = methodoverrides.ask(methodoverrides.request("POST", **parts))
    expect(seen.method == "POST", "the app to see POST", f"it saw {seen.method}")


@harden("")
@given(token=st.sampled_from(["PUT", "PATCH", "DELETE", "POST"]))
def test_csrf_after(methodoverrides: Harness, token: str) -> None:
    """A check against cross-site requests still sees overridden requests, and the token they carry.

    Source: beyond the chapter; it protects overridden requests from passing by the check that
    their method asks for.

    Usual cause: the middleware drops headers or the body before the check has
    read the token, or calls the view past the app's hooks.
    """
    host = MethodOverridesComponent.of(methodoverrides)
    if not host.allows(token):
        return
    without = host.request("POST", token, target="/guarded")
    refused, _ = host.ask(without)
    expect(refused.status == 400, f"{token} without the token to be refused", refused)
    accepted, _ = host.ask(without.with_headers(("X-CSRFToken", TOKEN)))
    expect(accepted.status == 200, f"{token} with the token to be accepted", accepted)


@harden("")
def test_no_cache(methodoverrides: Harness) -> None:
    """An overridden answer that may be cached varies on the override header, or forbids caching.

    The answer of a GET view may say that it can be kept. As the answer to a
    POST with a header that no cache knows of, it must not be served to others.

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
    """Requests that run at the same time do not change each other's method.

    Source: PEP 3333: an application object may be invoked by another thread at the same
    moment (`wsgi.multithread`).

    Usual cause: the middleware keeps the method or the environ on itself.
    """
    methodoverrides.overrides()
    tokens = ["PUT", "DELETE", "PATCH", None]
    clients = [methodoverrides.client() for _ in tokens]

    def send(client: Client, token: str | None) -> str:
        return methodoverrides.ask(methodoverrides.request("POST", token), client)[1].method

    # The first is held at each line of the middleware.
    for hold in (None, *range(1, 13)):
        sends = [partial(send, *pair) for pair in zip(clients, tokens, strict=True)]
        for token, seen in zip(tokens, together(*sends, hold=hold), strict=True):
            wanted = token or "POST"
            expect(seen == wanted, f"a POST for {wanted} to be seen as that", f"it was {seen}")


class Closing:
    """A WSGI callable that knows which of its answers were not closed."""

    def __init__(self, wsgi_app: WSGIApp) -> None:
        self.wsgi_app = wsgi_app
        self.open: list[Any] = []

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Call it and keep the answer until it is closed."""
        answer = self.wsgi_app(environ, start_response)
        self.open.append(answer)
        return ClosingIterator(answer, partial(self.open.remove, answer))

    def close(self) -> int:
        """Close what was left open and say how many answers that were."""
        for answer in self.open:
            answer.close()
        return len(self.open)
