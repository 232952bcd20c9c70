"""An app whose pages use a database: what its routes are asked, and what they cannot be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask
import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, Integer, String
from sqlalchemy.exc import IntegrityError

from conformance import Options, Outcome, Subject, Verdict, run
from conformance.runner.preflight import preflight
from conformance.suites.catalogue import find_clause

KEYS: dict[str, Any] = {
    "create": {"method": "POST", "path": "/", "form": {}},
    "list": "/",
    "fail": {"method": "POST", "path": "/fail", "form": {}},
}


def rows(db: SQLAlchemy, *, unique: bool) -> tuple[type, Callable[[dict[str, str]], flask.Flask]]:
    """Return a model, and a factory of apps that store rows of it."""

    class Row(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        name = Column(String(40), unique=unique)

    def create_app(config: dict[str, str]) -> flask.Flask:
        app = flask.Flask("rows")
        app.config.update(config, PROPAGATE_EXCEPTIONS=False)
        app.logger.disabled = True
        db.init_app(app)

        @app.post("/")
        def create() -> flask.typing.ResponseReturnValue:
            db.session.add(Row(name=flask.request.form["name"]))
            try:
                db.session.commit()
            except IntegrityError:
                return "taken", 409
            return "stored"

        @app.get("/")
        def listed() -> str:
            return " ".join(row.name for row in Row.query)

        @app.post("/fail")
        def fail() -> str:
            db.session.add(Row(name=flask.request.form["name"]))
            db.session.flush()
            raise RuntimeError("after the write")

        with app.app_context():
            db.create_all()
        return app

    return Row, create_app


@pytest.fixture
def subject(tmp_path: Path) -> Callable[..., Subject]:
    """Return a subject whose routes are bound, and its session not."""

    def make(*keys: str, unique: bool = True) -> Subject:
        model, create_app = rows(SQLAlchemy(), unique=unique)
        uri = "SQLALCHEMY_DATABASE_URI"
        binding = {"model": model, "url_config": uri, **{key: KEYS[key] for key in keys}}
        return Subject(create_app, config={uri: "sqlite://"}, patterns={"sqlalchemy": binding})

    return make


def ask(subject: Subject, *names: str) -> dict[str, Verdict]:
    clauses = [find_clause(f"sqlalchemy.{name}") for name in names]
    verdicts = run(subject, clauses, Options(max_examples=5))
    return {verdict.id.partition(".")[2]: verdict for verdict in verdicts}


def test_routes_alone_are_asked_what_a_client_can_see(subject: Callable[..., Subject]) -> None:
    found = ask(
        subject("create", "list", "fail"),
        "commit-durable", "error-atomic", "session-removed", "unique-violation-4xx", "config-driven",
    )  # fmt: skip

    assert {verdict.outcome for verdict in found.values()} == {Outcome.PASS}, found


@pytest.mark.parametrize(("clause", "keys"), [
    ("nested-context-safe", ["db", "db_session"]),
    ("schema-complete", ["db", "db_session"]),
    ("bound-text", ["find"]),
    ("explicit-commit-core", ["core_create"]),
    ("stream-in-session", ["stream"]),
])  # fmt: skip
def test_what_routes_cannot_be_asked_names_the_keys(
    subject: Callable[..., Subject], clause: str, keys: list[str]
) -> None:
    verdict = ask(subject("create", "list"), clause)[clause]

    assert verdict.outcome is Outcome.UNTESTED
    assert [each.name for each in verdict.missing] == [f"patterns.sqlalchemy.{key}" for key in keys]


@pytest.mark.parametrize("clause", ["unique-violation-4xx", "poison-recovery"])
def test_a_column_that_is_not_unique_refuses_no_row(
    subject: Callable[..., Subject], clause: str
) -> None:
    verdict = ask(subject("create", "list", unique=False), clause)[clause]

    assert verdict.outcome is Outcome.UNTESTED
    assert "name is not unique: no row is rejected" in verdict.reason


def test_only_routes_whose_answer_tells_are_probed(subject: Callable[..., Subject]) -> None:
    checks = preflight(subject("create", "list", "fail"), Options(max_examples=5))

    asked = {check.key for check in checks if "answers" in check.text}
    assert all(check.good for check in checks)
    assert asked == {"create", "list"}, checks
