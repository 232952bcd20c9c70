"""A clause that is asked in two parts is asked as much as in one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import flask
import pytest

from conformance import Options, Outcome, Subject, run_clause
from conformance.clause import Clause, example, explore, given, must
from conformance.core.effort import FIRST
from conformance.instruments.strategies import Machine
from conformance.patterns.harness import Harness
from conformance.runner import order
from conformance.runner.order import Worth

from .command import conformance


class Seen:
    """What a clause was asked."""

    values: list[Any]


seen = Seen()


def machine_of(harness: Harness[Any]) -> Machine:
    from hypothesis import strategies as st
    from hypothesis.stateful import rule

    class Visits(Machine):
        @rule(path=st.sampled_from(["/", "/missing"]))
        def visit(self, path: str) -> None:
            harness.client().get(path)

    return Visits(harness)


def property_clause() -> Clause:
    from hypothesis import strategies as st

    @must("", pattern="methodoverrides")
    @example(number=-1)
    @example(number=-2)
    @given(number=st.integers(0, 10**9))
    def test_numbers(methodoverrides: Harness[Any], number: int) -> None:
        """Any number is answered."""
        seen.values.append(number)
        methodoverrides.client().get(f"/?number={number}")

    return test_numbers.__clause__  # type: ignore[attr-defined,no-any-return]


def machine_clause() -> Clause:
    @must("", pattern="methodoverrides")
    def test_visits(methodoverrides: Harness[Any]) -> None:
        """Any visits are answered."""
        explore(lambda: machine_of(methodoverrides), steps=3)

    return test_visits.__clause__  # type: ignore[attr-defined,no-any-return]


def subject() -> Subject:
    app = flask.Flask(__name__)
    app.add_url_rule("/", "home", lambda: "home")
    return Subject(app=app, patterns={"methodoverrides": {"route": "/"}})


def asked(part: order.Part) -> list[int]:
    seen.values = []
    verdict = run_clause(property_clause(), subject(), Options(part=part))
    assert verdict.outcome is Outcome.PASS
    assert verdict.examples == len(seen.values)
    return list(seen.values)


def test_named_examples_belong_to_the_first_part():
    first, rest, whole = asked("first"), asked("rest"), asked("")
    assert first[:2] == rest[:0] + whole[:2]
    assert {*first[:2]} == {-1, -2}
    assert len(first) == 2 + FIRST
    assert -1 not in rest
    assert len(first) + len(rest) == len(whole)


def test_the_parts_draw_other_examples():
    first, rest = asked("first")[2:], asked("rest")
    # Each begins with the simplest.
    assert {*first} & {*rest} <= {0}


def test_a_machine_runs_as_often_in_two_parts():
    counts = [
        run_clause(machine_clause(), subject(), Options(part=part)).examples
        for part in ("first", "rest", "")
    ]
    assert counts[0] == FIRST
    assert counts[0] + counts[1] == counts[2]


SUITE = """
from hypothesis import strategies as st
from conformance.clause import example, expect, given, must

pattern = "methodoverrides"

@must("")
@example(number=-1)
@given(number=st.integers(0, 10**9))
def test_named(methodoverrides, number):
    \"\"\"A named example fails.\"\"\"
    methodoverrides.client().get(f"/thing?number={number}")
    expect(number >= 0, "no negative number", number)

@must("")
@given(number=st.integers(0, 10**9))
def test_drawn(methodoverrides, number):
    \"\"\"Nothing fails.\"\"\"
    methodoverrides.client().get(f"/thing?number={number}")

@must("")
@given(number=st.integers(0, 10**9))
def test_late(methodoverrides, number):
    \"\"\"The tenth example fails.\"\"\"
    methodoverrides.client().get(f"/thing?number={number}")
    expect(methodoverrides.ledger.examples < 10, "nine examples", "ten")
"""

APP = """
from flask import Flask
def create_app():
    app = Flask(__name__)
    app.add_url_rule("/thing", "thing", lambda: "thing", methods=["GET", "POST"])
    return app
"""

CONFIG = """
app = "shop:create_app"
suites = ["own"]
[patterns.methodoverrides]
route = "/thing"
"""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_command_line_tells_one_verdict(workers: str, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(SUITE)
    (tmp_path / "shop.py").write_text(APP)
    (tmp_path / "conformance.toml").write_text(CONFIG)
    globs = [word for name in ("named", "drawn", "late") for word in ("--clause", f"*.{name}")]
    done = conformance(tmp_path, "check", "-n", workers, *globs, "--json", "r.json")
    assert done.code == 1, done.err
    found = {each["id"].partition(".")[2]: each for each in _result(tmp_path)}
    assert sorted(found) == ["drawn", "late", "named"]
    assert found["named"]["failure"]["example"].startswith("number=-1")
    assert found["drawn"]["verdict"] == "pass"
    assert found["drawn"]["examples"] == 100
    assert found["late"]["verdict"] == "fail"


def _result(folder: Path) -> list[dict[str, Any]]:
    clauses: list[dict[str, Any]] = json.loads((folder / "r.json").read_text())["clauses"]
    return clauses


def test_a_part_is_worth_its_share_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    clause = property_clause()
    monkeypatch.setattr(order, "measured", lambda: {clause.id: Worth(10.2, 4)})
    first, rest = order.asks(clause)
    assert first.worth == Worth(pytest.approx(10.2 * 5 / 102), 4)
    assert first.worth.seconds + rest.worth.seconds == pytest.approx(10.2)
    assert first.price < rest.price
