"""The clock that clauses move: it stops, moves by what it is told, and never goes back."""

from __future__ import annotations

import time

import flask
import pytest

from conformance import Subject
from conformance.instruments import clock as clocks
from conformance.instruments.bench import Bench
from conformance.patterns.harness import Harness
from conformance.patterns.methodoverrides import MethodOverrides
from conformance.transports import TRANSPORTS

YEAR = 365 * 24 * 60 * 60


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "_ahead", 0.0)


def harness() -> Harness[MethodOverrides]:
    subject = Subject(app=flask.Flask("shop"))
    return Harness("methodoverrides", MethodOverrides(), Bench(subject, TRANSPORTS["wsgi"]))


def test_a_clause_has_one_clock_however_often_it_asks() -> None:
    first = harness()
    first.clock().advance(YEAR)
    first.bench.close()

    second = harness()
    begun = second.clock() and time.time()
    for _ in range(3):
        second.clock().advance(1)

    assert time.time() == begun + 3
    second.bench.close()


def test_the_next_clause_begins_where_the_last_one_was_at_most() -> None:
    real = time.time()
    first = harness()
    first.clock().advance(2 * YEAR)
    first.clock().advance(-3 * YEAR)
    first.bench.close()

    assert abs(time.time() - real) < 60
    second = harness()
    second.clock()
    assert time.time() - real == pytest.approx(2 * YEAR, abs=60)
    second.bench.close()
