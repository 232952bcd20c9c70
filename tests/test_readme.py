"""What the README says is so."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.patterns import pattern_slugs
from conformance.subject.config import validate
from conformance.subject.shapes import EXAMPLES

from .readme import README, example_values, first_screen, measured_table, patterns_table, read

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]


def test_the_table_of_patterns_is_up_to_date() -> None:
    assert read("patterns") == patterns_table(), "run: python -m tests.readme"


def test_the_table_of_what_is_found_is_as_it_was_measured() -> None:
    assert read("measured") == measured_table(), "run: python -m tests.readme"


def test_the_examples_that_are_shipped_are_what_the_reference_binds() -> None:
    assert EXAMPLES.read_text() == example_values(), "run: python -m tests.readme"


def test_the_first_screen_is_what_a_run_shows(tmp_path: Path) -> None:
    assert read("screen") == first_screen(tmp_path), "run: python -m tests.readme"


def test_the_workflow_that_it_shows_asks_for_what_there_is() -> None:
    yaml = pytest.importorskip("yaml")
    block = read("workflow").removeprefix("```yaml\n").removesuffix("\n```")
    steps = [step for job in yaml.safe_load(block)["jobs"].values() for step in job["steps"]]
    lines = [step["run"].split() for step in steps if step.get("run", "").startswith("conformance")]

    assert [words[1] for words in lines] == ["check", "compare"]
    for words in lines:
        known = {name for option in main.commands[words[1]].params for name in option.opts}
        assert {word for word in words if word.startswith("--")} <= known


def test_the_configuration_that_it_shows_is_valid() -> None:
    import textwrap

    from conformance.patterns import load_pattern
    from conformance.subject.config import Settings

    block = re.search(r"```toml\n(   app = .*?)```", README.read_text(), re.DOTALL)
    assert block is not None
    settings = validate(Settings, tomllib.loads(textwrap.dedent(block[1])), source="README.md")

    for slug, table in settings.patterns.items():
        validate(load_pattern(slug).binding, table, source="README.md", key=f"patterns.{slug}")


def test_the_changelog_names_every_pattern() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()

    assert [slug for slug in pattern_slugs() if slug not in text] == []


def test_ci_finds_the_test_command() -> None:
    block = re.search(r"<!-- test command -->\n```sh\n(python3 .*?)\n```", README.read_text())

    assert block is not None
    assert block[1].endswith("tox run-parallel --parallel 2 --parallel-no-spinner")
