"""Databases, done right in other ways than the reference's."""

from __future__ import annotations

import collections
import contextlib
import functools
import html
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

import flask

import reference.sqlite3 as good
from conformance import Subject
from tests.proof import variant

Config = Mapping[str, Any]


# An extension with a class.


class Database:
    """Gives connections in autocommit mode and WAL, whose rows are named tuples."""

    def __init__(self, schema: str) -> None:
        self.schema = schema
        self.key = f"database_{id(self)}"

    def init_app(self, app: flask.Flask) -> None:
        app.config.setdefault("DB_PATH", ":memory:")
        app.extensions["database"] = self
        app.teardown_appcontext(self.teardown)

    def get(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = flask.g.get(self.key)
        if db is None:
            db = sqlite3.connect(flask.current_app.config["DB_PATH"], isolation_level=None)
            db.row_factory = self.row
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA foreign_keys = 1")
            setattr(flask.g, self.key, db)
        return db

    @staticmethod
    def row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> Any:
        return record(tuple(column[0] for column in cursor.description))._make(values)

    def query(self, query: str, args: Any = (), one: bool = False) -> Any:
        cursor = self.get().execute(query, args)
        try:
            return next(cursor, None) if one else list(cursor)
        finally:
            cursor.close()

    def create(self) -> None:
        with flask.current_app.open_resource(self.schema) as file:
            self.get().executescript("BEGIN;\n" + file.read().decode() + "\n;COMMIT;")

    def teardown(self, exception: BaseException | None) -> None:
        with contextlib.suppress(AttributeError), contextlib.closing(getattr(flask.g, self.key)):
            delattr(flask.g, self.key)


@functools.lru_cache(maxsize=100)
def record(names: tuple[str, ...]) -> Any:
    return collections.namedtuple("Record", names, rename=True)


extension = Database("sqlite3.sql")


@variant
def extension_class() -> Subject:
    """An extension's methods and no app; autocommit mode, WAL, named tuples, tables made anew."""
    names = "tests.variants.sqlite3:extension."
    binding = {
        "get_db": names + "get",
        "query_db": names + "query",
        "init_db": names + "create",
        "init_app": names + "init_app",
        "database_config": "DB_PATH",
    }
    return Subject(patterns={"sqlite3": binding})


@variant
def tables_once() -> Subject:
    """The schema function creates plain tables: called again it fails, and changes none."""

    def init_db() -> None:
        with good.bp.open_resource("schema.sql") as file:
            script = file.read().decode().replace("IF NOT EXISTS ", "")
        good.get_db().executescript(script)

    table = {
        "get_db": good.get_db,
        "init_db": init_db,
        "close_connection": good.close_connection,
    }
    return Subject(patterns={"sqlite3": table})


# The page's own design: functions around one app.

page_app = flask.Flask(__name__)


def get_db() -> sqlite3.Connection:
    db = getattr(flask.g, "_database", None)
    if db is None:
        db = flask.g._database = sqlite3.connect(page_app.config["DATABASE"])
        db.row_factory = make_dicts
        db.execute("PRAGMA foreign_keys = ON")
    return db


def make_dicts(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> dict[str, Any]:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


@page_app.teardown_appcontext
def close_db(exception: BaseException | None) -> None:
    db = getattr(flask.g, "_database", None)
    if db is not None:
        db.close()


def query_db(query: str, args: Any = (), one: bool = False) -> Any:
    cursor = get_db().execute(query, args)
    rows = cursor.fetchall()
    cursor.close()
    return (rows[0] if rows else None) if one else rows


def init_db() -> None:
    with page_app.app_context(), page_app.open_resource("sqlite3.sql", "rb") as file:
        get_db().executescript(str(file.read(), "utf-8"))
        get_db().commit()


@page_app.post("/join")
def join() -> Any:
    name = flask.request.form.get("name", "")
    try:
        query_db("INSERT INTO person (name) VALUES (?)", [name])
        query_db("INSERT INTO visit (person) VALUES (last_insert_rowid())")
    except sqlite3.IntegrityError as error:
        return html_page(f"<p>{html.escape(name)}: {html.escape(str(error))}</p>"), 409
    get_db().commit()
    return flask.redirect("/people")


@page_app.post("/both")
def both() -> Any:
    query_db("INSERT INTO person (name) VALUES (?)", [flask.request.form["name"]])
    query_db("INSERT INTO visit (person) VALUES (-1)")
    get_db().commit()
    return flask.redirect("/people")


@page_app.get("/people")
def people() -> Any:
    if "name" in flask.request.args:
        person = query_db(
            "SELECT * FROM person WHERE name = ?", [flask.request.args["name"]], one=True
        )
        if person is None:
            return html_page("<p>nobody</p>"), 404
        return html_page(f"<h1>{html.escape(person['name'])}</h1>")
    rows = query_db("SELECT name FROM person")
    return html_page("".join(f"<li>{html.escape(row['name'])}</li>" for row in rows))


@page_app.get("/people.txt")
def people_text() -> flask.Response:
    # All rows are read while the connection is open, only their text is streamed.
    rows = query_db("SELECT name FROM person")
    return flask.Response((row["name"] + "\n" for row in rows), mimetype="text/plain")


def html_page(body: str) -> str:
    return f"<!doctype html><title>people</title><body>{body}</body>"


@variant
def one_app() -> Subject:
    """The page's design: one app in a module, `getattr(g, ...)`, dicts; HTML, and 404 for nothing."""
    names = "tests.variants.sqlite3:"
    binding = {
        "get_db": names + "get_db",
        "query_db": names + "query_db",
        "init_db": names + "init_db",
        "create": {"method": "POST", "path": "/join", "form": {}},
        "fail": {"method": "POST", "path": "/both", "form": {}},
        "list": "/people",
        "find": "/people",
        "stream": "/people.txt",
        "field": "name",
        "table": "person",
    }
    return Subject(app=names + "page_app", patterns={"sqlite3": binding})


# A connection for each view that needs one, and nothing for the context.


def closing_app(config: Config | None = None) -> flask.Flask:
    app = flask.Flask("shop")
    app.config.update(config or {})

    @contextlib.contextmanager
    def transaction() -> Iterator[sqlite3.Cursor]:
        with contextlib.closing(
            sqlite3.connect(app.config["SHOP_DB"], isolation_level="IMMEDIATE", timeout=2)
        ) as db, db:  # fmt: skip
            yield db.cursor()

    with transaction() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS item (label TEXT NOT NULL, price NUMERIC)")

    @app.route("/items", methods=["GET", "POST"])
    def items() -> Any:
        if flask.request.method == "GET":
            with transaction() as cursor:
                return [label for (label,) in cursor.execute("SELECT label FROM item")]
        label = flask.request.get_json()["label"]
        with transaction() as cursor:
            cursor.execute("INSERT INTO item (label) VALUES (:label)", {"label": label})
            if flask.request.args.get("price") == "wrong":
                flask.abort(422)
        return "", 204

    @app.get("/item")
    def item() -> Any:
        with transaction() as cursor:
            wanted = {"label": flask.request.args["l"]}
            row = cursor.execute("SELECT label FROM item WHERE label = :label", wanted).fetchone()
        return {"label": row and row[0]}

    @app.errorhandler(sqlite3.OperationalError)
    def busy(error: sqlite3.OperationalError) -> tuple[str, int, dict[str, str]]:
        return "try again", 503, {"Retry-After": "1"}

    return app


@variant
def closing_in_views() -> Subject:
    """No function for the context: each view closes its own connection; 503 where it is locked."""

    def create_app(config: Config) -> flask.Flask:
        app = closing_app(config)
        app.add_url_rule("/", "store", lambda: store(app), methods=["POST"])
        return app

    def store(app: flask.Flask) -> Any:
        # Forms come in as JSON does.
        label = flask.request.form["l"]
        query = flask.request.query_string.decode()
        with app.test_request_context(f"/items?{query}", method="POST", json={"label": label}):
            return app.full_dispatch_request()

    binding = {
        "create": {"method": "POST", "path": "/", "form": {}},
        "fail": {"method": "POST", "path": "/", "query": {"price": "wrong"}, "form": {}},
        "list": "/items",
        "find": "/item",
        "field": "l",
        "table": "item",
        "column": "label",
        "database_config": "SHOP_DB",
    }
    return Subject(app=create_app, patterns={"sqlite3": binding})


# A hook that commits.


class Row(sqlite3.Row):
    """A row with attributes, too."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except IndexError:
            raise AttributeError(name) from None


def hooks_db() -> sqlite3.Connection:
    stack: contextlib.ExitStack | None = flask.g.get("stack")
    if stack is None:
        stack = flask.g.stack = contextlib.ExitStack()
        flask.g.db = stack.enter_context(
            contextlib.closing(
                sqlite3.connect(
                    "file:" + flask.current_app.config["DATABASE"],
                    uri=True,
                    detect_types=sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES,
                    cached_statements=0,
                )
            )
        )
        flask.g.db.row_factory = Row
    return flask.g.db


def hooks_app(config: Config | None = None) -> flask.Flask:
    app = flask.Flask("log")
    app.config.update(config or {})

    @app.after_request
    def commit(response: flask.Response) -> flask.Response:
        if "db" in flask.g and response.status_code < 400:
            flask.g.db.commit()
        return response

    @app.teardown_appcontext
    def close(exception: BaseException | None) -> None:
        if "stack" in flask.g:
            flask.g.pop("stack").close()

    @app.post("/log")
    def write() -> tuple[str, int]:
        db = hooks_db()
        entry = flask.request.form["entry"]
        db.executemany("INSERT INTO log (entry, size) VALUES (?, ?)", [(entry, 1)])
        db.execute("UPDATE log SET size = ? WHERE entry = ?", (len(entry), entry))
        if flask.request.form.get("level", "info") != "info":
            return "no such level", 400
        return "", 201

    @app.get("/log")
    def read() -> dict[str, Any]:
        return {"log": [row.entry for row in hooks_db().execute("SELECT entry FROM log")]}

    @app.get("/log.txt")
    def text() -> flask.Response:
        database = app.config["DATABASE"]

        def pieces() -> Iterator[bytes]:
            db = sqlite3.connect(database)
            try:
                for entry, size in db.execute("SELECT entry, size FROM log"):
                    yield f"{size} {entry}\r\n".encode()
            finally:
                db.close()

        return flask.Response(pieces(), mimetype="text/plain")

    return app


def create_log() -> None:
    for statement in (
        "DROP TABLE IF EXISTS log",
        "CREATE TABLE log (entry TEXT, size INTEGER, at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)",
    ):
        hooks_db().execute(statement)


@variant
def commit_in_a_hook() -> Subject:
    """A hook commits what succeeds; an exit stack on `g`, a URI, converters, a row class, no .sql."""
    binding = {
        "get_db": hooks_db,
        "init_db": create_log,
        "create": {"method": "POST", "path": "/log", "form": {}},
        "fail": {"method": "POST", "path": "/log", "form": {"level": "loud"}},
        "list": "/log",
        "stream": "/log.txt",
        "field": "entry",
        "table": "log",
    }
    return Subject(app=hooks_app, patterns={"sqlite3": binding})
