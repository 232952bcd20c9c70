"""Finds the functions that return the connection and create the tables, by calling them."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from typing import Any
from unittest import mock

import flask

from ..survey import Survey
from ..survey.facts import Thing, calls_in, names_in, parameters_of, tree_of
from ..survey.stored import databases_opened, stored
from . import Finding

SLUG = "sqlite3"

#: The setting that the docs use.
USUAL = "DATABASE"


def find(survey: Survey) -> Iterator[Finding]:
    """Yield `get_db`, the setting that selects the database, and what else uses the connection."""
    if "sqlite3" not in sys.modules:
        return
    around = [list(_around(survey, thing)) for thing in _without_arguments(survey)]
    # Of several connections, that of which most is known, and of these one of which rows are.
    around.sort(key=lambda found: -sum(each.confirmed for each in found))
    best: list[Finding] = next(iter(around), [])
    for found in around[:_STORES]:
        if rows := list(_stored(survey, found)):
            best = [*found, *rows]
            break
    yield from best
    if not any(each.key == "create" for each in best):
        yield from _in_files(survey)


#: Of how many connections rows are looked for.
_STORES = 2


def _in_files(survey: Survey) -> Iterator[Finding]:
    """Yield what stores a row in a database that the app opens, however it does."""
    if survey.facts.uses("sqlalchemy"):
        # Its databases are of another pattern.
        return
    with databases_opened() as paths:

        def fresh() -> Any:
            return {}, lambda text: _in_one(paths, text)

        found = stored(survey, fresh)
    if found is None:
        return
    table, column = found.place
    told = f"{found.source}; what stood in {found.field} was then in {table}.{column}"
    yield Finding(SLUG, "create", found.route, told)
    if found.field != "text":
        yield Finding(SLUG, "field", found.field, "its text was stored")
    if found.page is not None:
        yield Finding(SLUG, "list", found.page, "it showed each text that was stored")


def _in_one(paths: Iterable[str], text: str) -> tuple[str, str] | None:
    """Return the table and the column that have a text, of whichever database."""
    for path in sorted(paths):
        with contextlib.suppress(sqlite3.Error):
            if os.path.isfile(path) and (found := where_in(path, text)):
                return found
    return None


def _around(survey: Survey, thing: Thing) -> Iterator[Finding]:
    """Yield what is known of a function that may return a connection."""
    if not any(each.endswith("connect") for each in calls_in(thing.value)):
        return
    if survey.trial(_kind, survey.app, thing.value) is None:
        return
    found = _setting(survey, thing)
    if found is None:
        text = "it returned a connection, to a database that no setting of a new app selects"
        yield Finding(SLUG, "get_db", thing.reference, text, confirmed=False)
        return
    setting, app, path = found
    yield Finding(
        SLUG,
        "get_db",
        thing.reference,
        f"it returned a connection to the database that {setting} names",
    )
    if setting != USUAL:
        yield Finding(SLUG, "database_config", setting, "the database at this path was opened")
    yield from _init(survey, app, setting, path)
    yield from _query(survey, thing)
    yield from _plain(survey)


def _without_arguments(survey: Survey) -> Iterator[Thing]:
    for thing in survey.facts.functions():
        parameters = parameters_of(thing.value)
        if parameters is not None and all(each.default is not each.empty for each in parameters):
            yield thing


def _kind(app: flask.Flask, function: Any) -> Any:
    """Return whether a function returns the context's one connection; None for others."""
    with app.app_context():
        one = function()
        if not isinstance(one, sqlite3.Connection):
            return None
        return function() is one or None


def _setting(survey: Survey, thing: Thing) -> tuple[str, flask.Flask, str] | None:
    """Return the setting whose path is opened, an app with its own value for it, and that path."""
    for key in _candidates(survey, thing):
        path = os.path.join(survey.bench.folder(), "survey.db")
        crawl = survey.another(**{key: path})
        if crawl is None:
            return None
        opened = survey.trial(_opened, crawl.app, thing.value)
        if opened and os.path.realpath(opened) == os.path.realpath(path):
            return key, crawl.app, path
    return None


def _candidates(survey: Survey, thing: Thing) -> list[str]:
    """Return the settings that the source names first, then those with a database's path."""
    tree = tree_of(thing.value)
    source = " ".join(map(str, (names_in(thing.value), _texts(tree))))
    named = [key for key in survey.app.config if re.search(rf"\b{re.escape(key)}\b", source)]
    paths = [
        key
        for key, value in survey.app.config.items()
        if isinstance(value, str | os.PathLike) and re.search(r"\.(db|sqlite3?)$", os.fspath(value))
    ]
    return list(dict.fromkeys([*named, *paths]))[:4]


def _texts(tree: Any) -> list[str]:
    import ast

    return [
        node.value
        for node in (ast.walk(tree) if tree is not None else ())
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def _opened(app: flask.Flask, function: Any) -> str:
    with app.app_context():
        rows = function().execute("PRAGMA database_list").fetchall()
        return next((str(tuple(row)[2]) for row in rows if tuple(row)[1] == "main"), "")


def _init(survey: Survey, app: flask.Flask, setting: str, path: str) -> Iterator[Finding]:
    """Yield the function that created tables in the app's empty database."""
    for thing in survey.facts.functions():
        called = {each.rpartition(".")[2] for each in calls_in(thing.value)}
        if parameters_of(thing.value) != [] or not called & {"executescript", "execute"}:
            continue
        texts = " ".join(_texts(tree_of(thing.value)))
        if "executescript" not in called and "create table" not in texts.lower():
            continue

        def makes(thing: Thing = thing) -> bool:
            # An app may have made its tables by now.
            empty = f"{path}.{thing.name}"
            app.config[setting] = empty
            try:
                with app.app_context():
                    thing.value()
                return bool(_tables(empty))
            finally:
                app.config[setting] = path

        if survey.trial(makes):
            text = "called on an empty database, it created its tables"
            yield Finding(SLUG, "init_db", thing.reference, text)
            return


def _tables(path: str) -> list[str]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
        return [str(row[0]) for row in connection.execute(query)]


def _query(survey: Survey, get_db: Thing) -> Iterator[Finding]:
    """Yield a function that takes a query, values and `one`, seen to return rows."""
    for thing in survey.facts.functions():
        parameters = parameters_of(thing.value) or []
        names = [each.name for each in parameters]
        if thing.module != get_db.module or names[1:] != ["args", "one"]:
            continue

        def gives(thing: Thing = thing) -> bool:
            with survey.app.app_context():
                rows = thing.value("SELECT ? AS kq7", (7,))
                one = thing.value("SELECT ? AS kq7", (7,), one=True)
                none = thing.value("SELECT 1 WHERE 1 = 0", one=True)
                return len(rows) == 1 and rows[0][0] == 7 and one[0] == 7 and none is None

        if survey.trial(gives):
            text = "it returned all rows, the first row, and None if there was none"
            yield Finding(SLUG, "query_db", thing.reference, text)
            return


def _stored(survey: Survey, known: list[Finding]) -> Iterator[Finding]:
    """Yield what stores a row, where it is then, and the page that shows it.

    What is known of the connection names what creates the tables first, as clauses call it.
    """
    keys = {each.key: each.value for each in known if each.confirmed}
    if "get_db" not in keys:
        return
    setting, init = keys.get("database_config", USUAL), keys.get("init_db")

    def fresh() -> Any:
        path = os.path.join(survey.bench.folder(), "stored.db")
        return {setting: path}, lambda text: where_in(path, text)

    def ready(app: flask.Flask) -> None:
        for thing in survey.facts.functions():
            if thing.reference == init:
                with app.app_context():
                    thing.value()

    found = stored(survey, fresh, ready)
    if found is None:
        return
    table, column = found.place
    told = f"{found.source}; what stood in {found.field} was then in {table}.{column}"
    yield Finding(SLUG, "create", found.route, told)
    if found.field != "text":
        yield Finding(SLUG, "field", found.field, "its text was stored")
    yield Finding(SLUG, "table", table, "the text was in it")
    if column != found.field:
        yield Finding(SLUG, "column", column, "the text was in it")
    if found.page is not None:
        yield Finding(SLUG, "list", found.page, "it showed each text that was stored")


def where_in(path: str, text: str) -> tuple[str, str] | None:
    """Return the table and the column that have a text."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for table in _tables(path):
            cursor = connection.execute(f'SELECT * FROM "{table}"')
            names = [each[0] for each in cursor.description]
            for row in cursor:
                if text in row:
                    return table, names[row.index(text)]
    return None


def _plain(survey: Survey) -> Iterator[Finding]:
    """Yield a page that opened no connection."""
    for exchange in survey.pages[:20]:
        if exchange.status != 200 or exchange.endpoint in (None, "static"):
            continue
        opened: list[Any] = []
        usual = sqlite3.connect

        def connect(*args: Any, **values: Any) -> Any:
            opened.append(args)  # noqa: B023 - called before the loop continues
            return usual(*args, **values)  # noqa: B023

        with mock.patch.object(sqlite3, "connect", connect):
            again = survey.crawl.get(exchange.target, headers={"X-Survey": "plain"})
        if again is not None and again.status == 200 and not opened:
            yield Finding(SLUG, "plain", exchange.path, "it opened no connection")
            return
