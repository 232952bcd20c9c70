"""The clauses of Single-Page Applications."""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import strategies as st

from conformance.clause import example, expect, given, harden, must, should
from conformance.core.errors import Broken, Deviation, Untested
from conformance.instruments.browser import Tab
from conformance.instruments.strategies import lines
from conformance.instruments.whatwg import origin
from conformance.patterns.harness import Mounted
from conformance.patterns.singlepageapplications import (
    HIDDEN,
    SinglePageApplications,
    SinglePageHarness,
)
from conformance.transports.messages import safe_path

Harness = SinglePageHarness

#: Path segments that only the client-side application knows; none looks like a file name.
segments = st.lists(
    lines(10).map(lambda text: text.replace(".", "-").strip(" /\\")).filter(bool),
    min_size=1,
    max_size=5,
)
#: How long a 404 may be cached, in seconds.
HOUR = 3600

#: What the name of a file ends with, of kinds that every platform has a media type for.
ENDINGS = (".js", ".css", ".png", ".ico", ".json")
names = st.text("abcdef0123", min_size=6, max_size=12)


def deep(harness: Harness, path_segments: list[str]) -> str:
    """Return the path of drawn segments below the entry page."""
    # The first segment is one that no API and no folder of files has.
    return harness.root + "/".join(safe_path(each) for each in ["conformance", *path_segments])


@must("")
def test_root(singlepageapplications: Harness) -> None:
    """The application's root returns the entry page.

    Source: the catch-all route has the empty path as its default and returns the entry page for
    it.

    Usual cause: the rule with a path does not match the empty path; a second rule with a default
    does.
    """
    entry = singlepageapplications.entry_page(singlepageapplications.client())
    expect(entry.body, "a page", "an empty response")
    if singlepageapplications.binding.index is not None:
        file = singlepageapplications.index_file()
        expect(
            entry.body == file,
            f"the {len(file)} bytes of {singlepageapplications.binding.index}, "
            f"which begin {file[:60]!r}",
            f"other bytes, which begin {entry.body[:60]!r}: {entry}",
            cause="the view sends another file than the one that `index` names",
        )


@must("", share=0.3)
@given(path_segments=segments)
@example(path_segments=["users", "7"])
@example(path_segments=["a"] * 12)
def test_deep_link(singlepageapplications: Harness, path_segments: list[str]) -> None:
    """Every client-side path, however deep, returns the entry page.

    A visitor who reloads the page, or follows a link from an email, requests that path.

    Source: a catch-all endpoint routes all requests to the entry page.

    Usual cause: the converter matches one segment only (`<path>` without `path:`), or the static
    files' rule matches all paths.
    """
    client = singlepageapplications.client()
    entry = singlepageapplications.entry_page(client)
    target = deep(singlepageapplications, path_segments)
    response = client.get(target)
    if not singlepageapplications.is_entry(response, entry):
        cause = ""
        for count in range(len(path_segments) - 1, -1, -1):
            shorter = deep(singlepageapplications, path_segments[:count])
            if singlepageapplications.is_entry(client.get(shorter), entry):
                cause = f"{shorter} returns the entry page, {target} does not."
                break
        raise Deviation(f"the entry page at {target}", str(response), cause)
    prefix = (singlepageapplications.binding.api_prefix or "").rstrip("/")
    if not prefix.startswith(singlepageapplications.root):
        return
    beside = f"{prefix.rpartition('/')[0]}/{target.rpartition('/')[2]}"
    if not singlepageapplications.is_entry(client.get(beside), entry):
        # An API may have versions: what is beside one of them is no client-side path either.
        return
    # The path starts with the API's name but is not below it.
    target = f"{prefix}-like/{target.rpartition('/')[2]}"
    response = client.get(target)
    expect(
        singlepageapplications.is_entry(response, entry),
        f"the entry page at {target}, which is not below {prefix}/",
        response,
        cause="the API's paths are recognised by a prefix without the slash.",
    )


@should("", share=0.3)
@given(query=lines(20), path_segments=segments)
def test_query_kept(singlepageapplications: Harness, query: str, path_segments: list[str]) -> None:
    """A query string does not change the response and is kept in the URL.

    Source: all requests are routed to the entry page.

    Usual cause: a redirect that drops it, or a view that reads `request.full_path`.
    """
    client = singlepageapplications.client()
    entry = singlepageapplications.entry_page(client)
    for path in (singlepageapplications.root, deep(singlepageapplications, path_segments)):
        response = client.get(f"{path}?{quote(query)}")
        expect(
            singlepageapplications.is_entry(response, entry),
            f"the entry page at {path} with the query {query!r}",
            response,
        )


@must("", share=0.3)
@given(path_segments=segments)
@example(path_segments=[])
@example(path_segments=["users", "7"])
def test_assets(singlepageapplications: Harness, path_segments: list[str]) -> None:
    """Every file that the entry page refers to exists, with the right type, from any path.

    Source: the static files of the application are served from a folder.

    Usual cause: relative links, which resolve elsewhere from a deep path; use `<base>` or links
    from the root.
    """
    client = singlepageapplications.client()
    singlepageapplications.entry_page(client)
    target = (
        deep(singlepageapplications, path_segments)
        if path_segments
        else singlepageapplications.root
    )
    page = client.get(target)
    for asset in singlepageapplications.assets(page):
        response = client.get(asset.target)
        expect(
            asset.fits(response),
            f"a {asset.kind} at {asset.target}, referenced by {target}",
            f"{response.status} as {response.mimetype}",
        )


@must("")
def test_api_wins(singlepageapplications: Harness) -> None:
    """The API's routes take precedence over the catch-all.

    Source: the API's routes are matched before the catch-all.

    Usual cause: a hook or an error handler returns the entry page before the routes are matched.
    """
    if not singlepageapplications.binding.api:
        raise Untested.for_keys("singlepageapplications", "api")
    client = singlepageapplications.client()
    for route in singlepageapplications.binding.api:
        response = singlepageapplications.send(client, route)
        if response.status >= 500 or not response.mimetype.endswith("json"):
            raise Deviation(
                f"JSON from {route.method} {route.path}",
                str(response),
                singlepageapplications.returned_by(response.request),
            )


@harden("")
@given(name=names, depth=st.integers(0, 3))
def test_api_404_json(singlepageapplications: Harness, name: str, depth: int) -> None:
    """An unknown path below the API's prefix returns 404, whatever the method.

    Otherwise an API client gets 200 and HTML, and fails to parse it.

    Source: goes beyond the chapter, whose catch-all has no prefix for its API.

    Usual cause: the catch-all matches the API's paths too.
    """
    client = singlepageapplications.client()
    target = singlepageapplications.need("api_prefix").rstrip("/") + f"/{name}" * (depth + 1)
    for method in ("GET", "POST"):
        response = client.open(method, target)
        expect(
            response.status == 404 or (method == "POST" and response.status == 405),
            f"404 for {method} {target}",
            f"{response.status} as {response.mimetype}",
        )


@harden("")
def test_api_trailing_slash(singlepageapplications: Harness) -> None:
    """An API route with a surplus or missing trailing slash does not return the entry page.

    Source: goes beyond the chapter, whose catch-all answers that path.

    Usual cause: as for unknown paths: only the exact route is excluded from the catch-all.
    """
    if not singlepageapplications.binding.api:
        raise Untested.for_keys("singlepageapplications", "api")
    client = singlepageapplications.client()
    entry = singlepageapplications.entry_page(client)
    for route in singlepageapplications.binding.api:
        path = route.path.partition("?")[0]
        other = path[:-1] if path.endswith("/") else f"{path}/"
        response = client.follow(client.get(other))
        expect(
            not singlepageapplications.is_entry(response, entry),
            f"the API, or 404, at {other}",
            f"{response.status} as {response.mimetype}",
        )


@harden("", share=0.05)
@given(name=names)
@example(name="missing")
def test_missing_asset_404(singlepageapplications: Harness, name: str) -> None:
    """A missing script returns 404 instead of the page, and that 404 is not cached for long.

    After a new build the previous scripts are gone: a page in their place causes a media type
    error and a blank window. While a build is being deployed a file may be missing for a moment,
    and a client that caches the 404 keeps missing it.

    Files are asked for where the scripts or the styles of the entry page are.

    Source: goes beyond the chapter, whose catch-all answers every path that is not a static
    file's.

    Usual cause: the catch-all serves the files of the build, and the page for those it lacks; or
    every path with a file's extension is cached for a year, even a 404.
    """
    client = singlepageapplications.client()
    entry = singlepageapplications.entry_page(client)
    folder = singlepageapplications.files_beside(entry)
    for extension in ENDINGS:
        target = f"{folder}{name}{extension}"
        response = client.get(target)
        same = ", the entry page" if singlepageapplications.is_entry(response, entry) else ""
        expect(
            response.status == 404,
            f"404 for {target}, a file that does not exist",
            f"{response.status} {response.mimetype}{same}",
        )
        control = response.header_tokens("Cache-Control")
        ages = [
            each.partition("=")[2] for each in control if each.startswith(("max-age=", "s-maxage="))
        ]
        expect(
            "immutable" not in control and all(age.isdigit() and int(age) <= HOUR for age in ages),
            f"a 404 for {target} that is cached for at most an hour",
            f"Cache-Control: {response.header('Cache-Control')}",
        )


@should("", share=0.3)
@given(method=st.sampled_from(["POST", "PUT", "PATCH", "DELETE"]), path_segments=segments)
def test_unsafe_methods(
    singlepageapplications: Harness, method: str, path_segments: list[str]
) -> None:
    """Client-side paths are read-only: other methods are rejected with 404 or 405.

    Source: RFC 9110, 15.5.6: 405 for a method that the resource does not support.

    Usual cause: the catch-all accepts all methods, so that a mistyped API request seems to
    succeed.
    """
    target = deep(singlepageapplications, path_segments)
    response = singlepageapplications.client().open(method, target)
    if response.status not in (404, 405):
        cause = singlepageapplications.rule_of(method, target)
        raise Deviation(f"404 or 405 for {method} {target}", str(response), cause)


ups = st.lists(
    st.sampled_from(["..", "%2e%2e", "..%2f..", "..%5c", "%2e%2e%2f", "....", ".", ""]),
    min_size=1,
    max_size=6,
)
goals = st.sampled_from(["etc/passwd", "__init__.py", "app.py", "pyproject.toml", "secret.txt"])


@harden("", share=0.3)
@given(up=ups, goal=goals, beside=st.booleans())
@example(up=[".."], goal="__init__.py", beside=True)
@example(up=[".."] * 8, goal="etc/passwd", beside=False)
@example(up=["%2e%2e%2f"] * 8, goal="etc/passwd", beside=False)
@example(up=[], goal="/etc/passwd", beside=False)
def test_no_traversal(
    singlepageapplications: Harness, up: list[str], goal: str, beside: bool
) -> None:
    """No path returns a file from outside the application's folder.

    Source: goes beyond the chapter, which only sends files from the static folder.

    Usual cause: a catch-all that checks whether the file exists and opens it, without
    `send_from_directory`.
    """
    client = singlepageapplications.client()
    entry = singlepageapplications.entry_page(client)
    folder = singlepageapplications.files_beside(entry) if beside else singlepageapplications.root
    target = folder + "/".join([*up, goal])
    response = client.get(target)
    inside = (
        response.status != 200
        or response.body == entry.body
        or not (b"root:" in response.body or b"import " in response.body
                or b"[project]" in response.body)
    )  # fmt: skip
    expect(inside, f"no file from outside the folder at {target}", response)


@harden("")
def test_entry_not_cached(singlepageapplications: Harness) -> None:
    """The entry page is revalidated on every use instead of being served from a cache.

    The page names the build's files: a client that caches it for a year keeps the old build.

    Source: goes beyond the chapter; RFC 9111, 4.2: a fresh response is reused without asking.

    Usual cause: the page is sent as a static file, and SEND_FILE_MAX_AGE_DEFAULT was raised for
    the scripts.
    """
    year = 31536000
    app = singlepageapplications.bench.build(SEND_FILE_MAX_AGE_DEFAULT=year)
    singlepageapplications.ledger.note(f"an app with SEND_FILE_MAX_AGE_DEFAULT = {year}")
    client = singlepageapplications.client(app)
    for target in (singlepageapplications.root, deep(singlepageapplications, ["users", "7"])):
        response = client.get(target)
        control = response.header_tokens("Cache-Control")
        kept = [each for each in control if each.startswith(("max-age=", "s-maxage="))]
        asks = control & {"no-cache", "no-store"} or all(each.endswith("=0") for each in kept)
        etag, modified = response.header("ETag"), response.header("Last-Modified")
        # With only a date, a browser may guess how long the page stays fresh.
        guessed = modified is not None and etag is None and not control
        if asks and "immutable" not in control and not guessed:
            continue
        cause = ""
        if f"max-age={year}" in control:
            singlepageapplications.ledger.note("an app without that setting")
            usual = singlepageapplications.client().get(target)
            if f"max-age={year}" not in usual.header_tokens("Cache-Control"):
                cause = (
                    "the page takes its max-age from SEND_FILE_MAX_AGE_DEFAULT; without that "
                    f"setting it has Cache-Control: {usual.header('Cache-Control')}."
                )
        raise Deviation(
            f"Cache-Control: no-cache, or an ETag without a max-age, at {target}",
            f"Cache-Control: {response.header('Cache-Control')}, ETag: {etag}, "
            f"Last-Modified: {modified}",
            cause,
        )


@should("", share=0.3)
@given(path_segments=segments)
@example(path_segments=[])
def test_head_conditional(singlepageapplications: Harness, path_segments: list[str]) -> None:
    """HEAD returns the page's headers, and a conditional request with its validators returns 304.

    A page without validators is sent in full each time.

    Source: RFC 9110, 9.3.2: HEAD is GET without the content; 13.1.2: a match of If-None-Match is
    answered with 304.

    Usual cause: the page is read and returned as text, without `make_conditional`.
    """
    client = singlepageapplications.client()
    target = (
        deep(singlepageapplications, path_segments)
        if path_segments
        else singlepageapplications.root
    )
    whole = client.get(target)
    head = client.open("HEAD", target)
    expect(
        (head.status, head.mimetype, head.body) == (whole.status, whole.mimetype, b""),
        f"{whole.status} as {whole.mimetype} without a body for HEAD {target}",
        head,
    )
    etag, modified = whole.header("ETag"), whole.header("Last-Modified")
    if "no-store" in whole.header_tokens("Cache-Control"):
        return
    if not (etag or modified):
        return
    validator = {"If-None-Match": etag} if etag else {"If-Modified-Since": modified}
    again = client.get(target, headers={key: value or "" for key, value in validator.items()})
    expect(again.status == 304, f"304 for a request with {validator}", again.status)


@should("", share=0.3)
@given(prefix=st.lists(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=2))
@example(prefix=["mount"])
def test_prefix(singlepageapplications: Harness, prefix: list[str]) -> None:
    """When the app is mounted below a prefix, the page's links and deep links keep the prefix.

    Source: PEP 3333, `SCRIPT_NAME`: it is the part of the URL path that leads to the application;
    tested only if the binding says that the app may be mounted.

    Usual cause: a built page with literal paths in its links; the server, or `<base>`, must say
    where the application is.
    """
    singlepageapplications.may_be_mounted()
    below = "/" + "/".join(prefix)
    client = singlepageapplications.client(Mounted(singlepageapplications.app, below))
    entry = singlepageapplications.entry_page(client, below)
    target = below + deep(singlepageapplications, ["users", "7"])
    page = client.get(target)
    expect(singlepageapplications.is_entry(page, entry), f"the entry page at {target}", page)
    for asset in singlepageapplications.assets(page):
        expect(
            asset.target.startswith(f"{below}/") and asset.fits(client.get(asset.target)),
            f"a {asset.kind} below {below}, referenced by {target}",
            asset.target,
        )
    for place, script in singlepageapplications.scripts(client, page):
        calls = singlepageapplications.api_calls(script)
        expect(
            not calls,
            f"the scripts to request the API below {below}",
            f"{place} calls {', '.join(calls)}, which is outside of it",
            cause="the path in the script is from the root of the host; it must begin with what "
            "the page says, such as `url_for`, or be relative to the page's `<base>`",
        )


@must("")
def test_static_precedence(singlepageapplications: Harness) -> None:
    """The static files' rule does not match the application's own paths.

    Source: all requests other than those for a file or the API are routed to the application.

    Usual cause: `static_url_path=""`: that rule matches every path and returns 404 for anything
    that is not a file.
    """
    singlepageapplications.inside()
    app = singlepageapplications.flask_app
    singlepageapplications.ledger.call("app.url_map")
    taken = [
        f"{rule.rule} of the endpoint {rule.endpoint!r}"
        for rule in app.url_map.iter_rules()
        if rule.endpoint.rpartition(".")[2] == "static"
        and singlepageapplications.root.startswith(rule.rule.partition("<")[0])
    ]
    expect(
        not taken,
        f"no rule for static files that also matches the paths below {singlepageapplications.root},"
        " which belong to the application in the browser",
        f"the rule {', '.join(taken)} matches them",
        cause="that rule looks for a file at each of these paths, and returns 404 if there is "
        "none: static files need a path of their own, such as /static",
    )


@harden("")
def test_no_hidden_files(singlepageapplications: Harness) -> None:
    """Dotfiles, source maps and server-side files are not served.

    A path that matches a folder's name belongs to the application, or returns 404.

    Source: goes beyond the chapter: the subfolder contains what the frontend build produced.

    Usual cause: the build folder is the project's folder, or the build leaves its source maps in
    it.
    """
    client = singlepageapplications.client()
    entry = singlepageapplications.entry_page(client)
    targets = [singlepageapplications.root + name for name in HIDDEN]
    if singlepageapplications.bench.transport.same_process:
        app = singlepageapplications.flask_app
        # Files that exist come first: a failure then shows few steps.
        there = [f"{app.static_url_path}/{each}" for each in singlepageapplications.hidden_files()]
        targets = [*there, *targets]
    for target in targets:
        response = client.get(target)
        expect(
            response.status != 200 or singlepageapplications.is_entry(response, entry),
            f"no file at {target}",
            f"{response.status} as {response.mimetype} with {len(response.body)} bytes",
        )
    if not singlepageapplications.bench.transport.same_process:
        return
    for name in singlepageapplications.folders():
        for target in (
            f"{singlepageapplications.root}{name}",
            f"{singlepageapplications.root}{name}/",
        ):
            response = client.get(target)
            expect(
                response.status < 500,
                f"no server error at {target}, which is also a folder of the build",
                response,
            )


@should("")
def test_any_cwd(singlepageapplications: Harness) -> None:
    """The application is found from any working directory.

    Source: the entry page is sent from the `static` folder in the app's root path.

    Usual cause: `send_file("app/index.html")`, or `open`, with a path relative to the directory
    that the server was started from.
    """
    entry = singlepageapplications.entry_page(singlepageapplications.client())
    with singlepageapplications.elsewhere():
        singlepageapplications.renew()
        client = singlepageapplications.client()
        again = client.get(singlepageapplications.root)
        expect(
            singlepageapplications.is_entry(again, entry),
            f"the entry page at {singlepageapplications.root} when the app is made in another "
            "working directory",
            again,
            cause="the app finds its page by a path that is relative to the working directory",
        )
        for asset in singlepageapplications.assets(again):
            response = client.get(asset.target)
            expect(asset.fits(response), f"a {asset.kind} at {asset.target}", response)


hosts = st.sampled_from(
    ["//evil.example", "/\\evil.example", "/%09/evil.example", "//evil.example/%2e%2e",
     "/%5cevil.example", "///evil.example/"]
)  # fmt: skip


@harden("")
@given(
    path=hosts,
    path_end=st.sampled_from(
        ["", "/", "/users", "/users/", "/index.html", "/index", ".html", "/?a=1", "/#", "/%20"]
    ),
    below_root=st.booleans(),
)
@example(path="//evil.example", path_end="/index.html", below_root=False)
@example(path="//evil.example", path_end=".html", below_root=False)
@example(path="//evil.example", path_end="/", below_root=True)
def test_no_open_redirect(
    singlepageapplications: Harness, path: str, path_end: str, below_root: bool
) -> None:
    """No path makes the server redirect a visitor to another site.

    Source: goes beyond the chapter; it protects visitors from open redirects.

    Usual cause: a redirect adds or strips a slash and keeps the path as it came:
    `//evil.example/` leads to another host.
    """
    target = path + path_end
    if below_root:
        target = singlepageapplications.root.rstrip("/") + target
    response = singlepageapplications.client().get(target)
    if response.location is None:
        expect(response.status < 500, f"a response without a server error for {target}", response)
        return
    where = origin(response.location, "http://localhost")
    expect(
        where in (None, "http://localhost"),
        f"no redirect to another site for {target}",
        f"Location: {response.location}, which leads a browser to {where}",
    )


@should("")
def test_browser(singlepageapplications: Harness) -> None:
    """In a browser, the application starts from its root and from a deep link.

    Source: the application is served, and does its own routing in the browser.

    Usual cause: scripts that are not found from a deep path, or blocked because of their type.
    """
    ready = singlepageapplications.binding.ready
    shows = SinglePageApplications.model_fields["ready"].default
    with singlepageapplications.tab() as tab:
        deep_link = deep(singlepageapplications, ["users", "7"])
        for target in (singlepageapplications.root, deep_link):
            tab.open(target)
            started = _becomes(tab, ready)
            errors = [each for each in tab.errors if not each.endswith(" at /favicon.ico")]
            if not started and not errors and ready != shows and _becomes(tab, shows):
                raise Broken.for_key(
                    singlepageapplications.slug,
                    "ready",
                    f"{target} renders without an error, but {ready} never becomes true",
                )
            if not started or errors:
                requests = ", ".join(dict.fromkeys(tab.requests))
                raise Deviation(
                    f"the application to start at {target}",
                    "; ".join([*errors, *tab.refused])
                    or f"nothing was rendered and no error reported; the page requested {requests}",
                    _not_run(tab),
                )


#: Types of scripts that a browser runs, or that are not meant to be run.
_RUN = ("", "module", "text/javascript", "application/javascript", "importmap", "speculationrules")


def _not_run(tab: Tab) -> str:
    """Say which scripts of a page its browser does not run."""
    scripts = tab.evaluate("() => [...document.scripts].map(s => [s.getAttribute('src'), s.type])")
    if not scripts:
        return "the page has no script."
    idle = [f"{source} with type={kind!r}" for source, kind in scripts if kind not in _RUN]
    sources = [each for each in idle if not each.startswith("None")]
    return f"a browser does not run the script {', '.join(sources)}." if sources else ""


def _becomes(tab: Tab, expression: str) -> bool:
    try:
        tab.wait_for(f"() => {expression}")
    except Exception:
        return False
    return True
