"""A service that is named and not there costs its own clauses alone."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import flask
import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, Integer, String

from conformance import Subject
from conformance.core.errors import Kind, Missing
from conformance.core.verdict import Outcome
from conformance.instruments.services import why_away
from conformance.runner.engine import Options, run_clause
from conformance.runner.preflight import preflight
from conformance.suites.catalogue import find_clause

NOBODY = "127.0.0.1:1"


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (f"redis://{NOBODY}/0", "127.0.0.1:1 does not answer"),
        (f"postgresql+psycopg://reader@{NOBODY}/x", "127.0.0.1:1 does not answer"),
        ("redis://[x/0", "is invalid"),
        ("redis://localhost:port/0", "is invalid"),
        ("unix:///run/redis.sock", ""),
        ("/usr/bin/chromium", ""),
    ],
)
def test_why_away(url: str, why: str) -> None:
    found = why_away(url)
    assert why in found if why else not found


def test_there(port: int) -> None:
    assert why_away(f"mongodb://127.0.0.1:{port}/x") == ""


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("mariadb", f"mysql+pymysql://reader@{NOBODY}/x"),
        ("postgresql", f"postgresql+psycopg://reader@{NOBODY}/x"),
        ("mariadb", "mysql+no_such_driver:///x"),
        ("postgresql", "no URL"),
    ],
)
def test_passes_without_it(name: str, url: str) -> None:
    db = SQLAlchemy()

    class Row(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        name = Column(String(40))

    def create_app(config: dict[str, str]) -> flask.Flask:
        app = flask.Flask("rows")
        app.config.update(config)
        db.init_app(app)
        app.add_url_rule("/", view_func=lambda: "")
        return app

    config = {"SQLALCHEMY_DATABASE_URI": "sqlite:///{tmp}/rows.db"}
    binding = {"db": db, "model": Row, "list": "/"}
    subject = Subject(
        app=create_app, config=config, services={name: url}, patterns={"sqlalchemy": binding}
    )
    options = Options(max_examples=3)
    assert all(check.good for check in preflight(subject, options))
    verdict = run_clause(find_clause("sqlalchemy.error-atomic"), subject, options)
    assert verdict.outcome is Outcome.PASS
    assert verdict.reason.startswith(f"{name} is named as a service, but")
    assert verdict.missing == (Missing(Kind.SERVICE, name),)
