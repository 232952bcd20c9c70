"""Using SQLite 3 with Flask.

The first use of the database in a context opens a connection, the end of the context
closes it. What was not committed by then is rolled back: each write says where its
transaction ends, with `with db:`.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, g, request

bp = Blueprint("sqlite3", __name__, url_prefix="/sqlite3")


def connect(database: str) -> sqlite3.Connection:
    """Open a connection whose rows have names, and that checks foreign keys."""
    db = sqlite3.connect(database)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA foreign_keys = ON")
    return db


def get_db() -> sqlite3.Connection:
    """Return the connection of the current context; it is opened by the first call."""
    if "sqlite3_db" not in g:
        g.sqlite3_db = connect(current_app.config["DATABASE"])
    db: sqlite3.Connection = g.sqlite3_db
    return db


def close_connection(exception: BaseException | None = None) -> None:
    """Close the connection, if there is one: this runs at the end of every context."""
    db = g.pop("sqlite3_db", None)
    if db is not None:
        db.close()


# Querying: values are bound to the statement's question marks, never written into it.


def query_db(query: str, args: Sequence[Any] | Mapping[str, Any] = (), one: bool = False) -> Any:
    """Return all rows, or with `one` the first row or None."""
    with closing(get_db().execute(query, args)) as cursor:
        rows = cursor.fetchall()
    return (rows[0] if rows else None) if one else rows


@bp.get("/")
def index() -> dict[str, list[str]]:
    # A row is no dict: what is to become JSON is taken out by name.
    return {"pages": [row["title"] for row in query_db("SELECT title FROM page ORDER BY title")]}


@bp.get("/find")
def find() -> dict[str, Any]:
    title = request.args.get("title", "")
    row = query_db("SELECT id, title FROM page WHERE title = ?", [title], one=True)
    return {"page": None if row is None else dict(row)}


# Writing: both rows or none, and `with db:` decides. It commits, or rolls back and raises.


def add_page(db: sqlite3.Connection, title: str) -> None:
    if not title:
        abort(400, "a title is missing")
    try:
        page = db.execute("INSERT INTO page (title) VALUES (?)", [title])
    except sqlite3.IntegrityError:
        abort(409, "the title is taken")
    db.execute("INSERT INTO revision (page_id) VALUES (?)", [page.lastrowid])


@bp.post("/")
def create() -> tuple[dict[str, str], int]:
    title = request.form.get("title", "")
    with get_db() as db:
        add_page(db, title)
    return {"title": title}, 201


@bp.post("/pairs")
def create_pair() -> tuple[dict[str, list[str]], int]:
    titles = [request.form.get(field, "") for field in ("title", "other")]
    with get_db() as db:
        for title in titles:
            add_page(db, title)
    return {"titles": titles}, 201


@bp.get("/titles.txt")
def export() -> Response:
    """Stream all titles over a connection of the stream's own: it may outlive the context."""
    database = current_app.config["DATABASE"]

    def lines() -> Iterator[str]:
        with closing(connect(database)) as db:
            for row in db.execute("SELECT title FROM page ORDER BY title"):
                yield f"{row['title']}\n"

    return Response(lines(), mimetype="text/plain")


# Setting up.


def init_db() -> None:
    """Create the tables that are missing, in the database of the current app."""
    # Bytes, as text would be decoded with whatever the locale says.
    with bp.open_resource("schema.sql") as file:
        script = file.read().decode("utf-8")  # type: ignore[attr-defined]
    os.makedirs(os.path.dirname(current_app.config["DATABASE"]) or ".", exist_ok=True)
    with get_db() as db:
        db.executescript(script)


def init_app(app: Flask) -> None:
    """Register the views, the end of connections, and the command `sqlite3 init-db`.

    The database is the file that `DATABASE` names, else one in the instance folder.
    """
    app.config.setdefault("DATABASE", os.path.join(app.instance_path, "reference.sqlite3"))
    app.teardown_appcontext(close_connection)
    app.register_blueprint(bp)


bp.cli.command("init-db")(init_db)
