"""The clauses of Using URL Processors."""

from __future__ import annotations

import contextlib
from collections import Counter
from functools import partial
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import flask
from hypothesis import strategies as st
from werkzeug.routing import BuildError

from conformance.clause import example, expect, given, harden, must, should, together
from conformance.core.errors import Deviation, SubjectError, Untested
from conformance.core.told import at
from conformance.instruments.strategies import markup
from conformance.patterns.flashing import shape
from conformance.patterns.harness import named
from conformance.patterns.urlprocessors import Seen, URLProcessorsComponent, URLProcessorsHarness

Harness = URLProcessorsHarness

APPLICATION = "internationalized-application-urls"
BLUEPRINT = "internationalized-blueprint-urls"

#: Picks one of the accepted values by its number.
which = st.integers(0, 9)


def built(endpoint: str, **values: Any) -> str:
    """Build a URL, or describe the exception if that raises."""
    try:
        return flask.url_for(endpoint, **values)
    except Exception as error:
        place = "" if isinstance(error, BuildError) else at(error)
        return f"{type(error).__name__}: {str(error).splitlines()[0]}{place}"


def leads(url: str, path: str) -> bool:
    """Check whether a URL is a path, whatever its percent-encoding."""
    return unquote(url) == path


@must(APPLICATION)
@given(code_number=which)
def test_value_removed(urlprocessors: Harness, code_number: int) -> None:
    """The value is not passed to the view but kept for the request.

    Source: the preprocessor pops the value from the dictionary, so that it is no longer passed to
    the view function, and stores it elsewhere, such as on `g`.
    """
    wanted = urlprocessors.code(code_number=code_number)
    target = urlprocessors.path(wanted)
    response, seen = urlprocessors.visit(target, urlprocessors.seen)
    expect(
        urlprocessors.value not in seen.view_args,
        f"the view to be called without {urlprocessors.value}",
        f"it was called with {dict(seen.view_args)}",
        cause="the preprocessor reads the value without popping it",
    )
    expect(
        seen.current == wanted, f"{wanted!r} to be kept for {target}", f"{seen.current!r} was kept"
    )
    expect(response.status == 200, f"200 for {target}", response)


@must(APPLICATION)
@given(code_number=which)
def test_default_injected(urlprocessors: Harness, code_number: int) -> None:
    """On a page with the value, `url_for` fills in the current value.

    Source: `url_defaults` functions inject values into a call to `url_for`, so that the code need
    not be passed explicitly.
    """
    wanted = urlprocessors.code(code_number=code_number)
    rules = urlprocessors.rules(localised=True)
    _, urls = urlprocessors.visit(
        urlprocessors.path(wanted), lambda: {name: built(name) for name in rules}
    )
    for name, rule in rules.items():
        path = urlprocessors.fill(rule, wanted)
        if not leads(urls[name], path):
            raise Deviation(
                f"url_for({name!r}) to return {path}",
                urls[name],
                urlprocessors.fills(name) if urls[name].startswith("BuildError") else "",
            )


@must(APPLICATION, share=0.3)
@given(here=which, there=which)
@example(here=0, there=1)
def test_explicit_wins(urlprocessors: Harness, here: int, there: int) -> None:
    """A value passed to `url_for` takes precedence over the current one.

    This is how a page links to itself in another language.

    Source: the callback checks whether the code is already in the dictionary of URL values.
    """
    current, other = urlprocessors.code(here=here), urlprocessors.code(there=there)
    rules = urlprocessors.rules(localised=True)
    value = {urlprocessors.value: other}
    _, urls = urlprocessors.visit(
        urlprocessors.path(current), lambda: {name: built(name, **value) for name in rules}
    )
    for name, rule in rules.items():
        path = urlprocessors.fill(rule, other)
        expect(
            leads(urls[name], path),
            f"url_for({name!r}, {urlprocessors.value}={other!r}) to return {path} on a page in "
            f"{current!r}",
            urls[name],
            cause="the callback assigns the value without checking whether it was passed"
            if current != other and leads(urls[name], urlprocessors.fill(rule, current))
            else "",
        )


@must(APPLICATION)
@given(code_number=which)
def test_only_expecting(urlprocessors: Harness, code_number: int) -> None:
    """URLs without the value get it neither in their path nor in their query string.

    Source: the callback checks whether the endpoint expects a value of that name.
    """
    rules = urlprocessors.rules(localised=False)
    app = urlprocessors.flask_app
    folder = f"{urlprocessors.root}{app.static_url_path}"
    file = f"{folder}/a.css" if app.has_static_folder else None

    def look() -> dict[str, str]:
        urls = {name: built(name) for name in rules}
        if file is not None:
            urls["static"] = built("static", filename="a.css")
        return urls

    _, urls = urlprocessors.visit(
        urlprocessors.path(urlprocessors.code(code_number=code_number)), look
    )
    for name, url in urls.items():
        path = file if name == "static" else rules[name]
        expect(
            leads(url, path or ""),
            f"the URL of {name!r} to be {path}",
            url,
            cause="the callback does not check `url_map.is_endpoint_expecting`"
            if f"?{urlprocessors.value}=" in url
            else "",
        )


@must(APPLICATION)
@given(code_number=which)
def test_roundtrip(urlprocessors: Harness, code_number: int) -> None:
    """A URL built on a page leads to the page that it was built for, with the same value.

    Source: one callback injects into the URL values what the other pulls out of them.
    """
    wanted = urlprocessors.code(code_number=code_number)
    rules = urlprocessors.rules(localised=True)
    _, urls = urlprocessors.visit(
        urlprocessors.path(wanted), lambda: {name: built(name) for name in rules}
    )
    for name, url in urls.items():
        expect(url.startswith("/"), f"url_for({name!r}) to return a path", url)
        _, seen = urlprocessors.visit(url, urlprocessors.seen)
        expect(
            (seen.endpoint, seen.current) == (name, wanted),
            f"{url} to lead to {name!r}, and {seen.place} to have {wanted!r} there",
            f"it leads to {seen.endpoint!r}, and {seen.place} has {seen.current!r}",
        )


@must("", share=0.3)
@given(visits=st.lists(st.none() | which, min_size=2, max_size=8))
@example(visits=[0, None, 1])
@example(visits=[1, 0, 1])
def test_no_bleed(urlprocessors: Harness, visits: list[int | None]) -> None:
    """The value of one request is not visible in the next, or in a concurrent one.

    A single visitor requests the pages, then several visitors do so at once. The clause compares
    the value and, if it is the same each time on a new app, where a page's links lead.

    A page without the value may remember, in the visitor's session, what the last one was.

    Source: the value is stored on `g`, which lasts as long as the request; if the URL has no
    value, it is None.
    """
    # Reports them as missing before anything is sent.
    plain = urlprocessors.plain.path
    urlprocessors.ledger.note("each page first on a new app, to know its links")
    links_alone = urlprocessors.links_alone
    visitor = urlprocessors.client()
    codes = [
        None if code_number is None else urlprocessors.code(code_number=code_number)
        for code_number in visits
    ]
    urlprocessors.ledger.chosen["visits"] = codes
    targets = [plain if code is None else urlprocessors.path(code) for code in codes]

    def look(target: str, client: Any = None) -> Seen:
        return urlprocessors.visit(target, urlprocessors.seen, client=client)[1]

    def check(place: int, seen: Seen, when: str) -> None:
        code = codes[place]
        page = "no value on the plain page" if code is None else f"{code!r} on its own page"
        expect(
            seen.current == code or (code is None and (not seen.current or seen.remembered)),
            f"{page} {targets[place]}, requested {when}",
            f"{seen.place} has {seen.current!r}",
        )

    urlprocessors.ledger.note("one visitor, one page after the other:")
    for place, target in enumerate(targets):
        when = f"after {targets[place - 1]}" if place else "first"
        check(place, look(target, visitor), when)
    urlprocessors.ledger.note("several visitors at once:")
    for place, seen in enumerate(together(*[partial(look, target) for target in targets])):
        check(place, seen, f"at the same time as {', '.join(sorted({*targets}))}")
    for code, alone in links_alone.items():
        links = urlprocessors.links(visitor.get(urlprocessors.path(code)))
        expect(
            alone is None or links == alone,
            f"the page in {code!r} to link to {alone}, as it does when requested first",
            f"after other pages it links to {links}",
        )


@must("")
def test_process_forgets(urlprocessors: Harness) -> None:
    """A page's value persists neither in links built by the process nor in the thread.

    Source: the value is stored on `g`, which lasts as long as the request.

    Usual cause: a cached function that calls `url_for`, or a context variable that is never
    reset.
    """
    plain = urlprocessors.plain.path

    def look() -> str | None:
        return urlprocessors.visit(plain, urlprocessors.built)[1]

    (alone,) = together(look)
    for code in urlprocessors.binding.codes:
        urlprocessors.visit(urlprocessors.path(code), urlprocessors.seen)
        after = look()
        if after == alone:
            continue
        (elsewhere_too,) = together(look)
        where = "every thread" if elsewhere_too == after else "the same thread"
        expect(
            False,
            f"url_for to fill in {alone!r} on the plain page, as before any other page",
            f"it fills in {after!r} in {where}, after a page in {code!r}",
            cause="the value is stored for the process."
            if elsewhere_too == after
            else "the value is stored for the thread, such as in a context variable.",
        )
    visitor = urlprocessors.client()
    with contextlib.suppress(Untested, SubjectError):
        for code in urlprocessors.binding.codes:
            links = urlprocessors.links(visitor.get(urlprocessors.path(code)))
            own = urlprocessors.localised(links)
            if not urlprocessors.leads_elsewhere(own, code):
                continue
            # A page that only links to other languages may be intended: another process tells.
            elsewhere = urlprocessors.links_elsewhere(code)
            expect(
                own == elsewhere,
                f"the page in {code!r} to link to {elsewhere}, as it does in a new process",
                f"after other pages in the same process it links to {own}",
                cause="links are cached for the process, whatever page they are on.",
            )


missing = st.lists(st.text("abcxyz", min_size=1, max_size=6), min_size=6, max_size=8).map(
    lambda parts: "/" + "/".join(parts)
)


@should(APPLICATION, share=0.3)
@given(target=missing)
@example(target="/a/b/c/d/e/f")
def test_404_stays_404(urlprocessors: Harness, target: str) -> None:
    """A URL that no rule matches returns 404.

    For such a URL Flask calls the processors with `values=None`. An exception there turns every
    mistyped address, and every bot's guess, into a 500.

    Source: RFC 9110, 15.5.5: 404 means that there is nothing at the target.
    """
    if urlprocessors.catches_all:
        raise Untested("a rule of the app matches every path")
    target = urlprocessors.root + target
    response = urlprocessors.client().get(target)
    expect(
        response.status == 404,
        f"404 for {target}",
        response,
        cause="the processor uses `values`, which is None if nothing matched"
        if response.raised is not None and "NoneType" in response.raised.text
        else "",
    )


@should(APPLICATION)
@given(method=st.sampled_from(["DELETE", "PATCH", "BREW"]), code_number=which)
def test_405_and_redirect(urlprocessors: Harness, method: str, code_number: int) -> None:
    """A method that a page does not support returns 405, and a missing trailing slash redirects.

    Source: RFC 9110, 15.5.6: 405 means that the target does not support the method; Flask's
    quickstart on trailing slashes: a URL without one is redirected.
    """
    wanted = urlprocessors.code(code_number=code_number)
    target = urlprocessors.path(wanted)
    client = urlprocessors.client()
    response = client.open(method, target)
    if response.status != 405:
        cause = urlprocessors.handled_by(response.request)
        raise Deviation(f"405 for {method} {target}", str(response), cause)
    for rule in urlprocessors.rules(localised=True).values():
        path = urlprocessors.fill(rule, wanted)
        if rule.endswith("/") and path != "/":
            redirect = client.get(quote(path.rstrip("/")))
            where = unquote(urlsplit(redirect.location or "").path)
            expect(
                redirect.is_redirect and where == path,
                f"a redirect from {path.rstrip('/')} to {path}",
                redirect,
            )


@harden(APPLICATION)
@given(code_number=which)
def test_build_in_handler(urlprocessors: Harness, code_number: int) -> None:
    """While a 404 is handled, URLs can be built: with an explicit value, and of plain pages.

    An error page that cannot build its links is an error page that nobody sees. The callback must
    not rely on a preprocessor that only ran for matching URLs.

    Source: beyond the chapter; it protects error pages, whose links are built for a URL that did
    not match.
    """
    if urlprocessors.catches_all:
        raise Untested("a rule of the app matches every path")
    target = f"{urlprocessors.root}/a/b/c/d/e/f"
    where = f"in a request for {target}, which no rule matches"
    check_builds(urlprocessors, target, where, urlprocessors.code(code_number=code_number))


@must(APPLICATION)
def test_plain_builds(urlprocessors: Harness) -> None:
    """A page without the value can build the URLs of other such pages.

    Source: if the URL has no value, the preprocessor stores None, and the callback returns at
    once if there is none.
    """
    plain = urlprocessors.plain.path
    check_builds(urlprocessors, plain, f"on the plain page {plain}", None)


@harden(BLUEPRINT)
@given(code_number=which)
def test_explicit_outside(urlprocessors: Harness, code_number: int) -> None:
    """A page without the value can link to one with it by passing the value.

    `values.setdefault("lang_code", g.lang_code)` reads `g` even if the value was passed.

    Source: beyond the chapter; it protects links from pages without the value to pages with it.
    """
    plain = urlprocessors.plain.path
    check_builds(
        urlprocessors,
        plain,
        f"on the plain page {plain}",
        urlprocessors.code(code_number=code_number),
    )


def check_builds(harness: Harness, target: str, where: str, wanted: str | None) -> None:
    """Build URLs inside the request for a target that does not contain the value.

    `where` says which request that is. `wanted` is passed for pages that require a value; if it is
    None they are left out.
    """
    # The value is passed to `url_for` rather than sent in the request.
    harness.ledger.steer()
    rules = {} if wanted is None else harness.rules(localised=True)
    plain = harness.rules(localised=False)

    def look() -> dict[str, str]:
        explicit = {name: built(name, **{harness.value: wanted}) for name in rules}
        return {**explicit, **{name: built(name) for name in plain}}

    _, urls = harness.visit(target, look)
    for name, url in urls.items():
        path = harness.fill(rules[name], wanted or "") if name in rules else plain[name]
        passed = f", {harness.value}={wanted!r}" if name in rules else ""
        expect(leads(url, path), f"url_for({name!r}{passed}) to return {path} {where}", url)


@harden(APPLICATION)
def test_build_no_request(urlprocessors: Harness) -> None:
    """Outside of a request, a passed value builds the URL; without one, `BuildError` at most.

    Emails and commands link to pages too, where no request has set an attribute of `g`.

    Source: beyond the chapter; it protects emails and commands, which have no request.
    """
    urlprocessors.inside()
    app = urlprocessors.host(SERVER_NAME="localhost")
    for name, rule in urlprocessors.rules(localised=True).items():
        wanted = urlprocessors.binding.codes[0]
        value = {urlprocessors.value: wanted}
        passed = f"url_for({name!r}, {urlprocessors.value}={wanted!r})"
        urlprocessors.ledger.call(f"{passed} in an app context, outside of a request")
        with app.app_context():
            explicit = built(name, **value)
        urlprocessors.ledger.call(f"url_for({name!r}) in an app context, outside of a request")
        with app.app_context():
            try:
                flask.url_for(name)
                bare = ""
            except BuildError:
                bare = ""
            except Exception as error:
                bare = f"{type(error).__name__}: {error}{at(error)}"
        # Nothing says there where the app is mounted.
        path = urlprocessors.fill(rule, wanted).removeprefix(urlprocessors.root)
        expect(
            unquote(urlsplit(explicit).path) == path and "://" in explicit,
            f"{passed} to return a URL with {path} outside of a request",
            explicit,
        )
        expect(
            not bare,
            f"url_for({name!r}) to return a URL or raise BuildError outside of a request",
            bare,
        )


#: Words made of two codes that are codes themselves only to a careless check: a part of a text
#: that contains all codes, a longer word, two codes in one.
NEAR = (
    lambda one, other: one[1:],
    lambda one, other: one[:-1],
    lambda one, other: f"{one}x",
    lambda one, other: f"x{one}",
    lambda one, other: one + other,
    lambda one, other: f"{one},{other}",
    lambda one, other: f"{one} {other}",
    lambda one, other: f"{one[-1]},{other[0]}",
    lambda one, other: f"{one[-1]} {other[0]}",
    lambda one, other: f"{one}\n",
)


@harden(APPLICATION, share=0.3)
@given(
    unknown=st.text("abcdefghijklmnopqrstuvwxyz-", min_size=9, max_size=14)
    | st.tuples(which, which, st.sampled_from(range(len(NEAR))))
)
@example(unknown="favicon.ico")
@example(unknown="zz-anything")
def test_known_codes(urlprocessors: Harness, unknown: str | tuple[int, int, int]) -> None:
    """A value that the app does not know returns 404 or a redirect instead of a page.

    Otherwise any word creates a copy of the whole site and appears in its links. A part of a
    code, or several codes, are not a code either.

    Source: beyond the chapter; it protects the site from copies of itself below arbitrary words.
    """
    if isinstance(unknown, tuple):
        one, other, how = unknown
        unknown = NEAR[how](urlprocessors.code(one=one), urlprocessors.code(other=other))
    if not unknown.strip() or unknown in urlprocessors.binding.codes:
        return
    response = urlprocessors.client().get(urlprocessors.path(quote(unknown)))
    where = unquote(urlsplit(response.location or "").path)
    expect(
        response.status == 404 or (response.is_redirect and unknown not in where),
        f"404 for the unknown value {unknown!r}; the binding's `codes` are "
        + ", ".join(urlprocessors.binding.codes),
        response,
    )


@harden(APPLICATION, share=0.3)
@given(value=markup())
@example(value="<b title=x>value")
@example(value='"><img src=x onerror=alert(1)>')
def test_value_escaped(urlprocessors: Harness, value: str) -> None:
    """A value of the URL that has markup in it adds no element or attribute to any page.

    This includes the page that says that there is no such value.

    Source: beyond the chapter; it protects visitors from markup in a link that somebody else made.

    Usual cause: a page that is built with `format` or an f-string, or a template that marks the
    value as safe.
    """
    client = urlprocessors.client()
    usual = client.get(urlprocessors.path("conformance"))
    page = client.get(urlprocessors.path(quote(value, safe="")))
    if page.mimetype != "text/html" or page.status != usual.status:
        return
    added = Counter(shape(page)) - Counter(shape(usual))
    tags = ", ".join(f"<{' '.join([tag, *names])}>" for tag, names in added)
    expect(
        not added,
        f"the same elements for the value {value!r} as for 'conformance'",
        f"also {tags}, in a {page.status} response to {page.request.name}",
        cause=f"{urlprocessors.value} stands in the page unescaped",
    )


@harden(APPLICATION)
def test_static_wins(urlprocessors: Harness) -> None:
    """Files and plain pages are neither matched as pages with the value nor redirected to one.

    A rule that starts with the value may match `/static` as a language, and a hook may redirect
    every path without a language.

    Source: beyond the chapter; it protects files and plain pages from being matched as pages with
    the value.
    """
    app = urlprocessors.flask_app
    targets = {rule: name for name, rule in urlprocessors.rules(localised=False).items()}
    if app.has_static_folder:
        targets[f"{urlprocessors.root}{app.static_url_path}/conformance-missing.css"] = "static"
    for target, name in targets.items():
        response, seen = urlprocessors.visit(target, urlprocessors.seen, whole=False)
        expect(seen.endpoint == name, f"{target} to lead to {name!r}", f"{seen.endpoint!r}")
        # The root may well redirect to the start page in the visitor's language.
        moved = target != f"{urlprocessors.root}/" and urlsplit(
            response.location or ""
        ).path.endswith(target)
        if moved:
            cause = urlprocessors.returned_by(response.request)
            raise Deviation(f"a response at {target} itself", str(response), cause)


@must(BLUEPRINT)
@given(code_number=which)
def test_bp_scope(urlprocessors: Harness, code_number: int) -> None:
    """A blueprint's processors do not affect the pages of other blueprints.

    Source: blueprints can have per-blueprint URL processors, which need not check whether the URL
    expects the value.
    """
    host = URLProcessorsComponent.of(urlprocessors)
    host.stand_alone()
    wanted = host.code(code_number=code_number)
    value = {host.value: "theirs"}
    answer = host.client().get("/conformance-other/theirs/")
    expect(
        answer.status == 200, "the page of another blueprint at /conformance-other/theirs/", answer
    )
    _, seen = host.visit("/conformance-other/theirs/", host.seen)
    expect(
        seen.view_args == value,
        f"a view of another blueprint to be called with {value}",
        f"it was called with {dict(seen.view_args)}",
        cause="the blueprint registers its preprocessor for the whole app: "
        f"{named(everywhere)}, with `app_url_value_preprocessor`."
        if (everywhere := host.flask_app.url_value_preprocessors.get(None, []))
        else "",
    )
    _, url = host.visit(host.path(wanted), lambda: built("conformance_other.page", **value))
    expect(
        url == "/conformance-other/theirs/",
        "the URL of another blueprint's page to be /conformance-other/theirs/",
        url,
    )
