"""Applications that nobody here wrote: which clauses they fail, each looked into by hand."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.command import conformance
from tests.readme import read

from .applications import FLASKR, HELLO, Application
from .environments import HERE
from .quarter import quarter
from .sources import source_distribution


@pytest.mark.parametrize("application", [FLASKR, HELLO], ids=lambda each: each.name)
def test_an_application_fails_what_is_known_of_it(application: Application, tmp_path: Path) -> None:
    source = source_distribution(application.distribution, tmp_path) / application.folder
    bound = HERE / application.name
    result = tmp_path / "result.json"
    # Whatever the test runner has switched on is not the application's.
    path = os.pathsep.join([str(source), str(bound)])

    conformance(
        source,
        *("check", "--config", str(bound / "conformance.toml"), "--json", str(result)),
        PYTHONPATH=path,
    )

    found: dict[str, Any] = {each["id"]: each for each in json.loads(result.read_text())["clauses"]}
    failed = {name: each["failure"] for name, each in found.items() if each["verdict"] == "fail"}
    assert failed.keys() == application.fails.keys(), failed
    assert "broken" not in {each["verdict"] for each in found.values()}
    assert sum(each["verdict"] == "pass" for each in found.values()) > len(failed)


def test_flaskr_is_asked_with_nothing_typed_and_fails_only_what_is_known(tmp_path: Path) -> None:
    source = source_distribution(FLASKR.distribution, tmp_path) / FLASKR.folder
    result = tmp_path / "result.json"

    conformance(source, "check", "flaskr:create_app", "--json", str(result))

    data: dict[str, Any] = json.loads(result.read_text())
    by_verdict: dict[str, set[str]] = {}
    for each in data["clauses"]:
        by_verdict.setdefault(each["verdict"], set()).add(each["id"])
    assert len(by_verdict["pass"] | by_verdict["fail"]) >= 60
    assert by_verdict["fail"] <= FLASKR.fails.keys()
    assert "broken" not in by_verdict
    assert set(data["survey"]["requests"]) <= {"GET", "HEAD", "OPTIONS"}


def test_the_readme_tells_of_a_new_users_quarter_of_an_hour(tmp_path: Path) -> None:
    source = source_distribution(FLASKR.distribution, tmp_path) / FLASKR.folder

    assert read("quarter") == quarter(source), "run: python -m tests.real.quarter"
