"""What a clause lacked is a value: texts are made from it, and nothing reads the texts."""

from __future__ import annotations

import ast
from pathlib import Path

import flask
import pytest

from conformance import Options, Outcome, Subject, Verdict, run_clause
from conformance.core.errors import (
    AmbientContextError,
    Broken,
    ConfigError,
    ConformanceError,
    Kind,
    Missing,
    SubjectError,
    Untested,
    error_of,
)
from conformance.runner.preflight import preflight, problems
from conformance.subject.config import load_config
from conformance.suites.catalogue import find_clause, select
from tests.command import conformance

ROOT = Path(__file__).parents[1]


def shop() -> flask.Flask:
    app = flask.Flask("shop", static_folder=None)
    app.config["SECRET_KEY"] = "kept apart"
    app.get("/")(lambda: "<!doctype html><title>Shop</title>")
    return app


def asked(clause: str, subject: Subject) -> Verdict:
    return run_clause(find_clause(clause), subject, Options(max_examples=3))


@pytest.mark.parametrize(
    ("clause", "patterns", "missing"),
    [
        ("flashing.next-only", {}, Missing(Kind.PLACE, "flashing")),
        (
            "flashing.filter",
            {"flashing": {"page": "/"}},
            Missing(Kind.KEY, "patterns.flashing.filtered"),
        ),
        (
            "methodoverrides.head-no-body",
            {"methodoverrides": {}},
            Missing(Kind.KEY, "patterns.methodoverrides.middleware"),
        ),
    ],
)
def test_an_untested_clause_carries_what_it_lacks(
    clause: str, patterns: dict[str, object], missing: Missing
) -> None:
    verdict = asked(clause, Subject(shop, patterns=patterns))

    assert verdict.outcome is Outcome.UNTESTED
    assert missing in verdict.missing
    assert Verdict.from_json(verdict.to_json()).missing == verdict.missing


def test_an_older_result_without_it_is_still_read() -> None:
    verdict = asked("flashing.next-only", Subject(shop))
    data = verdict.to_json()
    del data["missing"]

    assert Verdict.from_json(data).missing == ()


def test_a_key_with_a_problem_breaks_only_the_clauses_that_use_it() -> None:
    subject = Subject(
        shop, patterns={"favicon": {"page": "/", "root": "/nowhere.ico"}, "templateinheritance": {}}
    )
    found = problems(list(preflight(subject, Options(max_examples=3))))
    found["patterns.favicon.root"] = "patterns.favicon.root: nothing there"
    verdicts = [
        run_clause(clause, subject, Options(max_examples=3), found)
        for clause in select(["favicon"])
    ]

    broken = [each for each in verdicts if each.outcome is Outcome.BROKEN]
    assert broken
    assert {each.missing for each in broken} == {(Missing(Kind.KEY, "patterns.favicon.root"),)}
    assert len(broken) < len(verdicts)


@pytest.mark.parametrize("error", [ConfigError, SubjectError, AmbientContextError])
def test_errors_keep_their_type_across_the_border(error: type[ConformanceError]) -> None:
    there = error_of(error.__name__, "what went wrong")

    assert type(there) is error
    assert there.exit_code == error("x").exit_code
    assert str(there) == "what went wrong"


def test_a_worker_that_cannot_import_the_subject_ends_with_its_exit_code(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("raise RuntimeError('no shop today')\n")

    run = conformance(tmp_path, "check", "shop:create_app")

    assert run.code == 3
    assert "no shop today" in run.err


def test_texts_are_made_from_what_is_missing() -> None:
    error = Untested.for_keys("flashing", "page", "trigger", hint=", or both")

    assert str(error) == "needs page or trigger in [patterns.flashing], or both"
    assert error.missing == (
        Missing(Kind.KEY, "patterns.flashing.page"),
        Missing(Kind.KEY, "patterns.flashing.trigger"),
    )
    assert Untested.for_service("redis").missing == (Missing(Kind.SERVICE, "redis"),)
    assert Untested.for_package("x", "y").missing == (Missing(Kind.PACKAGE, "x"),)
    assert Broken.for_key("flashing", "page", "no page").missing == (
        Missing(Kind.KEY, "patterns.flashing.page"),
    )
    assert Broken("chance").missing == (Missing(Kind.CIRCUMSTANCE, "chance"),)


def test_no_reason_is_parsed() -> None:
    """What decides something never looks into a sentence."""
    found = []
    for file in (ROOT / "conformance").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            reads = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("startswith", "endswith", "partition", "split")
                and isinstance(node.func.value, ast.Attribute)
                and node.func.value.attr == "reason"
            )
            if reads:
                found.append(f"{file.name}:{node.lineno}")
    assert found == []


@pytest.mark.parametrize(("calls", "outcome"), [(1, Outcome.UNTESTED), (2, Outcome.BROKEN)])
def test_only_a_second_call_that_fails_is_a_factory_for_one_app(
    calls: int, outcome: Outcome
) -> None:
    made: list[flask.Flask] = []

    def create_app() -> flask.Flask:
        if len(made) == calls:
            raise RuntimeError("the pool is empty")
        made.append(shop())
        return made[-1]

    subject = Subject(create_app, patterns={"favicon": {"page": "/"}})
    for _ in range(calls):
        asked("favicon.link", subject)

    verdict = asked("favicon.link", subject)
    assert verdict.outcome is outcome
    assert "the pool is empty" in verdict.reason


def test_a_slow_login_breaks_no_clause_that_logs_nobody_in() -> None:
    subject = Subject.from_table(load_config(ROOT / "pyproject.toml"), source="pyproject.toml")
    slow = {"people.demo.login": "it takes long"}

    for name, outcome in (("all-methods", Outcome.PASS), ("fail-closed", Outcome.BROKEN)):
        clause = find_clause(f"viewdecorators.login-{name}")
        verdict = run_clause(clause, subject, Options(max_examples=3), slow)
        assert verdict.outcome is outcome, verdict.reason


def test_a_project_that_is_not_there_is_a_fault_of_its_key() -> None:
    subject = Subject(shop, patterns={"packages": {"project": "nosuch"}})

    found = problems(list(preflight(subject, Options())))

    assert found == {
        "patterns.packages.project": "patterns.packages.project: the folder nosuch does not exist"
    }
