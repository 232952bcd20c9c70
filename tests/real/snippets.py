"""The docs' own code, as a person would paste it: taken from the chapters when a test runs.

`python -m tests.real.snippets` writes the README's parts that come from it.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import itertools
import json
import sys
import tempfile
import textwrap
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import cachelib
import flask
import jinja2

from conformance import Outcome, Subject, Verdict, run
from conformance.reports.text import render_failure
from conformance.suites.catalogue import clauses_of
from tests.readme import README, replace

from .sources import block_with, folder_with, importable, module_of, source_distribution

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
    clauses = [clause for clause in clauses_of(pattern) if clause.id not in WITH_PROCESSES]
    return {verdict.id: verdict for verdict in run(paste(pages), clauses)}


#: Clauses that are not asked: they start brokers and workers, wait for them, and need pytest-celery.
WITH_PROCESSES = (
    "celery.real-worker",
    "celery.worker-killed",
    "celery.killed-after-effect",
    "celery.broker-back",
    "celery.backend-down",
)

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
    chunked_body_dropped="a chunked body still arrives",
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
)
def path_dispatcher(pages: Path) -> Subject:
    module = module_of("appdispatch", block_with(pages / "appdispatch.rst", "class PathDispatcher"))
    return Subject(patterns={"appdispatch": {"path_dispatcher": module.PathDispatcher}})


@snippet(
    "appfactories",
    "`create_app` with its model and blueprints",
    callable_without_args="`config_filename` has no default, and no docstring names it",
)
def basic_factory(pages: Path) -> Subject:
    page = pages / "appfactories.rst"
    blueprint = "from flask import Blueprint\n\nfrontend = Blueprint('frontend', __name__)\n"
    files = {
        "__init__.py": "from flask import Flask\n" + block_with(page, "register_blueprint"),
        "model.py": "from flask_sqlalchemy import SQLAlchemy\n" + block_with(page, "SQLAlchemy()"),
        "views/__init__.py": "",
        "views/admin.py": block_with(page, "admin = Blueprint"),
        # Not on the page.
        "views/frontend.py": blueprint,
        "templates/index.html": "<!doctype html><title>docs</title>",
        "docs.cfg": "INDEX_TEMPLATE = 'index.html'\nSQLALCHEMY_DATABASE_URI = 'sqlite://'\n",
    }
    importable(named("docs_factory", files))
    binding = {"config_file": "docs.cfg"}
    return Subject(app="docs_factory:create_app('docs.cfg')", patterns={"appfactories": binding})


def named(package: str, files: Mapping[str, str]) -> dict[str, str | bytes]:
    """Return files below a package; it has this name wherever the pages say `yourapplication`."""
    return {
        f"{package}/{name}": content.replace("yourapplication", package)
        for name, content in files.items()
    }


@snippet(
    "celery",
    "`celery_init_app`, the factory, the task and the views",
    two_apps="the default Celery app is the one made last: the tasks of the first go to its queue",
    input_validated="a missing number is None, which is queued",
    failed_reported="the value is then an exception, which is no JSON: 500",
    unknown_id="any id is one that waits",
)
def tasks(pages: Path) -> Subject:
    page = pages / "celery.rst"
    parts = [block_with(page, mark) for mark in ("class FlaskTask", "def create_app", "def add_")]
    views = [block_with(page, mark) for mark in ("def start_add", "def task_result")]
    entry = block_with(page, "flask_app = create_app()").replace("example", "docs_celery")
    files = {"docs_celery.py": "\n".join(["from flask import Flask", *parts])}
    importable({**files, "docs_celery_worker.py": entry})
    example = importlib.import_module("docs_celery")

    def create_app() -> flask.Flask:
        app: flask.Flask = example.create_app()
        module_of("celery", *views, app=app, add_together=example.add_together)
        return app

    binding = {
        "celery_init_app": example.celery_init_app,
        "start": {"method": "POST", "path": "/add", "form": {}},
        "numbers": ["a", "b"],
        "result": "/result/{id}",
        "worker": "docs_celery_worker",
    }
    return Subject(app=create_app, patterns={"celery": binding})


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


@snippet("favicon", "the link, and the view with `send_from_directory`")
def favicon_view(pages: Path) -> Subject:
    page = pages / "favicon.rst"
    return favicon(page, lambda app: module_of("favicon", block_with(page, "def favicon"), app=app))


@snippet("favicon", "the link, and the redirect from the root")
def favicon_redirect(pages: Path) -> Subject:
    page = pages / "favicon.rst"

    def redirect(app: flask.Flask) -> None:
        # The page calls `url_for` where no context is, which raises RuntimeError.
        with app.test_request_context():
            block = block_with(page, "redirect_to=url_for")
            module_of("favicon", block, app=app, url_for=flask.url_for)

    return favicon(page, redirect)


def favicon(page: Path, add: Callable[[flask.Flask], object]) -> Subject:
    """Return an app with the page's link, to which one of the ways to the root is added."""
    folder = folder_with({"static/favicon.ico": ICON.read_bytes()})
    link = block_with(page, "shortcut icon")

    def create_app() -> flask.Flask:
        app = flask.Flask("docs", root_path=str(folder))
        index = f"<!doctype html><html><head><title>docs</title>{link}</head></html>"
        app.add_url_rule("/", "index", lambda: flask.render_template_string(index))
        add(app)
        return app

    return Subject(app=create_app, patterns={"favicon": {"page": "/"}})


#: An icon of 16 by 16 pixels.
ICON = Path(__file__).parents[2] / "reference" / "static" / "favicon.ico"


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
    "javascript",
    "the scripts and views, with `User.username`, `{{ include }}` and `getElementById` mended",
    script_root='`fetch("/login")` goes to the root of the server, wherever the app is',
    browser_redirect="a body without a method: `fetch` refuses to send it",
    browser_replace="`response.text` without its parentheses: a function is put in",
    error_json="errors are pages of HTML",
)
def users(pages: Path) -> Subject:
    page = pages / "javascript.rst"
    report = textwrap.indent(block_with(page, "generate_report"), "    ")
    views = [
        f"@app.route('/report')\ndef report():\n{report}",
        # The model's columns, in place of the user's values, are no JSON.
        block_with(page, "def user_detail").replace(": User.", ": user."),
        block_with(page, "def user_list"),
        block_with(page, "def user_update"),
        "@app.route('/login', methods=['GET', 'POST'])\ndef login():\n    return redirect('/report')",
    ]
    chart, root, url, login = (
        # Something that runs where the page has dots.
        block_with(page, mark).replace("...", "0")
        for mark in ("const chart_data", "const SCRIPT_ROOT", "const user_url", 'fetch("/login"')
    )
    # No view of the page has that name.
    url = url.replace('"user"', '"user_detail"')
    fact = block_with(page, "geology_fact.html").replace(" getElement", " document.getElement")
    fact = fact.replace("{{ include", "{% include").replace('.html" }}', '.html" %}')
    # At a click, so that it can be seen to be another one.
    fact = fact.replace("<script>", "<script>function another() {")
    fact = fact.replace("</script>", "}</script><button onclick='another()'>Another</button>")
    templates = {
        "report.html": f"{chart}{block_with(page, 'data-chart=')}<script>{root}</script>",
        "index.html": f"<script>{url}</script><script>function login() {{ {login} }}</script>"
        f"<input type=button value=Login onclick='login()'>{fact}",
        "geology_fact.html": "Fact {{ fact() }}",
    }

    def create_app() -> flask.Flask:
        app = flask.Flask("docs")
        user = User()
        query = mock.Mock()
        query.get_or_404 = lambda number: user if number == 1 else flask.abort(404)
        query.order_by.return_value.all.return_value = [user]
        module_of(
            "javascript",
            *views,
            app=app,
            db=mock.Mock(),
            generate_report=lambda: json.loads(flask.request.args.get("data", "[]")),
            User=mock.Mock(query=query),
            **{name: getattr(flask, name) for name in FOR_THE_VIEW},
        )
        app.jinja_loader = jinja2.DictLoader(templates)
        facts = itertools.count()
        app.jinja_env.globals.update(current_user=mock.Mock(id=1), fact=lambda: next(facts))
        for rule, name in (("/", "index"), ("/fact", "geology_fact")):
            view = functools.partial(flask.render_template, f"{name}.html")
            app.add_url_rule(rule, name, view)
        return app

    user = User().to_json()
    binding = {
        "page": "/report",
        "script": "chart_data",
        "attribute": "data-chart",
        "value_field": "data",
        "script_root": "SCRIPT_ROOT",
        "url_page": "/",
        "url": "user_url",
        "detail": "/user/{id}",
        "fields": [*user, "picture"],
        "listing": "/users",
        "receive": {"path": "/user/1", "json": user},
        "text_field": "username",
        "required": [*user],
        "state": "/user/1",
        "replace": {"page": "/", "click": "button", "changes": "#geology-fact"},
        "follow": {"page": "/", "click": "input", "leads_to": "/report"},
    }
    return Subject(app=create_app, patterns={"javascript": binding})


class User:
    """The model that the page takes for granted; it refuses what has no text for a field."""

    def __init__(self) -> None:
        self.username, self.email = "Ada", "ada@example.org"

    def to_json(self) -> dict[str, str]:
        return dict(vars(self))

    def update_from_json(self, data: Any) -> None:
        if not isinstance(data, dict):
            flask.abort(400)
        if not all(isinstance(data.get(name), str) for name in vars(self)):
            flask.abort(400)
        vars(self).update({name: data[name] for name in vars(self)})


@snippet(
    "lazyloading",
    "`LazyView`",
    _async="a coroutine is not awaited",
)
def lazy_view(pages: Path) -> Subject:
    module = module_of("lazyloading", block_with(pages / "lazyloading.rst", "class LazyView"))
    return Subject(patterns={"lazyloading": {"lazy_view": module.LazyView}})


@snippet(
    "mongoengine",
    "`Movie` with `Imdb`",
    extra_stored_field="one old document with another field, and no query works",
)
def movie(pages: Path) -> Subject:
    page = pages / "mongoengine.rst"
    # The second class of that name leaves out what the first one has.
    fields = block_with(page, "title = me.StringField").partition("(me.Document):\n")[2]
    block = block_with(page, "class Imdb").replace("    ...\n", fields)
    module = module_of("mongoengine", "import mongoengine as me\n" + block)
    nested = {"imdb_id": "tt0088763", "votes": 7}
    binding = {"document": module.Movie, "nested": "imdb", "nested_values": nested}
    return Subject(patterns={"mongoengine": binding})


@snippet(
    "packages",
    "the package with `views.py`, and its `pyproject.toml`",
    installs="`[project]` has no version: flit refuses it",
)
def package(pages: Path) -> Subject:
    page = pages / "packages.rst"
    files = {
        "__init__.py": block_with(page, "import yourapplication.views"),
        "views.py": block_with(page, "from yourapplication import app"),
        "static/style.css": "body { color: black }",
    }
    project = block_with(page, "[project]").replace("yourapplication", "docs_package")
    folder = folder_with({"pyproject.toml": project, **named("docs_package", files)})
    binding = {"project": str(folder)}
    return Subject(app="docs_package", patterns={"packages": binding})


@snippet(
    "requestchecksum",
    "`generate_checksum`",
    any_consumption="`read()` without a size raises TypeError",
    stream_methods="no `readlines`, and no loop over it",
    transparent="`read()` without a size, too",
    chunked="the same: Werkzeug reads so where the server ends the input",
    real_server="the same: gunicorn and waitress do",
    disconnect="the same, in the place of a refusal",
    unread_body="a view that does not read gets the checksum of nothing",
    not_empty_hash="the same",
    installed_early="after a first read it is the checksum of nothing, in silence",
    size_limit="beyond the limit it is the checksum of a part",
    short_reads="one short read of the body is taken for its end",
    strong_hash="SHA-1",
)
def generate_checksum(pages: Path) -> Subject:
    page = pages / "requestchecksum.rst"
    module = module_of("requestchecksum", block_with(page, "class ChecksumCalcStream"))
    binding = {"generate_checksum": module.generate_checksum}
    return Subject(patterns={"requestchecksum": binding})


@snippet(
    "singlepageapplications",
    "the application with its heartbeat",
    api_trailing_slash="`/heartbeat/` is the page",
    entry_not_cached="the page is sent as a static file, and is kept as long as those are",
)
def heartbeat(pages: Path) -> Subject:
    block = block_with(pages / "singlepageapplications.rst", "def catch_all")
    index = "<!doctype html><title>docs</title><body><script src='/app/main.js'></script>"
    main = "document.body.append('started')"
    folder = folder_with({"app/index.html": index, "app/main.js": main})

    def create_app() -> flask.Flask:
        app: flask.Flask = module_of("singlepageapplications", block).app
        # Where its module would be.
        app.root_path = str(folder)
        return app

    binding = {"entry": "/", "api": ["/heartbeat"], "index": "app/index.html"}
    return Subject(app=create_app, patterns={"singlepageapplications": binding})


@snippet(
    "sqlalchemy",
    "`database.py` and `User`, declarative",
    nested_context_safe="one session for each thread: an inner context removes the outer one's",
)
def declarative(pages: Path) -> Subject:
    page = pages / "sqlalchemy.rst"
    return database(
        "docs_declarative",
        block_with(page, "Base = declarative_base()"),
        block_with(page, "db_session.remove()"),
        block_with(page, "class User(Base)"),
    )


@snippet(
    "sqlalchemy",
    "`database.py` and `User`, mapped by hand, with `mapper` mended",
    nested_context_safe="as for the declarative one",
)
def mapped_by_hand(pages: Path) -> Subject:
    page = pages / "sqlalchemy.rst"
    models = block_with(page, "mapper(User, users)")
    # SQLAlchemy 2 has no such function.
    models = models.replace("import mapper", "import registry")
    models = models.replace("mapper(User", "registry().map_imperatively(User")
    return database(
        "docs_by_hand",
        block_with(page, "metadata = MetaData()"),
        block_with(page, "db_session.remove()"),
        models,
    )


def database(package: str, module: str, teardown: str, models: str) -> Subject:
    """Return the modules of one of the ways to use SQLAlchemy as a package."""
    file = folder_with({}) / "test.db"
    files = {
        "__init__.py": "from flask import Flask\napp = Flask(__name__)\n" + teardown,
        # A database of its own, and not one that every user of the machine shares.
        "database.py": module.replace("/tmp/test.db", str(file)),
        "models.py": models,
    }
    importable(named(package, files))
    binding = {
        "db_session": f"{package}.database:db_session",
        "init_db": f"{package}.database:init_db",
        "model": f"{package}.models:User",
        "values": {"email": "{n}@example.org"},
    }
    return Subject(app=f"{package}:app", patterns={"sqlalchemy": binding})


@snippet(
    "sqlite3",
    "`get_db`, `query_db` and `init_db`",
    row_by_name="rows are tuples, until the row factory of the next section is set",
    schema_utf8="the schema is read with the encoding of the machine",
)
def sqlite(pages: Path) -> Subject:
    page = pages / "sqlite3.rst"
    blocks = [block_with(page, mark) for mark in ("def get_db", "def query_db", "def init_db")]
    schema = "CREATE TABLE IF NOT EXISTS page (id INTEGER PRIMARY KEY, title TEXT);"
    folder = folder_with({"schema.sql": schema})
    current: list[types.ModuleType] = []

    def create_app(config: Mapping[str, str] | None = None) -> flask.Flask:
        app = flask.Flask("docs", root_path=str(folder))
        app.config.update(config or {})
        module = module_of("sqlite3", *blocks, app=app)
        module.DATABASE = app.config.get("DATABASE", str(folder / "docs.db"))
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
    cached_no_error="an error that the view returns is kept",
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


#: What views of the pages take for granted.
FOR_THE_VIEW = ("flash", "redirect", "render_template", "request", "url_for")


def table(pages: Path) -> str:
    """Return the README's table of what the snippets do."""
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
    """Return the failing clause that the README begins with."""
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
