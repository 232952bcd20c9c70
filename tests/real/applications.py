"""Applications of the package index, bound as deep as they go: each verdict looked into by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from tests.readme import README, replace

from .environments import HERE

#: A bar in the cell of a table.
BAR = r"\|"


@dataclasses.dataclass(frozen=True)
class Installed:
    """An application, bound by `tests/real/<name>/conformance.toml`, `{here}` in its environment."""

    name: str
    #: How many clauses it passes; more where the kit has got more.
    passes: int
    #: Why it fails a clause. None of these is a false alarm.
    fails: Mapping[str, str]
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)
    #: The patterns that it is asked, where an app that migrates its database makes others slow.
    patterns: tuple[str, ...] = ()


BEPASTY = Installed(
    "bepasty",
    75,
    {
        "favicon.root": "nothing at /favicon.ico",
        "favicon.size": "one image of 32 by 32 pixels",
        "fileuploads.413-friendly": "a 413 is Werkzeug's page: only 403 and 404 have handlers",
        "fileuploads.empty-filename": "views/upload.py raises NotImplementedError without a name",
        "fileuploads.missing-part": "the same without the file: 500",
        "fileuploads.size-limit-early": "utils/upload.py counts a file that Werkzeug has parsed by then",
        "fileuploads.stored-name-allowed": "a name of other letters is cut to its extension",
        "fileuploads.truncated-rejected": "the same NotImplementedError",
        "javascript.error-json": "/+upload/new answers its errors as HTML",
        "javascript.hostile-4xx": "a JSON array is indexed with 'filename': TypeError, 500",
        "javascript.no-nan": "int(1e999): OverflowError, 500",
        "javascript.shape-4xx": "data['filename'] is read unchecked: KeyError, 500",
        "templateinheritance.escape-passed": "content types are joined |safe into a script",
        "templateinheritance.extends-first": "filelist.html imports before it extends",
        "templateinheritance.title": "Bepasty is the title of each page",
    },
    {"BEPASTY_CONFIG": "{here}/bepasty.conf"},
)

BUKU = Installed(
    "buku",
    58,
    {
        "appfactories.factory-no-context-leak": "create_app pushes an app context and leaves it",
        "javascript.404-json": "an id beyond 64 bits: OverflowError of SQLite, 500",
        "javascript.error-json": "405, and what is no JSON or of another type, as HTML",
        "javascript.hostile-4xx": "a JSON array has no `get`: AttributeError, 500",
        "javascript.shape-4xx": "the same",
        "packages.import-idempotent": "the import sets a signal handler, in the main thread only",
        "templateinheritance.attr-quoted": "data-timestamp={{ ... }} in statistic.html",
        "templateinheritance.urls-prefix": "the brand's link is /, wherever the app is mounted",
        "wtforms.escaped": "the list's title attribute has the URL as it was sent: markup",
        "wtforms.model-agreement": "a title that is not sent is None, and None.strip() refuses it",
    },
)

GRIP = Installed("grip", 50, {"favicon.root": "nothing at /favicon.ico, which a browser asks for"})

HTTPBIN = Installed(
    "httpbin",
    30,
    {
        "templateinheritance.skeleton": "forms-post.html has an empty head",
        "templateinheritance.title": "the same page has no title",
    },
)

IHATEMONEY = Installed(
    "ihatemoney",
    44,
    {
        "flashing.not-consumed-by-assets": "the page of a 404 shows the messages, for pictures too",
        "sqlalchemy.api-2x": "Query.get() is SQLAlchemy 1's",
        "templateinheritance.blocks-exist": "edit_member.html fills top_menu, which nothing shows",
        "templateinheritance.title": "/create is called as / is",
        "templateinheritance.urls-prefix": "PrefixedWSGI puts APPLICATION_ROOT over the SCRIPT_NAME",
        "templateinheritance.well-formed": "a </span> in the footer closes nothing",
        "wtforms.duplicate-race": "no constraint on the names of a project's members",
        "wtforms.no-5xx": "a file in the place of the name reaches the database: 500",
    },
    patterns=("flashing", "javascript", "sqlalchemy", "templateinheritance", "wtforms"),
)

LEKTOR = Installed(
    "lektor",
    40,
    {
        "javascript.error-json": "what is no JSON, or of another type, is answered as HTML",
        "javascript.hostile-4xx": "a JSON array is indexed with 'path': TypeError, 500",
        "javascript.shape-4xx": "values['path'] is read unchecked: KeyError, 500",
        "templateinheritance.title": "build-failure.html leaves the title empty",
    },
)

SQLITE_WEB = Installed(
    "sqlite-web",
    55,
    {
        "flashing.not-consumed-by-assets": "the page of a 404 shows the messages, for pictures too",
        "packages.debug-not-forced": "SECRET_KEY stands in sqlite_web.py",
        "sqlite3.lazy-open": "a before_request function connects for each request, 404s too",
        "templateinheritance.title": "the database's name is the title of each page",
        "viewdecorators.login-next-roundtrip": "request.base_url is kept, without the query",
    },
)

SUPYSONIC = Installed(
    "supysonic",
    85,
    {
        "appfactories.concurrent-creation": "the factory's app is a `global`, which others replace",
        "appfactories.config-override-wins": "one SECRET_KEY for the process, whatever is handed in",
        "favicon.root": "nothing at /favicon.ico",
        "sqlite3.lazy-open": "a before_request function connects for each request, 404s too",
        "templateinheritance.title": "Supysonic is the title of each page",
        "viewdecorators.next-same-origin": "returnUrl is redirected to as it comes",
        "wtforms.csrf": "no form has a token, and the session cookie no SameSite",
        "wtforms.duplicate-race": "schema/sqlite.sql has no UNIQUE on user.name",
        "wtforms.errors-listed": "errors are flashed above the form, not at their fields",
        "wtforms.no-mass-assign": "the form goes to User.create whole: `id` can be sent, and breaks /user",
    },
)


@dataclasses.dataclass(frozen=True)
class Application:
    """An application of a source distribution, bound by `tests/real/<name>/conformance.toml`."""

    name: str
    distribution: str
    folder: str
    #: Why it fails a clause. None of these is a false alarm.
    fails: Mapping[str, str]


FLASKR = Application(
    "flaskr",
    "flask",
    "examples/tutorial",
    {
        "appfactories.secret-not-default": "SECRET_KEY='dev' stands until somebody overrides it",
        "flashing.secret": "the same key, 'dev', which signs the session with the messages",
        "packages.debug-not-forced": "the same key: it stands in flaskr/__init__.py",
        "sqlite3.fk-enforced": "post declares a foreign key, and no PRAGMA switches them on",
        "templateinheritance.error-pages": "a 404 has nothing of the layout",
        "viewdecorators.dec-async": "login_required calls the view and does not await it",
        "viewdecorators.login-next-roundtrip": "the page that was asked for is forgotten",
    },
)

HELLO = Application(
    "hello",
    "flask-caching",
    "examples",
    {"caching.unreadable": "cachelib lets pickle's ModuleNotFoundError through"},
)


APPLICATIONS = [BEPASTY, BUKU, GRIP, HTTPBIN, IHATEMONEY, LEKTOR, SQLITE_WEB, SUPYSONIC]


def version(name: str) -> str:
    """Return the version of an application that its requirements pin."""
    lines = (HERE / name / "requirements.txt").read_text().splitlines()
    pinned = dict(line.partition(";")[0].strip().split("==") for line in lines)
    return pinned[name]


def table() -> str:
    """Return the README's table of what was found in the applications."""
    rows = ["| application | version | clause | what is wrong |", "| --- | --- | --- | --- |"]
    for each in APPLICATIONS:
        rows += [
            f"| {each.name} | {version(each.name)} | `{clause}` | {why.replace('|', BAR)} |"
            for clause, why in each.fails.items()
        ]
    return "\n".join(rows)


# Writes the README's table anew.
if __name__ == "__main__":
    README.write_text(replace(README.read_text(), "applications", table()))
