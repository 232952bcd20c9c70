"""The clauses of View Decorators."""

from __future__ import annotations

import dataclasses
import inspect
import json
import keyword
from functools import partial
from typing import Any
from urllib.parse import quote, unquote

import flask
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, rule

from conformance.clause import example, expect, explore, given, harden, must, should, together
from conformance.core.errors import Deviation, Untested, nearest
from conformance.instruments import whatwg
from conformance.instruments.strategies import Machine, lines, markup
from conformance.patterns.cached import COOKIES, FAILURES, MOUNTS, PEOPLE, Asked
from conformance.patterns.viewdecorators import (
    KEYS,
    PLACES,
    RETURNED,
    STREAMED,
    STREAMS,
    CachedViews,
    Rules,
    SiteLogin,
    TemplatedViews,
    ViewDecoratorsHarness,
    Wearing,
    place,
)
from conformance.suites.caches import (
    ALIKE,
    MISSING,
    PICTURE,
    Kept,
    Made,
    answers,
    head_first,
    kept_once,
    no_errors,
    no_set_cookie,
    same_response,
)
from conformance.transports import Response

Harness = ViewDecoratorsHarness

names = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True).filter(
    lambda name: not keyword.iskeyword(name) and name != "static"
)
fields = st.text("abcxyz", min_size=1, max_size=5)
#: A path segment: no slash, no percent sign (Werkzeug's own URL helpers lose one), no dots.
segments = st.lists(
    st.text("abc019 &;=+#?@:!'\"<>äßПт日本😀", min_size=1, max_size=6).filter(str.strip), max_size=3
)
#: Printable: a login may refuse to redirect to a URL with invisible characters.
queries = st.lists(
    st.tuples(fields, lines(12).filter(str.isprintable) | st.just("a&b=c#d%2F")), max_size=3
)
hosts = st.sampled_from(
    ["evil.example", "localhost.evil.example", "evil.example:8080"]
) | st.builds("{}.example".format, fields)
evil = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", " ", "\t", "\n", "\x01", "\r\n"]),
    st.sampled_from(
        [
            "//",
            "/\\",
            "\\\\",
            "\\/",
            "///",
            "////",
            "//////",
            "/\t/",
            "/\n/",
            "\t//",
            "https:",
            "https:/",
            "https://",
            "http://",
            "HTTP:\\\\",
            "http:\\\\",
            "ftp://",
            "//localhost@",
            "//localhost:80@",
            "javascript:",
            "data:text/html,",
            "//localhost.",
            "/%09/",
            "/%5C",
            "%2F%2F",
            "./",
            "/.//",
        ]
    ),
    st.sampled_from(["evil.example", "EVIL.example:80", "é.evil.example", "alert(1)", "[::1]"]),
    st.sampled_from(["", "/", "/secret?a=1#b", "\r\nSet-Cookie: a=1", "\\@localhost", "\x00"]),
)


# Every decorator.


@must("login-required-decorator", share=0.2)
@given(
    views=st.lists(
        st.tuples(names, st.none() | lines()), min_size=2, max_size=4, unique_by=lambda v: v[0]
    )
)
def test_dec_metadata(viewdecorators: Harness, views: list[tuple[str, str | None]]) -> None:
    """A decorated view keeps its name, module, docstring and signature.

    Flask derives the endpoint from the name: if all decorated views had the same one, the second
    could not be registered. Extensions that exempt a view, from CSRF protection or a rate limit,
    find it by module and name.

    Source: remember to copy the original function's information to the new function, which
    `functools.wraps` does.
    """
    for written, decorator in Wearing.of(viewdecorators).decorators().items():
        app = flask.Flask("app")
        for name, documentation in views:
            view = _view(name, documentation)
            decorated = viewdecorators.call(f"@{written} on {name}", decorator, view)
            for attribute in ("__name__", "__module__", "__doc__"):
                kept, was = getattr(decorated, attribute, None), getattr(view, attribute)
                expect(
                    kept == was,
                    f"{attribute} of a view under @{written} to remain {was!r}",
                    f"it is {kept!r}",
                )
            signature = str(inspect.signature(decorated))
            expect(
                signature == str(inspect.signature(view)),
                f"the signature of a view under @{written} to be {inspect.signature(view)}",
                f"it is {signature}",
            )
            try:
                app.add_url_rule(f"/{name}", view_func=decorated)
            except AssertionError as error:
                expect(False, f"a second view under @{written} to be registered", error)


def _view(name: str, documentation: str | None) -> Any:
    def view(number: int, *, word: str = "x") -> str:
        return f"{number} {word}"

    view.__name__ = view.__qualname__ = name
    view.__module__ = "shop.views"
    view.__doc__ = documentation
    return view


@must("login-required-decorator", share=0.3)
@given(
    number=st.integers(0, 10**6),
    word=st.text("abcäПт日 &+;=", min_size=1, max_size=6).filter(str.strip),
    rest=st.lists(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=3).map("/".join),
)
def test_dec_args_through(viewdecorators: Harness, number: int, word: str, rest: str) -> None:
    """URL values reach a decorated view unchanged, and its response is returned unchanged.

    Source: a decorator is a function that wraps and replaces another function.
    """
    arguments = {"number": number, "word": word, "rest": rest}
    target = f"/{number}/{quote(word)}/{rest}"
    host = Wearing.of(viewdecorators)
    for written in host.asked():
        answer = host.decorated(written, "args", target)
        given = json.dumps(arguments, sort_keys=True)
        expect(
            answer.status == 202 and answer.header("X-Kept") == "yes",
            f"the status 202 and the header X-Kept: yes, which the view under @{written} returns",
            f"X-Kept: {answer.header('X-Kept')}, {answer}",
        )
        expect(
            answer.text == given,
            f"the view under @{written}, which returns its arguments, to return {given}",
            f"it returned {answer.text!r:.120}",
        )


@harden("login-required-decorator")
def test_dec_async(viewdecorators: Harness) -> None:
    """A decorated view may be a coroutine function.

    A wrapper that is not a coroutine function receives a coroutine from such a view, and Flask no
    longer sees that it must be awaited.

    `current_app.ensure_sync(view)` returns a function that can be called.

    Source: beyond the chapter; it protects async views.
    """
    host = Wearing.of(viewdecorators)
    for written in host.asked():
        answer = host.decorated(written, "async")
        expect(
            answer.status == 200 and "answered" in answer.text,
            f"the response of an async view under @{written}",
            answer,
        )


# Login required.


class Visitors(Machine):
    """Two clients that log in, log out and request a page; the model is who is logged in."""

    def __init__(self, harness: Harness, target: str) -> None:
        super().__init__(harness)
        self.harness: Harness = harness
        self.target = target
        self.clients = {person: harness.client() for person in PEOPLE}
        self.inside: set[str] = set()

    @initialize(first=st.permutations(PEOPLE))
    def begin(self, first: list[str]) -> None:
        """Log one client in, and request the page with another."""
        self.log_in(first[0])
        self.visit(first[1])

    @rule(person=st.sampled_from(PEOPLE))
    def log_in(self, person: str) -> None:
        """Log in, once."""
        if person not in self.inside:
            self.harness.log_in(self.clients[person], person)
            self.inside.add(person)

    @rule(person=st.sampled_from(PEOPLE))
    def log_out(self, person: str) -> None:
        """Log out again."""
        if person in self.inside:
            self.harness.log_out(self.clients[person])
            self.inside.remove(person)

    @rule(person=st.sampled_from(PEOPLE))
    def visit(self, person: str) -> None:
        """Request the page."""
        client = self.clients[person]
        if person in self.inside:
            answer = client.get(self.target)
            if not 200 <= answer.status < 300:
                raise Deviation(
                    f"the page at {self.target} for a client that has logged in",
                    str(answer),
                    self.cause(person),
                )
            return
        before = self.harness.runs(client)
        answer = client.get(self.target)
        if not self.harness.is_login(answer):
            raise Deviation(
                f"a redirect to {self.harness.login_page} for a client that has not logged in",
                str(answer),
                self.cause(person),
            )
        expect(
            self.harness.runs(client) == before,
            "the view not to run for a client that has not logged in",
            f"it ran, although the response was {answer.status}",
        )

    def cause(self, person: str) -> str:
        """Say what is wrong if a client gets another page than it should; "" if that is unknown."""
        return ""


class PrivateVisitors(Visitors):
    """The same with a page that is cached as well."""

    def cause(self, person: str) -> str:
        """Compare with a page that nobody has requested before."""
        target = self.harness.fresh_private_page()
        client = self.harness.client()
        if person in self.inside:
            self.harness.log_in(client, person)
        answer = client.get(target)
        right = answer.status == 200 if person in self.inside else self.harness.is_login(answer)
        if not right:
            return ""
        return (
            "the cache decorator stands outside the login check: the client gets what is stored "
            "for another one, while a page that nobody has requested before is checked"
        )


@must("login-required-decorator", share=0.5)
def test_login_redirects_anonymous(viewdecorators: Harness) -> None:
    """Without a login, a request is redirected to the login page and the view does not run.

    With a login, and until the logout, the view responds. Other clients do not matter.

    Source: if a user goes to the site and is not logged in, they are redirected to the login
    page.
    """
    explore(lambda: Visitors(viewdecorators, viewdecorators.protected()), steps=12)


@must("login-required-decorator", share=0.5)
@given(segments=segments, query=queries)
@example(segments=["a b", "ä#1?"], query=[("a", "1&b=2"), ("c", "#ä %2F")])
def test_login_next_roundtrip(
    viewdecorators: Harness, segments: list[str], query: list[tuple[str, str]]
) -> None:
    """After logging in, the visitor returns to the requested page, including its query string.

    How the target is passed on does not matter: in the query and a hidden form field, or in the
    session.

    Source: `next` is passed along when the login form is submitted, and retrieved when the user
    is logged in.
    """
    client = viewdecorators.client()
    target = viewdecorators.protected(segments, query)
    answer = client.get(target)
    expect(viewdecorators.is_login(answer), "a redirect to the login page", answer)
    page = client.follow(answer)
    landed = client.follow(viewdecorators.submit(client, page)).request.target
    expect(
        place(landed) == place(target),
        f"to land on {target} after the login",
        f"{landed}, via {answer.location}"
        + ("; the query string is missing" if place(landed) == (place(target)[0], []) else ""),
    )


@should("login-required-decorator")
@given(method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]))
def test_login_all_methods(viewdecorators: Harness, method: str) -> None:
    """Without a login, no HTTP method runs the view, including HEAD and POST.

    A redirect, a 401, a 403 and a 405 are all fine.

    Source: the view should only be used by people who are logged in.
    """
    client = viewdecorators.client()
    before = viewdecorators.runs(client)
    answer = client.open(method, viewdecorators.protected())
    expect(
        300 <= answer.status < 500 and viewdecorators.runs(client) == before,
        f"{method} without a login to be denied",
        answer,
    )


@must("login-required-decorator")
def test_login_outermost_route(viewdecorators: Harness) -> None:
    """Every URL of the protected view function requires the login.

    Source: the login decorator is the innermost one, and `route` the outermost.
    """
    for target in viewdecorators.same_function():
        answer = viewdecorators.client().get(target)
        expect(
            300 <= answer.status < 500,
            f"{target}, which has the view function of {viewdecorators.protected()}, with or "
            "without its decorators, to require a login too",
            f"it required none: {answer}",
        )


@harden("login-required-decorator")
def test_login_fail_closed(viewdecorators: Harness) -> None:
    """Access is denied if the user cannot be determined.

    An error page also denies access.

    Source: beyond the chapter; it protects pages from being shown when the user cannot be
    determined.
    """
    for why, client in viewdecorators.broken_logins():
        before = viewdecorators.runs(client)
        answer = client.get(viewdecorators.protected())
        expect(
            answer.status >= 300 and viewdecorators.runs(client) == before,
            f"the request to be denied when {why}",
            f"the view was run: {answer}",
        )


@harden("login-required-decorator", share=0.3)
@given(payload=evil)
@example(payload="https://evil.example/")
@example(payload="//evil.example")
@example(payload="////evil.example")
@example(payload="/\\evil.example")
@example(payload="/\t/evil.example")
@example(payload="https:evil.example")
@example(payload="javascript:alert(1)")
@example(payload="/ok\r\nX-Injected: 1")
def test_next_same_origin(viewdecorators: Harness, payload: str) -> None:
    """Whatever target a login is given, the browser stays on the site.

    A link to the site's own login page is trusted; the page after the login must belong to the
    site again. Browsers drop tabs and line breaks from a URL and treat a backslash as a slash,
    which `urllib.parse` does not know.

    Since 2.3, Werkzeug raises an error for a line break in it.

    Source: beyond the chapter; it protects those who log in from being redirected to another site.
    """
    site = SiteLogin.of(viewdecorators)
    for answer in site.offer(payload):
        expect(answer.status < 500, "no server error for any target", answer)
        if answer.location is None:
            continue
        goes = whatwg.origin(answer.location, "http://localhost")
        expect(
            goes in site.own_origins,
            "a redirect within http://localhost",
            f"Location: {answer.location!r}, which a browser takes for {goes}",
        )


@harden("login-required-decorator", share=0.3)
@given(host=hosts)
def test_next_host_forgery(viewdecorators: Harness, host: str) -> None:
    """A forged Host header does not end up in the target stored for after the login.

    Once a cache in front has stored the redirect, it would send everybody through the site's own
    login to the forged host.

    `request.url` starts with the Host header; keep only the path and the query.

    Source: beyond the chapter; it protects those who log in from a forged Host header.
    """
    answer = viewdecorators.client(host=host).get(viewdecorators.protected())
    kept = unquote(unquote(answer.location or ""))
    expect(host not in kept, f"no {host} in the redirect to the login page", answer)


# Caching.


@must("caching-decorator")
def test_cached_hit_and_expiry(viewdecorators: Harness) -> None:
    """Within the timeout a second request does not run the view; after the timeout it does.

    Source: a value returned by the cache is returned; otherwise the function is called and its
    return value is stored for the given timeout.
    """
    viewdecorators.ways()
    moving = viewdecorators.binding.cache_clock
    if moving:
        viewdecorators.start_clock()
    explore(lambda: Kept(viewdecorators, moving=moving), steps=8)


@must("caching-decorator", share=0.3)
@given(wanted=answers)
@example(wanted=PICTURE)
@example(wanted=MISSING)
def test_cached_same_response(viewdecorators: Harness, wanted: dict[str, Any]) -> None:
    """A cache hit returns the same status, body, content type and headers as the miss.

    Source: what the cache returned is returned in place of the function's return value.
    """
    same_response(viewdecorators, wanted)


@must("caching-decorator", share=0.3)
@given(paths=st.lists(st.text("abäß01-", min_size=1, max_size=4), min_size=2, max_size=4))
@example(paths=["a", "b"])
def test_cached_key_path(viewdecorators: Harness, paths: list[str]) -> None:
    """Different paths never share a cached response.

    Source: the cache key is unique for the current request, built from the current path.
    """
    Made(CachedViews.of(viewdecorators)).ask(*(Asked(path=quote(path)) for path in paths))


@should("caching-decorator")
@given(value=st.sampled_from(["", [], {}]))
@example(value="")
def test_cached_falsy(viewdecorators: Harness, value: object) -> None:
    """An empty response is cached like any other.

    Source: if the cache returned something, that is, not None, it is returned.
    """
    kept_once(viewdecorators, "page", value)


#: What two visits may differ in.
VARIED: dict[str, list[Any]] = {
    "method": ["GET", "HEAD", "POST"],
    "path": ["a", "b"],
    "query": sorted({tuple(query) for pair in ALIKE for query in pair} | {()}),
    "user": [None, *PEOPLE],
    "host": ["localhost", "shop.example"],
}


class Separate(Machine):
    """Visits that differ in one thing or another; the model is the request each response is for."""

    visits: Bundle[Asked] = Bundle("visits")

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness)
        self.harness: Harness = harness
        self.made = Made(harness)

    @rule(
        target=visits, asked=st.builds(Asked, **{k: st.sampled_from(v) for k, v in VARIED.items()})
    )
    def visit(self, asked: Asked) -> Asked:
        """Request a page."""
        self.made.ask(asked)
        return asked

    @rule(asked=visits, method=st.sampled_from(VARIED["method"]))
    def visit_again(self, asked: Asked, method: str) -> None:
        """Request the same page, possibly with another method."""
        self.made.ask(dataclasses.replace(asked, method=method))

    @rule(asked=visits, change=st.sampled_from([(k, v) for k in VARIED for v in VARIED[k]]))
    def visit_beside(self, asked: Asked, change: tuple[str, Any]) -> None:
        """Request a page that differs in at most one thing."""
        self.made.ask(dataclasses.replace(asked, **dict([change])))


@harden("caching-decorator", share=0.6)
def test_cached_key_separates(viewdecorators: Harness) -> None:
    """A response is cached per method, host, mount point, path, query and user.

    The docs' own code uses the path alone as key: one visitor's page is shown to the next,
    `?page=2` shows page one, and a POST is answered without being processed.

    By RFC 9111, 4, the target URI, the method and the Vary fields decide; a response that depends
    on more must not be cached, or must have that in its key.

    Source: beyond the chapter; it protects each visitor from a response to another request.
    """
    head_first(viewdecorators)
    Made(viewdecorators).ask(*(Asked(mount=mount) for mount in MOUNTS))
    for pair in ALIKE:
        viewdecorators.begin_example()
        Made(viewdecorators).ask(*(Asked(query=tuple(query)) for query in pair))
    explore(lambda: Separate(viewdecorators), steps=12)


@harden("caching-decorator", share=0.3)
@given(
    visits=st.lists(st.none() | st.sampled_from(sorted(FAILURES)), min_size=1, max_size=5),
)
@example(visits=["answers 500"])
@example(visits=["aborts with 503"])
@example(visits=["raises"])
def test_cached_no_error(viewdecorators: Harness, visits: list[str | None]) -> None:
    """Server errors are not cached: as soon as the view works again, so does the page.

    The docs' own code stores whatever the view returns. A 404 may be kept like any page (RFC 9110,
    15.5.5).

    Source: beyond the chapter; it protects visitors from an error that is over.
    """
    no_errors(viewdecorators, "page", visits)


@harden("caching-decorator")
def test_cached_stream_safe(viewdecorators: Harness) -> None:
    """A streamed response is complete for the second client too.

    A generator can only be consumed once: cached, it is empty. A view that the decorator refuses
    at its first request misleads nobody.

    The docs' own code stores whatever the view returns; check `is_streamed` first.

    Source: beyond the chapter; it protects the second client from an exhausted generator.
    """
    host = CachedViews.of(viewdecorators)
    refused = []
    for kind in STREAMS:
        viewdecorators.begin_example()
        for client in ("first", "second"):
            answer = host.streamed(kind)
            if client == "first" and answer.status >= 500:
                refused.append(answer)
                break
            expect(
                answer.status == 200 and answer.text.strip() == STREAMED,
                f"{STREAMED!r} for the {client} client of a view that returns a {kind}",
                answer,
            )
    if len(refused) == len(STREAMS):
        raise Untested(f"the decorator refuses views that stream: {refused[0]}")


@harden("caching-decorator")
@given(how=st.sampled_from(COOKIES), visits=st.integers(2, 4))
@example(how="a cookie", visits=2)
@example(how="the session", visits=3)
def test_cached_cookie_not_shared(viewdecorators: Harness, how: str, visits: int) -> None:
    """A cookie or session set by a cached view goes to one client only.

    A cache that stores the response object itself even keeps what is added to it later.

    Source: beyond the chapter; it protects a visitor's session from the next visitor.
    """
    no_set_cookie(viewdecorators, how, visits)


@should("caching-decorator", share=0.05)
@given(pages=st.lists(st.sampled_from("abcdef"), min_size=6, max_size=6))
@example(pages=list("abcdef"))
@example(pages=list("aabbcc"))
def test_cached_thread_safe(viewdecorators: Harness, pages: list[str]) -> None:
    """Concurrent cache misses each get their own page, and so do later requests.

    Source: the key is unique for the current request.
    """
    viewdecorators.inside()
    # One page first, so that the app is already built for the threads.
    viewdecorators.ask("page")
    host = CachedViews.of(viewdecorators)
    nested = host.nested("outer", "inner")
    kept = [viewdecorators.ask("page", page) for page in ("outer", "inner")]
    when = ("", ", requested while the view of .../outer ran", ", later", ", later")
    for page, got, then in zip(("outer", "inner") * 2, (*nested, *kept), when, strict=True):
        expect(
            f"/{page} at " in (got.text or ""),
            f"a page of its own for GET .../{page}{then}",
            got.text or got,
        )
    at_once = together(*(partial(host.overlapping, page) for page in pages))
    later = [viewdecorators.ask("page", page) for page in pages]
    for page, got in zip(pages * 2, [*at_once, *later], strict=True):
        expect(
            f"/{page} at " in (got.text or ""),
            f"a page of its own for GET .../{page}, one of {len(pages)} at the same time",
            got.text or got,
        )


@harden("caching-decorator", share=0.4)
def test_cached_auth_order(viewdecorators: Harness) -> None:
    """If a page is both protected and cached, every request is checked for a login.

    With the cache outside, the first visitor decides for all: either everybody gets the page, or
    everybody is redirected to the login. No intermediate cache may share the page either.

    `@login_required` belongs above `@cached()`.

    Source: beyond the chapter; it protects private pages from being cached for those who may not
    see them. RFC 9111, section 5.2.2.9, for `public`.
    """
    explore(lambda: PrivateVisitors(viewdecorators, viewdecorators.private_page()), steps=12)
    client = viewdecorators.client()
    viewdecorators.log_in(client)
    page = client.get(viewdecorators.private_page())
    expect(
        "public" not in page.header_tokens("Cache-Control"),
        "a page that requires a login not to be public",
        f"Cache-Control: {page.header('Cache-Control')}",
        cause="every cache on the way may store it and serve it to anybody.",
    )


# Templating.


@must("templating-decorator", share=0.15)
@given(
    where=st.sampled_from(sorted(PLACES)),
    context=st.none() | st.dictionaries(st.sampled_from(KEYS), markup() | st.integers()),
)
@example(where="/named", context=None)
@example(where="/plain", context={})
@example(where="/shop/admin/edit", context={"value": "<b>"})
def test_tmpl_dict_renders(
    viewdecorators: Harness, where: str, context: dict[str, Any] | None
) -> None:
    """A dict is rendered with the named template, or with the one named after the endpoint.

    The endpoint's dots become slashes, so that a blueprint's views have their own folder. None is
    treated as an empty dict.

    Source: without a template name, it is the endpoint with dots converted to slashes plus .html;
    if None is returned, an empty dictionary is assumed.
    """
    shown = viewdecorators.render(where, context)
    expect(
        shown.response.status == 200 and shown.wanted in shown.templates,
        f"{shown.wanted} to be rendered",
        f"{', '.join(shown.templates) or 'no template'} was rendered, for {shown.response}",
    )
    if shown.values is not None:
        wanted = {key: str((context or {}).get(key, "")) for key in KEYS}
        expect(shown.values == wanted, f"a page that shows {wanted}", f"{shown.values}")


@must("templating-decorator")
@given(kind=st.sampled_from(sorted(RETURNED)), text=lines(20))
@example(kind="str", text="")
@example(kind="list", text="")
def test_tmpl_passthrough(viewdecorators: Harness, kind: str, text: str) -> None:
    """Anything but a dict or None is returned unchanged: a string, tuple, response or redirect.

    Source: if something other than a dictionary is returned, it is returned unchanged.
    """
    bare, decorated = TemplatedViews.of(viewdecorators).returned(kind, text)
    expect(
        (decorated.status, decorated.body, _headers(decorated))
        == (bare.status, bare.body, _headers(bare)),
        f"what the view returns without the decorator: {bare}",
        decorated,
    )


def _headers(answer: Response) -> list[tuple[str, str]]:
    return sorted((k.lower(), v) for k, v in answer.headers if k.lower() not in ("date", "server"))


# Endpoints.


@must("endpoint-decorator")
def test_endpoint_bound(viewdecorators: Harness) -> None:
    """Every rule in the URL map has a view function for its endpoint.

    Source: the decorator maps the endpoint of a `Rule` to a view function.
    """
    rules = Rules.of(viewdecorators)
    functions = rules.flask_app.view_functions
    for target, method, endpoint in rules.unbound_rules():
        answer = viewdecorators.client().open(method, target)
        expect(
            answer.status < 500,
            f"a view function for the endpoint {endpoint!r} of the rule that {target} matches",
            f"{answer}; there are those of {', '.join(map(repr, sorted(functions)[:8]))}"
            + nearest(endpoint, functions),
        )
