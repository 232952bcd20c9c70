"""Single-page applications, done right in other ways than the reference's."""

from __future__ import annotations

import mimetypes
import secrets
from pathlib import Path
from typing import Any

import flask
from flask_wtf import CSRFProtect

from conformance import Subject
from tests.proof import new_folder, variant

#: Asks who has logged in, and gets a 404: nobody has.
SCRIPT = """document.getElementById('app').textContent = 'page ' + location.pathname;
fetch('/api/sessions/current').then(response => response.ok);"""


def build(*, page: str) -> Path:
    """Write what a build tool leaves behind, and give its folder."""
    folder = new_folder() / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "assets" / "index-4f2a.js").write_text(SCRIPT)
    (folder / "assets" / "index-4f2a.css").write_text("main { color: black }")
    (folder / "index.html").write_text(page)
    return folder


PAGE = """<!doctype html><title>built</title><link rel=icon href="data:,">
<link rel=stylesheet href="/assets/index-4f2a.css"><main id=app></main>
<script src="/assets/index-4f2a.js"></script>"""


@variant
def built_files() -> Subject:
    """A build folder as it is, for an app at the root of its domain; files under /assets.

    The API has a version, and nothing else below /api is the client's. A file is what has a media
    type.
    """
    folder = build(page=PAGE)

    def create_app() -> flask.Flask:
        app = flask.Flask("shop", static_folder=str(folder / "assets"), static_url_path="/assets")

        @app.get("/api/v1/things")
        def things() -> dict[str, Any]:
            return {"things": []}

        @app.route("/", defaults={"path": ""})
        @app.route("/<path:path>")
        def page(path: str) -> flask.Response:
            _head, _, last = path.rpartition("/")
            if path.startswith("api/") or last.startswith(".") or mimetypes.guess_type(last)[0]:
                flask.abort(404, description=None)
            response = flask.send_from_directory(folder, "index.html", max_age=0)
            response.cache_control.no_cache = True
            return response

        @app.errorhandler(404)
        def missing(error: Exception) -> Any:
            return {"error": "not found"}, 404

        return app

    binding = {
        "entry": "/",
        "api": ["/api/v1/things"],
        "api_prefix": "/api/v1",
        "index": str(folder / "index.html"),
    }
    return Subject(app=create_app, patterns={"singlepageapplications": binding})


@variant
def page_with_a_token() -> Subject:
    """A template with a CSRF token, another one in each answer, which nobody is told to keep."""
    folder = build(page=PAGE)
    page = PAGE.replace("<title>", '<meta name=token content="{{ csrf_token() }}"><title>')

    def create_app() -> flask.Flask:
        app = flask.Flask("shop", static_folder=str(folder / "assets"), static_url_path="/assets")
        app.secret_key = secrets.token_bytes()
        CSRFProtect(app)

        @app.get("/api/things")
        def things() -> dict[str, Any]:
            return {"things": []}

        @app.route("/", defaults={"path": ""})
        @app.route("/<path:path>")
        def application(path: str) -> str:
            name = path.rpartition("/")[2]
            if path.startswith("api/") or name.startswith(".") or mimetypes.guess_type(name)[0]:
                flask.abort(404)
            return flask.render_template_string(page)

        @app.errorhandler(404)
        def missing(error: Exception) -> Any:
            return {"error": "not found"}, 404

        return app

    binding = {"entry": "/", "api": ["/api/things"], "api_prefix": "/api"}
    return Subject(app=create_app, patterns={"singlepageapplications": binding})


@variant
def error_handler() -> Subject:
    """No catch-all rule: a handler gives the page for what is not found, but not for files or the API."""
    page = PAGE.replace('"/assets', '"assets').replace("<title>", "<base href=/app/><title>")
    folder = build(page=page)

    def create_app() -> flask.Flask:
        app = flask.Flask("shop", static_folder=None)

        @app.get("/app/assets/<path:name>")
        def assets(name: str) -> flask.Response:
            return flask.send_from_directory(folder / "assets", name, max_age=31536000)

        @app.post("/v1/things")
        def things() -> Any:
            return flask.jsonify(flask.request.get_json())

        @app.errorhandler(404)
        def missing(error: Any) -> Any:
            path = flask.request.path
            client = path.startswith("/app/") and not path.startswith("/app/assets/")
            name = path.rpartition("/")[2]
            file = name.startswith(".") or name.rpartition(".")[2] in (
                "js", "css", "map", "png", "woff2", "ico", "json", "py", "txt", "html")  # fmt: skip
            if not client or file or flask.request.method not in ("GET", "HEAD"):
                return flask.jsonify(error="not found"), 404
            response = flask.send_file(folder / "index.html", conditional=True, max_age=0)
            response.headers["Cache-Control"] = "no-cache"
            return response

        return app

    binding = {
        "entry": "/app/",
        "api": [{"method": "POST", "path": "/v1/things", "json": {"name": "a"}}],
        "api_prefix": "/v1/",
    }
    return Subject(app=create_app, patterns={"singlepageapplications": binding})


@variant
def dots_are_files() -> Subject:
    """A page made by the view, without validators; what has a dot is a file; errors in HTML."""
    page = "<!doctype html><title>songs</title><main>songs</main>"

    def create_app() -> flask.Flask:
        app = flask.Flask("songs", static_folder=None)

        @app.get("/api/songs")
        def songs() -> list[str]:
            return ["one", "two"]

        @app.route("/api/", defaults={"rest": ""}, methods=["GET", "POST"])
        @app.route("/api/<path:rest>", methods=["GET", "POST"])
        def missing(rest: str) -> Any:
            flask.abort(404)

        @app.get("/", defaults={"path": ""})
        @app.get("/<path:path>")
        def entry(path: str) -> str:
            if "." in path.rpartition("/")[2]:
                flask.abort(404)
            return page

        return app

    binding = {"entry": "/", "api": ["/api/songs"], "api_prefix": "/api"}
    return Subject(app=create_app, patterns={"singlepageapplications": binding})
