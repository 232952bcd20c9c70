"""Finds the database object or session, a model, and the function that creates the tables."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import flask

from ..survey import Survey
from ..survey.facts import Thing, calls_in, parameters_of
from ..survey.stored import Stored, stored
from . import Finding
from .sqlite3 import where_in

SLUG = "sqlalchemy"

#: The setting from which Flask-SQLAlchemy takes its database.
URL = "SQLALCHEMY_DATABASE_URI"


def find(survey: Survey) -> Iterator[Finding]:
    """Yield `db` or `db_session`, a model with a text column, and `init_db`."""
    if "sqlalchemy" not in sys.modules:
        return
    yield from _extension(survey)
    yield from _session(survey)


def _extension(survey: Survey) -> Iterator[Finding]:
    db = survey.app.extensions.get("sqlalchemy")
    reference = survey.facts.reference(db) if db is not None else None
    if db is None or reference is None or not hasattr(db, "session"):
        return

    def has_engine() -> bool:
        with survey.app.app_context():
            return bool(db.engine) and hasattr(db, "create_all")

    if not survey.trial(has_engine):
        return
    if not _takes_url(survey, db):
        text = f"it is the app's Flask-SQLAlchemy, but a new app's {URL} did not select its engine"
        yield Finding(SLUG, "db", reference, text, confirmed=False)
        return
    yield Finding(SLUG, "db", reference, f"it provides the app's engine, which {URL} selects")
    yield Finding(SLUG, "url_config", URL, "a new app with another one had its engine there")
    models = [each for each in survey.facts.classes() if _is_of(each, db)]
    with survey.share(1 / 2):
        found = _stored(survey, db)
    if found is not None:
        yield from _routes(models, found)
    else:
        yield from _model(survey, models)
    yield from _init(survey, db)


def _stored(survey: Survey, db: Any) -> Stored | None:
    def fresh() -> Any:
        path = str(survey.bench.folder() / "stored.db")
        return {URL: f"sqlite:///{path}"}, lambda text: where_in(path, text)

    def ready(app: flask.Flask) -> None:
        # As the clauses do.
        with app.app_context():
            db.create_all()

    return stored(survey, fresh, ready)


def _routes(models: list[Thing], found: Stored) -> Iterator[Finding]:
    """Yield the request that stores a text, the page that shows it, and the model that has it."""
    table, column = found.place
    for thing in models:
        if getattr(thing.value.__table__, "name", "") != table:
            continue
        plan = _plan(thing.value, column)
        if plan is None:
            return
        told = f"{found.source}; what stood in {found.field} was then in {table}.{column}"
        yield Finding(SLUG, "model", thing.reference, "the text was in its table")
        if column != "name":
            yield Finding(SLUG, "column", column, "the text was in it")
        if plan[1]:
            yield Finding(SLUG, "values", plan[1], "columns that take no NULL")
        yield Finding(SLUG, "create", found.route, told)
        if found.field != column:
            yield Finding(SLUG, "field", found.field, "its text was stored")
        if found.page is not None:
            yield Finding(SLUG, "list", found.page, "it showed each text that was stored")
        return


def _takes_url(survey: Survey, db: Any) -> bool:
    """Check whether a new app with another URL has its engine there."""
    url = f"sqlite:///{survey.bench.folder() / 'survey.db'}"
    crawl = survey.another(**{URL: url})
    if crawl is None:
        return False

    def engine_url() -> str:
        with crawl.app.app_context():
            return str(db.engine.url)

    return bool(survey.trial(engine_url) == url)


def _is_of(thing: Thing, db: object) -> bool:
    table = getattr(thing.value, "__table__", None)
    model = getattr(db, "Model", None)
    return table is not None and isinstance(model, type) and issubclass(thing.value, model)


def _session(survey: Survey) -> Iterator[Finding]:
    from sqlalchemy.orm import scoped_session

    if "sqlalchemy" in survey.app.extensions:
        return
    for thing in survey.facts.instances():
        if not isinstance(thing.value, scoped_session):
            continue
        works = survey.trial(lambda thing=thing: thing.value.get_bind() is not None)
        text = "a scoped session with an engine"
        yield Finding(SLUG, "db_session", thing.reference, text, confirmed=False)
        if works:
            models = [each for each in survey.facts.classes() if hasattr(each.value, "__table__")]
            yield from (
                Finding(each.pattern, each.key, each.value, each.evidence, confirmed=False)
                for each in _model(survey, models)
            )
        return


def _model(survey: Survey, models: list[Thing]) -> Iterator[Finding]:
    """Yield the model that needs the fewest values and could be stored in an empty database."""
    plans = [(plan, thing) for thing in models if (plan := _plan(thing.value)) is not None]
    plans.sort(key=lambda each: (len(each[0][1]), each[1].reference))
    for (column, values), thing in plans:
        if survey.trial(lambda t=thing, c=column, v=values: _stores(t.value, c, v)):
            text = f"a row with only {column}" if not values else f"a row with {column} and others"
            yield Finding(SLUG, "model", thing.reference, f"{text} was stored in an empty database")
            if column != "name":
                yield Finding(SLUG, "column", column, "its string column, unique if it has such")
            if values:
                yield Finding(SLUG, "values", values, "columns that are NOT NULL")
            return


def _plan(model: object, wanted: str = "") -> tuple[str, dict[str, Any]] | None:
    """Return the text column of a row and the values of other columns; None if there is no plan.

    Of several, the `wanted` one, or else one that is unique.
    """
    import sqlalchemy

    mapper = sqlalchemy.inspect(model, raiseerr=False)
    if mapper is None or mapper.single or mapper.polymorphic_on is not None:
        return None
    texts: list[tuple[int, str]] = []
    values: dict[str, Any] = {}
    for attribute in mapper.column_attrs:
        (column, *_) = attribute.columns
        if not isinstance(column, sqlalchemy.Column):
            return None
        kind = column.type
        text = isinstance(kind, sqlalchemy.String) and not isinstance(kind, sqlalchemy.Enum)
        length = getattr(kind, "length", None)
        plain = type(kind).__module__.startswith("sqlalchemy.") and not column.primary_key
        if text and plain and not column.foreign_keys and (length is None or length >= 8):
            rank = 2 if column.name == wanted else int(bool(column.unique))
            texts.append((rank, attribute.key))
        needed = not column.nullable and column.default is None and column.server_default is None
        if (
            column.name == wanted
            or not needed
            or (
                column.primary_key
                and column.autoincrement in (True, "auto")
                and isinstance(kind, sqlalchemy.Integer)
            )
        ):
            continue
        if column.foreign_keys:
            return None
        value = _value(kind, bool(column.unique) or bool(column.primary_key))
        if value is None:
            return None
        values[attribute.key] = value
    if not texts:
        return None
    texts.sort(key=lambda each: -each[0])
    column_name = texts[0][1]
    values.pop(column_name, None)
    return column_name, values


def _value(kind: object, unique: bool) -> Any:
    import sqlalchemy

    if isinstance(kind, sqlalchemy.Boolean):
        return None if unique else True
    if isinstance(kind, sqlalchemy.Integer | sqlalchemy.Numeric):
        return None if unique else 1
    if isinstance(kind, sqlalchemy.Enum):
        return kind.enums[0] if kind.enums and not unique and kind.enum_class is None else None
    if isinstance(kind, sqlalchemy.String):
        return "text {n}" if (kind.length or 99) >= 16 else (None if unique else "x")
    return None


def _stores(model: Any, column: str, values: dict[str, Any]) -> bool:
    """Store a row in an in-memory database, and read it back."""
    import sqlalchemy
    from sqlalchemy.orm import Session

    engine = sqlalchemy.create_engine("sqlite://")
    model.metadata.create_all(engine)
    row = {key: v.replace("{n}", "1") if isinstance(v, str) else v for key, v in values.items()}
    with Session(engine) as session:
        session.add(model(**{**row, column: "kq7text"}))
        session.commit()
        return bool(session.query(model).filter_by(**{column: "kq7text"}).count() == 1)


def _init(survey: Survey, db: Any) -> Iterator[Finding]:
    """Yield a function that creates the tables, confirmed on an empty database."""
    import sqlalchemy

    for thing in survey.facts.functions():
        named = {each.rpartition(".")[2] for each in calls_in(thing.value)}
        if parameters_of(thing.value) != [] or "create_all" not in named or "drop_all" in named:
            continue
        crawl = survey.another(**{URL: f"sqlite:///{survey.bench.folder() / 'survey.db'}"})
        if crawl is None:
            return

        def makes(thing: Thing = thing, app: Any = crawl.app) -> bool:
            with app.app_context():
                before = set(sqlalchemy.inspect(db.engine).get_table_names())
                thing.value()
                return not before and bool(sqlalchemy.inspect(db.engine).get_table_names())

        if survey.trial(makes):
            yield Finding(
                SLUG, "init_db", thing.reference, "it created the tables in an empty database"
            )
            return
