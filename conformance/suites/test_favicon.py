"""The clauses of Adding a favicon."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import flask
from hypothesis import strategies as st

from conformance.clause import example, expect, given, harden, must, should
from conformance.core.errors import Deviation, Untested
from conformance.patterns.favicon import FaviconHarness, fits, sizes
from conformance.patterns.harness import Mounted
from conformance.transports import Request

Harness = FaviconHarness

prefixes = st.lists(st.text("abcxyz019-_", min_size=1, max_size=8), min_size=1, max_size=3).map(
    lambda parts: "/" + "/".join(parts)
)


@must("")
def test_link(favicon: Harness) -> None:
    """Each page's head links an icon, and the link leads to an image.

    Source: put a link tag in the head of the HTML that leads to the icon in the static folder.

    Usual cause: the link is not in a template that this page extends, or its file name differs
    from the one in the static folder.
    """
    client = favicon.client()
    for page in favicon.pages():
        target = favicon.linked(client, page=page)
        response = favicon.fetch(client, target)
        expect(
            response.status == 200 and response.mimetype.startswith("image/"),
            f"an image with status 200 at {target}, which {page} links",
            f"{response.status} as {response.mimetype or 'no type'}",
        )
        # A catch-all route responds with a page to a path that does not exist.
        expect(
            not response.body.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")),
            f"an image at {target}, which {page} links",
            f"a page, as {response.mimetype}",
        )


@must("", share=0.3)
@given(prefix=prefixes)
@example(prefix="/shop")
def test_link_built(favicon: Harness, prefix: str) -> None:
    """If the app is mounted below a prefix, the link includes the prefix and leads to the icon.

    Source: the link is built with `url_for`.

    Usual cause: `/static/favicon.ico` is hard-coded in the template; `url_for` knows the prefix
    and the path of the static folder.
    """
    favicon.icon(favicon.client())
    client = favicon.client(Mounted(favicon.app, prefix))
    for page in favicon.pages():
        try:
            target = favicon.linked(client, prefix, page)
        except Deviation:
            continue  # the clause `link` reports a page without a link
        response = favicon.fetch(client, target)
        expect(
            target.startswith(prefix + "/") and response.status == 200,
            f"a link below {prefix} on {page} that answers 200",
            f"the link is {target}, which answers {response.status}",
        )


@should("")
def test_root(favicon: Harness) -> None:
    """The icon is also served at the root of the site, directly or by a redirect.

    Old browsers, feed readers and link previews request it there without reading a page.

    Source: old browsers look for the icon at the root of the site: serve it there, or
    redirect.

    Usual cause: there is only the link; add a rule for /favicon.ico.
    """
    target = favicon.need("root")
    response = favicon.fetch(favicon.client(), target)
    expect(
        response.status == 200 and response.mimetype != "text/html",
        f"the icon at {target}, or a redirect that leads to it",
        f"{response.status} as {response.mimetype or 'no type'}"
        + (favicon.rule_of(target) if response.status == 404 else ""),
    )


@must("")
def test_mime(favicon: Harness) -> None:
    """The icon's media type matches its content.

    With `X-Content-Type-Options: nosniff`, a browser relies on the type.

    Source: the view sets the icon's media type, or lets it be guessed.

    Usual cause: the view sets no `mimetype` and the file extension is misleading, or a catch-all
    route responds with a page.
    """
    client = favicon.client()
    for place, target in favicon.places(client).items():
        response = favicon.fetch(client, target)
        if response.status == 404 and place == "root":
            continue
        expect(
            fits(response),
            f"an image at {target} whose media type matches its content",
            f"{response.status}, {response.mimetype or 'no type'} for {response.body[:8]!r}",
        )


@must("")
def test_bytes(favicon: Harness) -> None:
    """The icon is served byte for byte.

    Source: the icon is a file that is put into the static folder.

    Usual cause: the file is read as text, or rendered as a template.
    """
    favicon.inside()
    client = favicon.client()
    target = favicon.icon(client)
    content = favicon.icon_file(target).read_bytes()
    response = favicon.fetch(client, target)
    served = response.body
    if served != content:
        place = next(
            (n for n, (a, b) in enumerate(zip(served, content, strict=False)) if a != b),
            len(content),
        )
        recoded = served == content.decode("utf-8", "replace").encode()
        raise Deviation(
            f"the {len(content)} bytes of the file {favicon.icon_file(target).name} at {target}, "
            f"from byte {place} on {content[place : place + 8]!r}",
            f"a {response.status} response with {len(served)} bytes, from byte {place} on "
            f"{served[place : place + 8]!r}",
            "the file is decoded as UTF-8 and encoded again: what is not UTF-8 is replaced"
            if recoded
            else "",
        )
    root = favicon.binding.root
    at_root = favicon.fetch(client, root) if root else None
    if at_root is not None and at_root.status == 200 and at_root.mimetype != "text/html":
        # It may differ from the linked icon, but its bytes must be those of a file.
        text = content.decode("latin-1")
        # Reading a file as text also normalizes line endings.
        lines = text.replace("\r\n", "\n").replace("\r", "\n")
        expect(
            at_root.body not in (text.encode(), lines.encode()),
            f"the {len(content)} bytes of the file {favicon.icon_file(target).name} at {root}, as "
            f"at {target}",
            f"{len(at_root.body)} bytes: each from 0x80 on became two",
            cause="the file is read as text and sent as UTF-8",
        )


@should("")
def test_size(favicon: Harness) -> None:
    """An icon in ICO format contains an image of 16 by 16 pixels.

    Source: the icon should be 16 × 16 pixels and in the ICO format.

    Usual cause: a large picture was renamed to favicon.ico.
    """
    client = favicon.client()
    for target in favicon.places(client).values():
        response = favicon.fetch(client, target)
        if response.status == 200 and response.body[:4] == b"\0\0\1\0":
            found = sizes(response.body)
            if (16, 16) not in found:
                served = ", ".join(f"{width}x{height}" for width, height in found)
                raise Deviation(
                    f"an image of 16x16 pixels in the icon at {target}",
                    f"the sizes in the response are {served or 'none'}"
                    + favicon.sizes_of_file(target),
                )


@should("")
def test_head_conditional(favicon: Harness) -> None:
    """HEAD is answered like GET without a body, and a conditional GET gives 304.

    Browsers request the icon again with each page; without validators they get all of it each
    time.

    Source: RFC 9110, 9.3.2: HEAD is GET without the content; 13.1: validators make a request
    conditional.

    Usual cause: the view returns the bytes itself instead of using `send_from_directory`.
    """
    client = favicon.client()
    target = favicon.icon(client)
    whole = favicon.fetch(client, target)
    expect(whole.status == 200, f"200 for GET {target}", whole.status)
    head = client.open("HEAD", whole.request.target)
    expect(
        head.status == 200 and not head.body and head.mimetype == whole.mimetype,
        f"200 without a body for HEAD {target}",
        f"{head.status} with {len(head.body)} bytes as {head.mimetype}",
    )
    etag, modified = whole.header("ETag"), whole.header("Last-Modified")
    expect(etag or modified, "an ETag or a Last-Modified header", "neither")
    validator = {"If-None-Match": etag} if etag else {"If-Modified-Since": modified}
    again = client.get(whole.request.target, headers=validator)
    (name, sent), *_ = validator.items()
    expect(
        again.status == 304,
        f"304 for a client that sends {name}: {sent}, as the first response said",
        f"{again.status} with {len(again.body)} bytes",
    )


@harden("")
def test_no_auth(favicon: Harness) -> None:
    """The icon is served to everyone and sets no cookie.

    A cookie on the icon keeps it out of shared caches; if the icon redirects to a login page,
    the visitor is sent back to the icon after logging in. `Vary: Cookie` is fine: an extension
    that reads the session on every request adds it everywhere.

    Source: goes beyond the chapter: browsers request the icon on their own.

    Usual cause: a `before_request` hook that restricts, localizes or counts requests for every
    path.
    """
    for place, target in favicon.places(favicon.client()).items():
        response = favicon.client().get(target)
        if response.status == 404 and place == "root":
            continue
        cookies = response.header_values("Set-Cookie")
        expect(not cookies, f"no Set-Cookie at {target}", f"Set-Cookie: {', '.join(cookies)}")
        final = favicon.fetch(favicon.client(), target)
        expect(
            final.status == 200 and final.mimetype != "text/html",
            f"the icon at {target} for a client without cookies",
            f"{final.status} as {final.mimetype} at {final.request.target}",
        )


@harden("")
def test_no_flash_consume(favicon: Harness) -> None:
    """Requesting the icon does not consume a flashed message meant for the next page.

    Browsers request the icon in the background, often before the page that should show the
    message.

    Source: goes beyond the chapter: browsers request the icon on their own.

    Usual cause: the error page for a missing icon, or a catch-all page, renders the layout with
    its messages.
    """
    app = favicon.flask_app
    if not app.secret_key:
        raise Untested("needs an app with a SECRET_KEY: without one it cannot flash")
    for target in favicon.places(favicon.client()).values():
        kept: list[Any] = []

        def finished(sender: object, _kept: list[Any] = kept, **values: object) -> None:
            _kept.extend(flask.session.get("_flashes", []))

        with flask.request_finished.connected_to(finished, sender=app):
            request = Request.build("GET", target)
            response, _ = favicon.send_and_look(
                favicon.client(), request, lambda: flask.flash("kept")
            )
        how = "shown in" if "kept" in response.text else "dropped with"
        expect(
            [text for _, text in kept] == ["kept"],
            f"the message 'kept', flashed before GET {target}, to be kept for the next page",
            f"it was {how} the response to that: {response.status} as {response.mimetype}",
        )


@must("")
def test_cwd(favicon: Harness) -> None:
    """The icon is served from any working directory.

    Source: the view serves the file from the `static` folder in the app's root path.

    Usual cause: a path relative to the directory in which the server was started;
    `send_from_directory(app.static_folder, ...)` does not depend on it.
    """
    client = favicon.client()
    target = favicon.icon(client)
    usual = {
        place: favicon.fetch(client, place).status for place in favicon.places(client).values()
    }
    with favicon.elsewhere():
        favicon.ledger.note("a new app, with another working directory:")
        favicon.renew()
        for place in favicon.places(favicon.client()).values():
            response = favicon.fetch(favicon.client(), place)
            expect(
                response.status == (200 if place == target else usual[place]),
                f"{200 if place == target else usual[place]} for {place} from another working "
                "directory as well",
                response.status,
            )


@harden("")
@given(host=st.sampled_from(["evil.example", "localhost.evil.example", "localhost:99"]))
def test_redirect_target(favicon: Harness, host: str) -> None:
    """A redirect to the icon stays on the site, whatever the Host header says.

    Browsers store a permanent redirect: if it leads to another host, the mistake persists after
    it is fixed. Below a mount it may lead anywhere, because browsers request the icon only at
    the root of the domain.

    Source: goes beyond the chapter, which redirects to a URL built with `url_for`.

    Usual cause: `_external=True`, or a URL built from a request header.
    """
    root = favicon.need("root")
    response = favicon.client(host=host).get(root)
    if not response.is_redirect:
        expect(response.status < 500, f"no server error for {root}", response)
        return
    expect(
        urlsplit(response.location or "").netloc in ("", host),
        f"a Location on {host}, the requested host with its port, or without a host",
        f"Location: {response.location}",
    )


@harden("")
def test_missing_404(favicon: Harness) -> None:
    """A missing icon file gives 404, not a server error or a page.

    Source: beyond the chapter, whose `send_from_directory` returns 404: each visitor's browser asks
    for the icon, and an error of the server each time hides those that matter.

    Usual cause: `open()` in the view, or a catch-all route.
    """
    client = favicon.client()
    places = favicon.places(client)
    with favicon.without_files():
        favicon.ledger.note("from now on the app's static folder and root path are empty")
        for target in places.values():
            response = favicon.fetch(client, target)
            if response.status == 200 and response.mimetype != "text/html":
                raise Untested("the icon is not served from the app's own folder")
            expect(
                response.status == 404,
                f"404 for {target} without its file",
                response if response.status >= 500 else response.status,
            )


@should("")
def test_tab(favicon: Harness) -> None:
    """A browser loads the linked icon into its tab.

    Source: the link is there for browsers to find the icon.

    Usual cause: a content security policy that blocks `img-src`, or a file that no browser can
    decode.
    """
    favicon.icon(favicon.client())
    with favicon.tab() as tab:
        tab.open(favicon.page_path())
        width, refused = tab.evaluate(
            """async () => {
                const link = document.head.querySelector("link[rel~=icon]");
                let refused = "";
                document.addEventListener("securitypolicyviolation", event => {
                    refused = `${event.effectiveDirective} in ${event.originalPolicy}`;
                });
                const image = new Image();
                image.src = link ? link.href : "";
                const width = await image.decode().then(() => image.naturalWidth, () => 0);
                await new Promise(resolve => setTimeout(resolve));
                return [width, refused];
            }"""
        )
    expect(
        width > 0,
        "the browser to load and decode the icon",
        "the page's Content-Security-Policy blocked it" if refused else "it could not",
        cause=f"the policy does not allow the image: {refused}" if refused else "",
    )
