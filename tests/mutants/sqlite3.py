"""Uses of SQLite, each with one believable mistake."""

from __future__ import annotations

import contextlib
import functools
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import flask

import reference.sqlite3 as good
from conformance import Subject
from conformance.subject.config import load_config
from tests.proof import mutant

#: How the reference's routes are bound.
BOUND = load_config(Path(__file__).parents[2] / "pyproject.toml")["patterns"]["sqlite3"]
ROUTES = {key: value for key, value in BOUND.items() if key not in ("get_db", "query_db", "plain")}

SCHEMA = Path(good.bp.root_path, "schema.sql")


def functions(
    get_db: Callable[[], Any] = good.get_db,
    close: Callable[[BaseException | None], object] = good.close_connection,
    **binding: Any,
) -> Subject:
    """Functions without an app; unless told otherwise the reference's."""
    table = {"get_db": get_db, "close_connection": close, **binding}
    return Subject(patterns={"sqlite3": table})


def changed(change: Callable[[flask.Flask], object], **binding: Any) -> Subject:
    """The reference's routes in an app of their own, after a change of the app."""

    def create_app(config: Mapping[str, Any]) -> flask.Flask:
        app = flask.Flask("reference")
        app.config.update(config)
        good.init_app(app)
        change(app)
        return app

    return Subject(app=create_app, patterns={"sqlite3": {**ROUTES, **binding}})


def view(name: str, function: Callable[[], Any]) -> Subject:
    """The reference's routes, one of them with another view."""
    return changed(lambda app: app.view_functions.update({f"sqlite3.{name}": function}))


def database() -> str:
    return flask.current_app.config["DATABASE"]


def kept_by(connect: Callable[[], sqlite3.Connection]) -> Callable[[], sqlite3.Connection]:
    """Make a `get_db` that differs from the reference's in how it connects."""

    def get_db() -> sqlite3.Connection:
        if "sqlite3_db" not in flask.g:
            flask.g.sqlite3_db = connect()
        return flask.g.sqlite3_db

    return get_db


@mutant("one-per-context", says="the same connection for each call")
def one_for_each_call() -> Subject:
    """Each call opens another connection; all are closed at the end."""

    def get_db() -> sqlite3.Connection:
        flask.g.setdefault("opened", []).append(good.connect(database()))
        return flask.g.opened[-1]

    def close(exception: BaseException | None) -> None:
        for db in flask.g.pop("opened", ()):
            db.close()

    return functions(get_db, close)


@mutant("one-per-context", says="a separate connection for each context")
def one_for_each_thread() -> Subject:
    """The connection belongs to the thread, and whichever context ends first closes it."""
    local = threading.local()

    def get_db() -> sqlite3.Connection:
        flask.current_app  # noqa: B018
        if getattr(local, "db", None) is None:
            local.db = good.connect(database())
        return local.db

    def close(exception: BaseException | None) -> None:
        if getattr(local, "db", None) is not None:
            local.db.close()
            local.db = None

    return functions(get_db, close)


@mutant("closed-after-ok", says="still open")
def page_forgets_its_own() -> Subject:
    """The page opens a connection beside the context's, and leaves it to the garbage collector."""

    def index() -> Any:
        good.connect(database()).execute("SELECT count(*) FROM page")
        return good.index()

    return view("index", index)


@mutant("closed-after-ok", says="still open", also=["closed-after-error"])
def never_closed() -> Subject:
    """No teardown function closes the connection: Python will do it, some time."""
    return functions(close=lambda exception: None)


@mutant("closed-after-error", says="still open")
def closed_at_the_end_of_the_view() -> Subject:
    """The view closes its own connection in its last line."""

    def create_pair() -> Any:
        db = good.connect(database())
        db.execute("SELECT count(*) FROM page").fetchone()
        answer = good.create_pair()
        db.close()
        return answer

    return view("create_pair", create_pair)


@mutant("lazy-open", says="in connect, which calls")
def connects_for_every_request() -> Subject:
    """A `before_request` function connects, so that the views find `g.db`."""

    def change(app: flask.Flask) -> None:
        @app.before_request
        def connect() -> None:
            good.get_db()

    return changed(change)


@mutant("teardown-without-conn", says="AttributeError")
def closes_unasked() -> Subject:
    """The teardown function expects that there is a connection."""
    return functions(close=lambda exception: flask.g.sqlite3_db.close())


@mutant("context-needed", says="an error from get_db() outside of a context")
def connects_without_a_context() -> Subject:
    """Outside of a context a connection of the module's helps out."""
    fallback: list[sqlite3.Connection] = []

    def get_db() -> sqlite3.Connection:
        if flask.has_app_context():
            return good.get_db()
        if not fallback:
            fallback.append(sqlite3.connect(":memory:"))
        return fallback[0]

    return functions(get_db)


@mutant("row-by-name", says="a row that exposes its column as")
def plain_tuples() -> Subject:
    """No row factory is set."""
    return functions(kept_by(lambda: sqlite3.connect(database())))


@mutant("row-by-name", says="as column ")
def sorted_columns() -> Subject:
    """A row class of its own, whose values come in the order of their names."""

    class Row(tuple):
        names: list[str]

        def __getitem__(self, key: Any) -> Any:
            return super().__getitem__(self.names.index(key) if isinstance(key, str) else key)

    def make(cursor: sqlite3.Cursor, values: Any) -> Row:
        pairs = sorted(zip((column[0] for column in cursor.description), values, strict=True),
                       key=lambda pair: pair[0])  # fmt: skip
        row = Row(value for _, value in pairs)
        row.names = [name for name, _ in pairs]
        return row

    def connect() -> sqlite3.Connection:
        db = good.connect(database())
        db.row_factory = make
        return db

    return functions(kept_by(connect))


@mutant("query-one", says="IndexError")
def first_of_none() -> Subject:
    """The first row is taken without asking whether there is one."""

    def query_db(query: str, args: Any = (), one: bool = False) -> Any:
        rows = good.get_db().execute(query, args).fetchall()
        return rows[0] if one else rows

    return functions(query_db=query_db)


@mutant("query-one", says="None from query_db(..., one=True)")
def list_for_none() -> Subject:
    """Where there is no row, the list of none is given."""

    def query_db(query: str, args: Any = (), one: bool = False) -> Any:
        rows = good.get_db().execute(query, args).fetchall()
        return rows[0] if one and rows else rows

    return functions(query_db=query_db)


@mutant("query-one", says="no open cursor")
def cursor_kept() -> Subject:
    """The first row is fetched, and the cursor kept where it may go on."""

    def query_db(query: str, args: Any = (), one: bool = False) -> Any:
        flask.g.cursor = good.get_db().execute(query, args)
        return flask.g.cursor.fetchone() if one else flask.g.cursor.fetchall()

    return functions(query_db=query_db)


@mutant("bound-params", says="only rows with")
def text_in_the_statement() -> Subject:
    """The view writes the text into the statement."""

    def find() -> dict[str, Any]:
        title = flask.request.args["title"]
        rows = good.query_db(f"SELECT title FROM page WHERE title = '{title}'")
        return {"pages": [row["title"] for row in rows]}

    return view("find", find)


@mutant("bound-params", says="only rows with")
def like() -> Subject:
    """The text is bound, and then taken for a pattern."""

    def find() -> dict[str, Any]:
        rows = good.query_db("SELECT title FROM page WHERE title LIKE ?",
                             [flask.request.args["title"]])  # fmt: skip
        return {"pages": [row["title"] for row in rows]}

    return view("find", find)


@mutant("bound-params", says="only rows with", also=["row-by-name"])
def quotes_of_its_own() -> Subject:
    """The query function puts the values into the statement itself, in quotes."""

    def query_db(query: str, args: Any = (), one: bool = False) -> Any:
        for value in args:
            query = query.replace("?", f"'{value}'", 1)
        return good.query_db(query, one=one)

    return functions(query_db=query_db)


@mutant("init-idempotent", says="page is gone, page_before is new")
def drops_then_fails() -> Subject:
    """Tables that are there are put aside, and a second time the script stops halfway."""

    def init_db() -> None:
        db = good.get_db()
        if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'page'").fetchone():
            db.executescript("ALTER TABLE page RENAME TO page_before")
            raise sqlite3.OperationalError("there is a newer schema")
        with good.bp.open_resource("schema.sql") as file:
            db.executescript(file.read().decode())

    return functions(init_db=init_db)


@mutant("own-database", says="it uses another app's database")
def path_of_the_first_app() -> Subject:
    """The path is worked out once for the process: a second app uses the first one's database."""

    @functools.lru_cache
    def path() -> str:
        return os.path.realpath(database())

    def get_db() -> sqlite3.Connection:
        if "sqlite3_db" not in flask.g:
            flask.g.sqlite3_db = good.connect(path())
        return flask.g.sqlite3_db

    def init_db() -> None:
        with good.bp.open_resource("schema.sql") as file:
            get_db().executescript(file.read().decode())

    return functions(get_db, init_db=init_db)


@mutant("bound-params", says="only rows with 'title'")
def double_quotes() -> Subject:
    """The text is put into the statement in double quotes, where a column's name is the column."""

    def find() -> dict[str, Any]:
        title = flask.request.args["title"].replace('"', '""')
        rows = good.query_db(f'SELECT title FROM page WHERE title = "{title}"')
        return {"pages": [row["title"] for row in rows]}

    return view("find", find)


@mutant("init-creates", says="it begins a transaction, and nothing commits it",
        also=["init-idempotent", "schema-utf8", "schema-from-anywhere"])  # fmt: skip
def schema_not_committed() -> Subject:
    """The script begins a transaction, and nothing commits it."""

    def init_db() -> None:
        with good.bp.open_resource("schema.sql") as file:
            good.get_db().executescript("BEGIN;" + file.read().decode())

    return functions(init_db=init_db)


@mutant("init-creates", says="no open connection after init_db()", also=["init-idempotent"])
def schema_connection_kept() -> Subject:
    """The schema function connects for itself, and does not close."""

    def init_db() -> None:
        with open(SCHEMA, encoding="utf-8") as file:
            sqlite3.connect(database()).executescript(file.read())

    return functions(init_db=init_db)


@mutant("schema-utf8", says="codec can't decode")
def schema_in_the_locale() -> Subject:
    """The script is opened as text, and nobody says in which encoding."""

    def init_db() -> None:
        with open(SCHEMA) as file:
            good.get_db().executescript(file.read())

    return functions(init_db=init_db)


@mutant("schema-from-anywhere", says="No such file")
def schema_beside_the_caller() -> Subject:
    """The script is opened by a path from the working directory."""
    path = os.path.relpath(SCHEMA)

    def init_db() -> None:
        with open(path, encoding="utf-8") as file:
            good.get_db().executescript(file.read())

    return functions(init_db=init_db)


@mutant("commit-visible", says="another program to see 'first",
        also=["bound-params", "stream-alive", "thread-safe"])  # fmt: skip
def commit_forgotten() -> Subject:
    """The view inserts; nothing commits."""

    def create() -> tuple[str, int]:
        good.add_page(good.get_db(), flask.request.form["title"])
        return "created", 201

    return view("create", create)


@mutant("commit-visible", says="to be kept when the app is created again")
def emptied_at_start() -> Subject:
    """Each app begins with tables that are made anew."""

    def change(app: flask.Flask) -> None:
        with app.app_context():
            good.init_db()
            good.get_db().execute("DELETE FROM page")
            good.get_db().commit()

    return changed(change)


@mutant("error-rolls-back", says="in close")
def commit_in_teardown() -> Subject:
    """The teardown function commits where it is told of no exception."""

    def close(exception: BaseException | None) -> None:
        if exception is None and "sqlite3_db" in flask.g:
            with contextlib.suppress(sqlite3.Error):
                flask.g.sqlite3_db.commit()
        good.close_connection()

    return functions(close=close)


@mutant("error-rolls-back", says="in create_pair")
def commit_for_each_row() -> Subject:
    """The first of two rows is committed before the second is looked at."""

    def create_pair() -> tuple[str, int]:
        for field in ("title", "other"):
            with good.get_db() as db:
                good.add_page(db, flask.request.form[field])
        return "created", 201

    return view("create_pair", create_pair)


@mutant("all-or-nothing", says="no transaction is begun")
def autocommit() -> Subject:
    """The connection commits each statement by itself, and the view begins no transaction."""

    def create() -> tuple[str, int]:
        with contextlib.closing(good.connect(database())) as db:
            db.isolation_level = None
            good.add_page(db, flask.request.form["title"])
        return "created", 201

    return view("create", create)


@mutant("rejected-row", says="no server error for a second 'row.")
def taken_uncaught() -> Subject:
    """Nothing catches what the database says of a title that is taken."""

    def create() -> Any:
        with good.get_db() as db:
            page = db.execute("INSERT INTO page (title) VALUES (?)", [flask.request.form["title"]])
            db.execute("INSERT INTO revision (page_id) VALUES (?)", [page.lastrowid])
        return "", 201

    return view("create", create)


@mutant("rejected-row", says="no server error without title")
def missing_inserted() -> Subject:
    """A request without a title inserts NULL, which the column does not take."""

    def create() -> Any:
        with good.get_db() as db:
            title = flask.request.form.get("title")
            if good.query_db("SELECT 1 FROM page WHERE title = ?", [title]):
                flask.abort(409)
            page = db.execute("INSERT INTO page (title) VALUES (?)", [title])
            db.execute("INSERT INTO revision (page_id) VALUES (?)", [page.lastrowid])
        return "", 201

    return view("create", create)


@mutant("thread-safe", says="PRAGMA read_uncommitted is 1")
def shared_cache() -> Subject:
    """The connections share a cache, and read it whatever its state is."""

    def connect() -> sqlite3.Connection:
        db = sqlite3.connect(f"file:{database()}?cache=shared", uri=True)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA read_uncommitted = ON")
        return db

    return functions(kept_by(connect))


@mutant("stream-alive", says="it ends with ProgrammingError")
def stream_of_the_context() -> Subject:
    """The generator reads from the connection that the end of the context closes."""

    def export() -> flask.Response:
        rows = good.get_db().execute("SELECT title FROM page")
        return flask.Response((f"{row['title']}\n" for row in rows), mimetype="text/plain")

    return view("export", export)


@mutant("stream-alive", says="rows in the stream")
def batches_by_the_second() -> Subject:
    """The stream goes on after the last row's second: its other rows are left out."""

    def export() -> flask.Response:
        path = database()

        def lines() -> Iterator[str]:
            # Here all rows are of one second: there is nothing after the first batch.
            with contextlib.closing(good.connect(path)) as db:
                for row in db.execute("SELECT title FROM page LIMIT 25"):
                    yield f"{row['title']}\n"

        return flask.Response(lines(), mimetype="text/plain")

    return view("export", export)


@mutant("stream-alive", says="disconnected")
def stream_closed_at_its_end() -> Subject:
    """The generator closes its connection after the last row."""

    def export() -> flask.Response:
        path = database()

        def lines() -> Iterator[str]:
            db = good.connect(path)
            for row in db.execute("SELECT title FROM page"):
                yield f"{row['title']}\n"
            db.close()

        return flask.Response(lines(), mimetype="text/plain")

    return view("export", export)


@mutant("teardown-never-raises", says="Cannot operate on a closed database")
def rolls_back_unasked() -> Subject:
    """The teardown function rolls back before it closes, whatever has become of the connection."""

    def close(exception: BaseException | None) -> None:
        db = flask.g.pop("sqlite3_db", None)
        if db is not None:
            db.rollback()
            db.close()

    return functions(close=close)


@mutant("fk-enforced", says="PRAGMA foreign_keys is 0")
def foreign_keys_once() -> Subject:
    """Foreign keys are switched on where the schema is created, and nowhere else."""

    def connect() -> sqlite3.Connection:
        db = sqlite3.connect(database())
        db.row_factory = sqlite3.Row
        return db

    return functions(kept_by(connect), init_db=good.init_db)


@mutant("locked-answer", says="the app waits for 3600 s")
def waits_for_an_hour() -> Subject:
    """The connection is told to wait until the lock is gone."""

    def connect() -> sqlite3.Connection:
        db = sqlite3.connect(database(), timeout=3600)
        db.row_factory = sqlite3.Row
        return db

    return functions(kept_by(connect))


@mutant("locked-answer", says="does not report the row as stored")
def says_that_it_is_stored() -> Subject:
    """The view takes a locked database for something that can be passed over."""

    def create() -> Any:
        with contextlib.suppress(sqlite3.OperationalError):
            return good.create()
        return {"title": flask.request.form["title"]}, 201

    return view("create", create)


@mutant("thread-safe", says="which another request has not committed yet", also=["closed-after-ok"])
def shared_and_committed_by_readers() -> Subject:
    """One connection for the process, and each page that reads commits what others have begun."""
    opened: dict[str, sqlite3.Connection] = {}

    def shared() -> sqlite3.Connection:
        path = database()
        if path not in opened:
            opened[path] = sqlite3.connect(path, check_same_thread=False)
            opened[path].row_factory = sqlite3.Row
        return opened[path]

    def create() -> tuple[str, int]:
        with shared() as db:
            good.add_page(db, flask.request.form.get("title", ""))
        return "created", 201

    def index() -> dict[str, list[str]]:
        with shared() as db:
            return {"pages": [row["title"] for row in db.execute("SELECT title FROM page")]}

    def change(app: flask.Flask) -> None:
        app.view_functions.update({"sqlite3.create": create, "sqlite3.index": index})

    return changed(change, find=None)


@mutant("closed-after-ok", says="over a connection opened before it")
def kept_for_the_thread() -> Subject:
    """Each thread has a connection for good; that of the first is opened when the app is made."""
    kept = threading.local()

    def own() -> sqlite3.Connection:
        if getattr(kept, "path", None) != database():
            kept.path, kept.db = database(), good.connect(database())
        db: sqlite3.Connection = kept.db
        return db

    def create() -> tuple[str, int]:
        with own() as db:
            good.add_page(db, flask.request.form.get("title", ""))
        return "created", 201

    def change(app: flask.Flask) -> None:
        app.view_functions["sqlite3.create"] = create
        with app.app_context():
            own()

    return changed(change)
