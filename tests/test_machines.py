"""What other programs read of a run: SARIF, the Markdown of a CI's page, GitHub's annotations."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from conformance.core.errors import Kind, Missing
from conformance.core.told import Location
from conformance.core.verdict import Failure, Outcome, Verdict
from conformance.reports.github import GitHubReport
from conformance.reports.markdown import MarkdownReport
from conformance.reports.sarif import SARIFReport
from conformance.suites.catalogue import find_clause

from .command import CONFIG, SHOP, conformance

HOSTILE = "</td><script>x</script> `code` [a](https://evil.example) www.evil.example | **b** @team\n::error::gone \x1b[2J"


def verdict(name: str, outcome: str = "fail", **values: Any) -> Verdict:
    clause = find_clause(name)
    about = (clause.id, clause.pattern, clause.level, clause.statement, clause.docs)
    return Verdict(*about, Outcome(outcome), **values)


def failure(observed: str = "it saw POST", **values: Any) -> Failure:
    return Failure("the app to see GET", observed, "routes", **values)


ROWS = [
    verdict("flashing.next-only", failure=failure(location=Location("shop views.py", 12, "save"))),
    verdict("flashing.escape", failure=failure(HOSTILE, example=HOSTILE, cause=HOSTILE)),
    verdict("favicon.link", "waived", reason="ours", failure=failure("none")),
    verdict(
        "streaming.incremental",
        "broken",
        reason="patterns.streaming.table: GET /x answers 404",
        missing=(Missing(Kind.KEY, "patterns.streaming.table"),),
    ),
    verdict("methodoverrides.only-post", "pass"),
]


def run(report: Any, rows: Sequence[Verdict] = ROWS, complete: bool = True) -> None:
    environment = {"python": "3.12.1", "flask": "3.1.2", "werkzeug": "3.1", "packages": {}}
    report.begin({"app": "shop:create_app", "config": None}, environment, [r.id for r in rows])
    for row in rows:
        report.start(row.id)
        report.verdict(row)
    report.touched([])
    report.end(complete)


def sarif(folder: Path, rows: Sequence[Verdict] = ROWS, complete: bool = True) -> dict[str, Any]:
    file = folder / "result.sarif"
    run(SARIFReport(file, "1.2.3", 7), rows, complete)
    document: dict[str, Any] = json.loads(file.read_text())
    return document


def test_sarif_has_the_shape_that_its_schema_gives(tmp_path: Path) -> None:
    model = pytest.importorskip("pydantic_sarif.model")
    schema = model.StaticAnalysisResultsFormatSarifVersion210JsonSchema

    document = sarif(tmp_path)
    schema.model_validate(document)
    document["runs"][0]["results"][0]["ruleIdentifier"] = "x"
    with pytest.raises(ValueError, match="ruleIdentifier"):
        schema.model_validate(document)


def test_sarif_tells_each_clause_as_a_rule_and_each_deviation_with_its_line(tmp_path: Path) -> None:
    (found,) = sarif(tmp_path)["runs"]
    rules = found["tool"]["driver"]["rules"]

    assert [rule["id"] for rule in rules] == [row.id for row in ROWS]
    for rule, row in zip(rules, ROWS, strict=True):
        clause = find_clause(row.id)
        assert rule["helpUri"] == clause.docs
        assert rule["fullDescription"]["text"].startswith(clause.statement)
        assert clause.why in rule["fullDescription"]["text"]
    first, second, waived = found["results"]
    assert rules[first["ruleIndex"]]["id"] == first["ruleId"] == "flashing.next-only"
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "shop%20views.py"
    assert place["region"]["startLine"] == 12
    assert "conformance check --clause flashing.next-only --seed 7" in first["message"]["text"]
    assert "locations" not in second
    assert "\x1b" not in second["message"]["text"]
    assert waived["suppressions"] == [{"kind": "external", "justification": "ours"}]
    (note,) = found["invocations"][0]["toolExecutionNotifications"]
    assert note["associatedRule"]["id"] == "streaming.incremental"
    assert found["invocations"][0]["executionSuccessful"]


def test_sarif_of_a_run_that_was_interrupted_says_so(tmp_path: Path) -> None:
    (found,) = sarif(tmp_path, complete=False)["runs"]

    assert not found["invocations"][0]["executionSuccessful"]


def test_code_scanning_gets_the_configuration_where_no_line_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "services" / "shop"
    project.mkdir(parents=True)
    (project / "conformance.toml").write_text(CONFIG)
    monkeypatch.chdir(project)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    report = SARIFReport(project / "result.sarif", "1", 0)
    report.begin({"app": "shop", "config": "conformance.toml"}, {}, [])
    report.verdict(verdict("favicon.link", failure=failure()))
    report.end(True)

    (found,) = json.loads((project / "result.sarif").read_text())["runs"][0]["results"]
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "services/shop/conformance.toml"


def summary(folder: Path, rows: Sequence[Verdict] = ROWS, complete: bool = True) -> str:
    file = folder / "summary.md"
    run(MarkdownReport(file, "1.2.3", 7), rows, complete)
    return file.read_text()


def test_the_summary_says_what_is_wrong_worst_first_and_is_appended(tmp_path: Path) -> None:
    (tmp_path / "summary.md").write_text("# Before\n\n")
    text = summary(tmp_path)

    assert text.startswith(
        "# Before\n\n### shop&#58;create&#95;app: 2 failed, 1 broken, 1 waived, 1 passed\n"
    )
    rows = [line for line in text.splitlines() if line.startswith("| **")]
    assert [row.split("**")[1] for row in rows] == ["must", "must", "set-up"]
    assert "<code>shop views.py&#58;12 in save</code>" in rows[0]
    assert "](https://flask.palletsprojects.com/en/stable/patterns/flashing/" in rows[0]
    assert "| flashing | 2 |" in text
    assert "Flask 3.1.2" in text


def test_nothing_that_a_subject_says_is_markup_in_the_summary(tmp_path: Path) -> None:
    text = summary(tmp_path, [verdict("flashing.escape", failure=failure(HOSTILE))])

    for markup in (
        "<script",
        "</td>",
        "`",
        "@team",
        "**b**",
        "](https://evil",
        "www.evil",
        "\x1b",
        "::error",
    ):
        assert markup not in text
    (row,) = (line for line in text.splitlines() if line.startswith("| **"))
    assert row.count("|") == 6


def test_the_summary_of_a_run_that_was_interrupted_says_so(tmp_path: Path) -> None:
    assert "was interrupted" in summary(tmp_path, complete=False)


def test_github_gets_an_annotation_for_each_cause_at_its_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(GitHubReport(7))
    stop, start, first, hostile, broken = capsys.readouterr().out.splitlines()

    assert stop.removeprefix("::stop-commands::") == start.strip(":")
    assert first == (
        "::error title=must%3A flashing.next-only,file=shop views.py,line=12"
        "::it saw POST; expected the app to see GET%0A"
        "conformance check --clause flashing.next-only --seed 7"
    )
    assert hostile.startswith("::error title=must%3A flashing.escape::")
    assert "\x1b" not in hostile
    assert broken.startswith(
        "::error title=set-up%3A streaming.incremental::patterns.streaming.table"
    )


def test_until_then_the_runner_obeys_nothing(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "conformance.toml").write_text(CONFIG)
    only = ("--clause", "methodoverrides.post-override", "--max-examples", "3")
    found = conformance(
        tmp_path, "check", *only, "--sarif", "a.sarif", "--summary", "a.md", GITHUB_ACTIONS="true"
    )
    lines = found.out.splitlines()

    assert found.code == 1
    assert re.fullmatch("::stop-commands::[0-9a-f]{32}", lines[0])
    assert lines[-2] == f"::{lines[0].rpartition(':')[2]}::"
    assert lines[-1].startswith(
        "::error title=must%3A methodoverrides.post-override,file=shop.py,line="
    )
    assert (tmp_path / "a.md").read_text().startswith("### shop")
    assert json.loads((tmp_path / "a.sarif").read_text())["version"] == "2.1.0"
