"""Single-page applications, each with one believable mistake."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import flask

import reference
from conformance import Subject
from reference import singlepageapplications as right
from tests.proof import mutant, new_folder
from tests.variants.singlepageapplications import PAGE, build

ROOT = "/singlepageapplications/"
PAGE_ENDPOINT = "singlepageapplications.application"
API_ENDPOINT = "singlepageapplications.api.missing"
BINDING = {
    "entry": ROOT,
    "api": [f"{ROOT}api/status"],
    "api_prefix": f"{ROOT}api/",
    "mountable": True,
}


def changed(change: Callable[[flask.Flask], object], **binding: Any) -> Subject:
    """The reference's application in an app of its own, after a change of the app."""

    def create_app() -> flask.Flask:
        app = flask.Flask("reference")
        right.init_app(app)
        change(app)
        return app

    patterns = {"singlepageapplications": {**BINDING, **binding}}
    return Subject(app=create_app, patterns=patterns)


def page(function: Callable[[str], Any], **binding: Any) -> Subject:
    """The reference, with another view for the page."""
    return changed(lambda app: app.view_functions.update({PAGE_ENDPOINT: function}), **binding)


def after(change: Callable[[flask.Response], Any]) -> Subject:
    """The reference, with a change of the page's answers."""

    def application(path: str) -> Any:
        return change(right.application(path))  # type: ignore[arg-type]

    return page(application)


def built(is_missing: Callable[[str], bool]) -> Subject:
    """A build whose files the catch-all gives; of others, `is_missing` says which get a 404."""
    folder = build(page=PAGE)

    def create_app() -> flask.Flask:
        app = flask.Flask("shop", static_folder=None)

        @app.get("/api/things")
        def things() -> dict[str, Any]:
            return {"things": []}

        @app.get("/", defaults={"path": "index.html"})
        @app.get("/<path:path>")
        def page(path: str) -> flask.Response:
            if path.startswith("api/") or (is_missing(path) and not (folder / path).is_file()):
                flask.abort(404)
            name = path if (folder / path).is_file() else "index.html"
            return flask.send_from_directory(folder, name, max_age=0)

        @app.errorhandler(404)
        def missing(error: Exception) -> Any:
            return {"error": "not found"}, 404

        return app

    binding = {"entry": "/", "api": ["/api/things"], "api_prefix": "/api"}
    return Subject(app=create_app, patterns={"singlepageapplications": binding})


@mutant("root", says="/index.html, which begin")
def wrong_file() -> Subject:
    """The page is that of an older build, which the file next to it is not."""
    folder = build(page=PAGE)
    return changed(lambda app: None, index=str(folder / "index.html"))


@mutant("deep-link", says="the entry page at", also=["query-kept", "head-conditional", "prefix", "browser"])  # fmt: skip
def two_segments() -> Subject:
    """Paths of more than two segments are nobody's."""

    def application(path: str) -> Any:
        return flask.abort(404) if path.count("/") > 1 else right.application(path)

    return page(application)


@mutant("query-kept", says="with the query")
def query_redirected() -> Subject:
    """A query is taken off the address."""

    def application(path: str) -> Any:
        if flask.request.query_string:
            return flask.redirect(flask.request.path)
        return right.application(path)

    return page(application)


def linked(prefix: str) -> Callable[[str], Any]:
    """The page, with links to its files that begin with something else."""

    def application(path: str) -> Any:
        response = right.application(path)
        if response.status_code == 200:
            static = flask.url_for("static", filename="")
            response.set_data(response.get_data(as_text=True).replace(static, prefix))
            response.headers.pop("ETag")
            response.add_etag()
        return response.make_conditional(flask.request)

    return application


@mutant("assets", says="observed  200 as text/html", also=["prefix", "browser"])  # fmt: skip
def relative_links() -> Subject:
    """The page's links are relative, and lead elsewhere from a deep path."""
    return page(linked("../static/"))


@mutant(
    "api-wins",
    says="the before-request function `first`",
    also=["api-trailing-slash", "api-404-json", "browser"],
)
def page_before_routes() -> Subject:
    """A hook gives the page to whoever asks for HTML or anything, before the routes are asked."""

    def change(app: flask.Flask) -> None:
        @app.before_request
        def first() -> Any:
            if flask.request.path.startswith(f"{ROOT}api/"):
                return right.application("")
            return None

    return changed(change)


@mutant("api-404-json", says="404 for GET", also=["api-trailing-slash"])
def page_for_the_api() -> Subject:
    """The catch-all takes the API's unknown paths too, as in the docs."""
    function = lambda path: right.application(path)  # noqa: E731
    return changed(lambda app: app.view_functions.update({API_ENDPOINT: function}))


@mutant("api-trailing-slash", says="the API, or 404, at")
def page_for_the_slash() -> Subject:
    """Only a route with a slash too many gets the page."""

    def missing(path: str) -> Any:
        return right.application("") if path == "status/" else right.missing(path)

    return changed(lambda app: app.view_functions.update({API_ENDPOINT: missing}))


@mutant("missing-asset-404", says="200 text/html, the entry page")
def page_for_files() -> Subject:
    """The catch-all gives the build's files, and the page for those that are not there."""
    return built(lambda path: False)


@mutant("missing-asset-404", says="404 for /assets/missing.png")
def page_for_other_files() -> Subject:
    """Only scripts and stylesheets are taken for files."""
    return built(lambda path: path.endswith((".js", ".css")))


@mutant("unsafe-methods", says="of the endpoint 'all' accepts")
def all_methods() -> Subject:
    """The catch-all lists all methods."""

    def change(app: flask.Flask) -> None:
        app.add_url_rule(f"{ROOT}<path:path>", "all", right.application, methods=["POST", "PUT"])

    return changed(change)


@mutant("no-traversal", says="no file from outside the folder")
def opened_by_hand() -> Subject:
    """A path is looked up in a folder and opened where something is there."""
    folder = Path(reference.__file__).parent / "static"

    def application(path: str) -> Any:
        file = Path(folder, path)
        if ".." in path and file.is_file():
            return flask.Response(file.read_bytes(), mimetype="application/octet-stream")
        return right.application(path)

    return page(application)


@mutant("entry-not-cached", says="takes its max-age from SEND_FILE_MAX_AGE_DEFAULT")
def kept_for_a_year() -> Subject:
    """The page is kept as long as the scripts are."""

    def change(response: flask.Response) -> flask.Response:
        age = flask.current_app.get_send_file_max_age(None)
        response.cache_control.no_cache = None
        response.cache_control.max_age = age
        return response

    return after(change)


@mutant("entry-not-cached", says="Last-Modified: Wed, 01 Jan 2020")
def kept_by_its_date() -> Subject:
    """The page has a date and nothing else: a browser keeps it for a tenth of its age."""

    def change(response: flask.Response) -> flask.Response:
        if response.mimetype == "text/html" and response.status_code == 200:
            del response.headers["Cache-Control"], response.headers["ETag"]
            response.last_modified = datetime(2020, 1, 1, tzinfo=timezone.utc)
            response.make_conditional(flask.request)
        return response

    return after(change)


@mutant("head-conditional", says="304 for a request with")
def sent_anew() -> Subject:
    """A client that has the page gets it again."""

    def change(response: flask.Response) -> flask.Response:
        if response.status_code == 304:
            return flask.make_response(
                flask.render_template("singlepageapplications/index.html"),
                {"ETag": response.headers["ETag"], "Cache-Control": "no-cache"},
            )
        return response

    return after(change)


@mutant("prefix", says="below /mount")
def literal_links() -> Subject:
    """The page's links are literal."""
    return page(linked("/static/"))


@mutant("prefix", says="which is outside of it")
def script_from_the_root() -> Subject:
    """The page's links keep the prefix, and its script asks the API from the root."""

    script = f"<script>fetch('{ROOT}api/status').then(answer => answer.json())</script>"

    def ask(response: flask.Response) -> Any:
        if response.status_code == 200:
            text = response.get_data(as_text=True)
            response.set_data(text.replace("</body>", f"{script}</body>"))
            response.add_etag(overwrite=True)
        return response.make_conditional(flask.request)

    return after(ask)


@mutant("static-precedence", says="of the endpoint 'files.static'")
def static_at_the_root() -> Subject:
    """The static files have all paths of the application, which hides what is not seen yet."""

    def change(app: flask.Flask) -> None:
        app.add_url_rule(f"{ROOT}<path:filename>", "files.static", lambda filename: "",
                         methods=["PROPFIND"])  # fmt: skip

    return changed(change)


@mutant("no-hidden-files", says="no file at")
def build_left_its_map() -> Subject:
    """The static folder has a source map and a dotfile in it."""
    made = new_folder()
    (made / "app.js.map").write_text("{}")

    def change(app: flask.Flask) -> None:
        def static(filename: str) -> Any:
            if filename.endswith(".map"):
                return flask.send_from_directory(made, filename)
            return flask.send_from_directory(STATIC, filename)

        app.view_functions["static"] = static
        app.static_url_path = "/static"
        app.static_folder = str(made)

    return changed(change)


STATIC = Path(reference.__file__).parent / "static"


@mutant("any-cwd", says="/singlepageapplications/ when the app is made")
def relative_file() -> Subject:
    """The page is read with a path that is relative to where the server was started."""
    import os

    start = os.getcwd()

    def application(path: str) -> Any:
        if os.getcwd() != start:
            flask.abort(500)
        return right.application(path)

    return page(application)


@mutant("no-open-redirect", says="observed  Location: /")
def slash_taken_away() -> Subject:
    """A slash at the end is taken away by a redirect to the path as it came."""

    def change(app: flask.Flask) -> None:
        inner = app.wsgi_app

        def wsgi_app(environ: Any, start_response: Any) -> Any:
            path = environ["PATH_INFO"]
            if path.startswith("//") and path.endswith("/"):
                start_response("308 PERMANENT REDIRECT", [("Location", path.rstrip("/"))])
                return [b""]
            return inner(environ, start_response)

        app.wsgi_app = wsgi_app  # type: ignore[method-assign]

    return changed(change)


@mutant("browser", says="type='text/plain'")
def script_does_nothing() -> Subject:
    """The script waits for an event that has passed when it runs."""

    def application(path: str) -> Any:
        response = right.application(path)
        if response.status_code == 200:
            text = response.get_data(as_text=True).replace('type="module"', 'type="text/plain"')
            response.set_data(text)
            response.headers.pop("ETag")
            response.add_etag()
        return response.make_conditional(flask.request)

    return page(application)


@mutant("deep-link", says="which is not below")
def api_by_its_letters() -> Subject:
    """Whatever begins with the letters of the API's prefix is taken for the API's."""

    def application(path: str) -> Any:
        return flask.abort(404) if path.startswith("api") else right.application(path)

    return page(application)


def redirected(change: Callable[[str], str | None]) -> Subject:
    """The reference, with a redirect before it to what a function makes of a path."""

    def wrap(app: flask.Flask) -> None:
        inner = app.wsgi_app

        def wsgi_app(environ: Any, start_response: Any) -> Any:
            where = change(environ["PATH_INFO"])
            if where is None:
                return inner(environ, start_response)
            start_response("308 PERMANENT REDIRECT", [("Location", where)])
            return [b""]

        app.wsgi_app = wsgi_app  # type: ignore[method-assign]

    return changed(wrap)


@mutant("no-open-redirect", says="observed  Location: //evil.example/")
def page_without_its_file() -> Subject:
    """A path that ends in the page's file is redirected to what is before it."""
    end = "index.html"
    return redirected(lambda path: path.removesuffix(end) if path.endswith(f"/{end}") else None)


@mutant("no-open-redirect", says="observed  Location: //evil.example")
def root_taken_away() -> Subject:
    """A slash at the end is taken away, and with it where the application is."""
    return redirected(
        lambda path: (
            path.removeprefix(ROOT.rstrip("/")).rstrip("/")
            if path.startswith(f"{ROOT}/") and path.endswith("/")
            else None
        )
    )


@mutant("missing-asset-404", says="max-age=31536000")
def missing_for_a_year() -> Subject:
    """What ends as a script does is to be kept for a year, also where it is missing."""

    def change(app: flask.Flask) -> None:
        @app.after_request
        def keep(response: flask.Response) -> flask.Response:
            if flask.request.path.endswith((".js", ".css")):
                response.headers["Cache-Control"] = "public, max-age=31536000"
            return response

    return changed(change)


@mutant("no-hidden-files", says="no server error at")
def folder_opened_as_a_file() -> Subject:
    """Whatever is there by that name is opened, a folder too."""

    def application(path: str) -> Any:
        if (
            path
            and Path(STATIC, path).resolve().is_relative_to(STATIC)
            and Path(STATIC, path).exists()
        ):
            return flask.Response(Path(STATIC, path).read_bytes())
        return right.application(path)

    return page(application)


@mutant("no-hidden-files", says="no file at")
def sources_served() -> Subject:
    """The static folder is the project's, with what the build is made of."""
    made = new_folder()
    (made / "package.json").write_text("{}")

    def change(app: flask.Flask) -> None:
        def static(filename: str) -> Any:
            folder = str(made) if filename == "package.json" else STATIC
            return flask.send_from_directory(folder, filename)

        app.view_functions["static"] = static
        app.static_url_path = "/static"
        app.static_folder = str(made)

    return changed(change)


@mutant("api-404-json", says="404 for POST")
def any_post_is_taken() -> Subject:
    """A POST to a path of the API that is not there is answered as if it were."""

    def missing(path: str) -> Any:
        return {} if flask.request.method == "POST" else right.missing(path)

    return changed(lambda app: app.view_functions.update({API_ENDPOINT: missing}))
