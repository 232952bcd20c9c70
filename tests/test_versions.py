"""The environments of the matrix run the versions that they name, and a user's can see to that."""

from __future__ import annotations

import configparser
import importlib.metadata
import json
import platform
from collections.abc import Sequence
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from conformance.core.errors import ConfigError
from conformance.runner.environment import require

from .command import CONFIG, SHOP, conformance
from .readme import versions_table

ROOT = Path(__file__).parents[1]
FLASK = importlib.metadata.version("flask")


def test_what_is_there_is_let_pass(tmp_path: Path) -> None:
    file = tmp_path / "wanted.txt"
    file.write_text(f"# what it is made of\n\nflask=={FLASK}  # no other\nwerkzeug>=2\n")

    assert require([f"flask=={FLASK}", f"python=={platform.python_version()}", str(file)]) is None
    assert require(["nosuch>=1; python_version < '3'"]) is None


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("flask<2", f"this environment has flask {FLASK}, not flask<2"),
        ("python<3", "this environment has python 3"),
        ("flask-nosuch>=1", "flask-nosuch is not installed"),
        ("flask=>1", "'flask=>1' is neither a requirement"),
    ],
)
def test_what_is_not_there_is_one_sentence(wanted: str, said: str) -> None:
    with pytest.raises(ConfigError, match=r"^--require: ") as caught:
        require([wanted])

    assert said in str(caught.value)


def test_another_environment_ends_the_run_before_it_starts(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "conformance.toml").write_text(CONFIG)

    run = conformance(tmp_path, "check", "--require", "flask~=1.1", "--json", "result.json")

    assert run.code == 2
    assert f"this environment has flask {FLASK}, not flask~=1.1" in run.err
    assert not (tmp_path / "result.json").exists()


def test_each_flask_of_the_matrix_has_its_constraints_and_looks_at_them() -> None:
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    for file in sorted((ROOT / "tests" / "versions").glob("flask*.txt")):
        lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
        wanted = {Requirement(line).name: Requirement(line) for line in lines}
        major, minor = file.stem.removeprefix("flask")
        assert wanted["flask"].specifier.contains(f"{major}.{minor}.9")
        assert not wanted["flask"].specifier.contains(f"{major}.{int(minor) + 1}.0")
        assert "werkzeug" in wanted
        assert f"{file.stem}: UV_CONSTRAINT = " in tox["testenv"]["set_env"]
        assert f"--require {{tox_root}}/tests/versions/{file.name}" in tox["testenv"]["commands"]
        assert (
            f"{major}.{minor}" in tox["tox"]["labels"]
            or file.stem in tox["tox"]["labels"]
            or ("flask{22,23,30,31}" in tox["tox"]["labels"])
        )


def result(
    folder: Path, name: str, python: str, flask: str, clauses: Sequence[object] = (), **counts: int
) -> Path:
    file = folder / f"{name}.json"
    summary = {"pass": 0, "fail": 0, "broken": 0, "untested": 0, "waived": 0, **counts}
    there = {"python": python, "flask": flask, "werkzeug": "3.1.9"}
    found = {"environment": there, "complete": True, "summary": summary, "clauses": clauses}
    file.write_text(json.dumps(found))
    return file


def test_the_table_says_what_was_run(tmp_path: Path) -> None:
    files = [
        result(tmp_path, "py310-flask31", "3.10.13", "3.1.3", **{"pass": 9, "untested": 1}),
        result(tmp_path, "py313-flask31", "3.13.0", "3.1.3", **{"pass": 9, "fail": 1}),
        result(tmp_path, "wheel", "3.11.7", "3.1.3", **{"pass": 9}),
    ]

    assert versions_table(files).splitlines() == [
        "| Flask | Python 3.10 | Python 3.13 |",
        "| --- | --- | --- |",
        "| 3.1.3, Werkzeug 3.1.9 | 9 pass, 1 untested | 9 pass, **1 fail** |",
    ]


def test_the_table_says_which_verdict_depends_on_the_version_and_why(tmp_path: Path) -> None:
    def row(verdict: str, reason: str = "") -> dict[str, str]:
        return {"id": "a.b", "verdict": verdict, "reason": reason}

    same = {"id": "a.c", "verdict": "pass", "reason": ""}
    files = [
        result(tmp_path, "py310-flask31", "3.10.13", "3.1.3", [row("pass"), same]),
        result(
            tmp_path, "py310-flask22", "3.10.13", "2.2.5",
            [row("untested", "flask 2.2.5: it came with 3.1"), same],
        ),
        result(tmp_path, "py313-flask31", "3.13.0", "3.1.3", [row("fail"), same]),
    ]  # fmt: skip

    assert versions_table(files).splitlines()[-3:] == [
        "| clause | 2.2.5 | 3.1.3 | because of |",
        "| --- | --- | --- | --- |",
        "| `a.b` | untested | fail or pass | it came with 3.1 |",
    ]


def test_an_environment_that_is_not_what_its_name_says_is_refused(tmp_path: Path) -> None:
    file = result(tmp_path, "py311-flask23", "3.11.7", "3.1.3", **{"pass": 9})

    with pytest.raises(ValueError, match=r"was made with Python 3\.11\.7, Flask 3\.1\.3"):
        versions_table([file])
