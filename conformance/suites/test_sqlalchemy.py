"""The clauses of SQLAlchemy in Flask."""

from __future__ import annotations

import contextlib
import threading
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from conformance.clause import example, expect, explore, given, harden, must, should, together
from conformance.core.errors import Broken, Untested
from conformance.core.own import is_own
from conformance.core.told import source_of
from conformance.instruments.strategies import Machine, lines
from conformance.instruments.threads import is_first_held
from conformance.instruments.values import shows
from conformance.patterns.sqlalchemy import (
    ENDINGS,
    Direct,
    Shown,
    SQLAlchemyHarness,
    deprecations,
    made_lately,
    same_database,
    scalar_defaults,
)

Harness = SQLAlchemyHarness

#: Text with a meaning in SQL, in a driver's placeholders or in LIKE.
HOSTILE = (
    "' OR '1'='1",
    '" OR ""="',
    "'; DROP TABLE users; --",
    "x' UNION SELECT name FROM users --",
    "O'Brien",
    "100%",
    "%s",
    "%(name)s",
    ":name",
    ":1",
    "?",
    "{0}",
    "_",
    "\\",
    "/* */",
    "--",
)

# Normalised and stripped, as a careful form does with its input.
plain = lines(24).map(lambda text: unicodedata.normalize("NFKC", text).strip()).filter(bool)
texts = st.one_of(plain, st.sampled_from(HOSTILE))
picks = st.integers(0, 20)
words = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)


@must("declarative", share=0.15)
@given(endings=st.lists(st.sampled_from(ENDINGS), min_size=1, max_size=4))
@example(endings=["database error", "read"])
@example(endings=["abort"])
@example(endings=["uncommitted"])
@example(endings=["write", "write"])
def test_session_removed(sqlalchemy: Harness, endings: list[str]) -> None:
    """However a context ends, its session is removed and its connection returned to the pool.

    A session that stays keeps its connection, its transaction with the locks, and its objects for
    the next request on that thread. After fifteen of them the default pool has no connection
    left.

    Source: Declarative: database sessions are removed at the end of the request or when the
    application shuts down.

    Usual cause: no `teardown_appcontext` function calls `db_session.remove()`, or the call is at
    the end of the view, which an error skips.
    """
    sqlalchemy.inside()
    earlier: list[tuple[object, str]] = []
    for ending in endings:
        start = len(sqlalchemy.watch.sessions)
        sqlalchemy.visit(ending)
        held = sqlalchemy.held()
        expect(
            held == 0,
            f"no connection to be checked out of the pool after a context that ended with "
            f"{ending!r}",
            f"{held} still {'is' if held == 1 else 'are'}",
            cause="a connection, or a session, that the request opened is not closed when it ends",
        )
        used = [session for _, session in sqlalchemy.watch.sessions[start:]]
        kept = [how for each, how in earlier if any(each is session for session in used)]
        expect(
            not kept,
            f"the session of a context that ended with {kept[-1] if kept else ''!r} to be removed",
            f"a later context, which ended with {ending!r}, got the same session",
            cause="nothing calls `remove()`, or closes the session, when the context ends",
        )
        earlier += [(session, ending) for session in used]


@must("declarative", share=0.1, builds=1)
@given(text=texts, count=st.integers(1, 3))
def test_poison_recovery(sqlalchemy: Harness, text: str, count: int) -> None:
    """After a request that failed in the database, later requests succeed.

    After a failed flush a session refuses everything until it is rolled back: if it is not
    removed, one duplicate key makes every later request of that worker fail.

    Source: Declarative: database sessions are removed at the end of the request.

    Usual cause: the session is neither removed when the context ends nor rolled back where the
    error is caught.
    """
    # What an earlier example has poisoned would not be among the steps of this one.
    sqlalchemy.renew()
    first = sqlalchemy.unique(text)
    good = sqlalchemy.create(first)
    expect(good.status < 400, f"a row with {first!r} to be stored", good)
    for _ in range(count):
        sqlalchemy.duplicate(first)
        other = sqlalchemy.unique(text)
        after = sqlalchemy.create(other)
        expect(
            after.status == good.status,
            f"{good.status} for the next row, {other!r}, after one that the database rejected",
            after,
            cause="the session of the failed request is used again, without a rollback"
            if "PendingRollbackError" in str(after)
            else "",
        )


class Rows(Machine):
    """Rows against a set of texts: what was written successfully is stored, and nothing else is."""

    harness: Harness

    def __init__(self, harness: Harness) -> None:
        # A new app, so that a failing step fails again when it is replayed.
        harness.renew()
        harness.need_app()  # this creates the tables
        super().__init__(harness)
        self.rows: set[str] = set()
        #: A database that the clause did not create may already have rows.
        self.earlier = harness.store.texts()

    def picked(self, pick: int) -> str | None:
        """Return one of the rows; what is drawn must not depend on the app's responses."""
        return sorted(self.rows)[pick % len(self.rows)] if self.rows else None

    def settle(self, what: str) -> None:
        """Compare the database, as another program sees it, with the model."""
        found = self.harness.store.texts()
        wanted = sorted([*self.earlier, *self.rows])
        expect(found == wanted, f"another program to see {wanted} after {what}", f"it sees {found}")

    @rule(text=texts)
    def create(self, text: str) -> None:
        """Store a row."""
        text = self.harness.unique(text)
        response = self.harness.create(text)
        if response.status < 400:
            self.rows.add(text)
        self.settle(f"storing {text!r} returned {response.status}")

    @rule(pick=picks)
    def duplicate(self, pick: int) -> None:
        """Store a row that the database rejects."""
        if text := self.picked(pick):
            response = self.harness.duplicate(text)
            self.settle(f"storing {text!r} again returned {response.status}")

    @rule()
    def read(self) -> None:
        """Read the rows in a request."""
        if self.rows:
            shown = self.harness.shown()
            if shown.response.status >= 500:
                # The rows are stored nevertheless: `poison-recovery` tests this.
                return
            for text in self.rows:
                expect(shown.has(text), f"a later request to read {text!r}", shown.response)

    @precondition(lambda self: isinstance(self.harness, Direct))
    @rule(pick=picks, new=texts)
    def rename(self, pick: int, new: str) -> None:
        """Change a row."""
        if old := self.picked(pick):
            new = self.harness.unique(new)
            response = Direct.of(self.harness).rename(old, new)
            if response.status < 400:
                self.rows = (self.rows - {old}) | {new}
            self.settle(f"changing {old!r} to {new!r} returned {response.status}")

    @precondition(lambda self: isinstance(self.harness, Direct))
    @rule(pick=picks)
    def delete(self, pick: int) -> None:
        """Delete a row."""
        if text := self.picked(pick):
            response = Direct.of(self.harness).delete(text)
            if response.status < 400:
                self.rows.discard(text)
            self.settle(f"deleting {text!r} returned {response.status}")


@must("declarative", share=0.2)
def test_commit_durable(sqlalchemy: Harness) -> None:
    """After a successful write, every other program sees it in the database.

    Source: Declarative: `db_session.add(u)`, then `db_session.commit()`.

    Usual cause: `commit()` is missing or comes after the response; the teardown rolls the work
    back although the client was told that it is stored.
    """
    text = sqlalchemy.unique("first")
    response = sqlalchemy.create(text)
    expect(response.status < 400, f"a row with {text!r} to be stored", response)
    stored = sqlalchemy.store.texts()
    expect(text in stored, f"another program to see {text!r}", f"it sees {stored}")
    explore(partial(Rows, sqlalchemy))


@must("declarative", share=0.3)
@given(text=texts, how=st.sampled_from(["error", "abort"]))
def test_error_atomic(sqlalchemy: Harness, text: str, how: str) -> None:
    """A write request that fails stores no rows, even if the error was handled.

    Flask's teardown functions receive no exception for an error that a handler, or `abort()`,
    turned into a response: a teardown that commits when there was no exception stores half of the
    work.

    Source: Declarative: `autocommit=False`, and `db_session.remove()` at the end of the request,
    which rolls back what was not committed.

    Usual cause: a `commit()` for each row instead of one at the end, or a teardown function that
    commits when its argument is None.
    """
    sqlalchemy.need_app()  # this creates the tables
    before = sqlalchemy.store.texts()
    text = sqlalchemy.unique(text)
    response = sqlalchemy.fail(text, how)
    if response.status < 400:
        raise Broken(f"fail returns {response.status}: it should be a request that fails")
    after = sqlalchemy.store.texts()
    expect(
        after == before,
        f"the same rows as before, {before}, after a write that returned {response.status}",
        f"{after}",
    )


@must("declarative", share=0.1)
@given(text=words, commits=st.lists(st.booleans(), min_size=2, max_size=3))
@example(text="row", commits=[True, True])
def test_no_cross_request(sqlalchemy: Harness, text: str, commits: list[bool]) -> None:
    """Uncommitted additions of one request are neither seen nor stored by a concurrent one.

    Source: Declarative: `scoped_session` takes care of threads.

    Usual cause: one `Session` for the whole module instead of a `scoped_session`, so that a
    commit in one thread stores what another is about to roll back.
    """
    names = [sqlalchemy.unique(text) for _ in commits]
    sqlalchemy.need_app()  # one app for all threads
    if isinstance(sqlalchemy, Direct):
        seen = _side_by_side(sqlalchemy, names, commits)
        for name, others in zip(names, seen, strict=True):
            expect(others == [name], f"the request that adds {name!r} to see only that", others)
        wanted = sorted(name for name, commit in zip(names, commits, strict=True) if commit)
    else:
        answers = together(*(partial(sqlalchemy.create, name) for name in names))
        for name, answer in zip(names, answers, strict=True):
            expect(
                answer.status < 400,
                f"{name!r} to be stored together with {len(names) - 1} others",
                answer,
            )
        wanted = sorted(names)
    found = [each for each in sqlalchemy.store.texts() if each in names]
    expect(found == wanted, f"{wanted} to be stored, each once", f"{found}")


def _side_by_side(sqlalchemy: Direct, names: list[str], commits: list[bool]) -> list[list[str]]:
    """Add each name in a request of its own; all wait for each other, then look, then end."""
    added = threading.Barrier(len(names))
    looked = threading.Barrier(len(names))
    seen: list[list[str]] = [[] for _ in names]
    attribute = sqlalchemy.attribute

    def view(index: int) -> None:
        session = sqlalchemy.session
        session.add(sqlalchemy.new(names[index]))
        added.wait(10)
        seen[index] = sorted(getattr(each, attribute) for each in session.new)
        looked.wait(10)
        if commits[index]:
            session.commit()
        else:
            session.rollback()

    answers = together(
        *(partial(sqlalchemy.during, partial(view, index)) for index in range(len(names)))
    )
    for name, answer in zip(names, answers, strict=True):
        expect(answer.status == 200, f"the request that adds {name!r} to succeed", answer)
    return seen


@must("declarative", share=0.1)
@given(count=st.integers(2, 3))
def test_session_per_thread(sqlalchemy: Harness, count: int) -> None:
    """Concurrent requests use different sessions.

    A session is not made for two threads: the second one finds the first one's transaction, or
    breaks it.

    Source: Declarative: `scoped_session` takes care of threads.

    Usual cause: a session that is created when the module is imported.
    """
    sqlalchemy.inside()
    sqlalchemy.need_app()  # one app for all threads
    if isinstance(sqlalchemy, Direct):
        meet = threading.Barrier(count)
        used: list[tuple[int, object]] = []
        direct = sqlalchemy

        def view() -> None:
            used.append((threading.get_ident(), direct.session()))
            meet.wait(10)

        together(*[partial(direct.during, view)] * count)
    else:
        start = len(sqlalchemy.watch.sessions)
        names = [sqlalchemy.unique("thread") for _ in range(count)]
        together(*(partial(sqlalchemy.create, name) for name in names))
        used = sqlalchemy.watch.sessions[start:]
    if not used:
        raise Untested("no request used a session")
    for thread, session in used:
        others = {ident for ident, each in used if each is session} - {thread}
        expect(
            not others,
            f"a session for each of {count} concurrent requests",
            f"one session in {len(others) + 1} threads",
        )


@must("declarative")
def test_uncommitted_unseen(sqlalchemy: Harness) -> None:
    """Uncommitted changes of one request are invisible to every other request.

    Source: Declarative: `autocommit=False`, and each request has its own session, whose work is
    private until `commit()`.

    Usual cause: an engine with `StaticPool`, or one connection that all sessions are bound to.
    """
    sqlalchemy.need_app()  # one app for all threads
    name = sqlalchemy.unique("held")
    if isinstance(sqlalchemy, Direct):
        _flushed_beside(sqlalchemy, name)
        return
    sqlalchemy.views("create", "list")
    sqlalchemy.only_wsgi("holds a write at one line of its view")
    for hold in range(1, 16):
        sqlalchemy.begin_example()
        name = sqlalchemy.unique("held")

        def look(name: str = name) -> tuple[bool, bool]:
            # This file is stepped through as well: it looks while the write is held.
            committed = not is_first_held() or name in sqlalchemy.store.texts()
            shown = sqlalchemy.shown().has(name)
            return shown, committed or not is_first_held()

        _, (shown, committed) = together(
            partial(sqlalchemy.create, name),
            look,
            hold=hold,
            own=lambda file: is_own(file) or file == __file__,
        )
        _expect_unseen(committed or not shown, name)


def _flushed_beside(sqlalchemy: Direct, name: str) -> None:
    """Flush a row in one request, and read in another before the first has ended."""
    flushed, looked = threading.Event(), threading.Event()
    seen: list[str] = []
    committed: list[str] = []
    used: list[tuple[object, object]] = []

    def write() -> None:
        try:
            sqlalchemy.session.add(sqlalchemy.new(name))
            sqlalchemy.session.flush()
            used.append(_session_and_connection(sqlalchemy))
        finally:
            flushed.set()
        looked.wait(10)
        sqlalchemy.session.rollback()

    def read() -> None:
        flushed.wait(10)
        try:
            committed.extend(sqlalchemy.store.texts())
            seen.extend(sqlalchemy.read())
            used.append(_session_and_connection(sqlalchemy))
        finally:
            looked.set()

    # Whether the second succeeds meanwhile is for other clauses: it may wait for a lock.
    together(partial(sqlalchemy.during, write), partial(sqlalchemy.during, read))
    cause = ""
    if len(used) == 2:
        sessions, connections = zip(*used, strict=True)
        if sessions[0] is sessions[1]:
            cause = "both requests use the same session"
        elif connections[0] is connections[1]:
            cause = "the sessions of both requests use the same connection to the database"
    _expect_unseen(name not in seen or name in committed, name, cause)


def _session_and_connection(sqlalchemy: Direct) -> tuple[object, object]:
    """Return the session of the current context, and the driver's connection that it uses."""
    session = sqlalchemy.session()
    pooled = session.connection().connection
    return session, getattr(pooled, "dbapi_connection", None) or pooled.connection


def _expect_unseen(holds: bool, name: str, cause: str = "") -> None:
    expect(
        holds,
        f"a request not to see {name!r}, which another has not committed",
        "the request sees it",
        cause=cause or "the requests share a session, or a connection",
    )


@harden("declarative")
def test_default_fresh(sqlalchemy: Harness) -> None:
    """A column default that is a time or a random value is computed for every row.

    Source: goes beyond the chapter, whose columns have no defaults.

    Usual cause: `default=datetime.now()` or `default=uuid4()`, which is called once, when the
    module is imported: pass the function itself.
    """
    metadata = sqlalchemy.table.metadata
    sqlalchemy.ledger.call("the defaults of the columns")
    defaults = scalar_defaults(metadata)
    for name, value in defaults.items():
        expect(
            not made_lately(value),
            f"{name} to be a function, or a constant",
            f"it is {value!r} for every row, a time within the last day",
            cause="the default is called when the module is imported.",
        )
    try:
        elsewhere = Direct.of(sqlalchemy).fresh().defaults
    except Untested:
        return
    for name, text in elsewhere.items():
        expect(
            name not in defaults or repr(defaults[name]) == text,
            f"{name} to be a function, or a constant",
            f"it is {defaults.get(name)!r} for every row in this process and {text} in another",
            cause="the default is called when the module is imported.",
        )


@harden("flask-sqlalchemy-extension", share=0.3)
@given(
    inner=st.lists(st.sampled_from(["nothing", "read", "commit", "error"]), min_size=1, max_size=3),
    request=st.booleans(),
)
@example(inner=["nothing"], request=True)
def test_nested_context_safe(sqlalchemy: Harness, inner: list[str], request: bool) -> None:
    """An app context nested in another leaves the outer context's pending work alone.

    A command that a view calls, a task that runs eagerly, a test that pushes a context: each ends
    with a teardown. With one session per thread it removes the outer session, whose pending rows
    are silently lost.

    Source: beyond the chapter; it protects the outer context's work from the inner teardown.

    Usual cause: `scoped_session` without a `scopefunc`; pass one that returns the app context's
    identity, as Flask-SQLAlchemy does.
    """
    direct = Direct.of(sqlalchemy)
    app = direct.flask_app
    outer = direct.unique("outer")
    wanted = [outer]
    replaced: list[str] = []

    def nested(what: str) -> None:
        direct.ledger.note(f"with app.app_context(): ... ({what})")
        with app.app_context():
            if what == "read":
                direct.read()
            elif what == "commit":
                wanted.append(direct.unique("inner"))
                direct.session.add(direct.new(wanted[-1]))
                direct.session.commit()
            elif what == "error":
                raise ZeroDivisionError

    def work() -> None:
        own = direct.session()
        own.add(direct.new(outer))
        for what in inner:
            with contextlib.suppress(ZeroDivisionError):
                nested(what)
            if direct.session() is not own:
                replaced.append(what)
        direct.session.commit()

    if request:
        answer = direct.during(work)
        expect(answer.status == 200, f"a view with {inner} in inner contexts to succeed", answer)
    else:
        with app.app_context():
            direct.call(f"a command with {inner} in inner contexts", work)
    missing = sorted(set(wanted) - set(direct.store.texts()))
    expect(
        not missing,
        f"{', '.join(wanted)} to be stored by the commit after {inner} in inner app contexts",
        f"no row with {', '.join(missing)}",
        cause="the end of the inner context removes the session of the outer one, which has a new "
        "session after it"
        if replaced
        else "",
    )


@must("declarative")
def test_schema_complete(sqlalchemy: Harness) -> None:
    """In a new process the schema function alone creates every table, and is safe to call twice.

    Source: Declarative: `init_db` imports all modules that might define models, so that they are
    registered on the metadata.

    Usual cause: the schema function does not import the modules with the models, so the metadata
    is still empty: no tables, and no error.
    """
    found = set(Direct.of(sqlalchemy).fresh().tables)
    if sqlalchemy.binding.model is None:
        expect(found, "tables in a new database", "none")
        return
    wanted = {table.name for table in sqlalchemy.table.metadata.tables.values()}
    expect(
        wanted <= found,
        f"the tables {', '.join(sorted(wanted))} after the schema function ran in a new process",
        f"{', '.join(sorted(found)) or 'no table'} in the new database",
    )


@should("sql-abstraction-layer", share=0.3)
@given(text=texts)
def test_explicit_commit_core(sqlalchemy: Harness, text: str) -> None:
    """Writes on a connection, without a session, are committed too.

    SQLAlchemy 1.4 committed such statements by itself, and the docs still say so. Since 2.0 the
    row is silently lost.

    Source: SQL Abstraction Layer: a connection, so that a transaction can be used; it is
    committed.

    Usual cause: `engine.connect()` instead of `engine.begin()`, or no `commit()`.
    """
    sqlalchemy.views("core_create")
    text = sqlalchemy.unique(text)
    response = sqlalchemy.route("core_create", text)
    expect(response.status < 400, f"a row with {text!r} to be stored", response)
    stored = sqlalchemy.store.texts()
    expect(text in stored, f"another program to see {text!r}", f"it sees {stored}")


@should("manual-object-relational-mapping")
def test_api_2x(sqlalchemy: Harness) -> None:
    """The app uses nothing that SQLAlchemy 2 has deprecated or removed.

    `mapper()`, bound metadata, `autoload=True`, `engine.execute()` and implicit execution are
    gone: two of the page's four sections do not run on 2.0.

    Source: Manual Object Relational Mapping and the sections around it use SQLAlchemy's API;
    SQLAlchemy 2.0's Major Migration Guide lists which parts of it are deprecated or removed.

    Usual cause: code that was written for 1.x; run it on 1.4 with `SQLALCHEMY_WARN_20=1` to find
    every place.
    """
    sqlalchemy.inside()
    text = sqlalchemy.unique("row")
    actions: dict[str, Callable[[], Any]] = {"storing a row": partial(sqlalchemy.create, text)}
    if isinstance(sqlalchemy, Direct):
        actions["reading the rows"] = sqlalchemy.shown
    else:
        keys = [key for key in ("list", "find") if getattr(sqlalchemy.binding, key)]
        for key in keys:
            actions[f"the route {key}"] = partial(
                sqlalchemy.route, key, text if key == "find" else None
            )
        if sqlalchemy.binding.core_create is not None:
            other = sqlalchemy.unique("row")
            actions["the route core_create"] = partial(sqlalchemy.route, "core_create", other)
    with deprecations() as found:
        answers = {name: action() for name, action in actions.items()}
    expect(not found, "no SQLAlchemy 2 deprecation warning", "; ".join(sorted(set(found))))
    for name, answer in answers.items():
        response = answer.response if isinstance(answer, Shown) else answer
        expect(response.status < 500, f"{name} to work on this version of SQLAlchemy", response)
    if isinstance(sqlalchemy, Direct):
        fresh = sqlalchemy.fresh()
        expect(
            not fresh.deprecations,
            "no SQLAlchemy 2 deprecation warning when the modules are imported",
            "; ".join(fresh.deprecations),
        )


@harden("declarative", share=0.2)
@given(text=texts)
def test_unique_violation_4xx(sqlalchemy: Harness, text: str) -> None:
    """A duplicate value is rejected without a server error, and is not stored twice.

    Source: beyond the chapter; it protects a visitor from a server error for a value that is
    already taken.

    Usual cause: nothing catches `IntegrityError` around the commit.
    """
    sqlalchemy.views("create")
    text = sqlalchemy.unique(text)
    first = sqlalchemy.create(text)
    expect(first.status < 400, f"a row with {text!r} to be stored", first)
    second = sqlalchemy.duplicate(text)
    expect(second.status < 500, f"a 4xx, or the form again, for a second {text!r}", second)
    count = sqlalchemy.store.texts().count(text)
    expect(count == 1, f"one row with {text!r}", f"{count}")


@harden("declarative")
def test_missing_value(sqlalchemy: Harness) -> None:
    """A row without its text causes no server error, whether it is stored or refused.

    Source: beyond the chapter; it protects a visitor from a server error for a form that is not
    filled in.

    Usual cause: the view works with `request.form.get(...)` as if it were text, or commits None
    for a column that is not nullable.
    """
    sqlalchemy.views("create")
    client = sqlalchemy.client()
    response = sqlalchemy.send(client, sqlalchemy.need("create"), fields=sqlalchemy.others())
    field = sqlalchemy.binding.field or sqlalchemy.binding.column
    expect(response.status < 500, f"no server error without {field}", response)


@harden("declarative", share=0.1)
@given(text=words)
def test_unique_violation_race(sqlalchemy: Harness, text: str) -> None:
    """A value that a concurrent request takes first is also rejected without a server error.

    Source: beyond the chapter; it protects a visitor from a server error when another request is
    quicker.

    Usual cause: the view checks whether the value is taken and then inserts, and another request
    comes in between. Rely on the constraint and catch `IntegrityError`.
    """
    sqlalchemy.views("create")
    text = sqlalchemy.unique(text)
    other: list[str] = []
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(sqlalchemy.create(text)), daemon=True)

    def overtake(statement: str) -> None:
        if statement.lstrip().upper().startswith("INSERT") and not other:
            other.append(statement)
            # In a thread, because the waiting request has this thread's context. An app that
            # locks before it checks lets the other one finish only after this one.
            thread.start()
            thread.join(1)

    sqlalchemy.need_app()  # the app's own inserts are not part of the race
    sqlalchemy.watch.before = overtake
    try:
        late = sqlalchemy.create(text)
        between = bool(answers)
    finally:
        sqlalchemy.watch.before = None
        if other:
            thread.join()
    if not between or answers[0].status >= 400:
        raise Untested("no second request can come in between: the app locks before it checks")
    stored = sqlalchemy.store.texts().count(text)
    if stored > 1:
        raise Untested(f"{sqlalchemy.binding.column} is not unique: no row is rejected")
    expect(late.status < 500, f"a 4xx, or the form again, for the second {text!r}", late)


@should("flask-sqlalchemy-extension", share=0.05)
@given(text=words)
def test_config_driven(sqlalchemy: Harness, text: str) -> None:
    """Each app uses the database that its configuration names, and no two apps share one.

    Source: Flask-SQLAlchemy Extension: the extension handles the configuration, one database for
    each app.

    Usual cause: `create_engine` with a literal URL when the module is imported; tests, and a
    second app in the process, then write to the same database.
    """
    sqlalchemy.inside()
    if sqlalchemy.url_config is None:
        sqlalchemy.need("url_config")
    if sqlalchemy.bench.subject.app is not None and not sqlalchemy.bench.subject.target().factory:
        raise Untested("needs a factory: the app is an object that is created once")
    stores = []
    for _ in range(2):
        sqlalchemy.renew()
        sqlalchemy.url = sqlalchemy.new_url()
        name = sqlalchemy.unique(text)
        response = sqlalchemy.create(name)
        expect(response.status < 400, f"a row with {name!r} to be stored", response)
        stores.append((name, sqlalchemy.used_url, sqlalchemy.url))
    for name, used, wanted in stores:
        expect(
            same_database(used, wanted),
            f"{name!r} to go to {wanted}, as {sqlalchemy.url_config} of its app says",
            f"it went to {used}",
            cause=f"two apps with a different {sqlalchemy.url_config} each use the same database"
            if same_database(stores[0][1], stores[1][1])
            else "",
        )


@should("declarative", share=0.1)
@given(names=st.lists(words, min_size=1, max_size=8))
def test_stream_in_session(sqlalchemy: Harness, names: list[str]) -> None:
    """A streamed response contains all rows, and returns its connection when it ends.

    Source: Declarative: the session is removed at the end of the request.

    Usual cause: the query runs in the view, and the generator reads from a session that has been
    removed. On Flask 3.1.2 and 3.1.3 `stream_with_context` ends the context before the generator
    starts (pallets/flask#5804): give the generator its own session.
    """
    sqlalchemy.views("stream", "create")
    stored = [sqlalchemy.unique(name) for name in names]
    for name in stored:
        answer = sqlalchemy.create(name)
        expect(answer.status < 400, f"a row with {name!r} to be stored", answer)
    response = sqlalchemy.route("stream")
    missing = [name for name in stored if not shows(response.body, name)]
    expect(
        response.status == 200 and not missing and not response.truncated,
        f"all of {stored} in the stream",
        f"{response}; without {missing}",
    )
    if sqlalchemy.bench.transport.same_process:
        held = sqlalchemy.held()
        expect(held == 0, "no checked out connection after the stream", f"{held} still are")


@harden("declarative")
def test_stream_abandoned(sqlalchemy: Harness) -> None:
    """A streamed response returns its connection when the client disconnects.

    Source: beyond the chapter; it protects the pool from clients that disconnect.

    Usual cause: the generator opens a connection and closes it after its loop, without `with` or
    `finally`; a generator that is closed early never gets there.
    """
    sqlalchemy.views("stream", "create")
    sqlalchemy.only_wsgi("disconnects at a certain moment")
    with sqlalchemy.aside():
        for index in range(40):
            sqlalchemy.create(sqlalchemy.unique(f"row{index}"))
    sqlalchemy.ledger.note("40 rows are stored")
    route = sqlalchemy.need("stream")
    with sqlalchemy.client().stream(route.request()) as stream:
        try:
            next(iter(stream))
        except Exception as error:
            raise Untested(f"the stream yields nothing: {type(error).__name__}: {error}") from None
    held = sqlalchemy.held()
    expect(
        held == 0,
        "no connection of the pool to be in use after the client has disconnected",
        f"{held} still in use",
    )


@harden("sql-abstraction-layer", share=0.3)
@given(text=texts)
@example(text="' OR '1'='1")
@example(text="O'Brien")
def test_bound_text(sqlalchemy: Harness, text: str) -> None:
    """Looked-up text is bound, not interpreted as SQL: it finds its own row and no other.

    Source: beyond the chapter; it protects rows from SQL injection through lookups.

    Usual cause: an f-string, or `%`, puts the text into the statement; `text()` with `:name` and
    a dict of values binds it.
    """
    sqlalchemy.views("find", "create")
    decoy, wanted = sqlalchemy.unique("decoy"), sqlalchemy.unique(text)
    for each in (decoy, wanted):
        answer = sqlalchemy.create(each)
        expect(answer.status < 400, f"a row with {each!r} to be stored", answer)
    before = sqlalchemy.store.texts()
    # The first text is in no row: it may find nothing.
    for asked, rows in ((text, 0), (wanted, 1)):
        response = sqlalchemy.route("find", asked)
        expect(response.status < 500, f"a response without a server error for {asked!r}", response)
        expect(
            not shows(response.body, decoy),
            f"only rows with {asked!r}",
            f"another row, {decoy!r}, in {response}",
        )
        expect(not rows or shows(response.body, wanted), f"the row with {asked!r}", response)
    after = sqlalchemy.store.texts()
    expect(after == before, f"the same rows as before, {before}", f"{after}")


@harden("declarative", share=0.1)
@given(names=st.lists(words, min_size=1, max_size=3))
def test_no_detached_leak(sqlalchemy: Harness, names: list[str]) -> None:
    """Data kept beyond the context, for a cache or a task, contains no model objects.

    A model object is bound to its session: after the context, every attribute that was not loaded
    raises `DetachedInstanceError`, in the cache or the worker, far from where the object was
    created.

    Source: beyond the chapter; it protects caches and tasks from objects that are bound to a
    session.

    Usual cause: a list of objects, or a query that has not run, is passed on instead of their
    values.
    """
    sqlalchemy.inside()
    snapshot = sqlalchemy.component("snapshot")
    for name in names:
        sqlalchemy.create(sqlalchemy.unique(name))
    with sqlalchemy.app.app_context():
        kept = sqlalchemy.call("snapshot()", snapshot)
    place = source_of(snapshot)
    for path, value in _leaves(kept, "snapshot()"):
        module = type(value).__module__.partition(".")[0]
        expect(
            module != "sqlalchemy"
            and not hasattr(type(value), "__mapper__")
            and not hasattr(value, "_sa_instance_state")
            and not hasattr(value, "__next__"),
            "plain data: strings, numbers, dates, and lists and dicts of them",
            f"{path} is a {type(value).__module__}.{type(value).__qualname__}"
            + (f"; snapshot is {place}" if place else ""),
        )


def _leaves(value: Any, path: str) -> Any:
    """Yield everything inside a value that is not a container, with its path."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{path}[{key!r}]")
    elif type(value) in (list, tuple, set, frozenset):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{path}[{index}]")
    else:
        yield path, value


@harden("flask-sqlalchemy-extension", share=0.05)
@given(more=st.integers(2, 12))
def test_n_plus_one(sqlalchemy: Harness, more: int) -> None:
    """A page of rows takes no more statements for many rows than for one.

    Source: beyond the chapter; it protects the database from one statement per row.

    Usual cause: the template accesses a relationship of each row; load it with the rows, by
    `selectinload` or `joinedload`.
    """
    sqlalchemy.views("list", "create")
    sqlalchemy.inside()
    counts = []
    for number in (1, more):
        for _ in range(number):
            sqlalchemy.create(sqlalchemy.unique("row"))
        start = len(sqlalchemy.watch.statements)
        response = sqlalchemy.shown().response
        expect(response.status == 200, "the page with all rows", response)
        counts.append(len(sqlalchemy.watch.statements) - start)
    expect(
        counts[1] <= counts[0],
        f"{counts[0]} statements for {1 + more} rows, as for one",
        f"{counts[1]}",
    )
