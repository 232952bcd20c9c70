"""A pattern at several places: what is asked of each, and what is said of a wrong table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from conformance import Outcome, Subject, run, run_clause
from conformance.core.errors import ConfigError
from conformance.core.place import at_place, split_place
from conformance.instruments.html import Page
from conformance.reports.compare import compare_results
from conformance.runner.engine import Options
from conformance.runner.preflight import preflight
from conformance.suites.catalogue import find_clause

from .command import Run, conformance

#: Answers GET and POST on /good as a method override asks, and anything on /bad.
SHOP = """
from flask import Flask
from reference.methodoverrides import MethodOverride

def create_app():
    app = Flask(__name__)
    for path in ("/good", "/bad"):
        app.add_url_rule(path, path, lambda: "thing", methods=["GET", "POST", "PUT", "DELETE"])
    plain, overriding = app.wsgi_app, MethodOverride(app.wsgi_app)
    app.wsgi_app = lambda environ, start: (
        overriding if environ["PATH_INFO"] == "/good" else plain
    )(environ, start)
    return app
"""

CONFIG = """
app = "shop:create_app"
[[patterns.methodoverrides]]
name = "good"
route = "/good"
[[patterns.methodoverrides]]
name = "bad"
route = "/bad"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "conformance.toml").write_text(CONFIG)
    return tmp_path


def check(folder: Path, *arguments: str) -> Run:
    few = ("-p", "methodoverrides", "--clause", "*.post-override", "--max-examples", "5")
    return conformance(folder, "check", *few, *arguments)


def test_what_names_a_place_is_read_as_it_was_written() -> None:
    assert split_place(at_place("wtforms.csrf", "register")) == ("wtforms.csrf", "register")
    assert split_place(at_place("wtforms.csrf", "")) == ("wtforms.csrf", "")
    assert split_place("wtforms.csrf@register") == ("wtforms.csrf", "register")


def test_every_report_says_which_place_a_verdict_is_of(shop: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    done = check(shop, "-v", "--json", "a.json", "--junit", "a.xml", "--html", "a.html")

    assert done.code == 1
    assert "pass      methodoverrides.post-override @good" in done.out
    assert "FAIL      methodoverrides.post-override @bad (must)" in done.out
    assert "2 clauses, transport wsgi" in done.out
    result = json.loads((shop / "a.json").read_text())
    rows = {(row["id"], row["place"]): row["verdict"] for row in result["clauses"]}
    assert rows == {
        ("methodoverrides.post-override", "good"): "pass",
        ("methodoverrides.post-override", "bad"): "fail",
    }
    schema = json.loads(conformance(shop, "schema", "--result").out)
    jsonschema.validate(result, schema)
    cases = ET.parse(shop / "a.xml").getroot()[0].findall("testcase")
    assert [case.attrib["name"].partition(" ")[2] for case in cases] == ["@good", "@bad"]
    places = [case.findall(".//property[@name='place']")[0].attrib["value"] for case in cases]
    assert places == ["good", "bad"]
    page = Page((shop / "a.html").read_text())
    (bad,) = page.find("details", id="methodoverrides.post-override@bad")
    (good,) = page.find("details", id="methodoverrides.post-override@good")
    assert "it saw POST" in bad.text
    assert "it saw POST" not in good.text


def test_two_processes_ask_every_place(shop: Path) -> None:
    check(shop, "--json", "one.json")
    check(shop, "--json", "two.json", "-n", "2")

    assert conformance(shop, "compare", "one.json", "two.json").code == 0


def test_places_are_chosen_by_name(shop: Path) -> None:
    assert check(shop, "--place", "go*").code == 0
    assert "1 clause, " in check(shop, "--place", "bad").out
    wrong = check(shop, "--place", "god")

    assert wrong.code == 2
    assert wrong.err == "conformance: no place matches 'god'; did you mean 'good'?\n"


def test_a_failure_names_the_place_to_ask_again(shop: Path) -> None:
    lines = check(shop, "--place", "bad").out.splitlines()

    (again,) = (line for line in lines if line.startswith("  again "))
    (curl,) = (line for line in lines if line.startswith("  curl "))
    assert "--clause methodoverrides.post-override --place bad --seed 0" in again
    assert curl.endswith("/bad")


def test_a_waiver_holds_at_its_place_and_one_without_a_place_everywhere(shop: Path) -> None:
    def waiving(key: str) -> Run:
        (shop / "conformance.toml").write_text(CONFIG + f'[waive]\n"{key}" = "old"\n')
        return check(shop)

    there = waiving("methodoverrides.post-override @bad")
    assert there.code == 0
    assert "waived: methodoverrides.post-override @bad: old" in there.out
    stale = waiving("methodoverrides.post-override @good")
    assert stale.code == 1
    assert "stale waiver: methodoverrides.post-override @good passes" in stale.out
    everywhere = waiving("methodoverrides.post-override")
    assert everywhere.code == 0
    assert "stale" not in everywhere.out
    wrong = waiving("methodoverrides.post-override @bda")
    assert (wrong.code, wrong.err) == (
        2,
        "conformance: conformance.toml: waive: methodoverrides.post-override @bda: "
        "patterns.methodoverrides has no place 'bda'; did you mean 'bad'?\n",
    )


@pytest.mark.parametrize(
    ("tables", "sentence"),
    [
        (
            [{"name": "edit", "pgae": "/"}],
            "unknown key patterns.wtforms.pgae @edit; did you mean 'page'?",
        ),
        (
            [{"name": "edit", "page": {"path": "/", "form_pgae": "/"}}],
            "unknown key patterns.wtforms.page.form_pgae @edit; did you mean 'form_page'?",
        ),
        (
            [{"name": "edit", "page": "edit"}],
            "patterns.wtforms.page @edit: a path begins with a slash, not 'edit'",
        ),
        (
            [{"name": "edit"}, {"page": "/"}],
            "patterns.wtforms: place 2 has no name",
        ),
        (
            [{"nmae": "edit", "page": "/"}],
            "patterns.wtforms: place 1 has no name; did you mean 'name' by 'nmae'?",
        ),
        (
            [{"name": "edit"}, {"name": "add"}, {"name": "edit"}],
            "patterns.wtforms: two places are named 'edit'",
        ),
        (
            [{"name": "the form"}],
            "patterns.wtforms: place 1: a name has letters, digits and _ . - in it, "
            "not 'the form'",
        ),
        ([{"name": 3}], "patterns.wtforms: place 1: a name has letters, digits and _ . - in it, not 3"),
        ([], "patterns.wtforms: the array has no table"),
        (["/edit"], "patterns.wtforms: place 1 is not a table but '/edit'"),
        (
            {"name": "edit", "page": "/"},
            "patterns.wtforms.name: a place has a name where its table is one of several: "
            "[[patterns.wtforms]]",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_table_of_a_place_is_one_sentence(
    tables: object, sentence: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        Subject.from_table({"patterns": {"wtforms": tables}}, source="conformance.toml")

    assert str(caught.value) == f"conformance.toml: {sentence}"


def test_a_wrong_table_ends_the_command_with_2(shop: Path) -> None:
    (shop / "conformance.toml").write_text(CONFIG.replace('"bad"', '"good"'))
    done = check(shop)

    assert done.code == 2
    assert done.err == (
        "conformance: conformance.toml: patterns.methodoverrides: two places are named 'good'\n"
    )


def subject(*tables: dict[str, Any]) -> Subject:
    import flask

    def create_app() -> flask.Flask:
        app = flask.Flask("places")
        app.add_url_rule("/icon", "icon", lambda: "<title>a page</title>")
        return app

    return Subject(app=create_app, patterns={"favicon": list(tables)})


def test_a_problem_at_one_place_leaves_the_others_alone() -> None:
    two = subject({"name": "there", "page": "/icon"}, {"name": "away", "page": "/icno"})
    checks = [
        check for check in preflight(two, Options(max_examples=2)) if check.pattern == "favicon"
    ]
    problems = {check.name: check.sentence for check in checks if not check.good}

    assert [*problems] == ["patterns.favicon.page @away"]
    assert problems["patterns.favicon.page @away"].startswith(
        "patterns.favicon.page @away: GET /icno answers 404"
    )
    clause = find_clause("favicon.link")
    found = {v.place: v.outcome for v in run(two, [clause], Options(max_examples=2), problems)}
    assert found == {"there": Outcome.FAIL, "away": Outcome.BROKEN}


def test_a_place_must_be_named_where_there_are_several() -> None:
    two = subject({"name": "a", "page": "/icon"}, {"name": "b", "page": "/icon"})
    clause = find_clause("favicon.link")

    with pytest.raises(ConfigError, match=r"patterns.favicon has several places: name one of a, b"):
        run_clause(clause, two)
    with pytest.raises(
        ConfigError, match=r"patterns.favicon has no place 'aa'; did you mean 'a'\?"
    ):
        run_clause(clause, two, place="aa")
    assert run_clause(clause, two, place="b").place == "b"


def test_a_subject_is_the_same_when_it_is_made_of_another() -> None:
    import dataclasses

    two = subject({"name": "a", "page": "/icon"}, {"name": "b", "page": "/icon"})
    again = dataclasses.replace(two, app=None)

    assert again.places("favicon") == two.places("favicon")
    assert [place.name for place in two.places("favicon")] == ["a", "b"]
    assert [place.name for place in two.places("appfactories")] == [""]
    assert two.places("celery") == ()


def test_a_result_of_version_1_is_compared_as_one_place(tmp_path: Path) -> None:
    def row(verdict: str, **more: str) -> dict[str, Any]:
        return {
            "id": "a.b",
            "pattern": "a",
            "level": "must",
            "verdict": verdict,
            "reason": "",
            **more,
        }

    def write(name: str, version: int, *rows: dict[str, Any]) -> Path:
        result = {
            "schema_version": version,
            "complete": True,
            "subject": {"app": "shop"},
            "environment": {"flask": "3.1.2"},
            "clauses": list(rows),
        }
        (tmp_path / name).write_text(json.dumps(result))
        return tmp_path / name

    old = write("old.json", 1, row("pass"))
    new = write("new.json", 2, row("fail", place=""))
    several = write("several.json", 2, row("pass", place="x"), row("fail", place="y"))

    assert [each.verdicts for each in compare_results([old, new]).changes] == [("pass", "fail")]
    changes = compare_results([new, several]).changes
    assert [(each.label, each.verdicts) for each in changes] == [
        ("a.b", ("fail", "absent")),
        ("a.b @x", ("absent", "pass")),
        ("a.b @y", ("absent", "fail")),
    ]
    with pytest.raises(ConfigError, match="not a result"):
        compare_results([old, write("later.json", 3)])


def test_the_schema_of_the_configuration_has_places(shop: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(conformance(shop, "schema").out)

    def errors(flashing: object) -> list[Any]:
        table = {"app": "shop:create_app", "patterns": {"flashing": flashing}}
        return list(jsonschema.Draft202012Validator(schema).iter_errors(table))

    assert not errors({"page": "/"})
    assert not errors([{"name": "a", "page": "/"}, {"name": "b", "page": "/b"}])
    assert errors([{"page": "/"}])
    assert errors([{"name": "a b", "page": "/"}])
    assert errors({"name": "a", "page": "/"})


def test_pytest_has_an_item_for_each_place(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(shop=SHOP)
    pytester.path.joinpath("conformance.toml").write_text(CONFIG)
    pytester.makepyfile(test_conformance="from conformance.suites.test_methodoverrides import *")
    few = ("-k", "post_override", "--conformance-max-examples", "5", "-p", "no:randomly")

    result = pytester.runpytest_subprocess(*few, "-v", "--conformance-json", "a.json")
    result.stdout.fnmatch_lines(
        [
            "*::test_post_override?good? PASSED*",
            "*::test_post_override?bad? FAILED*",
            "methodoverrides.post-override @bad (must)",
        ]
    )
    rows = json.loads((pytester.path / "a.json").read_text())["clauses"]
    assert [row["place"] for row in rows] == ["good", "bad"]
    chosen = pytester.runpytest_subprocess(*few, "--conformance-place", "go*")
    assert chosen.parseoutcomes()["passed"] == 1
    assert "failed" not in chosen.parseoutcomes()
    wrong = pytester.runpytest_subprocess(*few, "--conformance-place", "god")
    wrong.stderr.fnmatch_lines(["*no place matches 'god'; did you mean 'good'?"])
    assert wrong.ret == pytest.ExitCode.USAGE_ERROR
