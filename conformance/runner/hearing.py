"""A project's own tests, run as they are in a process of their own, and heard meanwhile.

Nothing of the project is changed by it: what existed before the run is not written to, what
pytest would write lands in the folder of the run, and the tests see what they always see.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import json
import os
import subprocess
import sys
import unittest
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import pytest

from ..core.errors import ConfigError, SubjectError
from ..subject.cases import apps_of
from ..subject.guest.notes import Notes
from ..survey.exchanges import Exchange

#: Seconds that the tests may take; what was heard until then counts.
SECONDS = 600.0

#: Fixtures that give an app, those that most projects have first.
_USUAL = ("app", "flask_app", "application", "test_app", "client", "test_client")


@dataclasses.dataclass
class Heard:
    """What a project's tests said: exchanges, and fixtures that give an app or a client of one."""

    exchanges: list[Exchange] = dataclasses.field(default_factory=list)
    #: `"app"` or `"client"`, by the name of each fixture of a conftest.
    fixtures: dict[str, str] = dataclasses.field(default_factory=dict)
    #: Test cases of unittest that have an app, and how many of their tests were run.
    cases: Counter[str] = dataclasses.field(default_factory=Counter)
    tests: int = 0
    failed: int = 0
    #: The app that `conformance record` served; empty for what tests said.
    recorded: str = ""
    #: Why pytest could not run them; empty where it did.
    trouble: str = ""

    @property
    def app(self) -> str | None:
        """The reference to the fixture that gives the app, or else to a test case that does.

        None where there is neither.
        """
        ordered = sorted(
            self.fixtures,
            key=lambda name: (
                self.fixtures[name] != "app",
                _USUAL.index(name) if name in _USUAL else len(_USUAL),
                name,
            ),
        )
        if not ordered:
            return next((name for name, _ in self.cases.most_common(1)), None)
        return f"fixture:{ordered[0]}"

    @property
    def line(self) -> str:
        """What was heard, in a line."""
        tests = f"{self.tests} test" + ("" if self.tests == 1 else "s")
        failed = f", {self.failed} of which failed" if self.failed else ""
        return f"heard {len(self.exchanges)} requests in {tests}{failed}"


def hear(
    paths: Sequence[str], notes: Notes, *, config: str | None = None, seconds: float = SECONDS
) -> tuple[Heard, str]:
    """Run the tests at some paths and hear them; return what was heard, and the file that has it.

    Raises `ConfigError` for a path that is not there, and `SubjectError` where no test could be
    run.
    """
    for path in paths:
        if not Path(path.partition("::")[0]).exists():
            raise ConfigError(f"--tests: there is no {path}")
    file = os.path.join(notes.folder, "heard.jsonl")
    order = {
        "paths": list(paths),
        "file": file,
        "config": config,
        "notes": dataclasses.asdict(notes),
    }
    environment = {
        **os.environ,
        "TMPDIR": notes.folder,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    # Options for every run of pytest are meant for those that somebody reads.
    environment.pop("PYTEST_ADDOPTS", None)
    with contextlib.suppress(subprocess.TimeoutExpired):
        done = subprocess.run(
            [sys.executable, "-m", "conformance.runner.hearing"],
            input=json.dumps(order).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            timeout=seconds,
        )
        found = read_heard(file)
        if not found.tests:
            lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
            told = found.trouble or (lines[-1].strip() if lines else "no output")
            raise SubjectError(f"--tests {' '.join(paths)}: no test was run: {told[:300]}")
        return found, file
    return read_heard(file), file


def read_heard(file: str) -> Heard:
    """Read what was heard, as far as it was written."""
    found = Heard()
    with contextlib.suppress(OSError, ValueError), open(file, encoding="utf-8") as lines:
        for line in lines:
            for kind, value in json.loads(line).items():
                if kind == "exchange":
                    found.exchanges.append(Exchange.from_json(value))
                elif kind == "fixture":
                    found.fixtures.setdefault(value["name"], value["kind"])
                elif kind == "app":
                    found.recorded = value
                elif kind == "case":
                    found.cases[value] += 1
                elif kind == "trouble":
                    found.trouble = found.trouble or value
                else:
                    found.tests += 1
                    found.failed += value == "failed"
    return found


def merge(folder: Path) -> str:
    """Return one file with what several processes heard, each client with a number of its own."""
    merged = folder / "heard.jsonl"
    clients: dict[tuple[str, int], int] = {}
    with merged.open("w", encoding="utf-8") as out:
        for file in sorted(folder.glob("heard-*.jsonl")):
            for line in file.read_text(encoding="utf-8").splitlines():
                said = json.loads(line)
                if (exchange := said.get("exchange")) is not None:
                    key = (file.name, exchange["client"])
                    exchange["client"] = clients.setdefault(key, len(clients) + 1)
                out.write(json.dumps(said) + "\n")
    return str(merged)


class Ear:
    """The pytest plugin that hears; `say` takes each thing that was heard."""

    def __init__(self, say: Any) -> None:
        from ..survey.hearing import Hearing

        self.say = say
        self.hearing = Hearing()
        self._told = 0
        self._fixtures: set[str] = set()

    def pytest_sessionstart(self) -> None:
        """Begin to hear."""
        self.hearing.open()

    def pytest_sessionfinish(self) -> None:
        """Leave everything as it was."""
        self.hearing.close()

    def pytest_collectreport(self, report: Any) -> None:
        """Note what could not be collected."""
        if report.failed:
            self.say(
                trouble=str(report.longrepr).strip().splitlines()[-1].removeprefix("E").strip()
            )

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[Any]:
        """Hear a test, and say what was heard when it has ended."""
        self.hearing.test = item.nodeid
        try:
            return (yield)
        finally:
            for exchange in self.hearing.exchanges[self._told :]:
                self.say(exchange=exchange.to_json())
            self._told = len(self.hearing.exchanges)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[Any]:
        """Look whether a test case of unittest has an app while a test of its own runs."""
        try:
            return (yield)
        finally:
            case = getattr(item, "instance", None)
            # Those that the test itself made are gone with it, but not what `setUp` made.
            if isinstance(case, unittest.TestCase) and any(apps_of(case)):
                path = os.path.relpath(item.path, os.getcwd())
                if not path.startswith(".."):
                    self.say(case=f"{path}:{type(case).__qualname__}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test; not in the controller of a parallel run, whose workers do."""
        if hasattr(report, "node"):
            return
        if report.when == "call":
            self.say(test=report.outcome)
        elif report.when == "setup" and report.outcome == "failed":
            self.say(test="failed")

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[Any]:
        """Look whether a fixture gives an app, or a client of one."""
        import flask
        import werkzeug.test

        made = yield
        name = fixturedef.argname
        kind = "app" if isinstance(made, flask.Flask) else None
        if isinstance(made, werkzeug.test.Client) and isinstance(made.application, flask.Flask):
            kind = "client"
        code = getattr(fixturedef.func, "__code__", None)
        of_conftest = code is not None and os.path.basename(code.co_filename) == "conftest.py"
        if kind is not None and of_conftest and name not in self._fixtures:
            self._fixtures.add(name)
            self.say(fixture={"name": name, "kind": kind})
        return made


class _Quiet:
    """Keeps a run from writing what its options say, and finds tests as unittest does."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Leave out reports on files."""
        for name in ("xmlpath", "htmlpath", "report_log", "json_report_file"):
            if getattr(config.option, name, None):
                setattr(config.option, name, None)

    def pytest_collect_file(self, file_path: Path, parent: Any) -> Any:
        """Take `tests.py`, and all that begins with `test`, as unittest's own discovery does."""
        usual = parent.config.getini("python_files") == ["test_*.py", "*_test.py"]
        known = file_path.name.startswith("test_") or file_path.name.endswith("_test.py")
        # pytest itself takes any file that somebody names.
        known = known or parent.session.isinitpath(file_path)
        if usual and not known and file_path.match("test*.py"):
            return pytest.Module.from_parent(parent, path=file_path)
        return None


def options(folder: str) -> list[str]:
    """Return the options with which nothing is written but below a folder, and every test runs."""
    found = ["-q", "--maxfail=0", "-o", f"cache_dir={folder}/pytest"]
    # The kit is imported by now, which only a project with warnings as errors would notice.
    found += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    if importlib.util.find_spec("pytest_cov"):
        found.append("--no-cov")
    if importlib.util.find_spec("xdist"):
        # The processes of one would hear for themselves.
        found.append("-n0")
    if importlib.util.find_spec("pytest_randomly"):
        found += ["-p", "no:randomly"]
    return found


def _guest(order: dict[str, Any]) -> Any:
    """Begin to keep what existed before the run from being changed."""
    from ..subject import Subject, guest
    from ..subject.config import read_configuration

    with contextlib.suppress(ConfigError):
        table = read_configuration(order["config"], Path.cwd()).table
        named = {key: table[key] for key in ("disposable", "allow", "services") if key in table}
        subject = Subject.from_table(named, source="--tests")
        watch = guest.begin(subject, Notes(**order["notes"]))
        watch.ends = False
        return watch.watching()
    return contextlib.nullcontext()


def main() -> None:
    """Run the tests that the order on standard input names."""
    order = json.loads(sys.stdin.buffer.read())
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    with open(order["file"], "w", encoding="utf-8") as file:
        say = _sayer(file)
        try:
            with _guest(order):
                arguments = [*options(order["notes"]["folder"]), *order["paths"]]
                pytest.main(arguments, plugins=[Ear(say), _Quiet()])
        except SubjectError as error:
            say(trouble=str(error))
    # Threads that a test left running must not keep the process.
    os._exit(0)


def _sayer(file: IO[str]) -> Any:
    def say(**heard: Any) -> None:
        file.write(json.dumps(heard) + "\n")
        file.flush()

    return say


if __name__ == "__main__":
    main()
