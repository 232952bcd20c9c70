"""A budget ends a run on time; what it did not come to is untested, and the rest is kept."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.cli import exit_code
from conformance.core.effort import Effort
from conformance.core.errors import Kind, SubjectError, Untested
from conformance.core.verdict import Outcome, Verdict
from conformance.reports.json import JSONReport, result_schema
from conformance.reports.screen import Screen
from conformance.runner.order import asks, in_order, measured, worth
from conformance.runner.supervisor import Job, Supervisor
from conformance.runner.worker import plan_entry
from conformance.suites.catalogue import all_clauses, find_clause

from .command import CONFIG, SHOP, conformance

#: Answers until the file `hang` is there, and then nothing any more.
HANGING = """
import os, threading
from flask import Flask
def create_app():
    app = Flask(__name__)
    @app.route("/thing", methods=["GET", "POST", "PUT", "DELETE"])
    def thing():
        if os.path.exists("hang"):
            threading.Event().wait()
        return "thing"
    return app
"""

pytest_plugins = ["pytester"]


class Recorder:
    """A report that spends the budget when it likes."""

    def __init__(self, spend: Callable[[], None], when: str, number: int = 1) -> None:
        self.verdicts: list[Verdict] = []
        self.asked: list[str] = []
        self.complete: bool | None = None
        self._spend = spend
        self._when = when
        self._number = number

    def _met(self, event: str) -> None:
        if event == self._when:
            self._number -= 1
            if not self._number:
                self._spend()

    def begin(self, subject: Any, environment: Any, clauses: Sequence[str]) -> None:
        self._met("begin")

    def found(self, survey: dict[str, Any]) -> None: ...

    def check(self, check: dict[str, Any]) -> None: ...

    def touched(self, things: Any) -> None: ...

    def start(self, clause: str) -> None:
        self.asked.append(clause)
        self._met("start")

    def verdict(self, verdict: Verdict) -> None:
        self.verdicts.append(verdict)

    def end(self, complete: bool) -> None:
        self.complete = complete


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, when: str, number: int = 1) -> Recorder:
    """Run a hanging subject whose budget is spent when something happens."""
    monkeypatch.chdir(folder)
    Path("shop.py").write_text(HANGING)
    Path("conformance.toml").write_text(CONFIG)

    def spend() -> None:
        Path("hang").touch()
        supervisor._spent_at = time.monotonic()

    report = Recorder(spend, when, number)
    options = {"transport": "wsgi", "seed": 0, "max_examples": 5, "timeout": 600.0}
    job = Job(patterns=["methodoverrides"], options=options, survey=False)
    supervisor = Supervisor(job, report, 1, budget=500.0)
    supervisor.run()
    return report


def test_what_was_not_asked_is_untested(tmp_path, monkeypatch):
    report = run(tmp_path, monkeypatch, "begin")
    assert report.complete
    assert {each.outcome for each in report.verdicts} == {Outcome.UNTESTED}
    assert {each.reason for each in report.verdicts} == {"not asked: the budget of 500 s was spent"}
    assert {lack.kind for each in report.verdicts for lack in each.missing} == {Kind.BUDGET}
    assert exit_code(report.verdicts) == 4


def test_what_was_asked_is_kept_and_what_runs_is_cut_short(tmp_path, monkeypatch):
    report = run(tmp_path, monkeypatch, "start", 4)
    ended, (cut, *others) = report.verdicts[:3], report.verdicts[3:]
    assert [each.id for each in ended] == report.asked[:3]
    assert not any(lack.kind is Kind.BUDGET for each in ended for lack in each.missing)
    assert (cut.id, cut.reason) == (
        report.asked[3],
        "cut short: the budget of 500 s was spent",
    )
    assert others
    assert all(each.reason.startswith("not asked") for each in others)
    assert len({each.id for each in report.verdicts}) == len(report.verdicts)


def test_a_clause_whose_first_part_was_asked_is_cut_short():
    name = "methodoverrides.unknown-ignored"
    supervisor = Supervisor(
        Job(options={"timeout": 60.0}), Recorder(lambda: None, ""), 1, budget=5.0
    )
    clause = find_clause(name)
    supervisor._plan = {name: plan_entry(clause, "")}
    supervisor._waiting.append((name, "rest"))
    supervisor._left = 1
    supervisor._parts[name] = Verdict(**supervisor._plan[name], outcome=Outcome.PASS)
    supervisor._cut()
    (verdict,) = supervisor.report.verdicts  # type: ignore[attr-defined]
    assert verdict.reason == "cut short: the budget of 5 s was spent"
    supervisor.notes.leave()


def test_a_budget_that_the_start_takes_is_one_sentence(tmp_path):
    (tmp_path / "shop.py").write_text("import threading\nthreading.Event().wait()\n")
    (tmp_path / "conformance.toml").write_text(CONFIG)
    # Less than a process takes to start: later, the clauses are known, and said to be cut.
    run = conformance(tmp_path, "check", "--no-survey", "--budget", "0.05", "--timeout", "600")
    assert run.code == 3
    assert "when the budget of 0.05 s was spent" in run.err


def test_a_budget_that_is_enough_changes_nothing(tmp_path):
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "conformance.toml").write_text(CONFIG)
    words = ("check", "-p", "methodoverrides", "--max-examples", "5", "--json")
    conformance(tmp_path, *words, "with.json", "--budget", "10000")
    conformance(tmp_path, *words, "without.json")
    both = [json.loads((tmp_path / name).read_text()) for name in ("with.json", "without.json")]
    told = [[(row["id"], row["verdict"]) for row in each["clauses"]] for each in both]
    assert told[0] == told[1]
    assert both[0]["command"] == both[1]["command"]


def cut_verdict(name: str) -> Verdict:
    clause = find_clause(name)
    error = Untested.for_budget(30)
    return Verdict(
        clause.id,
        clause.pattern,
        clause.level,
        clause.statement,
        clause.docs,
        Outcome.UNTESTED,
        reason=str(error),
        missing=error.missing,
    )


def test_the_screen_and_the_result_say_what_was_cut(tmp_path):
    names = ["flashing.escape", "flashing.vary", "caching.expiry"]
    verdicts = [cut_verdict(name) for name in names]
    screen = Screen("shop", verdicts, lambda verdict: "", seed=0, chosen=9)
    lines = ["".join(text for text, _ in line) for line in screen.lines()]
    told = "30 s were spent: 3 of 9 clauses were not asked to their end: flashing 2, caching 1"
    assert told in lines
    assert not any(line.startswith("untested: ") for line in lines)
    file = tmp_path / "result.json"
    report = JSONReport(file, "1.0", 0)
    report.begin({"app": "shop", "config": None}, {}, names)
    for verdict in reversed(verdicts):
        report.verdict(verdict)
    report.end(True)
    result = json.loads(file.read_text())
    jsonschema.validate(result, result_schema())
    # As they were chosen, and not as they ended.
    assert [row["id"] for row in result["clauses"]] == names


def test_pytest_has_a_budget_too(pytester):
    pytester.makepyfile(shop=HANGING)
    pytester.makefile(".toml", conformance=CONFIG)
    pytester.path.joinpath("hang").touch()
    pytester.syspathinsert()
    done = pytester.runpytest_subprocess(
        "--pyargs",
        "conformance.suites.test_methodoverrides",
        "--conformance-budget",
        "0.01",
        "--conformance-timeout",
        "1",
        "-rs",
        "-p",
        "no:randomly",
    )
    assert done.ret == 0
    done.stdout.fnmatch_lines(["*untested: not asked: the budget of 0.01 s was spent*"])


def test_the_most_telling_come_first_and_the_longest_of_the_last_third():
    clauses = all_clauses()
    ordered = in_order([(clause, "") for clause in clauses])
    whole = [ask.clause.id for ask in ordered if ask.part != "rest"]
    assert sorted(whole) == sorted(clause.id for clause in clauses)
    seconds = [ask.worth.seconds for ask in ordered]
    assert sum(seconds) == pytest.approx(sum(worth(clause).seconds for clause in clauses))
    last = next(n for n in range(len(seconds)) if sum(seconds[n:]) < sum(seconds) / 3)
    assert seconds[last:] == sorted(seconds[last:], reverse=True)
    prices = [ask.price for ask in ordered[: last - 1]]
    assert prices == sorted(prices)


def test_the_rest_of_a_clause_comes_after_its_first_part():
    place: dict[tuple[str, str], int] = {}
    for number, ask in enumerate(in_order([(clause, "") for clause in all_clauses()])):
        place[ask.clause.id, ask.part] = number
    rests = [name for name, part in place if part == "rest"]
    assert len(rests) > 50
    assert all(place[name, "first"] < place[name, "rest"] for name in rests)


def test_cheap_clauses_and_those_that_draw_little_are_asked_whole():
    assert [ask.part for ask in asks(find_clause("favicon.no-auth"))] == [""]
    machine = find_clause("interactions.machine")
    assert [ask.part for ask in asks(machine)] == ["first", "rest"]
    assert [ask.part for ask in asks(machine, max_examples=5)] == [""]


def test_only_clauses_that_there_are_have_a_worth():
    known = {clause.id for clause in all_clauses()}
    assert set(measured()) <= known
    unknown = dataclasses.replace(find_clause("flashing.escape"), id="flashing.new")
    assert worth(unknown).seconds > 0


@pytest.mark.parametrize(
    ("build", "share", "builds", "examples"),
    [
        (0.0, 1.0, 3, 100),
        (0.001, 1.0, 3, 100),
        (0.1, 1.0, 0, 100),
        (0.1, 1.0, 3, 3),
        (0.01, 1.0, 3, 25),
        (0.1, 0.2, 1, 10),
        (60.0, 1.0, 1, 3),
    ],
)
def test_apps_that_take_long_are_made_for_fewer_examples(build, share, builds, examples):
    assert Effort(build=build).scaled(share, builds).max_examples == examples


def test_a_deep_look_makes_more_apps():
    usual, deep = (Effort(max_examples=count, build=0.1) for count in (100, 1000))
    assert deep.scaled(1, 1).max_examples > 5 * usual.scaled(1, 1).max_examples


def test_a_fixed_count_of_apps_is_halved():
    assert [Effort(build=build).apps(20, least=5) for build in (0, 0.05, 0.1, 9)] == [20, 20, 10, 5]


def test_a_subject_that_was_not_there_raises(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = {"transport": "wsgi", "seed": 0, "max_examples": 5, "timeout": 600.0}
    supervisor = Supervisor(
        Job(app="shop:create_app", options=options), Recorder(lambda: None, ""), 1, budget=1e-6
    )
    with pytest.raises(SubjectError, match=r"shop:create_app was not there yet"):
        supervisor.run()
