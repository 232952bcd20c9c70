"""Databases, done right in other ways than the reference's."""

from __future__ import annotations

import datetime
import html
from collections.abc import Iterator, Mapping
from typing import Any

import flask
import sqlalchemy as sa
from flask.globals import app_ctx
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import orm
from sqlalchemy.exc import IntegrityError

from conformance import Subject
from tests.proof import variant

Config = Mapping[str, Any]


def engine() -> sa.Engine:
    """The engine of the current app."""
    return flask.current_app.extensions["engine"]


def app_with_engine(config: Config | None, key: str, **options: Any) -> flask.Flask:
    app = flask.Flask("shop")
    app.config.update(config or {})
    app.extensions["engine"] = sa.create_engine(app.config[key], **options)
    return app


# Declarative, with a scoped session.


class Base(orm.DeclarativeBase):
    pass


class Person(Base):
    """The attribute is not named as the column is, and the constructor is the class's own."""

    __tablename__ = "people"

    number: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    title: orm.Mapped[str] = orm.mapped_column("name", sa.String(80), unique=True)
    email: orm.Mapped[str] = orm.mapped_column(sa.String(120), unique=True)
    since: orm.Mapped[datetime.datetime] = orm.mapped_column(default=datetime.datetime.now)
    left: orm.Mapped[datetime.datetime] = orm.mapped_column(default=datetime.datetime(9999, 1, 1))

    def __init__(self, title: str | None = None, email: str | None = None) -> None:
        self.title = title or ""
        self.email = email or ""


def context() -> int:
    """What a session belongs to."""
    return id(app_ctx._get_current_object())


db_session = orm.scoped_session(lambda: orm.Session(engine(), autoflush=False), context)


def init_db() -> None:
    Base.metadata.create_all(engine())


def people(config: Config | None = None) -> flask.Flask:
    app = app_with_engine(config, "DATABASE_URL")

    @app.teardown_appcontext
    def shutdown_session(exception: BaseException | None = None) -> None:
        db_session.remove()

    @app.post("/join")
    def join() -> Any:
        form = flask.request.form
        db_session.add(Person(form["who"], form["email"]))
        try:
            db_session.commit()
        except IntegrityError:
            db_session.rollback()
            return page("<p>this name is taken</p><form method=post>...</form>")
        return flask.redirect("/people")

    @app.get("/people")
    def everyone() -> str:
        rows = db_session.query(Person).order_by(Person.number)
        return page("".join(f"<li>{html.escape(row.title)}</li>" for row in rows))

    @app.get("/search")
    def search() -> str:
        found = db_session.query(Person).filter_by(title=flask.request.args["who"]).all()
        return page("".join(f"<li>{html.escape(row.title)}</li>" for row in found))

    return app


def first_person(app: flask.Flask) -> None:
    """Create the tables and somebody who is there only once."""
    with app.app_context():
        init_db()
        db_session.add(Person("demo", "demo@example.org"))
        db_session.commit()


def page(body: str) -> str:
    return f"<!doctype html><title>people</title><body>{body}</body>"


@variant
def declarative_session() -> Subject:
    """A declarative base, a session for each context, a row that set-up stores; HTML pages."""
    binding = {
        "db_session": "tests.variants.sqlalchemy:db_session",
        "init_db": init_db,
        "model": Person,
        "column": "name",
        "values": {"email": "{n}@example.org"},
        "url_config": "DATABASE_URL",
        "field": "who",
        "create": {"method": "POST", "path": "/join", "form": {}},
        "list": "/people",
        "find": "/search",
    }
    return Subject(app=people, setup=first_person, patterns={"sqlalchemy": binding})


# Flask-SQLAlchemy, with typed models.


class TypedBase(orm.DeclarativeBase):
    pass


typed = SQLAlchemy(model_class=TypedBase, session_options={"expire_on_commit": False})


class Tag(typed.Model):  # type: ignore[name-defined]
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    label: orm.Mapped[str] = orm.mapped_column(sa.Text, index=True)


@variant
def typed_models() -> Subject:
    """Flask-SQLAlchemy alone, with typed models, and a text that is not unique."""
    names = "tests.variants.sqlalchemy:"
    binding = {"db": names + "typed", "model": names + "Tag", "column": "label"}
    return Subject(patterns={"sqlalchemy": binding})


class Packed(sa.types.TypeDecorator[str]):
    """Text that the database holds as bytes."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: object) -> Any:
        return value if value is None else value.encode("utf-16-be", "surrogatepass")

    def process_result_value(self, value: Any, dialect: object) -> Any:
        return value if value is None else value.decode("utf-16-be", "surrogatepass")


class Label(typed.Model):  # type: ignore[name-defined]
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    text: orm.Mapped[str] = orm.mapped_column(Packed, unique=True)


@variant
def a_type_of_its_own() -> Subject:
    """Flask-SQLAlchemy alone, with a column whose type spells text in its own way."""
    names = "tests.variants.sqlalchemy:"
    binding = {"db": names + "typed", "model": names + "Label", "column": "text"}
    return Subject(patterns={"sqlalchemy": binding})


# A plain session in g.


def session() -> orm.Session:
    if "session" not in flask.g:
        flask.g.session = orm.Session(engine())
    return flask.g.session


def plain(config: Config | None = None) -> flask.Flask:
    app = app_with_engine(config, "DB", poolclass=sa.pool.NullPool)

    @app.after_request
    def commit(response: flask.Response) -> flask.Response:
        if "session" in flask.g and response.status_code < 400:
            flask.g.session.commit()
        return response

    @app.teardown_appcontext
    def close(exception: BaseException | None) -> None:
        if "session" in flask.g:
            flask.g.pop("session").close()

    @app.errorhandler(IntegrityError)
    def taken(error: IntegrityError) -> tuple[str, int]:
        return "taken", 422

    @app.post("/p")
    def create() -> tuple[dict[str, str], int]:
        data = flask.request.form
        session().add(Person(data["name"], data["email"]))
        session().flush()
        return {"ok": data["name"]}, 201

    @app.post("/fail")
    def fail() -> None:
        create()
        raise RuntimeError("after a write")

    @app.get("/p")
    def everyone() -> dict[str, list[str]]:
        return {"people": list(session().scalars(sa.select(Person.title)))}

    @app.get("/lines")
    def lines() -> flask.Response:
        names = session().scalars(sa.select(Person.title)).all()
        return flask.Response((f"{name}\n" for name in names), mimetype="text/plain")

    return app


@variant
def session_in_g() -> Subject:
    """A session in `g`; a hook commits for every answer that is a success; no pool."""
    binding = {
        "model": Person,
        "init_db": init_db,
        "url_config": "DB",
        "values": {"email": "{n}@example.org"},
        "create": {"method": "POST", "path": "/p", "form": {}},
        "fail": {"method": "POST", "path": "/fail", "form": {}},
        "list": "/p",
        "stream": "/lines",
        "snapshot": lambda: everyone_as_tuples(session()),
    }
    return Subject(app=plain, patterns={"sqlalchemy": binding})


def everyone_as_tuples(session: orm.Session) -> list[tuple[str, str]]:
    return [tuple(row) for row in session.execute(sa.select(Person.title, Person.email))]


# Tables alone.

metadata = sa.MetaData()
words = sa.Table("words", metadata, sa.Column("word", sa.String(60), primary_key=True))


def core(config: Config | None = None) -> flask.Flask:
    app = app_with_engine(config, "DB")
    app.json.ensure_ascii = False  # type: ignore[attr-defined]

    @app.post("/words")
    def add() -> Any:
        with engine().connect() as connection, connection.begin():
            try:
                connection.execute(words.insert(), {"word": flask.request.form["word"]})
            except IntegrityError:
                flask.abort(409)
        return "", 204

    @app.post("/two")
    def add_two() -> str:
        with engine().begin() as connection:
            for _ in range(2):
                connection.execute(words.insert(), {"word": flask.request.form["word"]})
        return ""

    @app.get("/words")
    def everything() -> Any:
        with engine().connect() as connection:
            if "word" in flask.request.args:
                query = sa.text("SELECT word FROM words WHERE word = :it")
                rows = connection.execute(query, {"it": flask.request.args["word"]})
            else:
                rows = connection.execute(sa.select(words.c.word))
            return flask.jsonify([row._mapping["word"] for row in rows])

    @app.get("/words.csv")
    def csv() -> flask.Response:
        own = engine()

        @flask.stream_with_context
        def rows() -> Iterator[str]:
            with own.connect() as connection:
                for row in connection.execution_options(yield_per=10).execute(words.select()):
                    yield row.word + "\r\n"

        return flask.Response(rows(), mimetype="text/csv")

    return app


def create_words() -> None:
    with engine().begin() as connection:
        metadata.create_all(connection)


@variant
def tables_alone() -> Subject:
    """Tables, connections and textual SQL; no session, no model."""
    routes: dict[str, Any] = {
        key: {"method": "POST", "path": path, "form": {}}
        for key, path in {"create": "/words", "core_create": "/words", "fail": "/two"}.items()
    }
    binding = {
        "model": words,
        "column": "word",
        "init_db": create_words,
        "url_config": "DB",
        "list": "/words",
        "find": "/words",
        "stream": "/words.csv",
        **routes,
    }
    return Subject(app=core, patterns={"sqlalchemy": binding})
