"""Favicons, done right in other ways than the reference's."""

from __future__ import annotations

import secrets
import struct
import zlib
from pathlib import Path
from typing import Any

import flask
from flask_login import LoginManager

import reference.favicon
from conformance import Subject
from tests.proof import variant

STATIC = Path(reference.favicon.__file__).with_name("static")


@variant
def redirect_at_the_root() -> Subject:
    """A view that redirects to the static file; assets under another URL; a layout; Flask-Login.

    Flask-Login looks into the session of every request, for the icon too.
    """

    def create_app() -> flask.Flask:
        app = flask.Flask("shop", static_folder=str(STATIC), static_url_path="/assets")
        app.secret_key = secrets.token_bytes()
        LoginManager(app).user_loader(lambda number: None)
        app.jinja_env.globals["base"] = app.jinja_env.from_string(
            "<html><head><title>{{ title }}</title><link rel='shortcut icon' "
            "href=\"{{ url_for('static', filename='favicon.ico') }}\"></head></html>"
        )

        @app.get("/")
        def home() -> str:
            return flask.render_template_string("{% extends base %}", title="home")

        @app.get("/favicon.ico")
        def icon() -> Any:
            return flask.redirect(flask.url_for("static", filename="favicon.ico"))

        return app

    return Subject(app=create_app, patterns={"favicon": {"page": "/"}})


@variant
def drawing_before_the_icon() -> Subject:
    """Two links: a drawing for new browsers, and the icon for all others."""

    def create_app() -> flask.Flask:
        app = flask.Flask("shop", static_folder=str(STATIC))

        @app.get("/")
        def home() -> str:
            return flask.render_template_string(
                "<!doctype html><title>home</title>"
                "<link rel=icon type=image/svg+xml href={{ url_for('drawing') }}>"
                "<link rel='alternate icon' href={{ url_for('static', filename='favicon.ico') }}>"
            )

        @app.get("/drawing.svg")
        def drawing() -> flask.Response:
            svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><path d='M0 0h9v9z'/></svg>"
            return flask.Response(svg, mimetype="image/svg+xml")

        return app

    file = str(STATIC / "favicon.ico")
    return Subject(app=create_app, patterns={"favicon": {"page": "/", "file": file, "root": None}})


@variant
def png_link_only() -> Subject:
    """A PNG made in memory, linked relative to the page, and nothing at the root: bound so."""
    rows = b"".join(b"\0" + b"\x2f\x9d\x4a" * 32 for _ in range(32))

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", 32, 32, 8, 2, 0, 0, 0)
    image = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
    image += chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")

    def create_app() -> flask.Flask:
        app = flask.Flask("shop")

        @app.get("/pages/<name>")
        def page(name: str) -> str:
            return "<head><link rel=icon href=../icon.png></head><p>page"

        @app.get("/icon.png")
        def icon() -> flask.Response:
            response = flask.Response(image, mimetype="image/png")
            response.set_etag("1")
            return response.make_conditional(flask.request)

        return app

    binding = {"page": "/pages/one", "root": None}
    return Subject(app=create_app, patterns={"favicon": binding})


@variant
def icon_in_the_page() -> Subject:
    """The page's icon is a data URL, for which a browser asks nobody; others ask the root."""

    def create_app() -> flask.Flask:
        app = flask.Flask("shop", static_folder=str(STATIC))

        @app.get("/")
        def home() -> str:
            return "<!doctype html><head><title>home</title><link rel=icon href='data:,'></head><p>home"

        @app.get("/favicon.ico")
        def icon() -> flask.Response:
            return app.send_static_file("favicon.ico")

        return app

    return Subject(app=create_app, patterns={"favicon": {"page": "/"}})
