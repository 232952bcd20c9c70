"""Applications of the package index: accused of what is wrong with them, and of nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command import conformance
from tests.readme import read

from .applications import APPLICATIONS, Installed, table
from .environments import HERE, environment


@pytest.mark.parametrize("application", APPLICATIONS, ids=lambda each: each.name)
def test_an_application_is_accused_of_what_is_wrong_with_it_and_of_nothing_else(
    application: Installed, tmp_path: Path
) -> None:
    bound = HERE / application.name
    work = tmp_path / "work"
    work.mkdir()
    result = tmp_path / "result.json"
    settings = {
        key: value.replace("{here}", str(bound)) for key, value in application.environment.items()
    }

    run = conformance(
        work,
        *("check", "--config", str(bound / "conformance.toml"), "--json", str(result)),
        # Some of them are slow, and the machine may be.
        *("--timeout", "300"),
        *(word for slug in application.patterns for word in ("-p", slug)),
        python=environment(application.name, tmp_path),
        timeout=900,
        # Whatever the test runner has switched on is not the application's.
        PYTHONPATH=str(bound),
        PYTHONWARNINGS="",
        **settings,
    )

    assert run.code == 1, run.out + run.err
    clauses: list[dict[str, Any]] = json.loads(result.read_text())["clauses"]
    failed = {each["id"]: each["failure"] for each in clauses if each["verdict"] == "fail"}
    assert failed.keys() == application.fails.keys(), failed
    broken = {each["id"]: each["reason"] for each in clauses if each["verdict"] == "broken"}
    assert not broken
    assert sum(each["verdict"] == "pass" for each in clauses) >= application.passes
    assert not list(work.iterdir())


def test_the_readme_tells_what_was_found() -> None:
    assert read("applications") == table(), "run: python -m tests.real.applications"
