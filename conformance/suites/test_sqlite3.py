"""The clauses of Using SQLite 3 with Flask."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Mapping
from functools import partial
from typing import Any
from unittest import mock

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from conformance.clause import example, expect, explore, given, harden, must, should, together
from conformance.core.errors import Broken, Deviation, NotObserved, SubjectRaised, Untested
from conformance.core.own import is_own
from conformance.instruments.strategies import Machine, lines
from conformance.instruments.threads import is_first_held
from conformance.instruments.values import shows
from conformance.patterns.sqlite3 import (
    BAD,
    COLUMN,
    GOOD,
    IDLE,
    TABLE,
    Direct,
    Planned,
    SQLite3Harness,
    by_name,
    current_g,
    end,
    is_closed,
    value_of,
)

Harness = SQLite3Harness

#: Text with a meaning in SQL, in a driver's placeholders or in LIKE.
HOSTILE = (
    "' OR '1'='1",
    '" OR ""="',
    "x' UNION SELECT text FROM conformance_rows --",
    "'; DELETE FROM conformance_rows; --",
    "O'Brien",
    "%",
    "100%",
    "%s",
    "%(text)s",
    ":text",
    "?",
    "?1",
    "{0}",
    "_",
    "\\",
    "/* */",
    "--",
    "NULL",
    "a\0b",
)

#: After this many seconds a client gives up, and a server takes its worker for dead.
LONGEST_WAIT = 30

texts = st.one_of(
    st.sampled_from(HOSTILE),
    lines(24),
    st.text(max_size=24),
)
words = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)
names = st.from_regex(r"(?i)[a-z]{2}[a-z0-9]{0,8}_", fullmatch=True)
values = st.one_of(st.none(), st.integers(-(2**40), 2**40), st.floats(-1e9, 1e9), texts)


class Contexts(Machine):
    """Nested contexts, and the connections used in them."""

    harness: Harness

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness)
        self.stack = contextlib.ExitStack()
        self.opened = self.stack.enter_context(harness.connections())
        #: The active contexts, innermost last: how to leave each, and its `g`.
        self.active: list[tuple[contextlib.ExitStack, Any]] = []
        #: What `get_db` returned, and the `g` that it was called with.
        self.given: list[tuple[Any, Any]] = []

    def teardown(self) -> None:
        """Leave the contexts that are still active."""
        # The example is over and its verdict is known.
        with contextlib.suppress(Exception):
            while self.active:
                self.active.pop()[0].close()
        self.stack.close()

    def use(self, times: int = 1) -> None:
        """Call `get_db` the given number of times in the current context."""
        for _ in range(times):
            self.given.append((current_g(), Direct.of(self.harness).get_db()))

    def leave(self, *, failing: bool) -> None:
        """Leave the innermost context, if any; exceptions at its end do not matter here."""
        if self.active:
            block, _ = self.active.pop()
            self.harness.ledger.call("the context ends")
            with contextlib.suppress(Exception), block:
                if failing:
                    raise Planned("the command failed")

    def settle(self, what: str) -> None:
        """Expect the connections of contexts that have ended to be closed."""
        alive = [g for _, g in self.active]
        forgotten = [
            connection
            for g, connection in self.opened
            if not any(g is each for each in alive) and not is_closed(connection)
        ]
        expect(
            not forgotten,
            f"every connection of an ended context to be closed after {what}",
            f"{len(forgotten)} of {len(self.opened)} still open",
        )

    @precondition(lambda self: isinstance(self.harness, Direct))
    @rule(used=st.booleans())
    def enter(self, used: bool) -> None:
        """Push an app context, as a command or a test would."""
        if len(self.active) < 3:
            block = contextlib.ExitStack()
            block.enter_context(self.harness.flask_app.app_context())
            self.harness.ledger.call("with app.app_context():")
            self.active.append((block, current_g()))
            if used:
                self.use()


class Identities(Contexts):
    """Which connection `get_db` returns in which context."""

    def check(self) -> None:
        """Compare the connections with the contexts that they were returned in."""
        for index, (g, db) in enumerate(self.given):
            for other_g, other in self.given[:index]:
                if g is other_g:
                    expect(
                        db is other,
                        "the same connection for each call in one context",
                        f"{other!r} and then {db!r}",
                    )
                else:
                    expect(
                        db is not other,
                        "a separate connection for each context",
                        f"{db!r} in two contexts",
                    )

    @precondition(lambda self: self.active)
    @rule()
    def use_again(self) -> None:
        """Call `get_db`, which must work however many contexts were nested in the meantime."""
        self.use()
        self.harness.call("get_db().execute()", self.given[-1][1].execute, "SELECT 1").fetchone()
        self.check()

    @rule(times=st.integers(1, 3))
    def request(self, times: int) -> None:
        """Call it the given number of times in a request."""
        response = Direct.of(self.harness).during(partial(self.use, times))
        expect(response.status == 200, "a request that calls get_db() to succeed", response)
        self.check()

    @rule(failing=st.booleans())
    def end(self, failing: bool) -> None:
        """Leave a context."""
        self.leave(failing=failing)


@must("", share=0.3)
def test_one_per_context(sqlite3: Harness) -> None:
    """All uses in one context share one open connection, and no two contexts share a connection.

    Two connections in one request do not see each other's work and can lock each other out. One
    connection for two contexts mixes their transactions, and whichever context ends first closes
    it for the other.

    Source: introduction: `get_db` returns the current database connection, which is stored on `g`
    and terminated when the context is destroyed.

    Usual cause: the connection is stored in a module global or per thread instead of on `g`; or
    it is not stored, and each call opens another.
    """
    sqlite3.inside()
    sqlite3.need("get_db")
    explore(partial(Identities, sqlite3))


@harden("")
def test_own_database(sqlite3: Harness) -> None:
    """Each app in a process uses its own configured database, not another app's.

    Tests create one app after another, and so does a dispatcher of several apps.

    Source: beyond the chapter, whose path is a constant; with "Application Factories" several
    apps with different settings exist in one process.

    Usual cause: the path, or a connection, is stored for the process: in a module global, or in a
    cache whose key does not distinguish apps.
    """
    for _ in range(2):
        used = sqlite3.another_apps_database()
        expect(
            used is None,
            f"a new app to use its configured database, {sqlite3.path}",
            f"it uses another app's database, {used}",
            cause="the first app's database is kept for the whole process.",
        )


class GoodEnds(Contexts):
    """Contexts that end normally."""

    @rule(ending=st.sampled_from(GOOD))
    def visit(self, ending: str) -> None:
        """Use the database in a request or a command."""
        if not self.active:
            self.harness.visit(ending)
            self.settle(ending)

    @rule()
    def end(self) -> None:
        """Leave a context."""
        self.leave(failing=False)
        self.settle("the end of a context")


class BadEnds(Contexts):
    """Contexts that fail."""

    @rule(ending=st.sampled_from(BAD), propagate=st.booleans())
    def visit(self, ending: str, propagate: bool) -> None:
        """Use the database in a request or a command that then fails."""
        if not self.active:
            config = {"PROPAGATE_EXCEPTIONS": propagate}
            with mock.patch.dict(self.harness.flask_app.config, config):
                self.harness.visit(ending)
            self.settle(ending)

    @rule()
    def end(self) -> None:
        """Leave a context by an exception."""
        self.leave(failing=True)
        self.settle("an exception in a context")


@must("", share=0.3)
def test_closed_after_ok(sqlite3: Harness) -> None:
    """When a context ends normally, in a request or a command, its connections are closed.

    This includes a connection with uncommitted work. Python closes unreferenced connections at
    some point; until then the file stays open and locks are held, and since 3.13 Python warns.

    Source: introduction: whenever the context is destroyed the database connection is terminated.

    Usual cause: no `teardown_appcontext` function closes the connection, or `init_app` does not
    register one.
    """
    sqlite3.inside()
    with contextlib.suppress(Untested):
        _connects_to_write(sqlite3)
    explore(partial(GoodEnds, sqlite3))


def _connects_to_write(sqlite3: Harness) -> None:
    """Expect a context that writes to do so over a connection that it has opened."""
    sqlite3.writes()
    sqlite3.need_app()
    before = sqlite3.stored()
    with sqlite3.connections() as opened:
        sqlite3.visit("write")
        expect(
            opened or sqlite3.stored() == before,
            "a context that writes to open its own connection",
            "it wrote over a connection opened before it",
            cause="the connection is stored for the thread or the process.",
        )
        left = sum(not is_closed(connection) for _, connection in opened)
        expect(
            not left,
            "every connection of an ended context to be closed after a write",
            f"{left} of {len(opened)} still open",
        )


@must("", share=0.3)
def test_closed_after_error(sqlite3: Harness) -> None:
    """However a context fails, its connections are closed.

    By an exception that is handled, unhandled, or propagated to the server; by `abort()`; or in a
    before-request function, in which case no view is called.

    Source: introduction: teardown functions are always executed, even if a before-request handler
    failed or was never executed.

    Usual cause: the connection is closed at the end of the view, or in an `after_request`
    function, which an unhandled error skips.
    """
    sqlite3.inside()
    explore(partial(BadEnds, sqlite3))


@must("connect-on-demand", share=0.15)
@given(endings=st.lists(st.sampled_from(IDLE), min_size=1, max_size=4))
@example(endings=["nothing", "idle command"])
def test_lazy_open(sqlite3: Harness, endings: list[str]) -> None:
    """A context that does not use the database opens no connection.

    Source: Connect on Demand: open the connection only if really needed.

    Usual cause: a `before_request` function connects for every request, including static files
    and pages that do not exist.
    """
    with sqlite3.connections() as opened:
        for ending in endings:
            sqlite3.visit(ending)
            expect(
                not opened,
                f"no connection for a context that does not use one ({ending})",
                f"{len(opened)} opened",
                cause=f"opened by {sqlite3.watch.opened_by}." if sqlite3.watch.opened_by else "",
            )


@must("", share=0.15)
@given(endings=st.lists(st.sampled_from(IDLE), min_size=1, max_size=4))
@example(endings=["nothing", "idle before", "idle command"])
def test_teardown_without_conn(sqlite3: Harness, endings: list[str]) -> None:
    """A context without a connection ends without raising, whatever ended it.

    Teardown functions always run, even if a before-request function failed or was never called.

    Source: the note: check that the database is there before closing it.

    Usual cause: the teardown function closes `g.db` without checking whether it exists.
    """
    for ending in endings:
        trouble = sqlite3.visit(ending)
        expect(
            trouble is None,
            f"a context that does not use the database to end without raising ({ending})",
            trouble,
        )


@should("", share=0.1)
@given(calls=st.integers(1, 3))
def test_context_needed(sqlite3: Harness, calls: int) -> None:
    """Outside of a context there is no connection: `get_db` raises an error.

    Nothing would ever close that connection.

    Source: introduction: using the database requires an active application context.

    Usual cause: a fallback to a module-level connection for code outside of requests; push
    `app.app_context()` there.
    """
    sqlite3.need("get_db")
    direct = Direct.of(sqlite3)
    with sqlite3.connections() as opened:
        for _ in range(calls):
            db = None
            with contextlib.suppress(SubjectRaised):
                db = direct.get_db()
            expect(
                db is None and not opened,
                "an error from get_db() outside of a context",
                f"{db!r}, {len(opened)} connections opened",
            )


@should("easy-querying", share=0.5)
@given(row=st.dictionaries(names, values, min_size=1, max_size=6))
@example(row={"FirstName_": "John", "LastName_": None})
def test_row_by_name(sqlite3: Harness, row: dict[str, Any]) -> None:
    """Rows expose their columns by name and, if ordered, in the order of the query.

    `row[3]` becomes another column once somebody changes the query.

    Source: Easy Querying: with a row factory, rows return values by name or by index.

    Usual cause: no `row_factory` is set on the connection, or only on a cursor.
    """
    columns = {name.lower(): (name, value) for name, value in row.items()}
    query = "SELECT " + ", ".join(f'? AS "{name}"' for name, _ in columns.values())
    wanted = [value for _, value in columns.values()]
    direct = Direct.of(sqlite3)
    with direct.context():
        if direct.binding.query_db is not None:
            (found,) = direct.query_db(query, wanted)
        else:
            (found,) = direct.get_db().execute(query, wanted).fetchall()
        for index, (name, value) in enumerate(columns.values()):
            given_value = by_name(found, name)
            expect(given_value == value, f"{value!r} as {name}", repr(given_value))
            if not hasattr(found, "values"):
                expect(found[index] == value, f"{value!r} as column {index}", repr(found[index]))


@must("easy-querying", share=0.5)
@given(rows=st.lists(st.none() | texts, max_size=6), one=st.booleans())
@example(rows=[], one=True)
@example(rows=[None], one=True)
@example(rows=["a", "b"], one=True)
@example(rows=[], one=False)
@example(rows=["a"], one=False)
def test_query_one(sqlite3: Harness, rows: list[Any], one: bool) -> None:
    """`query_db` returns a list of all rows, or with `one` the first row or None.

    It also leaves no cursor open: a cursor that is not exhausted keeps the table locked.

    Source: Easy Querying: `query_db` fetches all rows and closes the cursor; with `one` it
    returns the first row, or None.

    Usual cause: `rows[0]` without checking whether there are rows; or `fetchone()` while the
    cursor stays referenced.
    """
    sqlite3.need("query_db")
    direct = Direct.of(sqlite3)
    sqlite3.need_app()  # this creates the table
    with sqlite3.outside() as connection:
        for value in rows:
            connection.execute(f"INSERT INTO {TABLE} ({COLUMN}) VALUES (?)", (value,))
    query = f"SELECT {COLUMN} FROM {TABLE} ORDER BY id"
    with sqlite3.context():
        found = direct.query_db(query, one=True) if one else direct.query_db(query)
        if one:
            expect(
                rows or found is None,
                "None from query_db(..., one=True) if there is no row",
                repr(found),
            )
            expect(
                not rows or found is not None,
                f"the first row of {rows!r} from query_db(..., one=True)",
                repr(found),
            )
            got = None if found is None else [value_of(found)]
            wanted = rows[:1] or None
        else:
            expect(isinstance(found, list | tuple), "a list of rows", repr(found))
            got, wanted = [value_of(row) for row in found], rows
        expect(got == wanted, f"{wanted!r} from the rows {rows!r} with one={one}", repr(got))
        if sqlite3.binding.get_db is not None:
            try:
                direct.get_db().execute(f"DROP TABLE {TABLE}")
            except Exception as error:
                expect(
                    False,
                    "no open cursor after query_db()",
                    f"the table cannot be dropped: {error}",
                )


@must("easy-querying", share=0.15)
@given(text=texts)
@example(text="' OR '1'='1")
@example(text="O'Brien")
@example(text="%")
def test_bound_params(sqlite3: Harness, text: str) -> None:
    """Looked-up text is bound: it finds its own row and no other, and changes nothing.

    Source: Easy Querying: never use string formatting to add variable parts to the SQL statement.

    Usual cause: an f-string, `%` or `format` writes the quoted text into the statement; use a
    question mark and a list of values.
    """
    if isinstance(sqlite3, Direct):
        sqlite3.need("query_db")
    else:
        sqlite3.need("find")
    decoy, wanted = sqlite3.value("decoy"), sqlite3.value(text)
    for each in (decoy, wanted):
        answer = sqlite3.create(each)
        expect(answer.status < 400, f"a row with {each!r} to be stored", answer)
    if not isinstance(sqlite3, Direct) and (first := sqlite3.found(decoy)).response.status == 404:
        raise Broken.for_key("sqlite3", "find", f"it does not find a stored row: {first.response}")
    counts = sqlite3.counts()
    # In SQL, a column name in double quotes is the column, not a string: it matches every row.
    column = (
        COLUMN if isinstance(sqlite3, Direct) else sqlite3.binding.column or sqlite3.binding.field
    )
    for asked in (text, column, wanted):
        found = sqlite3.found(asked)
        expect(
            found.response.status < 500,
            f"a response without a server error for {asked!r}",
            found.response,
        )
        expect(
            decoy == wanted or not found.has(decoy),
            f"only rows with {asked!r}",
            f"another row, {decoy!r}, in {found.response}",
        )
    expect(found.has(wanted), f"the row with {wanted!r}", found.response)
    after = sqlite3.counts()
    expect(after == counts, f"as many rows as before, {counts}", f"{after}")


@should("initial-schemas")
def test_init_creates(sqlite3: Harness) -> None:
    """On a new database, `init_db` creates and commits the tables and closes its connections.

    Source: Initial Schemas: provide a function that creates the database based on the schema; it
    commits.

    Usual cause: the script runs in a transaction that is never committed, or on its own
    connection that is never closed.
    """
    sqlite3.need("init_db")
    sqlite3.empty()
    with sqlite3.connections() as opened:
        sqlite3.create_schema(sqlite3.app)
        left = sum(not is_closed(connection) for _, connection in opened)
        expect(not left, "no open connection after init_db()", f"{left} still open")
    _committed(sqlite3, sqlite3.tables())


def _committed(sqlite3: Harness, tables: Mapping[str, str], *, context: bool = True) -> None:
    """Expect `init_db` to have committed the tables."""
    if tables:
        return
    cause = ""
    # It only explains the deviation.
    with contextlib.suppress(NotObserved, Deviation), sqlite3.noting() as noted:
        sqlite3.empty()
        sqlite3.create_schema(sqlite3.app, context=context)
        if "BEGIN" in noted.names and "COMMIT" not in noted.names:
            cause = "it begins a transaction, and nothing commits it."
    raise Deviation("another program to see tables after init_db()", "it sees none", cause)


@harden("initial-schemas", share=0.2)
@given(in_app_context=st.lists(st.booleans(), min_size=2, max_size=4))
@example(in_app_context=[True, True])
@example(in_app_context=[False, False])
def test_init_idempotent(sqlite3: Harness, in_app_context: list[bool]) -> None:
    """The schema function commits, closes its connections and is safe to call again.

    Either in an app context, as in a command, or in a shell without one, unless it then reports
    that it needs one. When called again, it may also fail with an exception.

    Source: beyond the chapter; it protects tables from a second run of the command that creates
    them.

    Usual cause: a script that begins a transaction, and no `commit()`; or one that renames or
    drops existing tables and then fails.
    """
    sqlite3.need("init_db")
    sqlite3.empty()
    made: dict[str, str] = {}
    with sqlite3.connections() as opened:
        for context in in_app_context:
            trouble = ""
            try:
                sqlite3.create_schema(sqlite3.app, context=context)
            except SubjectRaised as raised:
                no_context = not context and isinstance(raised.error, RuntimeError)
                if not made and not no_context:
                    raise
                if not made:
                    continue
                trouble = f"; the call raised {raised.observed}"
            left = sum(not is_closed(connection) for _, connection in opened)
            expect(not left, "no open connection after init_db()", f"{left} still open")
            tables = sqlite3.tables()
            _committed(sqlite3, tables, context=context)
            expect(
                not made or tables == made,
                f"the tables {', '.join(made)} to be unchanged after a second init_db()",
                f"{_changes(made, tables)}{trouble}",
            )
            made = tables


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Say in what the tables of a database differ."""
    return ", ".join(
        [f"{name} is gone" for name in before.keys() - after.keys()]
        + [f"{name} is new" for name in after.keys() - before.keys()]
        + [
            f"{name} has changed: {difference(before[name], after[name])}"
            for name in before.keys() & after.keys()
            if before[name] != after[name]
        ]
    )


def difference(before: str, after: str) -> str:
    """Return the first lines in which two texts differ."""
    pairs = itertools.zip_longest(before.splitlines(), after.splitlines(), fillvalue="")
    return next(
        (f"{other.strip()!r} instead of {one.strip()!r}" for one, other in pairs if one != other),
        "",
    )


@harden("initial-schemas", share=0.1)
@given(name=st.text("äöüßéøłžħλжあ漢", min_size=1, max_size=8))
def test_schema_utf8(sqlite3: Harness, name: str) -> None:
    """A schema with non-ASCII letters is read as UTF-8, whatever the machine's locale.

    Source: beyond the chapter; it protects the schema's text from a machine's locale.

    Usual cause: `open_resource("schema.sql", mode="r")` decodes with the locale's encoding; read
    bytes and decode them, or pass `encoding="utf-8"`.
    """
    sqlite3.need("init_db")
    sqlite3.empty()
    # SQLite compares names case-insensitively for ASCII letters only.
    table = f"conformance_{name}"
    with sqlite3.schema_with(f'CREATE TABLE IF NOT EXISTS "{table}" (x);') as read:
        sqlite3.create_schema(sqlite3.app)
    if not read:
        raise Untested("init_db does not open a .sql file")
    tables = sorted(sqlite3.tables())
    expect(table in tables, f"the table {table}, created by {read[0]}", ", ".join(tables))


@should("initial-schemas")
def test_schema_from_anywhere(sqlite3: Harness) -> None:
    """The schema file and the database are found from any working directory.

    Servers and cron jobs do not start in the project's folder.

    Source: Initial Schemas: `app.open_resource("schema.sql")`, which looks in the application's
    folder.

    Usual cause: `open("schema.sql")` instead of `app.open_resource("schema.sql")`, or a relative
    path for the database.
    """
    sqlite3.need("init_db")
    sqlite3.empty()
    with sqlite3.elsewhere():
        sqlite3.create_schema(sqlite3.app)
    tables = sqlite3.tables()
    expect(tables, "tables in the configured database", "there are none")


class Rows(Machine):
    """Rows against a list of texts: successful writes are stored, and nothing else is."""

    harness: Harness

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness)
        harness.need_app()  # this creates the tables
        self.rows = harness.stored()

    @rule(text=texts)
    def create(self, text: str) -> None:
        """Store a row."""
        text = self.harness.value(text)
        response = self.harness.create(text)
        if response.status < 400:
            self.rows.append(text)
        found = self.harness.stored()
        expect(
            found == sorted(self.rows),
            f"another program to see {sorted(self.rows)} "
            f"after storing {text!r} returned {response.status}",
            f"it sees {found}",
        )

    @precondition(
        lambda self: isinstance(self.harness, Direct) or self.harness.binding.list is not None
    )
    @rule()
    def read(self) -> None:
        """Read the rows in a request."""
        shown = self.harness.shown()
        for text in self.rows:
            expect(shown.has(text), f"the next request to read {text!r}", shown.response)

    @precondition(
        lambda self: isinstance(self.harness, Direct) or self.harness.binding.fail is not None
    )
    @rule(ending=st.sampled_from(BAD[:-1]))
    def fail(self, ending: str) -> None:
        """Fail a request after a write; what stays is for `error-rolls-back`."""
        self.harness.fail(self.harness.value("failing"), ending)
        self.rows = self.harness.stored()


@should("", share=0.2)
def test_commit_visible(sqlite3: Harness) -> None:
    """After a successful write, the next request and every other program see it.

    Python begins a transaction before the first write. Without a commit everything looks fine
    within this request, and is lost with its connection.

    Source: Initial Schemas commits what it writes; PEP 249: closing a connection without
    committing first rolls back.

    Usual cause: the view never calls `commit()`; the chapter does not mention it.
    """
    sqlite3.writes()
    text = sqlite3.value("first")
    response = sqlite3.create(text)
    expect(response.status < 400, f"a row with {text!r} to be stored", response)
    stored = sqlite3.stored()
    expect(text in stored, f"another program to see {text!r}", f"it sees {stored}")
    explore(partial(Rows, sqlite3), steps=12)
    text = sqlite3.value("last")
    sqlite3.create(text)
    if sqlite3.restart():
        again = sqlite3.stored()
        expect(
            text in again,
            f"{text!r} to be kept when the app is created again on the same database",
            f"it has {again}",
            cause="" if again else "creating the app drops or empties the tables.",
        )


@should("", share=0.3)
@given(text=texts, how=st.sampled_from(BAD[:-1]))
@example(text="row", how="handled")
@example(text="row", how="abort")
@example(text="row", how="error")
def test_error_rolls_back(sqlite3: Harness, text: str, how: str) -> None:
    """A write request that fails leaves the database unchanged.

    A teardown function receives no exception for an error that a handler, or `abort()`, turned
    into a response: one that commits when there was no exception stores half of the work.

    Source: PEP 249: closing a connection without committing first rolls back.

    Usual cause: a `commit()` after each statement instead of one at the end; `with db:` around
    all of them commits or rolls back.
    """
    sqlite3.need_app()  # this creates the tables
    before = sqlite3.counts()
    response = sqlite3.fail(sqlite3.value(text), how)
    after = sqlite3.counts()
    if after == before:
        return
    cause = ""
    if sqlite3.bench.transport.same_process:
        # It only explains the deviation.
        with contextlib.suppress(NotObserved, Deviation), sqlite3.noting() as noted:
            sqlite3.fail(sqlite3.value(text), how)
            cause = noted.cause
    raise Deviation(
        f"as many rows as before, {before}, after a write that returned {response.status}",
        f"{after}",
        cause,
    )


@harden("", share=0.3)
@given(text=texts, number=st.integers(0, 4))
@example(text="row", number=0)
@example(text="row", number=1)
@example(text="row", number=2)
def test_all_or_nothing(sqlite3: Harness, text: str, number: int) -> None:
    """A write of which the database rejects one statement is stored as a whole or not at all.

    Source: beyond the chapter; it protects the database from half a write.

    Usual cause: a `commit()` after each statement instead of one at the end; `with db:` around
    all of them commits or rolls back.
    """
    sqlite3.views("create")
    _refuse(sqlite3, text, number)


def _refuse(sqlite3: Harness, text: str, number: int) -> None:
    """Make the database reject one statement of a write, and expect all or nothing to be stored."""
    before = sqlite3.counts()
    whole = sqlite3.create(sqlite3.value(text))
    expect(whole.status < 400, "a row to be stored", whole)
    good = sqlite3.counts()
    if not sqlite3.bench.transport.same_process:
        return
    added = {name: count - before.get(name, 0) for name, count in good.items()}
    with sqlite3.refusing(number) as asked:
        response = sqlite3.create(sqlite3.value(text))
    after = sqlite3.counts()
    more = {name: count - good.get(name, 0) for name, count in after.items()}
    expect(
        not any(more.values()) or (more == added and response.status < 400),
        f"all rows or none of a write whose statement {number + 1} the database rejected",
        f"{more} of {added} rows added, after {response}",
        cause=asked.cause,
    )


@harden("")
def test_rejected_row(sqlite3: Harness) -> None:
    """A row that is already there, or that has no text, causes no server error.

    Whether it is stored or refused is up to the application.

    Source: beyond the chapter; it protects a visitor from a server error for what a constraint of
    the schema rejects.

    Usual cause: nothing catches `IntegrityError` around the insert.
    """
    sqlite3.views("create")
    text = sqlite3.value("row")
    first = sqlite3.create(text)
    expect(first.status < 400, f"a row with {text!r} to be stored", first)
    again = sqlite3.create(text)
    expect(again.status < 500, f"no server error for a second {text!r}", again)
    bare = sqlite3.send(sqlite3.client(), sqlite3.need("create"))
    expect(bare.status < 500, f"no server error without {sqlite3.binding.field}", bare)


@should("", share=0.1)
@given(text=words, count=st.integers(2, 4))
def test_thread_safe(sqlite3: Harness, text: str, count: int) -> None:
    """Concurrent requests have separate connections and see none of each other's unfinished work.

    Source: introduction: the connection belongs to the current context.

    Usual cause: one connection per module: other threads get `ProgrammingError`, or, with
    `check_same_thread=False`, the middle of another's transaction.
    """
    sqlite3.writes()
    sqlite3.need_app()  # one app for all threads
    before = sqlite3.stored()
    if isinstance(sqlite3, Direct):
        direct = sqlite3
        meet = threading.Barrier(count)
        seen: list[list[str]] = [[] for _ in range(count)]
        used: dict[int, Any] = {}
        uncommitted: dict[int, object] = {}

        def view(index: int) -> None:
            try:
                used[index] = direct.get_db()
                meet.wait(10)
                if index == 0:
                    sqlite3.ledger.note(f"request 1 inserts {text!r} and does not commit it yet")
                    direct.write(text, commit=False)
                meet.wait(10)
                if index:
                    sqlite3.ledger.note(f"request {index + 1} reads all rows")
                seen[index] = direct.read()
                with contextlib.suppress(Exception):
                    answer = used[index].execute("PRAGMA read_uncommitted").fetchone()
                    uncommitted[index] = value_of(answer)
                meet.wait(10)
                direct.get_db().rollback()
            except BaseException:
                meet.abort()
                raise

        answers = together(
            *(partial(direct.during, partial(view, index)) for index in range(count))
        )
        # The others only report the broken barrier.
        answers.sort(key=lambda each: isinstance(each.error, threading.BrokenBarrierError))
        wanted = before
        for index, others in enumerate(seen[1:], 1):
            if answers[0].status != 200 or others == before:
                continue
            if used.get(index) is used.get(0):
                cause = "both requests have the same connection."
            elif uncommitted.get(index):
                cause = f"PRAGMA read_uncommitted is {uncommitted[index]} on its own connection."
            else:
                cause = ""
            raise Deviation(
                f"request {index + 1} to see only committed rows, {before}",
                f"{others}: also what request 1 is writing",
                cause,
            )
    else:
        new = [sqlite3.value(text) for _ in range(count)]
        answers = together(*(partial(sqlite3.create, each) for each in new))
        if sqlite3.binding.list is not None:
            for hold in range(1, 21):
                new.append(sqlite3.value(text))
                answers.append(_seen_too_early(sqlite3, new[-1], hold))
        wanted = sorted([*before, *new])
    for answer in answers:
        expect(answer.status < 400, f"{count} concurrent requests to succeed", answer)
    stored = sqlite3.stored()
    expect(stored == wanted, f"{wanted} to be stored", f"{stored}")


def _seen_too_early(sqlite3: Harness, text: str, hold: int) -> Any:
    """Hold a write at a line of its view, and expect the list to show committed rows only."""

    def look() -> tuple[bool, bool]:
        # This file is stepped through as well: it looks while the write is held, not before. A
        # held write is not committed between the two looks, unless by the page.
        committed = not is_first_held() or text in sqlite3.stored()
        shown = sqlite3.shown().has(text)
        return shown, committed or not is_first_held()

    answer, (shown, committed) = together(
        partial(sqlite3.create, text),
        look,
        hold=hold,
        own=lambda file: is_own(file) or file == __file__,
    )
    expect(
        committed or not shown,
        f"a page not to show {text!r}, which another request has not committed yet",
        "the page shows it, although another program did not see it",
        cause="the requests share a connection.",
    )
    return answer


@should("", share=0.05)
@given(name=words, count=st.integers(1, 8))
@example(name="row", count=120)
def test_stream_alive(sqlite3: Harness, name: str, count: int) -> None:
    """A streamed response has all rows, and closes its connection when it ends or is abandoned.

    This includes more rows than fit a batch, all stored at the same moment.

    Source: introduction: using the database requires an active application context, at whose end
    the connection is terminated.

    Usual cause: the query runs in the view, and the generator reads from a connection that the
    end of the context has closed. On Flask 3.1.2 and 3.1.3 `stream_with_context` ends the context
    before the generator starts (pallets/flask#5804): give the generator its own connection, in
    `with closing(...)`.
    """
    sqlite3.views("stream", "create")
    route = sqlite3.need("stream")
    stored = [sqlite3.value(name) for _ in range(count)]
    for each in stored:
        answer = sqlite3.create(each)
        expect(answer.status < 400, f"a row with {each!r} to be stored", answer)
    inside = sqlite3.bench.transport.same_process
    with contextlib.ExitStack() as stack:
        opened = stack.enter_context(sqlite3.connections()) if inside else ()
        response = sqlite3.send(sqlite3.client(), route)
        missing = [each for each in stored if not shows(response.body, each)]
        first = f"; {len(missing)} are missing, first {missing[0]!r}" if missing else ""
        expect(
            response.status == 200 and not missing and not response.truncated,
            f"all {len(stored)} rows in the stream",
            f"it ends with {response.raised}" if response.error else f"{response}{first}",
        )
        sqlite3.settle()
        _closed(opened, "the stream has ended")
        if sqlite3.bench.transport.name == "wsgi":
            with sqlite3.client().stream(route.request()) as stream:
                next(iter(stream))
            _closed(opened, "the client has disconnected after the first row")


def _closed(opened: Any, when: str) -> None:
    left = sum(not is_closed(connection) for _, connection in opened)
    expect(not left, f"no open connection when {when}", f"{left} still open")


@harden("", share=0.2)
@given(
    uncommitted_row=st.booleans(),
    connection_closed=st.booleans(),
    ending=st.sampled_from(["nothing", *BAD[:-1]]),
)
@example(uncommitted_row=False, connection_closed=True, ending="nothing")
@example(uncommitted_row=True, connection_closed=True, ending="abort")
def test_teardown_never_raises(
    sqlite3: Harness, uncommitted_row: bool, connection_closed: bool, ending: str
) -> None:
    """Ending a context never raises, even with its connection already closed or in a transaction.

    Up to Flask 3.1, a teardown function that raises prevents the others from running: what they
    would have closed stays open, and the response is lost.

    Source: beyond the chapter; it protects the other teardown functions, which an exception
    prevents from running.

    Usual cause: a `commit()` or `rollback()` before `close()` in the teardown function, without a
    `try` around it.
    """
    app = sqlite3.flask_app
    sqlite3.need("get_db")
    direct = Direct.of(sqlite3)
    sqlite3.inside()
    ran: list[str] = []

    def last(exception: BaseException | None) -> None:
        ran.append("ran")

    def work() -> None:
        if uncommitted_row:
            sqlite3.ledger.note("the view inserts a row and does not commit it")
            direct.write("row", commit=False)
        db = direct.get_db()
        if connection_closed:
            sqlite3.ledger.note("the view closes the connection")
            db.close()
        end(ending)

    # The first function in the list runs last.
    app.teardown_appcontext_funcs.insert(0, last)
    try:
        response = direct.during(work, before=ending == "before")
    finally:
        app.teardown_appcontext_funcs.remove(last)
    expect(
        response.error is None or isinstance(response.error, Planned),
        "the end of a context not to raise if its connection is "
        f"{'closed' if connection_closed else 'open'}",
        response if response.raised is None else response.raised,
    )
    expect(ran, "the other teardown functions to run", "they did not run")


@harden("initial-schemas", share=0.2)
@given(earlier_context=st.sampled_from([*GOOD, *BAD]), in_request=st.booleans())
def test_fk_enforced(sqlite3: Harness, earlier_context: str, in_request: bool) -> None:
    """If the schema declares foreign keys, every connection enforces them.

    SQLite only enforces them on request, per connection; otherwise rows with dangling references
    are stored silently.

    Source: beyond the chapter; it protects rows from dangling references.

    Usual cause: no `PRAGMA foreign_keys = ON` after `sqlite3.connect()`, or it is executed in a
    transaction, where it has no effect.
    """
    sqlite3.need("get_db")
    direct = Direct.of(sqlite3)
    sqlite3.need_app()  # this creates the tables
    with sqlite3.outside() as connection:
        declaring = [
            name
            for name in sqlite3.tables()
            if connection.execute("SELECT * FROM pragma_foreign_key_list(?)", (name,)).fetchall()
        ]
    if not declaring:
        raise Untested("no table declares a foreign key")
    sqlite3.visit(earlier_context)
    found: list[object] = []

    def look() -> None:
        found.append(value_of(direct.get_db().execute("PRAGMA foreign_keys").fetchone()))

    if in_request:
        direct.during(look)
    else:
        with sqlite3.context():
            look()
    expect(
        found == [1],
        "get_db() to return a connection that enforces foreign keys, as the table "
        f"{', '.join(declaring)} declares some",
        f"PRAGMA foreign_keys is {found[0] if found else 'unknown'} on the connection of "
        f"{'a request' if in_request else 'an app context'}, after an earlier context",
    )


@harden("")
def test_locked_answer(sqlite3: Harness) -> None:
    """A write to a locked database is answered in time and truthfully, with nothing half done.

    Source: beyond the chapter; it protects the client of a busy database from waiting, and from a
    false report of success.

    Usual cause: a `timeout` of minutes, so that every worker ends up waiting; or
    `OperationalError` is caught and the client is told that all went well.
    """
    sqlite3.writes()
    # Whoever needs a login has it before the database is locked.
    client = sqlite3.client()
    good = sqlite3.create(sqlite3.value("row"), client)
    expect(good.status < 400, "a row to be stored", good)
    before = sqlite3.counts()
    with sqlite3.locked() as waited:
        response = sqlite3.create(sqlite3.value("row"), client)
        seconds = waited()
    expect(
        seconds <= LONGEST_WAIT,
        f"a response within {LONGEST_WAIT} s while another program locks the database",
        f"the app waits for {seconds:.0f} s",
    )
    after = sqlite3.counts()
    expect(after == before, f"as many rows as before, {before}", f"{after} after {response}")
    # Showing the form again also returns 200.
    expect(
        response.status >= 400 or good.status == 200 or response.status != good.status,
        "a response that does not report the row as stored",
        response,
    )
    again = sqlite3.create(sqlite3.value("row"), client)
    expect(again.status == good.status, f"{good.status} once the database is free", again)
