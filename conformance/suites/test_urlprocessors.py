"""The clauses of Using URL Processors."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlsplit

import flask
from hypothesis import strategies as st
from werkzeug.routing import BuildError

from conformance.clause import example, expect, given, harden, must, should, together
from conformance.core.errors import Untested
from conformance.patterns.urlprocessors import URLProcessorsHarness

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


@must(APPLICATION)
@given(number=which)
def test_value_removed(urlprocessors: Harness, number: int) -> None:
    """Views are called without the value, and `g` has it.

    Usual cause: the preprocessor reads the value with `values.get` and leaves it
    where it was, or keeps it under another name than the views read.
    """
    wanted = urlprocessors.code(number)
    target = urlprocessors.path(wanted)
    response, seen = urlprocessors.visit(target, urlprocessors.seen)
    expect(seen.current == wanted, f"g to have {wanted!r} for {target}", repr(seen.current))
    expect(
        urlprocessors.value not in seen.view_args,
        f"the view to be called without {urlprocessors.value}",
        f"it is called with {dict(seen.view_args)}",
    )
    expect(response.status == 200, f"200 for {target}", response)


@must(APPLICATION)
@given(number=which)
def test_default_injected(urlprocessors: Harness, number: int) -> None:
    """In a page with the value, URLs of such pages are built with the current value.

    Usual cause: no `url_defaults` callback, or one that looks at another place
    than the preprocessor writes to.
    """
    wanted = urlprocessors.code(number)
    rules = urlprocessors.rules(localised=True)
    _, urls = urlprocessors.visit(
        urlprocessors.path(wanted), lambda: {name: built(name) for name in rules}
    )
    for name, rule in rules.items():
        path = urlprocessors.fill(rule, wanted)
        expect(urls[name] == path, f"url_for({name!r}) to give {path}", urls[name])


@must(APPLICATION)
@given(here=which, there=which)
@example(here=0, there=1)
def test_explicit_wins(urlprocessors: Harness, here: int, there: int) -> None:
    """A value that is passed to `url_for` is used, whatever the current one is.

    This is how a page links to itself in another language.

    Usual cause: the callback assigns the value without asking whether it is
    there already.
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
            urls[name] == path,
            f"url_for({name!r}, {urlprocessors.value}={other!r}) to give {path} on a page in "
            f"{current!r}",
            urls[name],
        )


@must(APPLICATION)
@given(number=which)
def test_only_expecting(urlprocessors: Harness, number: int) -> None:
    """URLs of pages and files without the value get it neither in the path nor in the query.

    Usual cause: the callback does not ask `url_map.is_endpoint_expecting`, and
    the value ends up as `?lang_code=en` on every static file.
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
        expect(url == path, f"the URL of {name!r} to be {path}", url)


@must(APPLICATION)
@given(number=which)
def test_roundtrip(urlprocessors: Harness, number: int) -> None:
    """A URL that a page builds leads to the page it was built for, with the same value.

    Usual cause: the URL is built with one value and read with another, such as
    one in other letter case.
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
def test_no_bleed(urlprocessors: Harness, visits: list[int | None]) -> None:
    """The value of one request is not to be seen in the next, nor in one at the same time.

    Usual cause: the value is kept in a module-level variable or on the app
    instead of on `g`.
    """
    # Named as missing before anything is sent.
    plain = urlprocessors.plain.path

    def look(number: int | None) -> tuple[str | None, str | None]:
        wanted = None if number is None else urlprocessors.code(number)
        target = plain if wanted is None else urlprocessors.path(wanted)
        return wanted, urlprocessors.visit(target, urlprocessors.seen)[1].current

    one_by_one = [look(number) for number in visits]
    at_once = together(*[partial(look, number) for number in visits])
    for wanted, current in (*one_by_one, *at_once):
        expect(
            current == wanted or (wanted is None and not current),
            f"{'no value on the plain page' if wanted is None else f'{wanted!r} on its own page'}",
            repr(current),
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

    Usual cause: `values.pop(...)` without asking whether `values` is None.
    """
    if urlprocessors.catches_all:
        raise Untested("a rule of the app matches every path")
    response = urlprocessors.client().get(target)
    expect(response.status == 404, f"404 for {target}", response)


@should(APPLICATION)
@given(method=st.sampled_from(["DELETE", "PATCH", "BREW"]), number=which)
def test_405_and_redirect(urlprocessors: Harness, method: str, number: int) -> None:
    """A method that a page lacks is answered with 405, and a missing slash with a redirect.

    Usual cause: as for 404: the processors are called with `values=None`.
    """
    wanted = urlprocessors.code(number)
    target = urlprocessors.path(wanted)
    client = urlprocessors.client()
    response = client.open(method, target)
    expect(response.status == 405, f"405 for {method} {target}", response)
    for rule in urlprocessors.rules(localised=True).values():
        path = urlprocessors.fill(rule, wanted)
        if rule.endswith("/") and path != "/":
            redirect = client.get(path.rstrip("/"))
            where = urlsplit(redirect.location or "").path
            expect(
                redirect.is_redirect and where == path,
                f"a redirect from {path.rstrip('/')} to {path}",
                redirect,
            )


@should(APPLICATION)
@given(number=which)
def test_build_in_handler(urlprocessors: Harness, number: int) -> None:
    """While a 404 is handled, URLs can be built: with an explicit value, and of plain pages.

    An error page that can not build its links is an error page that is never
    seen.

    Usual cause: the callback reads `g.lang_code`, which no preprocessor has set
    for a URL that nothing matches.
    """
    if urlprocessors.catches_all:
        raise Untested("a rule of the app matches every path")
    check_builds(urlprocessors, "/a/b/c/d/e/f", urlprocessors.code(number))


@should(BLUEPRINT)
@given(number=which)
def test_explicit_outside(urlprocessors: Harness, number: int) -> None:
    """A page without the value can link to one with it by passing the value.

    Usual cause: `values.setdefault("lang_code", g.lang_code)` reads `g` also
    where the value was passed.
    """
    check_builds(urlprocessors, urlprocessors.plain.path, urlprocessors.code(number))


def check_builds(harness: Harness, target: str, wanted: str) -> None:
    """Build every URL inside the request for a target that does not contain the value."""
    rules, plain = harness.rules(localised=True), harness.rules(localised=False)

    def look() -> dict[str, str]:
        explicit = {name: built(name, **{harness.value: wanted}) for name in rules}
        return {**explicit, **{name: built(name) for name in plain}}

    _, urls = harness.visit(target, look)
    for name, url in urls.items():
        path = harness.fill(rules[name], wanted) if name in rules else plain[name]
        passed = f", {harness.value}={wanted!r}" if name in rules else ""
        expect(url == path, f"url_for({name!r}{passed}) to give {path} during {target}", url)


@should(APPLICATION)
def test_build_no_request(urlprocessors: Harness) -> None:
    """Outside of a request a passed value builds the URL; a missing one is a BuildError at worst.

    Usual cause: the callback reads an attribute of `g` that only a request sets.
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
            urlsplit(explicit).path == path and "://" in explicit,
            f"url_for({name!r}, **{value}) to give a URL with {path}",
            explicit,
        )
        expect(not bare, f"url_for({name!r}) to give a URL or raise BuildError", bare)


@harden(APPLICATION)
@given(unknown=st.text("abcdefghijklmnopqrstuvwxyz-", min_size=9, max_size=14))
@example(unknown="favicon.ico")
@example(unknown="zz-anything")
def test_known_codes(urlprocessors: Harness, unknown: str) -> None:
    """A value that the app does not know is answered with 404 or a redirect, not with a page.

    Otherwise any word makes a copy of the whole site, and stands in its links.

    Usual cause: `<lang_code>` takes any segment; `<any(en, de):lang_code>`, or a
    404 in the preprocessor, does not.
    """
    response = urlprocessors.client().get(urlprocessors.path(unknown))
    expect(
        response.status == 404
        or (response.is_redirect and unknown not in (response.location or "")),
        f"404 for the unknown value {unknown!r}",
        response,
    )


@harden(APPLICATION)
def test_static_wins(urlprocessors: Harness) -> None:
    """Files and plain pages are not taken for pages with the value, nor sent away to one.

    Usual cause: a rule that begins with the value matches `/static` or `/health`
    as a language, or a hook redirects every path that has no language.
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

    Usual cause: `app_url_value_preprocessor` in place of `url_value_preprocessor`.
    """
    urlprocessors.needs_host()
    wanted = urlprocessors.code(number)
    value = {urlprocessors.value: "theirs"}
    _, seen = urlprocessors.visit("/conformance-other/theirs/", urlprocessors.seen)
    expect(
        seen.view_args == value,
        f"a view of another blueprint to be called with {value}",
        f"it is called with {dict(seen.view_args)}",
    )
    _, url = urlprocessors.visit(
        urlprocessors.path(wanted), lambda: built("conformance_other.page", **value)
    )
    expect(
        url == "/conformance-other/theirs/",
        "the URL of another blueprint's page to be /conformance-other/theirs/",
        url,
    )
