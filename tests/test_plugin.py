"""The pytest plugin: the clauses as tests of a project, with pytest's own options."""

from __future__ import annotations

import json
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from conformance.suites.catalogue import clauses_of

from .command import CONFIG, SHOP

#: How many clauses a project has that imports those of one pattern.
CLAUSES = len(clauses_of("methodoverrides"))

COMPONENT = '[patterns.methodoverrides]\nmiddleware = "reference.methodoverrides:MethodOverride"\n'


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with an app that fails some clauses, and a test module of one import line."""
    pytester.makepyfile(shop=SHOP)
    pytester.path.joinpath("conformance.toml").write_text(CONFIG)
    pytester.makepyfile(test_conformance="from conformance.suites.test_methodoverrides import *")
    return pytester


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run pytest as a user would, on few examples; warnings are errors."""
    few = ("--conformance-max-examples", "10", "-W", "error", "--strict-markers")
    return project.runpytest_subprocess(*few, *arguments)


def test_one_import_line_adds_the_clauses(project: pytest.Pytester) -> None:
    result = run(project, "-k", "only_post or post_override")

    result.assert_outcomes(passed=1, failed=1, deselected=CLAUSES - 2)
    result.stdout.fnmatch_lines(
        ["*expected  the app to see DELETE*", "*observed  it saw POST*", "*docs *https*"]
    )


def test_a_failure_shows_no_traceback_of_the_kit(project: pytest.Pytester) -> None:
    result = run(project, "-k", "post_override")

    result.stdout.no_fnmatch_line("*engine.py*")
    result.stdout.no_fnmatch_line("*Traceback*")


def test_all_suites_come_with_one_star_import(project: pytest.Pytester) -> None:
    project.makepyfile(test_conformance="from conformance.suites import *")
    result = run(project, "--collect-only", "-q")

    result.stdout.fnmatch_lines(["*::test_methodoverrides_only_post"])


def test_pyargs_runs_the_installed_suites(project: pytest.Pytester) -> None:
    result = run(project, "--pyargs", "conformance.suites.test_methodoverrides", "-k", "only_post",
                 "--conformance-app", "shop:create_app")  # fmt: skip

    result.assert_outcomes(passed=1, deselected=CLAUSES - 1)


@pytest.mark.parametrize("level", ["must", "should", "harden"])
def test_levels_are_markers(project: pytest.Pytester, level: str) -> None:
    from conformance.suites.catalogue import clauses_of

    result = run(project, "-m", level, "--collect-only", "-q")

    chosen = [line for line in result.outlines if "::" in line]
    assert len(chosen) == sum(c.level == level for c in clauses_of("methodoverrides"))


def test_first_failure_and_last_failed(project: pytest.Pytester) -> None:
    run(project, "-x", "-p", "no:randomly").assert_outcomes(failed=1)
    again = run(project, "--lf", "-p", "no:randomly")

    again.assert_outcomes(failed=1)


def test_junit_has_the_clause_the_level_and_the_link(project: pytest.Pytester) -> None:
    run(project, "-k", "only_post", "--junitxml", "result.xml")

    tree = ET.parse(project.path / "result.xml")
    properties = {p.attrib["name"]: p.attrib["value"] for p in tree.iter("property")}
    assert properties == {
        "clause": "methodoverrides.only-post",
        "level": "must",
        "docs": "https://flask.palletsprojects.com/en/stable/patterns/methodoverrides/",
    }


def test_parallel_workers_report_to_one_summary_and_one_result(project: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    run(project, "--conformance-json", "one.json")
    result = run(project, "-n", "2", "--conformance-json", "two.json")

    def verdicts(name: str) -> dict[str, str]:
        data = json.loads((project.path / name).read_text())
        assert data["complete"]
        return {clause["id"]: clause["verdict"] for clause in data["clauses"]}

    assert verdicts("one.json") == verdicts("two.json")
    result.stdout.fnmatch_lines(["methodoverrides *"])


def test_random_order_changes_nothing(project: pytest.Pytester) -> None:
    pytest.importorskip("pytest_randomly")
    outcomes = [
        run(project, "-p", "randomly", "-p", f"no:{name}", "-q").parseoutcomes()
        for name in ("cacheprovider", "nothing")
    ]

    assert outcomes[0]["failed"] == outcomes[1]["failed"]
    assert outcomes[0]["passed"] == outcomes[1]["passed"]


def test_a_subject_made_in_python(project: pytest.Pytester) -> None:
    project.path.joinpath("conformance.toml").unlink()
    project.makeconftest(
        """
        from conformance import Subject
        from reference.methodoverrides import MethodOverride

        def pytest_conformance_subject():
            return Subject(patterns={"methodoverrides": {"middleware": MethodOverride}})
        """
    )
    result = run(project)

    result.assert_outcomes(passed=CLAUSES - 1, skipped=1)
    result.stdout.fnmatch_lines([f"*{CLAUSES - 1} passed (seed 0)*"])


def test_waived_clauses_are_expected_failures(project: pytest.Pytester) -> None:
    config = CONFIG + '[waive]\n"methodoverrides.post-override" = "behind a proxy"\n'
    project.path.joinpath("conformance.toml").write_text(config)
    result = run(project, "-k", "post_override", "-rx")

    result.assert_outcomes(xfailed=1, deselected=CLAUSES - 1)
    result.stdout.fnmatch_lines(["*waived: behind a proxy*"])


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (CONFIG.replace("create_app", "creat_app"), "*has no attribute 'creat_app'*"),
        (CONFIG.replace("route", "rout"), "*unknown key patterns.methodoverrides.rout;*"),
    ],
)
def test_a_wrong_set_up_stops_the_run_in_one_sentence(
    project: pytest.Pytester, config: str, sentence: str
) -> None:
    project.path.joinpath("conformance.toml").write_text(config)
    result = run(project)

    assert result.ret in (2, 3)
    text = result.stdout.str() + result.stderr.str()
    assert any(
        line.startswith(("!", "Exit: ")) and "conformance: " in line for line in text.splitlines()
    ), text
    result.stdout.fnmatch_lines([sentence])


def test_an_ambient_context_stops_the_run_and_names_who_pushed_it(
    project: pytest.Pytester,
) -> None:
    project.makeconftest(
        """
        import flask
        import pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_setup(item):
            item.run.subject
            flask.Flask("ambient").app_context().push()
        """
    )
    result = run(project, "-k", "only_post")

    assert result.ret == 2
    result.stdout.fnmatch_lines(["*an app context is already active, pushed by *conftest.py:*"])


@pytest.mark.parametrize("name", ["pytest_flask", "schemathesis", "pytest_celery"])
def test_it_runs_beside_other_plugins(project: pytest.Pytester, name: str) -> None:
    pytest.importorskip(name)
    project.makeconftest(
        """
        import pytest, shop

        @pytest.fixture
        def app():
            return shop.create_app()
        """
    )
    result = run(project, "-k", "only_post", "-p", "no:cacheprovider")

    result.assert_outcomes(passed=1, deselected=CLAUSES - 1)


def test_a_run_without_clauses_imports_neither_flask_nor_hypothesis_nor_the_kit(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile("def test_nothing(): pass")
    code = (
        "import pytest, sys; pytest.main(['-q', '-p', 'no:randomly', '-p', 'no:hypothesispytest'])\n"
        "kit = [m for m in sys.modules if m.startswith('conformance')]\n"
        "print('loaded:', sorted(kit))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=pytester.path, capture_output=True, text=True
    )

    assert "loaded: ['conformance', 'conformance.plugin']" in done.stdout
