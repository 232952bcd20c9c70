"""The docs' own code, as a person would paste it: taken from the chapters when a test runs.

`python -m tests.real.snippets` writes the README's parts that come from it.
"""

from __future__ import annotations

import atexit
import dataclasses
import functools
import sys
import tempfile
import types
from collections.abc import Callable, Mapping
from pathlib import Path

import cachelib
import flask
import jinja2

from conformance import Outcome, Subject, Verdict
from conformance.reports.text import render_failure
from tests.proof import verdicts
from tests.readme import README, replace

from .sources import block_with, module_of, source_distribution

#: Gives the subject that a chapter's code is, from the folder with the chapters.
Paste = Callable[[Path], Subject]


@dataclasses.dataclass(frozen=True)
class Snippet:
    """Code of one chapter: what it is, how it is pasted, and which clauses it fails and why."""

    pattern: str
    what: str
    fails: Mapping[str, str]
    paste: Paste

    def verdicts(self, pages: Path) -> dict[str, Verdict]:
        """Run the pattern's clauses on the pasted code; once for each session of tests."""
        return _verdicts(self.paste, pages, self.pattern)


@functools.cache
def _verdicts(paste: Paste, pages: Path, pattern: str) -> dict[str, Verdict]:
    return verdicts(paste(pages), pattern)


SNIPPETS: list[Snippet] = []


def snippet(pattern: str, what: str, **fails: str) -> Callable[[Paste], Paste]:
    """Mark a function that pastes code; `fails` says by clause name why it fails it.

    An underscore in front makes a name of a clause that begins with a digit, or is a
    word of Python's.
    """

    def decorate(paste: Paste) -> Paste:
        reasons = {
            f"{pattern}.{name.strip('_').replace('_', '-')}": why for name, why in fails.items()
        }
        SNIPPETS.append(Snippet(pattern, what, reasons, paste))
        return paste

    return decorate


@snippet(
    "methodoverrides",
    "`HTTPMethodOverrideMiddleware`",
    only_post="it overrides any method, though the text says POST",
    body_dropped="a chunked body still arrives",
    head_no_body="announces a body that never comes",
    original_recorded="the method that was sent is lost",
    no_cache="nothing says that the answer varies",
)
def method_override(pages: Path) -> Subject:
    page = pages / "methodoverrides.rst"
    module = module_of("methodoverrides", block_with(page, "class HTTPMethodOverrideMiddleware"))
    return Subject(
        patterns={"methodoverrides": {"middleware": module.HTTPMethodOverrideMiddleware}}
    )


@snippet(
    "appdispatch",
    "`SubdomainDispatcher`",
    unknown_not_kept="a tenant that was unknown once stays so",
    host_dot_boundary="`evilexample.com` ends with `example.com`, and gets a tenant `evil`",
    foreign_host_4xx="an assertion: 500, and with `-O` an application for a foreign host",
    host_case_insensitive="host names are compared as they are written",
    bounded="each name that somebody makes up is kept for good",
    no_head_of_line="one lock for all: a slow creation holds up every tenant",
)
def subdomain_dispatcher(pages: Path) -> Subject:
    module = module_of("appdispatch", block_with(pages / "appdispatch.rst", "class SubdomainDis"))
    binding = {"subdomain_dispatcher": module.SubdomainDispatcher}
    return Subject(patterns={"appdispatch": binding})


@snippet(
    "appdispatch",
    "`PathDispatcher`",
    unicode_prefix="the creator gets UTF-8 read as Latin-1",
    no_head_of_line="one lock for all: a slow creation holds up every tenant",
    canonical_path="`/./alice` makes a tenant `.`, and skips the dot",
)
def path_dispatcher(pages: Path) -> Subject:
    module = module_of("appdispatch", block_with(pages / "appdispatch.rst", "class PathDispatcher"))
    return Subject(patterns={"appdispatch": {"path_dispatcher": module.PathDispatcher}})


@snippet(
    "deferredcallbacks",
    "`detect_user_language`",
    known_values="the cookie's value is used as it came",
    cookie_attrs="no SameSite, no Secure",
    vary="nothing says that the answer depends on the cookie",
)
def detect_user_language(pages: Path) -> Subject:
    block = block_with(pages / "deferredcallbacks.rst", "after_this_request")

    def guess() -> str:
        return flask.request.accept_languages.best_match(["en", "de"]) or "en"

    module = module_of(
        "deferredcallbacks",
        block,
        app=flask.Flask("docs"),
        g=flask.g,
        guess_language_from_request=guess,
    )
    binding = {"hook": module.detect_user_language, "attribute": "language"}
    return Subject(patterns={"deferredcallbacks": binding})


@snippet(
    "fileuploads",
    "the application of the introduction",
    stored_name_allowed="`文件.txt` becomes `txt`, and is served as bytes",
    no_5xx_on_name="a name of 304 characters is a 500",
    no_overwrite="a second file of the name replaces the first",
    no_overwrite_together="the same, for two at one time",
    _413_friendly="no limit is set",
    not_active_content="no `nosniff`",
    redirect_same_origin="`redirect(request.url)` goes where the Host header says",
)
def upload_file(pages: Path) -> Subject:
    page = pages / "fileuploads.rst"
    blocks = [
        block_with(page, mark) for mark in ("UPLOAD_FOLDER =", "def allowed_file", "def down")
    ]

    def create_app() -> flask.Flask:
        app: flask.Flask = module_of("fileuploads", *blocks).app
        app.secret_key = "docs"
        return app

    binding = {
        "upload": {"method": "POST", "path": "/"},
        "extensions": ["txt", "pdf", "png", "jpg", "jpeg", "gif"],
        "download": "/uploads/{name}",
        "folder": "UPLOAD_FOLDER",
    }
    return Subject(app=create_app, patterns={"fileuploads": binding})


@snippet(
    "flashing",
    "the application of “Simple Flashing”",
    not_consumed_by_head="a HEAD request uses the message up",
    secret="the key is the one printed in the docs",
)
def simple_flashing(pages: Path) -> Subject:
    page = pages / "flashing.rst"

    def create_app() -> flask.Flask:
        app: flask.Flask = module_of("flashing", block_with(page, "app.secret_key")).app
        templates = {
            "layout.html": block_with(page, "<title>My Application"),
            "index.html": block_with(page, "<h1>Overview"),
            "login.html": block_with(page, "<h1>Login"),
        }
        app.jinja_loader = jinja2.DictLoader(templates)
        return app

    login = {"method": "POST", "path": "/login"}
    binding = {
        "page": "/",
        "trigger": {**login, "form": {"username": "admin", "password": "secret"}},
        "success": "You were successfully logged in",
        "failure": {**login, "form": {"username": "admin", "password": "wrong"}},
        "error": "Invalid credentials",
    }
    return Subject(app=create_app, patterns={"flashing": binding})


@snippet(
    "lazyloading",
    "`LazyView`",
    _async="a coroutine is not awaited",
)
def lazy_view(pages: Path) -> Subject:
    module = module_of("lazyloading", block_with(pages / "lazyloading.rst", "class LazyView"))
    return Subject(patterns={"lazyloading": {"lazy_view": module.LazyView}})


@snippet(
    "requestchecksum",
    "`generate_checksum`",
    any_consumption="`read()` without a size raises TypeError",
    transparent="the same",
    chunked="the same: Werkzeug reads so where the server ends the input",
    real_server="the same: gunicorn and waitress do",
    disconnect="the same, in the place of a refusal",
    unread_body="a view that does not read gets the checksum of nothing",
    not_empty_hash="the same",
    installed_early="after a first read it is the checksum of nothing, in silence",
    size_limit="beyond the limit it is the checksum of a part",
    strong_hash="SHA-1",
)
def generate_checksum(pages: Path) -> Subject:
    page = pages / "requestchecksum.rst"
    module = module_of("requestchecksum", block_with(page, "class ChecksumCalcStream"))
    binding = {"generate_checksum": module.generate_checksum}
    return Subject(patterns={"requestchecksum": binding})


@snippet(
    "sqlite3",
    "`get_db`, `query_db` and `init_db`",
    row_by_name="rows are tuples, until the row factory of the next section is set",
    schema_utf8="the schema is read with the encoding of the machine",
)
def sqlite(pages: Path) -> Subject:
    page = pages / "sqlite3.rst"
    blocks = [block_with(page, mark) for mark in ("def get_db", "def query_db", "def init_db")]
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    schema = "CREATE TABLE IF NOT EXISTS page (id INTEGER PRIMARY KEY, title TEXT);"
    Path(folder.name, "schema.sql").write_text(schema, encoding="utf-8")
    current: list[types.ModuleType] = []

    def create_app(config: Mapping[str, str] | None = None) -> flask.Flask:
        app = flask.Flask("docs", root_path=folder.name)
        app.config.update(config or {})
        module = module_of("sqlite3", *blocks, app=app)
        module.DATABASE = app.config.get("DATABASE", f"{folder.name}/docs.db")
        current[:] = [module]
        return app

    rest = {"database_config": "DATABASE"}
    functions = {
        name: lambda *args, _name=name, **kwargs: getattr(current[0], _name)(*args, **kwargs)
        for name in ("get_db", "query_db", "init_db")
    }
    return Subject(app=create_app, patterns={"sqlite3": {**functions, **rest}})


@snippet(
    "streaming",
    "`generate_large_csv` and `streamed_response`",
    csv_wellformed="`','.join` knows no quotes",
    csv_injection="a cell `=1+1` is a formula for a spreadsheet",
    error_early="a missing `name` is found when the answer has begun",
)
def streamed(pages: Path) -> Subject:
    page = pages / "streaming.rst"
    blocks = block_with(page, "large.csv"), block_with(page, "def streamed_response")

    def create_app() -> flask.Flask:
        app = flask.Flask("docs")
        # Looked up when the view runs, so that the rows can be other ones.
        module_of("streaming", *blocks, app=app, iter_all_rows=lambda: rows.all_rows())
        return app

    rows = types.ModuleType("docs_rows")
    rows.all_rows = lambda: iter([["a", "b"]])  # type: ignore[attr-defined]
    sys.modules["docs_rows"] = rows
    binding = {
        "table": "/large.csv",
        "rows": "docs_rows:all_rows",
        "context": "/stream",
        "resource": "/large.csv",
    }
    return Subject(app=create_app, patterns={"streaming": binding})


@snippet(
    "subclassing",
    "`MyFlask` and `MyRequest`",
    no_warnings="`ImmutableOrderedMultiDict` goes away with Werkzeug 3.2",
)
def my_flask(pages: Path) -> Subject:
    module = module_of("subclassing", block_with(pages / "subclassing.rst", "class MyFlask"))
    binding = {"app_class": module.MyFlask, "request_class": module.MyRequest}
    return Subject(patterns={"subclassing": binding})


@snippet("templateinheritance", "`layout.html` and its child")
def layout(pages: Path) -> Subject:
    page = pages / "templateinheritance.rst"

    def create_app() -> flask.Flask:
        app = flask.Flask("docs")
        templates = {
            "layout.html": block_with(page, "<!doctype html>"),
            "index.html": block_with(page, '{% extends "layout.html" %}'),
        }
        app.jinja_loader = jinja2.DictLoader(templates)
        app.add_url_rule("/", "index", lambda: flask.render_template("index.html"))
        return app

    binding = {"layout": "layout.html", "pages": ["/"]}
    return Subject(app=create_app, patterns={"templateinheritance": binding})


@snippet(
    "urlprocessors",
    "the application with `lang_code`",
    _404_stays_404="`values` is None where nothing matched: 500",
    _405_and_redirect="as for 404",
    build_in_handler="as for 404",
    build_no_request="`g.lang_code` is read where there is no request",
    known_codes="any first segment is a language",
)
def localised_application(pages: Path) -> Subject:
    block = block_with(pages / "urlprocessors.rst", "app = Flask(__name__)", "url_value_preproc")

    def create_app() -> flask.Flask:
        app: flask.Flask = module_of("urlprocessors", answering(block)).app
        app.add_url_rule("/health", "health", lambda: "well")
        return app

    binding = {"page": "/{lang_code}/about", "plain": "/health"}
    return Subject(app=create_app, patterns={"urlprocessors": binding})


@snippet(
    "urlprocessors",
    "the blueprint with `lang_code`",
    build_in_handler="`setdefault` reads `g.lang_code` also where a value was passed",
    explicit_outside="the same",
    build_no_request="the same",
    known_codes="any first segment is a language",
)
def localised_blueprint(pages: Path) -> Subject:
    block = block_with(pages / "urlprocessors.rst", "Blueprint('frontend'")
    module = module_of("urlprocessors", answering(block))
    return Subject(patterns={"urlprocessors": {"blueprint": module.bp}})


def answering(block: str) -> str:
    """Let views whose body the page leaves out answer something."""
    return block.replace("    ...\n", "    return 'page'\n")


@snippet(
    "viewdecorators",
    "`login_required`, `cached` and `templated`",
    dec_async="a coroutine is not awaited",
    next_host_forgery="`next` has the host that the client claimed",
    cached_key_separates="one key for every user and every query",
    cached_no_error="a 404 is kept",
    cached_stream_safe="a generator is kept",
    cached_cookie_not_shared="Set-Cookie is kept, and given to the next visitor",
)
def view_decorators(pages: Path) -> Subject:
    page = pages / "viewdecorators.rst"
    module = module_of(
        "viewdecorators",
        block_with(page, "def login_required"),
        block_with(page, "def cached"),
        block_with(page, "def templated"),
        cache=cachelib.SimpleCache(),
    )
    binding = {name: getattr(module, name) for name in ("login_required", "cached", "templated")}
    return Subject(patterns={"viewdecorators": binding})


@snippet(
    "wtforms",
    "`RegistrationForm`, its view and its templates",
    csrf="the form has no token, and a form of another site is accepted",
)
def registration(pages: Path) -> Subject:
    page = pages / "wtforms.rst"

    def create_app() -> flask.Flask:
        app = flask.Flask("docs")
        app.secret_key = "docs"
        users: list[list[str]] = []
        store = types.SimpleNamespace(add=users.append)
        module_of(
            "wtforms",
            block_with(page, "class RegistrationForm"),
            block_with(page, "def register"),
            app=app,
            User=lambda *values: list(values),
            db_session=store,
            **{name: getattr(flask, name) for name in FOR_THE_VIEW},
        )
        templates = {
            "_formhelpers.html": block_with(page, "macro render_field"),
            "register.html": block_with(page, "<form method=post>"),
        }
        app.jinja_loader = jinja2.DictLoader(templates)
        app.add_url_rule("/login", "login", lambda: "log in")
        app.add_url_rule("/users", "users", lambda: {"users": [user[:2] for user in users]})
        return app

    binding = {
        "page": "/register",
        "effects": "/users",
        "valid": {
            "username": "Ada Lovelace",
            "email": "ada@example.org",
            "password": "analytical",
            "confirm": "analytical",
            "accept_tos": "y",
        },
    }
    return Subject(app=create_app, patterns={"wtforms": binding})


#: What the view of the forms' chapter takes for granted.
FOR_THE_VIEW = ("flash", "redirect", "render_template", "request", "url_for")


def table(pages: Path) -> str:
    """Give the README's table of what the snippets do."""
    rows = ["| chapter | code | passes | fails |", "| --- | --- | ---: | --- |"]
    for each in SNIPPETS:
        found = each.verdicts(pages)
        passed = sum(verdict.outcome is Outcome.PASS for verdict in found.values())
        failed = [name for name, verdict in found.items() if verdict.outcome is Outcome.FAIL]
        reasons = "<br>".join(
            f"`{name.partition('.')[2]}`: {each.fails.get(name, '?')}" for name in failed
        )
        rows.append(f"| {each.pattern} | {each.what} | {passed} | {reasons or 'none'} |")
    return "\n".join(rows)


def failure(pages: Path) -> str:
    """Give the failing clause that the README begins with."""
    (first,) = (each for each in SNIPPETS if each.pattern == "methodoverrides")
    text = render_failure(first.verdicts(pages)["methodoverrides.only-post"])
    return f"```text\nFAIL      {text}\n```"


def main() -> None:
    """Write the README's parts anew."""
    with tempfile.TemporaryDirectory() as folder:
        pages = source_distribution("flask", Path(folder)) / "docs" / "patterns"
        text = replace(README.read_text(), "snippets", table(pages))
        README.write_text(replace(text, "failure", failure(pages)))


if __name__ == "__main__":
    main()
