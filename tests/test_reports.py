"""What reports make of results: comparisons, the steps between versions, the HTML page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.core.errors import Kind, Missing
from conformance.core.verdict import Failure, Outcome, Verdict
from conformance.instruments.html import Page
from conformance.reports.compare import compare_results, steps
from conformance.reports.html import render_page
from conformance.reports.junit import JUnitReport
from conformance.reports.text import render_failure

from .command import conformance

HOSTILE = "</script><script>alert(1)</script>\"'<img src=x onerror=alert(1)>"


def verdict(name: str, outcome: str, **values: Any) -> Verdict:
    slug = name.partition(".")[0]
    return Verdict(name, slug, "must", "It holds.", "https://docs", Outcome(outcome), **values)


def result(flask: str, *verdicts: Verdict, complete: bool = True) -> dict[str, Any]:
    outcomes = [each.outcome for each in verdicts]
    return {
        "schema_version": 2,
        "complete": complete,
        "kit": {"version": "1"},
        "seed": 0,
        "subject": {"app": "shop:create_app", "config": None},
        "environment": {"flask": flask, "python": "3.12.1", "werkzeug": "3.0", "packages": {}},
        "clauses": [each.to_json() for each in verdicts],
        "summary": {outcome.value: outcomes.count(outcome) for outcome in Outcome},
    }


def write(folder: Path, *results: dict[str, Any]) -> list[Path]:
    files = [folder / f"{number}.json" for number in range(len(results))]
    for file, each in zip(files, results, strict=True):
        file.write_text(json.dumps(each))
    return files


def test_a_long_example_is_cut_for_a_reader_and_whole_for_a_program() -> None:
    failure = Failure(
        "a short cookie", "a long one", example=f"text='{' '.join(map(str, range(2000)))}'"
    )
    failed = verdict("flashing.cookie-size", "fail", failure=failure)

    assert "(8896 characters)" in render_failure(failed)
    assert len(render_failure(failed)) < 1000
    assert failed.to_json()["failure"]["example"] == failure.example


@pytest.mark.parametrize(
    ("versions", "verdicts", "expected"),
    [
        (["3.0.3", "3.1.2"], ["pass", "fail"], [("3.1.2", "pass", "fail")]),
        (["3.1.2", "3.0.3"], ["fail", "pass"], [("3.1.2", "pass", "fail")]),
        (["2.2.5", "2.3.3", "3.0.3"], ["fail", "pass", "pass"], [("2.3.3", "fail", "pass")]),
        (
            ["2.3.3", "3.0.3", "3.1.2"],
            ["pass", "fail", "pass"],
            [("3.0.3", "pass", "fail"), ("3.1.2", "fail", "pass")],
        ),
        (["3.0.3", "3.0.3"], ["pass", "fail"], []),
        (
            ["3.0.3", "3.1.2", "3.1.2"],
            ["pass", "pass", "fail"],
            [("3.1.2", "pass", "fail or pass")],
        ),
        (["2.10.0", "2.9.0"], ["fail", "pass"], [("2.10.0", "pass", "fail")]),
        ([None, "3.0.3"], ["pass", "fail"], []),
    ],
)
def test_steps_name_the_version_at_which_a_verdict_changed(
    versions: list[str | None], verdicts: list[str], expected: list[tuple[str, str, str]]
) -> None:
    assert list(steps(versions, verdicts)) == expected


def test_a_comparison_names_only_what_differs(tmp_path: Path) -> None:
    files = write(
        tmp_path,
        result("3.0.3", verdict("a.same", "pass"), verdict("a.other", "pass")),
        result("3.1.2", verdict("a.same", "pass"), verdict("a.other", "fail"), complete=False),
        result("3.1.3", verdict("a.same", "pass")),
    )
    comparison = compare_results(files)
    text = "\n".join(comparison.lines())

    assert [change.id for change in comparison.changes] == ["a.other"]
    assert comparison.changes[0].verdicts == ("pass", "fail", "absent")
    assert "fail since Flask 3.1.2; absent since Flask 3.1.3" in text
    assert "1.json: shop:create_app, Flask 3.1.2, Werkzeug 3.0, Python 3.12.1, INCOMPLETE" in text
    assert text.endswith("1 of 2 clauses differ")
    assert "a.same" not in text


def test_bad_news_comes_first_and_what_only_some_have_asked_is_folded(tmp_path: Path) -> None:
    lack = {"reason": "needs page", "missing": (Missing(Kind.KEY, "patterns.a.page"),)}
    gate = {"reason": "flask 3.0.3: #1", "missing": (Missing(Kind.VERSION, "flask"),)}
    some = [verdict(f"a.some{number}", "pass") for number in range(8)]
    files = write(
        tmp_path,
        result(
            "3.0.3", verdict("a.mended", "fail"), verdict("a.lost", "pass"), verdict("a.same", "pass"),
            verdict("a.asked", "untested", **lack), verdict("a.gated", "untested", **gate),
        ),
        result(
            "3.1.2", verdict("a.mended", "pass"), verdict("a.lost", "broken"), verdict("a.same", "pass"),
            verdict("a.asked", "pass"), verdict("a.gated", "pass"), *some,
        ),
    )  # fmt: skip
    comparison = compare_results(files)
    text = "\n".join(comparison.lines())

    assert {title: [c.id for c in found] for title, found in comparison.groups().items()} == {
        "worse": ["a.lost"],
        "better": ["a.mended"],
        "changed otherwise": ["a.gated"],
    }
    assert text.index("worse:") < text.index("better:") < text.index("changed otherwise:")
    assert "1 clause: A untested, B pass: a.asked" in text
    assert (
        "8 clauses: A absent, B pass: a.some0, a.some1, a.some2, a.some3, a.some4 and 3 more"
        in text
    )
    assert text.endswith("12 of 13 clauses differ, 3 of them where all were asked")


def test_a_comparison_is_a_matrix_on_a_page(tmp_path: Path) -> None:
    write(
        tmp_path,
        result("3.0.3", verdict("a.b", "pass"), verdict("a.c", "pass")),
        result("3.1.2", verdict("a.b", "fail"), verdict("a.c", "pass"), verdict("a.d", "pass")),
    )
    run = conformance(
        tmp_path, "compare", "0.json", "1.json", "--summary", "c.md", "--html", "c.html"
    )
    lines = (tmp_path / "c.md").read_text().splitlines()
    page = Page((tmp_path / "c.html").read_text())

    assert run.code == 1
    assert lines[0] == "### 1 verdict changed"
    assert "| a.b | pass | **fail** | fail since Flask 3.1.2 |" in lines
    assert not any(line.startswith("| a.c") for line in lines)
    (table,) = (each for each in page.find("table") if "changed" in each.text)
    assert "fail since Flask 3.1.2" in table.text
    assert "a.d" not in table.text
    assert "1 clause: A absent, B pass: a.d" in page.text


def test_the_command_writes_the_comparison_as_json_and_html(tmp_path: Path) -> None:
    write(
        tmp_path,
        result("3.0.3", verdict("a.other", "pass")),
        result("3.1.2", verdict("a.other", "untested", reason="pallets/flask#1")),
    )
    run = conformance(
        tmp_path, "compare", "0.json", "1.json", "--json", "c.json", "--html", "c.html"
    )

    data = json.loads((tmp_path / "c.json").read_text())
    assert run.code == 1
    assert data["changes"] == [
        {
            "id": "a.other",
            "place": "",
            "verdicts": {"A": "pass", "B": "untested"},
            "reasons": {"A": "", "B": "pallets/flask#1"},
            "steps": [{"flask": "3.1.2", "before": "pass", "after": "untested"}],
        }
    ]
    assert "untested since Flask 3.1.2" in Page((tmp_path / "c.html").read_text()).text


@pytest.mark.parametrize("option", ["--json", "--html"])
def test_a_file_that_can_not_be_written_is_one_sentence(tmp_path: Path, option: str) -> None:
    write(tmp_path, result("3.0.3", verdict("a.b", "pass")), result("3.1.2"))
    run = conformance(tmp_path, "compare", "0.json", "1.json", option, "no/such/folder")

    assert run.code == 2
    assert run.err == "conformance: no/such/folder: cannot be written: No such file or directory\n"


def page_of(*results: dict[str, Any], names: tuple[str, ...] = ()) -> Page:
    return Page(render_page(results, names))


def test_the_page_shows_each_failure_with_its_exchanges_and_is_read_without_a_script() -> None:
    failure = Failure(
        "a redirect",
        "200",
        "routes",
        "name='x'",
        ("GET / -> 200",),
        ("curl -i http://localhost:5000/",),
        "a return is missing.",
    )
    page = page_of(result("3.1.2", verdict("a.b", "fail", failure=failure), verdict("a.c", "pass")))
    (row, other) = page.find("li")

    for words in (
        "a redirect",
        "200",
        "routes",
        "name='x'",
        "GET / -> 200",
        "curl -i",
        "a return is",
    ):
        assert words in row.text
    assert (row.attributes["data-verdicts"], row.attributes["data-level"]) == ("fail", "must")
    assert "open" in page.find("details", id="a.b")[0].attributes
    assert "open" not in page.find("details", id="a.c")[0].attributes
    assert "hidden" not in row.attributes
    assert "hidden" not in other.attributes
    # Without a script the filters would do nothing, so only the script shows them.
    assert "hidden" in page.find("form")[0].attributes


def test_nothing_that_a_subject_says_becomes_markup() -> None:
    failure = Failure(HOSTILE, HOSTILE, HOSTILE, HOSTILE, (HOSTILE,), (HOSTILE,), HOSTILE)
    hostile = result("3.1.2", verdict("a.b", "fail", reason=HOSTILE, failure=failure))
    hostile["subject"]["app"] = HOSTILE
    hostile["clauses"][0]["docs"] = "javascript:alert(1)"
    page = page_of(hostile)

    assert len(page.find("script")) == 1
    assert page.find("img") == []
    assert all(a.attributes["href"].startswith(("https://", "#")) for a in page.find("a"))
    assert page.text.count(HOSTILE) >= 7


def test_nothing_that_a_subject_says_turns_the_text_of_a_report(tmp_path: Path) -> None:
    rude = "turned \u202e, at the left \u2067, in half \x9b1m\x7f"
    failure = Failure(rude, rude, rude, rude, (rude,), (rude,), rude)
    said = result("3.1.2", verdict("a.b", "fail", reason=rude, failure=failure))
    said["subject"]["app"] = rude
    files = write(tmp_path, said, result("3.1.3", verdict("a.b", "broken", reason=rude)))
    comparison = compare_results(files)
    comparison.write_json(tmp_path / "c.json")
    comparison.write_html(tmp_path / "c.html")
    junit = JUnitReport(tmp_path / "c.xml")
    for outcome in ("fail", "broken", "untested"):
        junit.verdict(verdict("a.b", outcome, reason=rude, failure=failure))
    junit.end(True)

    for file in ("c.json", "c.html", "c.xml"):
        text = (tmp_path / file).read_text(encoding="utf-8")
        assert not {"\u202e", "\u2067", "\x9b", "\x7f"} & {*text}, file
        assert r"\u202e" in text, file
    changes = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))["changes"]
    assert changes[0]["reasons"]["B"] == rude


def test_several_results_stand_side_by_side() -> None:
    page = page_of(
        result("3.0.3", verdict("a.b", "pass")),
        result("3.1.2", verdict("a.b", "fail"), verdict("a.c", "waived", reason="ours")),
        names=("A", "B"),
    )
    rows = page.find("li")

    assert [row.attributes["data-verdicts"] for row in rows] == ["pass fail", "absent waived"]
    assert all("data-differs" in row.attributes for row in rows)
    assert len(page.find("tbody")[0].children) > 1


def test_an_incomplete_run_says_so_on_the_page() -> None:
    text = page_of(result("3.1.2", verdict("a.b", "pass"), complete=False)).text

    assert "incomplete: the run was interrupted" in text


def test_every_control_of_the_page_has_a_name() -> None:
    page = page_of(result("3.1.2", verdict("a.b", "pass")), result("3.0.3"), names=("A", "B"))
    labelled = [inner for label in page.find("label") for inner in label.walk()]

    for control in page.find("input"):
        assert control in labelled, control
    for head in page.find("th"):
        assert head.attributes["scope"] in ("col", "row")
    assert page.find("html", lang="en")
    assert page.find("meta", name="viewport")
