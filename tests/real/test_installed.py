"""Applications of the package index, bound as deep as they go: each verdict looked into by hand."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.command import conformance

from .environments import HERE, environment


@dataclasses.dataclass(frozen=True)
class Installed:
    """An application, bound by `tests/real/<name>/conformance.toml`, `{here}` in its environment."""

    name: str
    #: How many clauses it passes; more where the kit has got more.
    passes: int
    #: Why it fails a clause. None of these is a false alarm.
    fails: Mapping[str, str]
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)


BEPASTY = Installed(
    "bepasty",
    75,
    {
        "favicon.root": "nothing at /favicon.ico",
        "favicon.size": "one image of 32 by 32 pixels",
        "fileuploads.413-friendly": "a 413 is Werkzeug's page: only 403 and 404 have handlers",
        "fileuploads.empty-filename": "views/upload.py raises NotImplementedError without a name",
        "fileuploads.missing-part": "the same without the file: 500",
        "fileuploads.stored-name-allowed": "a name of other letters is cut to its extension",
        "fileuploads.truncated-rejected": "the same NotImplementedError",
        "javascript.error-json": "/+upload/new answers its errors as HTML",
        "javascript.hostile-4xx": "a JSON array is indexed with 'filename': TypeError, 500",
        "javascript.no-nan": "int(1e999): OverflowError, 500",
        "javascript.shape-4xx": "data['filename'] is read unchecked: KeyError, 500",
        "templateinheritance.escape-handed": "content types are joined |safe into a script",
        "templateinheritance.extends-first": "filelist.html imports before it extends",
        "templateinheritance.title": "Bepasty is the title of each page",
    },
    {"BEPASTY_CONFIG": "{here}/bepasty.conf"},
)


@pytest.mark.parametrize("application", [BEPASTY], ids=lambda each: each.name)
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
