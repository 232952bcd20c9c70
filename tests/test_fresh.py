"""A new interpreter is waited for once, however many clauses ask it the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance import Subject
from conformance.core.errors import Broken, LateSettingsError, OutOfTime
from conformance.instruments import fresh
from conformance.instruments.bench import Bench
from conformance.runner.limits import time_limit
from conformance.transports import TRANSPORTS

SUBJECT = Subject(app="reference:create_app")


def slow(subject: Subject, folder: Callable[[], Path], log: str, gate: str) -> str:
    """Note that it was asked, and answer when a file is there."""
    with Path(log).open("a") as file:
        file.write("asked\n")
    while not Path(gate).exists():
        time.sleep(0.02)
    return "answered"


def late(subject: Subject, folder: Callable[[], Path]) -> None:
    raise LateSettingsError("DATABASE comes too late")


@pytest.fixture
def bench() -> Iterator[Bench]:
    found = Bench(SUBJECT, TRANSPORTS["wsgi"])
    yield found
    found.close()


def given(tmp_path: Path) -> dict[str, Any]:
    return {"log": str(tmp_path / "log"), "gate": str(tmp_path / "gate")}


def test_an_interpreter_that_was_not_waited_for_works_on_for_the_next(
    bench: Bench, tmp_path: Path
) -> None:
    how = given(tmp_path)
    with pytest.raises(OutOfTime), time_limit(0.5):
        fresh.ask(bench, slow, keep=True, **how)
    Path(how["gate"]).touch()

    assert fresh.ask(bench, slow, keep=True, **how) == "answered"
    assert fresh.ask(bench, slow, keep=True, **how) == "answered"
    assert Path(how["log"]).read_text() == "asked\n"


def test_one_that_never_answers_is_waited_for_once(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fresh, "LONGEST", 0.2)
    for _ in range(2):
        with pytest.raises(Broken, match=r"slow: did not end within 0\.2 s"):
            fresh.ask(bench, slow, keep=True, **given(tmp_path))
        # Where it is asked anew there is time for an answer.
        monkeypatch.setattr(fresh, "LONGEST", 60)
        (tmp_path / "gate").touch()


def test_settings_that_come_too_late_stay_that_on_the_way(bench: Bench) -> None:
    with pytest.raises(LateSettingsError, match="DATABASE comes too late"):
        fresh.ask(bench, late)


@pytest.mark.parametrize("packaged", [True, False], ids=["in a package", "in a folder"])
def test_the_flask_command_finds_an_app_from_a_folder_of_tests(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packaged: bool
) -> None:
    folder = tmp_path / "shop" / "tests"
    folder.mkdir(parents=True)
    for place in (folder.parent, folder) if packaged else ():
        (place / "__init__.py").touch()
    monkeypatch.chdir(folder)

    code, output, errors = fresh.flask_command(bench, "reference", "routes")

    assert (code, "appfactories." in output) == (0, True), errors
