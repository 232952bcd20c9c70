"""Uses of SQLAlchemy, each with one believable mistake."""

from __future__ import annotations

import datetime
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import flask
import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.exc import IntegrityError
from sqlalchemy.util import ThreadLocalRegistry

import reference.sqlalchemy as good
from conformance import Subject
from conformance.subject.config import load_config
from tests.proof import mutant, new_folder
from tests.variants.sqlalchemy import Person, context, engine

#: How the reference's routes are bound.
BOUND = load_config(Path(__file__).parents[2] / "pyproject.toml")["patterns"]["sqlalchemy"]
ROUTES = {key: value for key, value in BOUND.items() if key != "db"}

User = good.User


def changed(change: Callable[[flask.Flask], object] | None = None, **binding: Any) -> Subject:
    """The reference's routes in an app of their own, after a change of the app."""

    def create_app(config: Mapping[str, Any] | None = None) -> flask.Flask:
        app = flask.Flask("reference")
        app.config.update(config or {})
        good.init_app(app)
        if change is not None:
            change(app)
        return app

    table = {**ROUTES, "url_config": "SQLALCHEMY_DATABASE_URI", **binding}
    return Subject(app=create_app, patterns={"sqlalchemy": table})


def view(name: str, function: Callable[[], Any]) -> Subject:
    """The reference's routes, one of them with another view."""
    return changed(lambda app: app.view_functions.update({f"sqlalchemy.{name}": function}))


def session_app(
    db_session: orm.scoped_session[orm.Session],
    shutdown: Callable[[BaseException | None], object],
    **engine_options: Any,
) -> Subject:
    """A scoped session in an app that has an engine of its own and calls `shutdown` at the end."""

    def create_app(config: dict[str, Any]) -> flask.Flask:
        app = flask.Flask("shop")
        app.config["PROPAGATE_EXCEPTIONS"] = True
        app.extensions["engine"] = sa.create_engine(config["URL"], **engine_options)
        if isinstance(db_session.registry, ThreadLocalRegistry):
            # What an earlier app left in this thread, as there is one app to a process.
            db_session.remove()
        app.teardown_appcontext(shutdown)
        return app

    binding = {
        "db_session": db_session,
        "init_db": lambda: Person.metadata.create_all(db_session.get_bind()),
        "model": Person,
        "values": {"email": "{n}@example.org"},
        "url_config": "URL",
    }
    return Subject(app=create_app, patterns={"sqlalchemy": binding})


def scoped(scope: Callable[[], Any] | None = context) -> orm.scoped_session[orm.Session]:
    """A scoped session, for each app context unless another scope is given."""
    return orm.scoped_session(lambda: orm.Session(engine()), scope)


@mutant("session-removed", says="got the same session", also=["nested-context-safe"])
def rolled_back_not_removed() -> Subject:
    """The teardown function rolls the thread's session back and keeps it."""
    db_session = scoped(None)
    return session_app(db_session, lambda exception: db_session.rollback())


@mutant("session-removed", says="to be checked out of the pool")
def connection_kept() -> Subject:
    """The page takes a connection to count the rows and does not give it back."""
    kept = []

    def index() -> Any:
        kept.append(good.db.engine.connect())
        return good.index()

    return view("index", index)


@mutant("poison-recovery", says="the session of the failed request is used again",
        also=["session-removed", "error-atomic", "nested-context-safe", "commit-durable"])  # fmt: skip
def removed_without_error() -> Subject:
    """The teardown function leaves the session alone where there was an exception."""
    db_session = scoped(None)

    def shutdown(exception: BaseException | None) -> None:
        if exception is None:
            db_session.remove()

    return session_app(db_session, shutdown)


@mutant("commit-durable", says="another program to see 'first",
        also=["no-cross-request", "stream-in-session", "unique-violation-4xx",
              "bound-text"])  # fmt: skip
def commit_forgotten() -> Subject:
    """The view adds and flushes; nothing commits."""

    def create() -> tuple[str, int]:
        good.db.session.add(User(name=flask.request.form["name"]))
        good.db.session.flush()
        return "created", 201

    return view("create", create)


@mutant("error-atomic", says="the same rows as before")
def commit_for_each_row() -> Subject:
    """The first of two rows is committed before the second is looked at."""

    def create_pair() -> str:
        for field in ("name", "partner"):
            name = flask.request.form.get(field) or flask.abort(400)
            good.db.session.add(User(name=name))
            good.db.session.commit()
        return "created"

    return view("create_pair", create_pair)


@mutant("error-atomic", says="after a write that returned 409")
def commit_in_teardown() -> Subject:
    """The teardown function commits where it is told of no exception."""
    db_session = scoped()

    def shutdown(exception: BaseException | None) -> None:
        if exception is None:
            db_session.commit()
        db_session.remove()

    return session_app(db_session, shutdown)


@mutant("error-atomic", says="the same rows as before")
def autocommit() -> Subject:
    """The engine commits each statement by itself."""
    db_session = scoped()
    return session_app(
        db_session, lambda exception: db_session.remove(), isolation_level="AUTOCOMMIT"
    )


@mutant("no-cross-request", says="the request that adds",
        also=["session-per-thread", "nested-context-safe", "uncommitted-unseen"])  # fmt: skip
def one_session() -> Subject:
    """One session for the whole process."""
    db_session = scoped(lambda: 1)
    return session_app(db_session, lambda exception: db_session.remove())


@mutant("session-per-thread", says="one session in", also=["session-removed"])
def shared_behind_a_lock() -> Subject:
    """One session for all threads, which take turns."""
    shared = orm.Session()
    turn = threading.Lock()

    def create() -> tuple[str, int]:
        with turn:
            shared.bind = good.db.engine
            try:
                shared.add(User(name=flask.request.form["name"]))
                shared.commit()
            except IntegrityError:
                flask.abort(409)
            finally:
                shared.close()
        return "created", 201

    return view("create", create)


@mutant("nested-context-safe", says="removes the session of the outer one")
def session_for_a_thread() -> Subject:
    """A session for each thread, as the page shows it."""
    db_session = scoped(None)
    return session_app(db_session, lambda exception: db_session.remove())


forgotten = orm.declarative_base()
forgotten_session = scoped()


def init_forgotten() -> None:
    forgotten.metadata.create_all(engine())


def forgotten_app(config: dict[str, Any]) -> flask.Flask:
    app = flask.Flask("shop")
    app.extensions["engine"] = sa.create_engine(config["URL"])
    app.teardown_appcontext(lambda exception: forgotten_session.remove())
    return app


@mutant("schema-complete", says="no table in the new database")
def models_not_imported() -> Subject:
    """The schema function does not import the models: only who has done so gets their tables."""
    # Defining the class stands for importing its module, which a new process has not done.
    if not forgotten.metadata.tables:
        namespace = {
            "__tablename__": "late",
            "id": sa.Column(sa.Integer, primary_key=True),
            "name": sa.Column(sa.String(50), unique=True),
        }
        models_not_imported.model = type("Late", (forgotten,), namespace)  # type: ignore[attr-defined]
    names = "tests.mutants.sqlalchemy:"
    binding = {
        "db_session": names + "forgotten_session",
        "init_db": names + "init_forgotten",
        "model": models_not_imported.model,  # type: ignore[attr-defined]
        "url_config": "URL",
    }
    return Subject(app=names + "forgotten_app", patterns={"sqlalchemy": binding})


@mutant("explicit-commit-core", says="another program to see")
def core_without_commit() -> Subject:
    """A connection inserts, as the page shows it, and expects that this commits."""

    def core_create() -> tuple[str, int]:
        with good.db.engine.connect() as connection:
            connection.execute(User.__table__.insert(), {"name": flask.request.form["name"]})
        return "created", 201

    return view("core_create", core_create)


@mutant("api-2x", says=": LegacyAPIWarning: The Query.get")
def query_get() -> Subject:
    """The page asks for the newest row with `Query.get`."""

    def index() -> Any:
        good.db.session.query(User).get(1)
        return good.index()

    return view("index", index)


@mutant("api-2x", says="to work on this version of SQLAlchemy")
def engine_execute() -> Subject:
    """The view calls `execute` on the engine."""

    def find() -> Any:
        statement = sa.select(User.name).where(User.name == flask.request.args.get("name", ""))
        if flask.request.args.get("name", "").startswith("row"):
            return {"users": [row[0] for row in good.db.engine.execute(statement)]}
        return good.find()

    return view("find", find)


@mutant("unique-violation-4xx", says="a 4xx, or the form again", also=["unique-violation-race"])
def violation_not_caught() -> Subject:
    """Nothing catches what the unique constraint raises."""

    def create() -> tuple[str, int]:
        good.db.session.add(User(name=flask.request.form["name"]))
        good.db.session.commit()
        return "created", 201

    return view("create", create)


@mutant("missing-value", says="no server error without name")
def none_stripped() -> Subject:
    """The view takes the name for text, which None is not where the field is missing."""

    def create() -> tuple[str, int]:
        good.db.session.add(User(name=flask.request.form.get("name").strip()))  # type: ignore[union-attr]
        try:
            good.db.session.commit()
        except IntegrityError:
            flask.abort(409)
        return "created", 201

    return view("create", create)


@mutant("unique-violation-race", says="or the form again, for the second")
def look_before_insert() -> Subject:
    """The view looks whether the name is taken, and relies on what it saw."""

    def create() -> tuple[str, int]:
        name = flask.request.form["name"]
        if good.db.session.execute(sa.select(User).filter_by(name=name)).first():
            flask.abort(409)
        good.db.session.add(User(name=name))
        good.db.session.commit()
        return "created", 201

    return view("create", create)


@mutant("config-driven", says="use the same database")
def engine_of_the_module() -> Subject:
    """The engine is made once, with a literal URL, whatever is configured."""
    folder = new_folder()
    own = sa.create_engine(f"sqlite:///{folder}/test.db")
    db_session = orm.scoped_session(orm.sessionmaker(own), context)
    return session_app(db_session, lambda exception: db_session.remove())


@mutant("stream-in-session", says="in the stream")
def stream_outside_the_context() -> Subject:
    """The generator asks for the context's session, and runs when that has ended."""

    def export() -> flask.Response:
        def lines() -> Iterator[str]:
            for name in good.db.session.execute(sa.select(User.name)).scalars():
                yield f"{name}\n"

        return flask.Response(lines(), mimetype="text/plain")

    return view("export", export)


@mutant("stream-abandoned", says="1 still in use")
def closed_after_the_loop() -> Subject:
    """The generator closes its session after the loop, which it need not reach."""
    streams: list[orm.Session] = []

    def export() -> flask.Response:
        own = good.db.engine

        def lines() -> Iterator[str]:
            session = orm.Session(own)
            streams.append(session)
            for name in session.execute(sa.select(User.name)).scalars():
                yield f"{name}\n"
            streams.remove(session)
            session.close()

        return flask.Response(lines(), mimetype="text/plain")

    return view("export", export)


@mutant("bound-text", says="another row, ")
def formatted_statement() -> Subject:
    """The text is put into the statement, its quotes as they are."""

    def find() -> dict[str, list[str]]:
        statement = f"SELECT name FROM users WHERE name = '{flask.request.args.get('name')}'"
        with good.db.engine.connect() as connection:
            rows = connection.exec_driver_sql(statement)
            return {"users": [row.name for row in rows]}

    return view("find", find)


@mutant("no-detached-leak", says="snapshot()[0] is a reference.sqlalchemy.User")
def objects_kept() -> Subject:
    """The cache gets the objects themselves."""

    def users() -> list[Any]:
        return list(good.db.session.execute(sa.select(User)).scalars())

    return changed(snapshot=users)


@mutant("n-plus-one", says="statements for")
def notes_one_by_one() -> Subject:
    """The page loads the notes of each user as it comes to them."""

    def index() -> dict[str, Any]:
        users = good.db.session.execute(sa.select(User)).scalars()
        return {"users": [{"name": u.name, "notes": [n.text for n in u.notes]} for u in users]}

    return view("index", index)


@mutant("session-removed", says="got the same session")
def session_of_the_thread_in_a_view() -> Subject:
    """The view has a session for its thread, which it never gives up."""
    own = threading.local()

    def create() -> tuple[str, int]:
        if getattr(own, "engine", None) is not good.db.engine:
            own.engine, own.session = good.db.engine, orm.Session(good.db.engine)
        try:
            own.session.add(User(name=flask.request.form["name"]))
            own.session.commit()
        except IntegrityError:
            own.session.rollback()
            flask.abort(409)
        return "created", 201

    return view("create", create)


@mutant("uncommitted-unseen", says="use the same connection to the database")
def one_connection_for_all() -> Subject:
    """The pool has one connection, which every session gets."""
    db_session = scoped()
    return session_app(
        db_session,
        lambda exception: db_session.remove(),
        poolclass=sa.StaticPool,
        connect_args={"check_same_thread": False},
    )


@mutant("uncommitted-unseen", says="which another has not committed", also=["session-removed"])
def one_connection_for_the_views() -> Subject:
    """The views bind their sessions to a connection that is opened once."""
    opened: dict[str, sa.Connection] = {}

    def connection() -> sa.Connection:
        url = str(good.db.engine.url)
        if url not in opened:
            opened.clear()
            pool = {"poolclass": sa.StaticPool, "connect_args": {"check_same_thread": False}}
            opened[url] = sa.create_engine(url, **pool).connect()
        return opened[url]

    def create() -> tuple[str, int]:
        users = connection()
        try:
            users.execute(sa.insert(User), {"name": flask.request.form["name"]})
        except IntegrityError:
            users.rollback()
            flask.abort(409)
        users.commit()
        return "created", 201

    def index() -> dict[str, Any]:
        names = connection().execute(sa.select(User.name)).scalars()
        return {"users": list(names)}

    def change(app: flask.Flask) -> None:
        app.view_functions.update({"sqlalchemy.create": create, "sqlalchemy.index": index})

    return changed(change, stream=None)


dated = orm.declarative_base()


class Joined(dated):
    """Who joined, and when this module was imported."""

    __tablename__ = "joined"

    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(50), unique=True)
    since = sa.Column(sa.DateTime, default=datetime.datetime.now())


lettered = orm.declarative_base()


class Invited(lettered):
    """Who was invited, all with one token."""

    __tablename__ = "invited"

    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(50), unique=True)
    token = sa.Column(sa.String(80), default=secrets.token_hex())


def init_invited() -> None:
    lettered.metadata.create_all(engine())


@mutant("default-fresh", says="joined.since (default) to be a function")
def moment_of_the_import() -> Subject:
    """The default is the moment at which the module was imported."""
    binding = {
        "db_session": forgotten_session,
        "init_db": lambda: dated.metadata.create_all(engine()),
        "model": Joined,
        "url_config": "URL",
    }
    return Subject(app=forgotten_app, patterns={"sqlalchemy": binding})


@mutant("default-fresh", says="invited.token (default) to be")
def token_of_the_import() -> Subject:
    """The default is a token that was made when the module was imported."""
    names = "tests.mutants.sqlalchemy:"
    binding = {
        "db_session": names + "forgotten_session",
        "init_db": names + "init_invited",
        "model": names + "Invited",
        "url_config": "URL",
    }
    return Subject(app=names + "forgotten_app", patterns={"sqlalchemy": binding})
