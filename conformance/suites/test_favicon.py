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

    Source: add a link tag to the head of the HTML, which leads to the icon in the static
    folder.

    Usual cause: the link is in no template that this page extends, or its file
    name is not the one in the static folder.
    """
    client = favicon.client()
    for page in favicon.pages():
        target = favicon.linked(client, page=page)
        response = favicon.fetch(client, target)
        expect(
            response.status == 200 and response.mimetype.startswith("image/"),
            f"200 and an image at the linked {target}, to which {page} refers",
            f"{response.status} as {response.mimetype or 'nothing'}",
        )
        # A page for whatever path there is answers what is no file of its own.
        expect(
            not response.body.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")),
            f"an image at the linked {target}, to which {page} refers",
            f"a page, as {response.mimetype}",
        )


@must("")
@given(prefix=prefixes)
@example(prefix="/shop")
def test_link_built(favicon: Harness, prefix: str) -> None:
    """Where the app is mounted below a prefix, the link keeps the prefix and leads to the icon.

    Source: the link is made with `url_for`.

    Usual cause: `/static/favicon.ico` is written into the template; `url_for`
    knows the prefix and where the static folder is.
    """
    favicon.icon(favicon.client())
    client = favicon.client(Mounted(favicon.app, prefix))
    for page in favicon.pages():
        try:
            target = favicon.linked(client, prefix, page)
        except Deviation:
            continue  # that another page links none is for `link` to say
        response = favicon.fetch(client, target)
        expect(
            target.startswith(prefix + "/") and response.status == 200,
            f"a link below {prefix} that answers 200, on {page}",
            f"{target} answers {response.status}",
        )


@should("")
def test_root(favicon: Harness) -> None:
    """The icon is also at the root of the site, itself or through a redirect.

    Old browsers, feed readers and link previews look there without reading a
    page.

    Source: old browsers look for the icon at the root of the site: serve it there, or
    redirect.

    Usual cause: only the link is there; add a rule for /favicon.ico.
    """
    target = favicon.need("root")
    response = favicon.fetch(favicon.client(), target)
    expect(
        response.status == 200 and response.mimetype != "text/html",
        f"the icon at {target}, or a redirect that ends in it",
        f"{response.status} as {response.mimetype or 'nothing'}",
    )


@must("")
def test_mime(favicon: Harness) -> None:
    """The icon's media type is that of its bytes.

    With `X-Content-Type-Options: nosniff` a browser believes the type.

    Source: the view names the icon's media type, or lets it be guessed.

    Usual cause: the view names no `mimetype` and the file's ending says
    something else, or a catch-all route answers with a page.
    """
    client = favicon.client()
    for place, target in favicon.places(client).items():
        response = favicon.fetch(client, target)
        if response.status == 404 and place == "root":
            continue
        expect(
            fits(response),
            f"an image at {target} whose media type is that of its bytes",
            f"{response.status}, {response.mimetype or 'no type'} for {response.body[:8]!r}",
        )


@must("")
def test_bytes(favicon: Harness) -> None:
    """The icon arrives byte for byte as its file is.

    Source: the icon is a file that is put into the static folder.

    Usual cause: the file is read as text, or sent through a template.
    """
    favicon.inside()
    client = favicon.client()
    target = favicon.icon(client)
    content = favicon.icon_file(target).read_bytes()
    response = favicon.fetch(client, target)
    expect(
        response.body == content,
        f"the {len(content)} bytes of the file at {target}",
        f"{response.status} with {len(response.body)} other bytes",
    )
    root = favicon.binding.root
    at_root = favicon.fetch(client, root) if root else None
    if at_root is not None and at_root.status == 200 and at_root.mimetype != "text/html":
        # It may be another icon than the linked one, but an icon it is, as it says.
        text = content.decode("latin-1")
        # Reading text makes one line end of all, too.
        lines = text.replace("\r\n", "\n").replace("\r", "\n")
        expect(
            at_root.body not in (text.encode(), lines.encode()),
            f"the bytes of the file at {root} too",
            f"{len(at_root.body)} bytes: each from 0x80 on became two",
            cause="the file is read as text, and sent as UTF-8.",
        )


@should("")
def test_size(favicon: Harness) -> None:
    """An icon in the ICO format contains an image of 16 by 16 pixels.

    Source: the icon should be 16 × 16 pixels and in the ICO format.

    Usual cause: a large picture was renamed to favicon.ico.
    """
    client = favicon.client()
    for target in favicon.places(client).values():
        response = favicon.fetch(client, target)
        if response.status == 200 and response.body[:4] == b"\0\0\1\0":
            found = sizes(response.body)
            expect(
                (16, 16) in found, f"16x16 in the icon at {target}", f"the sizes in it are {found}"
            )


@should("")
def test_head_conditional(favicon: Harness) -> None:
    """HEAD answers like GET without a body, and a client that has the icon gets a 304.

    Browsers ask again with each page; without validators they get the whole
    icon each time.

    Source: RFC 9110, 9.3.2: HEAD is GET without the content; 13.1: validators make a request
    conditional.

    Usual cause: the view returns the bytes itself instead of `send_from_directory`.
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
    expect(again.status == 304, f"304 for a client that sends {validator}", again.status)


@harden("")
def test_no_auth(favicon: Harness) -> None:
    """The icon is served to anyone, and sets no cookie.

    A cookie on the icon keeps it out of shared caches, and a login page in its
    place is what the visitor is sent back to after logging in. `Vary: Cookie` is no
    fault: an extension that looks into the session of every request adds it everywhere.

    Source: goes beyond the chapter: browsers ask for the icon by themselves.

    Usual cause: a `before_request` hook that protects, translates or counts
    every path.
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
    """Asking for the icon does not use up a flashed message that waits for the next page.

    Browsers ask for the icon behind the visitor's back, often before the page
    that should show the message.

    Source: goes beyond the chapter: browsers ask for the icon by themselves.

    Usual cause: a missing icon's error page, or a catch-all page, renders the
    layout with its messages.
    """
    app = favicon.flask_app
    if not app.secret_key:
        raise Untested("needs an app with a SECRET_KEY: without one it can flash nothing")
    for target in favicon.places(favicon.client()).values():
        kept: list[Any] = []

        def finished(sender: object, _kept: list[Any] = kept, **values: object) -> None:
            _kept.extend(flask.session.get("_flashes", []))

        with flask.request_finished.connected_to(finished, sender=app):
            request = Request.build("GET", target)
            favicon.send_and_look(favicon.client(), request, lambda: flask.flash("kept"))
        expect(
            [text for _, text in kept] == ["kept"],
            f"a message that was flashed before GET {target} to wait for the next page",
            "it was shown, or dropped, with the icon",
        )


@must("")
def test_cwd(favicon: Harness) -> None:
    """The icon is found from any working directory.

    Source: the view serves the file from the `static` folder of the root path of the app.

    Usual cause: a path that is relative to where the server was started;
    `send_from_directory(app.static_folder, ...)` is not.
    """
    client = favicon.client()
    target = favicon.icon(client)
    usual = {
        place: favicon.fetch(client, place).status for place in favicon.places(client).values()
    }
    with favicon.elsewhere():
        favicon.renew()
        for place in favicon.places(favicon.client()).values():
            response = favicon.fetch(favicon.client(), place)
            expect(
                response.status == (200 if place == target else usual[place]),
                f"200 for {place} from another working directory",
                response.status,
            )


@harden("")
@given(host=st.sampled_from(["evil.example", "localhost.evil.example", "localhost:99"]))
def test_redirect_target(favicon: Harness, host: str) -> None:
    """A redirect to the icon stays on the site, whatever the Host header says.

    Browsers keep a permanent redirect for good: with a foreign host in it the mistake
    stays after it was mended. Below a mount it may lead anywhere, as browsers ask for the
    icon at the root of the domain only.

    Source: goes beyond the chapter, which redirects to a URL of `url_for`.

    Usual cause: `_external=True`, or an address that is made of a header.
    """
    root = favicon.need("root")
    response = favicon.client(host=host).get(root)
    if not response.is_redirect:
        expect(response.status < 500, f"no server error for {root}", response)
        return
    expect(
        urlsplit(response.location or "").netloc in ("", host),
        "a Location on the host that was asked, or without one",
        f"Location: {response.location}",
    )


@should("")
def test_missing_404(favicon: Harness) -> None:
    """Where the icon's file is missing, the answer is 404: neither an error page of 500 nor a page.

    Source: RFC 9110, 15.5.5: 404 says that there is no such resource.

    Usual cause: `open()` in the view, or a catch-all route.
    """
    client = favicon.client()
    places = favicon.places(client)
    with favicon.without_files():
        for target in places.values():
            response = favicon.fetch(client, target)
            if response.status == 200 and response.mimetype != "text/html":
                raise Untested("the icon is served from somewhere else than the app's folder")
            expect(response.status == 404, f"404 for {target} without its file", response.status)


@should("")
def test_tab(favicon: Harness) -> None:
    """A browser loads the linked icon into its tab.

    Source: the link is there for browsers to find the icon.

    Usual cause: a content security policy that names no `img-src`, or a file that
    no browser can decode.
    """
    favicon.icon(favicon.client())
    with favicon.tab() as tab:
        tab.open(favicon.page_path())
        width = tab.evaluate(
            """async () => {
                const link = document.head.querySelector("link[rel~=icon]");
                const image = new Image();
                image.src = link ? link.href : "";
                return image.decode().then(() => image.naturalWidth, () => 0);
            }"""
        )
    expect(width > 0, "the browser to load and decode the icon", "it could not")
