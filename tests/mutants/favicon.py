"""Favicons, each with one believable mistake."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask

import reference.favicon
from conformance import Subject
from tests.proof import mutant, new_folder

ICON = Path(reference.favicon.__file__).with_name("static") / "favicon.ico"


def changed(change: Callable[[flask.Flask], object], **binding: Any) -> Subject:
    """The reference's icon in an app of its own, after a change of the app."""

    def create_app() -> flask.Flask:
        app = flask.Flask("reference")
        app.secret_key = "mutant"
        reference.favicon.init_app(app)
        change(app)
        return app

    return Subject(app=create_app, patterns={"favicon": {"page": "/favicon/", **binding}})


def page(head: str) -> Subject:
    """The reference, with another page head."""
    html = f"<!doctype html><html><head>{head}</head><body></body></html>"
    return view("favicon.page", lambda: flask.render_template_string(html))


def view(endpoint: str, function: Callable[[], Any]) -> Subject:
    return changed(lambda app: app.view_functions.update({endpoint: function}))


@mutant("link", says="an image with status 200 at /static/icon.ico")
def link_to_a_missing_file() -> Subject:
    """The link names a file that is not in the static folder."""
    return page("<link rel='icon' href='{{ url_for(\"static\", filename=\"icon.ico\") }}'>")


@mutant("link", says="none in a 200 response")
def no_link() -> Subject:
    """The page's template does not extend the layout that has the link."""
    return page("<title>no icon</title>")


@mutant("link-built", says="a link below /")
def literal_link() -> Subject:
    """The link is written into the template, without `url_for`."""
    return page("<link rel='icon' href='/static/favicon.ico'>")


@mutant("root", says="the icon at /favicon.ico")
def page_at_the_root() -> Subject:
    """Nothing answers at /favicon.ico."""
    return view("favicon.icon", lambda: flask.abort(404))


@mutant("mime", says="text/plain for b'\\x00\\x00\\x01\\x00")
def type_forgotten() -> Subject:
    """The view names the wrong type."""

    def from_folder() -> flask.Response:
        folder = flask.current_app.static_folder or ""
        return flask.send_from_directory(folder, "favicon.ico", mimetype="text/plain")

    return view("favicon.icon", from_folder)


@mutant("bytes", says="bytes, from byte 63 on")
def sent_as_text() -> Subject:
    """The static files go through a text filter, which replaces what is no UTF-8."""

    def change(app: flask.Flask) -> None:
        @app.after_request
        def recode(response: flask.Response) -> flask.Response:
            if response.mimetype.startswith("image/") and response.status_code == 200:
                response.direct_passthrough = False
                response.set_data(response.get_data().decode("utf-8", "replace"))
            return response

    return changed(change)


@mutant("size", says="16x16 pixels in the icon", also=["bytes"])
def large_picture() -> Subject:
    """The icon holds only a large picture."""

    def change(app: flask.Flask) -> None:
        @app.after_request
        def enlarge(response: flask.Response) -> flask.Response:
            if response.mimetype.startswith("image/") and response.status_code == 200:
                response.direct_passthrough = False
                data = bytearray(response.get_data())
                data[6] = data[7] = 0
                response.set_data(bytes(data))
            return response

    return changed(change)


@mutant("head-conditional", says="304 for a client that sends If-None-Match")
def validators_ignored() -> Subject:
    """The icon is sent whole although the client has it."""

    def change(app: flask.Flask) -> None:
        def static(filename: str) -> flask.Response:
            return flask.send_from_directory("static", filename, conditional=False)

        app.view_functions["static"] = static

    return changed(change)


@mutant("no-auth", says="no Set-Cookie")
def visits_counted() -> Subject:
    """A hook counts every request in the session, the icon's too."""

    def change(app: flask.Flask) -> None:
        @app.before_request
        def count() -> None:
            flask.session["visits"] = flask.session.get("visits", 0) + 1

    return changed(change)


@mutant("no-auth", says="for a client without cookies", also=["root", "mime", "missing-404"])
def login_wanted() -> Subject:
    """A hook sends every visitor without a login away from the icon at the root."""

    def change(app: flask.Flask) -> None:
        @app.before_request
        def protect() -> Any:
            if flask.request.path == "/favicon.ico" and flask.request.headers.get("Cookie") is None:
                return flask.redirect(flask.url_for("favicon.page"))
            return None

    return changed(change)


@mutant("no-flash-consume", says="it was shown in the response", also=["root"])
def error_page_shows_messages() -> Subject:
    """Nothing is at /favicon.ico but an error page with the layout's messages."""

    def change(app: flask.Flask) -> None:
        @app.errorhandler(404)
        def missing(error: Exception) -> tuple[str, int]:
            return f"not found {flask.get_flashed_messages()}", 404

        app.view_functions["favicon.icon"] = lambda: flask.abort(404)

    return changed(change)


@mutant("cwd", says="from another working directory")
def relative_to_the_server() -> Subject:
    """The view opens a path that is relative to where the server was started."""
    start = os.getcwd()

    def icon() -> flask.Response:
        if os.getcwd() != start:
            flask.abort(404)
        return flask.send_file(ICON, mimetype="image/vnd.microsoft.icon")

    return view("favicon.icon", icon)


@mutant("redirect-target", says="the requested host with its port, or without a host")
def foreign_redirect() -> Subject:
    """The redirect goes to a host that a header names."""

    def icon() -> Any:
        target = flask.url_for("static", filename="favicon.ico")
        if ":" in flask.request.host:
            return flask.redirect(f"//{flask.request.host.partition(':')[0]}{target}")
        return flask.redirect(target)

    return view("favicon.icon", icon)


@mutant("missing-404", says="404 for /favicon.ico without its file")
def opens_the_file() -> Subject:
    """The view opens the file and does not expect that it is missing."""

    def icon() -> flask.Response:
        folder = Path(flask.current_app.static_folder or "")
        data = io.BytesIO((folder / "favicon.ico").read_bytes())
        return flask.send_file(data, mimetype="image/vnd.microsoft.icon", max_age=60)

    return view("favicon.icon", icon)


@mutant("tab", says="the policy does not allow the image: img-src")
def policy_without_images() -> Subject:
    """The page's content security policy forgets images, so the browser refuses the icon."""

    def change(app: flask.Flask) -> None:
        @app.after_request
        def policy(response: flask.Response) -> flask.Response:
            response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'"
            return response

    return changed(change)


@mutant("bytes", says="each from 0x80 on became two")
def root_read_as_text() -> Subject:
    """The view for the root reads the icon as text; the linked one is right."""

    def from_text() -> flask.Response:
        path = Path(flask.current_app.static_folder or "", "favicon.ico")
        text = path.read_text("latin-1")
        return flask.Response(text, mimetype="image/vnd.microsoft.icon")

    return view("favicon.icon", from_text)


@mutant("bytes", says="each from 0x80 on became two", also=["mime"])
def picture_at_the_root_read_as_text() -> Subject:
    """The same with a PNG, whose line ends become those of text besides."""
    folder = new_folder()
    icon = folder / "icon.png"
    icon.write_bytes(
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU"
        b"\0\0\0\nIDATx\x9cc`\0\0\0\x02\0\x01H\xaf\xa4q\0\0\0\0IEND\xaeB`\x82"
    )

    def change(app: flask.Flask) -> None:
        app.static_folder = str(folder)
        link = '<link rel=icon href=\'{{ url_for("static", filename="icon.png") }}\'>'
        html = f"<!doctype html><head>{link}</head>"
        app.view_functions["favicon.page"] = lambda: flask.render_template_string(html)
        app.view_functions["favicon.icon"] = lambda: flask.Response(
            icon.read_text("latin-1"), mimetype="image/png"
        )

    return changed(change)


def second_page(head: str, **views: Callable[..., Any]) -> Subject:
    """The reference, with another page, two levels deep, whose head is given."""
    html = f"<!doctype html><html><head>{head}</head><body></body></html>"

    def change(app: flask.Flask) -> None:
        app.add_url_rule("/shop/things/", "things", lambda: flask.render_template_string(html))
        for name, function in views.items():
            app.add_url_rule(f"/<path:path>/{name}", name, function)

    return changed(change, pages=["/shop/things/"])


@mutant("link", says="in the head of /shop/things/")
def page_without_the_layout() -> Subject:
    """One of the pages has a layout of its own, without the link."""
    return second_page("<title>things</title>")


@mutant("link", says="at /shop/things/icon.ico", also=["link-built"])
def relative_link() -> Subject:
    """The link of the layout is relative, and leads elsewhere from a deep page."""
    return second_page("<link rel=icon href=icon.ico>")


@mutant("link", says="a page, as image/")
def catch_all_answers() -> Subject:
    """A rule for whatever path there is answers the icon of a deep page with a page."""

    def page(path: str) -> Any:
        return flask.Response("<!doctype html><p>shop", mimetype="image/x-icon")

    return second_page("<link rel=icon href=favicon.png>", **{"favicon.png": page})
