"""The clauses of Using URL Processors."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import flask
from hypothesis import strategies as st
from werkzeug.routing import BuildError

from conformance.clause import example, expect, given, harden, must, should, together
from conformance.core.errors import SubjectError, Untested
from conformance.patterns.urlprocessors import URLProcessorsComponent, URLProcessorsHarness

Harness = URLProcessorsHarness

APPLICATION = "internationalized-application-urls"
BLUEPRINT = "internationalized-blueprint-urls"

#: Draws one of the accepted values by its number.
which = st.integers(0, 9)


def built(endpoint: str, **values: Any) -> str:
    """Build a URL, and say it in words where that raises."""
    try:
        return flask.url_for(endpoint, **values)
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"


def leads(url: str, path: str) -> bool:
    """Check whether a URL is a path, however it is percent-encoded."""
    return unquote(url) == path


@must(APPLICATION)
@given(number=which)
def test_value_removed(urlprocessors: Harness, number: int) -> None:
    """Views are called without the value, which is kept for the request.

    Source: the preprocessor pops the value out of the dictionary, so that it is no longer
    forwarded to the view function, and puts it somewhere else, such as `g`.
    """
    wanted = urlprocessors.code(number)
    target = urlprocessors.path(wanted)
    response, seen = urlprocessors.visit(target, urlprocessors.seen)
    expect(
        urlprocessors.value not in seen.view_args,
        f"the view to be called without {urlprocessors.value}",
        f"it is called with {dict(seen.view_args)}",
        cause="the preprocessor reads the value and leaves it where it was",
    )
    expect(
        seen.current == wanted, f"{wanted!r} to be kept for {target}", f"{seen.current!r} is kept"
    )
    expect(response.status == 200, f"200 for {target}", response)


@must(APPLICATION)
@given(number=which)
def test_default_injected(urlprocessors: Harness, number: int) -> None:
    """In a page with the value, URLs of such pages are built with the current value.

    Source: `url_defaults` functions inject values into a call to `url_for`, so that the code
    is not provided explicitly.
    """
    wanted = urlprocessors.code(number)
    rules = urlprocessors.rules(localised=True)
    _, urls = urlprocessors.visit(
        urlprocessors.path(wanted), lambda: {name: built(name) for name in rules}
    )
    for name, rule in rules.items():
        path = urlprocessors.fill(rule, wanted)
        expect(leads(urls[name], path), f"url_for({name!r}) to give {path}", urls[name])


@must(APPLICATION)
@given(here=which, there=which)
@example(here=0, there=1)
def test_explicit_wins(urlprocessors: Harness, here: int, there: int) -> None:
    """A value that is passed to `url_for` is used, whatever the current one is.

    This is how a page links to itself in another language.

    Source: the callback checks whether the code is not yet in the dictionary of URL values.
    """
    current, other = urlprocessors.code(here), urlprocessors.code(there)
    rules = urlprocessors.rules(localised=True)
    value = {urlprocessors.value: other}
    _, urls = urlprocessors.visit(
        urlprocessors.path(current), lambda: {name: built(name, **value) for name in rules}
    )
    for name, rule in rules.items():
        path = urlprocessors.fill(rule, other)
        expect(
            leads(urls[name], path),
            f"url_for({name!r}, {urlprocessors.value}={other!r}) to give {path} on a page in "
            f"{current!r}",
            urls[name],
            cause="the callback assigns the value without asking whether it is there already"
            if current != other and leads(urls[name], urlprocessors.fill(rule, current))
            else "",
        )


@must(APPLICATION)
@given(number=which)
def test_only_expecting(urlprocessors: Harness, number: int) -> None:
    """URLs of pages and files without the value get it neither in the path nor in the query.

    Source: the callback asks whether the endpoint wants a value of that name.
    """
    rules = urlprocessors.rules(localised=False)
    app = urlprocessors.flask_app
    file = f"{app.static_url_path}/a.css" if app.has_static_folder else None

    def look() -> dict[str, str]:
        urls = {name: built(name) for name in rules}
        if file is not None:
            urls["static"] = built("static", filename="a.css")
        return urls

    _, urls = urlprocessors.visit(urlprocessors.path(urlprocessors.code(number)), look)
    for name, url in urls.items():
        path = file if name == "static" else rules[name]
        expect(
            leads(url, path or ""),
            f"the URL of {name!r} to be {path}",
            url,
            cause="the callback does not ask `url_map.is_endpoint_expecting`"
            if f"?{urlprocessors.value}=" in url
            else "",
        )


@must(APPLICATION)
@given(number=which)
def test_roundtrip(urlprocessors: Harness, number: int) -> None:
    """A URL that a page builds leads to the page it was built for, with the same value.

    Source: what one callback pulls out of the values the other injects into them.
    """
    wanted = urlprocessors.code(number)
    rules = urlprocessors.rules(localised=True)
    _, urls = urlprocessors.visit(
        urlprocessors.path(wanted), lambda: {name: built(name) for name in rules}
    )
    for name, url in urls.items():
        expect(url.startswith("/"), f"url_for({name!r}) to give a path", url)
        _, seen = urlprocessors.visit(url, urlprocessors.seen)
        expect(
            (seen.endpoint, seen.current) == (name, wanted),
            f"{url} to lead to {name!r} with {wanted!r}",
            f"it leads to {seen.endpoint!r} with {seen.current!r}",
        )


@must("")
@given(visits=st.lists(st.none() | which, min_size=2, max_size=8))
@example(visits=[0, None, 1])
@example(visits=[1, 0, 1])
def test_no_bleed(urlprocessors: Harness, visits: list[int | None]) -> None:
    """The value of one request is not seen in the next, nor in one at the same time.

    One visitor asks for the pages, and then several at one moment; what counts is the value
    and, where it is the same each time on a new app, where a page's links lead.

    Source: the value is kept on `g`, which lasts as long as the request; where the URL has
    none it is None.
    """
    # Named as missing before anything is sent.
    plain = urlprocessors.plain.path
    links_alone = urlprocessors.links_alone
    visitor = urlprocessors.client()

    def look(number: int | None, client: Any = None) -> tuple[str | None, str | None]:
        wanted = None if number is None else urlprocessors.code(number)
        target = plain if wanted is None else urlprocessors.path(wanted)
        return wanted, urlprocessors.visit(target, urlprocessors.seen, client=client)[1].current

    one_by_one = [look(number, visitor) for number in visits]
    at_once = together(*[partial(look, number) for number in visits])
    for wanted, current in (*one_by_one, *at_once):
        expect(
            current == wanted or (wanted is None and not current),
            f"{'no value on the plain page' if wanted is None else f'{wanted!r} on its own page'}",
            repr(current),
        )
    for code, alone in links_alone.items():
        links = urlprocessors.links(visitor.get(urlprocessors.path(code)))
        expect(
            alone is None or links == alone,
            f"the page in {code!r} to link to {alone}, as it does when it is asked for first",
            f"after other pages it links to {links}",
        )


@must("")
def test_process_forgets(urlprocessors: Harness) -> None:
    """A page's value stays neither in links that the process has built, nor with the thread.

    Source: the value is kept on `g`, which lasts as long as the request.

    Usual cause: a cached function that calls `url_for`, or a context variable that nothing
    sets back.
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
            f"the plain page to build URLs with {alone!r}, as before any other page",
            f"with {after!r} in {where}, after a page in {code!r}",
            cause="the value is kept for the process."
            if elsewhere_too == after
            else "the value is kept for the thread, such as in a context variable.",
        )
    visitor = urlprocessors.client()
    with contextlib.suppress(Untested, SubjectError):
        for code in urlprocessors.binding.codes:
            links = urlprocessors.links(visitor.get(urlprocessors.path(code)))
            own = urlprocessors.localised(links)
            if not urlprocessors.leads_elsewhere(own, code):
                continue
            # A page that links to other languages only may be so: another process tells.
            elsewhere = urlprocessors.links_elsewhere(code)
            expect(
                own == elsewhere,
                f"the page in {code!r} to link to {elsewhere}, as it does in a process of its own",
                f"after other pages of the process it links to {own}",
                cause="links are remembered for the process, whatever page they are on.",
            )


missing = st.lists(st.text("abcxyz", min_size=1, max_size=6), min_size=6, max_size=8).map(
    lambda parts: "/" + "/".join(parts)
)


@should(APPLICATION)
@given(target=missing)
@example(target="/a/b/c/d/e/f")
def test_404_stays_404(urlprocessors: Harness, target: str) -> None:
    """A URL that nothing matches is answered with 404.

    For such a URL Flask calls the processors with `values=None`. An exception
    there turns every mistyped address, and every robot's guess, into a 500.

    Source: RFC 9110, 15.5.5: 404 says that there is nothing at the target.
    """
    if urlprocessors.catches_all:
        raise Untested("a rule of the app matches every path")
    response = urlprocessors.client().get(target)
    expect(
        response.status == 404,
        f"404 for {target}",
        response,
        cause="the processor uses `values`, which is None where nothing matched"
        if isinstance(response.error, AttributeError) and "NoneType" in str(response.error)
        else "",
    )


@should(APPLICATION)
@given(method=st.sampled_from(["DELETE", "PATCH", "BREW"]), number=which)
def test_405_and_redirect(urlprocessors: Harness, method: str, number: int) -> None:
    """A method that a page lacks is answered with 405, and a missing slash with a redirect.

    Source: RFC 9110, 15.5.6: 405 says that the target does not support the method; Flask's
    quickstart on trailing slashes: a URL without one is redirected.
    """
    wanted = urlprocessors.code(number)
    target = urlprocessors.path(wanted)
    client = urlprocessors.client()
    response = client.open(method, target)
    expect(response.status == 405, f"405 for {method} {target}", response)
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
@given(number=which)
def test_build_in_handler(urlprocessors: Harness, number: int) -> None:
    """While a 404 is handled, URLs can be built: with an explicit value, and of plain pages.

    An error page that cannot build its links is an error page that is never seen. The
    callback may not count on a preprocessor that ran for a URL that matched.

    Source: beyond the chapter; it protects error pages, whose links are built for a URL that
    did not match.
    """
    if urlprocessors.catches_all:
        raise Untested("a rule of the app matches every path")
    check_builds(urlprocessors, "/a/b/c/d/e/f", urlprocessors.code(number))


@must(APPLICATION)
def test_plain_builds(urlprocessors: Harness) -> None:
    """A page without the value can build the URLs of other such pages.

    Source: where the URL has no value the preprocessor sets None, and the callback returns
    at once where there is none.
    """
    check_builds(urlprocessors, urlprocessors.plain.path, None)


@harden(BLUEPRINT)
@given(number=which)
def test_explicit_outside(urlprocessors: Harness, number: int) -> None:
    """A page without the value can link to one with it by passing the value.

    `values.setdefault("lang_code", g.lang_code)` reads `g` also where the value was passed.

    Source: beyond the chapter; it protects links to pages with the value from pages without it.
    """
    check_builds(urlprocessors, urlprocessors.plain.path, urlprocessors.code(number))


def check_builds(harness: Harness, target: str, wanted: str | None) -> None:
    """Build URLs inside the request for a target that does not contain the value.

    `wanted` is passed to those that need one; with None they are left out.
    """
    # The value goes into `url_for`, not into the request.
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
        expect(leads(url, path), f"url_for({name!r}{passed}) to give {path} during {target}", url)


@harden(APPLICATION)
def test_build_no_request(urlprocessors: Harness) -> None:
    """Outside of a request a passed value builds the URL; a missing one is a BuildError at worst.

    A mail or a command links to pages too, and no request has set an attribute of `g` there.

    Source: beyond the chapter; it protects mails and commands, which have no request.
    """
    urlprocessors.inside()
    app = urlprocessors.host(SERVER_NAME="localhost")
    for name, rule in urlprocessors.rules(localised=True).items():
        wanted = urlprocessors.binding.codes[0]
        value = {urlprocessors.value: wanted}
        urlprocessors.ledger.call(f"url_for({name!r}) in an app context")
        with app.app_context():
            explicit = built(name, **value)
            try:
                flask.url_for(name)
                bare = ""
            except BuildError:
                bare = ""
            except Exception as error:
                bare = f"{type(error).__name__}: {error}"
        path = urlprocessors.fill(rule, wanted)
        expect(
            unquote(urlsplit(explicit).path) == path and "://" in explicit,
            f"url_for({name!r}, **{value}) to give a URL with {path}",
            explicit,
        )
        expect(not bare, f"url_for({name!r}) to give a URL or raise BuildError", bare)


#: Words that are none of two given codes, and what a careless check takes for one: a part of
#: a text that has them all, a longer word, two of them.
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


@harden(APPLICATION)
@given(
    unknown=st.text("abcdefghijklmnopqrstuvwxyz-", min_size=9, max_size=14)
    | st.tuples(which, which, st.sampled_from(range(len(NEAR))))
)
@example(unknown="favicon.ico")
@example(unknown="zz-anything")
def test_known_codes(urlprocessors: Harness, unknown: str | tuple[int, int, int]) -> None:
    """A value that the app does not know is answered with 404 or a redirect, not with a page.

    Otherwise any word makes a copy of the whole site, and stands in its links. A part of a
    code, or several of them, is not a code either.

    Source: beyond the chapter; it protects the site from copies of itself below any word.
    """
    if isinstance(unknown, tuple):
        one, other, how = unknown
        unknown = NEAR[how](urlprocessors.code(one), urlprocessors.code(other))
    if not unknown.strip() or unknown in urlprocessors.binding.codes:
        return
    response = urlprocessors.client().get(urlprocessors.path(quote(unknown)))
    where = unquote(urlsplit(response.location or "").path)
    expect(
        response.status == 404 or (response.is_redirect and unknown not in where),
        f"404 for the unknown value {unknown!r}",
        response,
    )


@harden(APPLICATION)
def test_static_wins(urlprocessors: Harness) -> None:
    """Files and plain pages are not taken for pages with the value, nor sent away to one.

    A rule that begins with the value may match `/static` as a language, and a hook may
    redirect every path that has no language.

    Source: beyond the chapter; it protects files and plain pages from being taken for pages
    with the value.
    """
    app = urlprocessors.flask_app
    targets = {rule: name for name, rule in urlprocessors.rules(localised=False).items()}
    if app.has_static_folder:
        targets[f"{app.static_url_path}/conformance-missing.css"] = "static"
    for target, name in targets.items():
        response, seen = urlprocessors.visit(target, urlprocessors.seen, whole=False)
        expect(seen.endpoint == name, f"{target} to lead to {name!r}", f"{seen.endpoint!r}")
        # The root may well lead to the start page in the visitor's language.
        moved = target != "/" and urlsplit(response.location or "").path.endswith(target)
        expect(not moved, f"an answer at {target} itself", response)


@must(BLUEPRINT)
@given(number=which)
def test_bp_scope(urlprocessors: Harness, number: int) -> None:
    """The blueprint's processors leave other blueprints' pages alone.

    Source: blueprints can have per-blueprint URL processors, which no longer have to check
    whether the URL is really interested in the value.
    """
    host = URLProcessorsComponent.of(urlprocessors)
    host.stand_alone()
    wanted = host.code(number)
    value = {host.value: "theirs"}
    answer = host.client().get("/conformance-other/theirs/")
    expect(
        answer.status == 200, "the page of another blueprint at /conformance-other/theirs/", answer
    )
    _, seen = host.visit("/conformance-other/theirs/", host.seen)
    expect(
        seen.view_args == value,
        f"a view of another blueprint to be called with {value}",
        f"it is called with {dict(seen.view_args)}",
    )
    _, url = host.visit(host.path(wanted), lambda: built("conformance_other.page", **value))
    expect(
        url == "/conformance-other/theirs/",
        "the URL of another blueprint's page to be /conformance-other/theirs/",
        url,
    )
