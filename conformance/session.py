"""`pytest --conformance`: the project's tests run as they are, and what they say is asked then."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from .core.errors import ConfigError, ConformanceError
from .core.printable import printable
from .core.verdict import Outcome
from .reports.json import JSONReport
from .reports.terminal import TerminalReport
from .runner.environment import kit_version, require
from .runner.hearing import Ear, merge, read_heard
from .runner.supervisor import All, Interrupted, Job, Supervisor
from .subject.config import find_config, load_config
from .subject.guest.notes import Notes

#: What the processes of a parallel run are told: the folder that they write to.
FOLDER = "conformance_folder"


class Hears(Ear):
    """Hears the tests of this process, and asks the clauses when all tests have ended.

    With pytest-xdist each worker hears for itself, and the controller asks with what all heard.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        given = getattr(config, "workerinput", None)
        self.is_worker = given is not None
        self.notes = None if given is not None else Notes.begin()
        self.folder = Path(given[FOLDER] if given is not None else self._notes.folder)
        self._file = (self.folder / f"heard-{os.getpid()}.jsonl").open("w", encoding="utf-8")
        super().__init__(self._say)

    @property
    def _notes(self) -> Notes:
        assert self.notes is not None
        return self.notes

    def _say(self, **heard: Any) -> None:
        self._file.write(json.dumps(heard) + "\n")
        self._file.flush()

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a process of a parallel run where to write what it hears."""
        node.workerinput[FOLDER] = str(self.folder)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Ask the clauses; the run fails where one of them does."""
        if self.is_worker:
            return
        terminalreporter.section("conformance")
        terminalreporter.flush()
        try:
            code = self._ask()
        except ConformanceError as error:
            terminalreporter.line(printable(f"conformance: {error}"))
            code = error.exit_code
        except Interrupted:
            code = int(pytest.ExitCode.INTERRUPTED)
        finally:
            self._file.close()
            self._notes.leave()
        session = terminalreporter._session
        if code and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = code

    def _ask(self) -> int:
        """Ask the clauses, and return 0 where none failed."""
        option = self.config.getoption
        require(option("--conformance-require"))
        file = merge(self.folder)
        heard = read_heard(file)
        chosen = option("--conformance-config") or find_config(self.config.rootpath)
        configured = load_config(Path(chosen)).get("app") if chosen else None
        app = option("--conformance-app") or (None if configured else heard.app)
        if app is None and configured is None:
            raise ConfigError(
                "no fixture of a conftest and no test case gives a Flask app: "
                "say what it is, --conformance-app shop:create_app"
            )
        services = dict(each.partition("=")[::2] for each in option("--conformance-service"))
        seed = int(option("--conformance-seed"))
        # What asks again needs what was heard: the tests are run for it.
        command = (
            "conformance",
            "check",
            *((app,) if option("--conformance-app") else ()),
            *(word for path in self.config.args for word in ("--tests", str(path))),
        )
        terminal = TerminalReport(seed, option("--conformance-transport"), command, False)
        reports: list[Any] = [terminal]
        if name := option("--conformance-json"):
            reports.append(JSONReport(Path(name), kit_version(), seed, command))
        job = Job(
            app=app,
            config=str(chosen) if chosen else None,
            services=services,
            places=option("--conformance-place"),
            survey=True,
            heard=file,
            options={
                "transport": option("--conformance-transport"),
                "seed": seed,
                "max_examples": option("--conformance-max-examples"),
                "timeout": option("--conformance-timeout"),
            },
        )
        Supervisor(job, All(reports), said=heard.line).run()
        failed = {Outcome.FAIL, Outcome.BROKEN} & {each.outcome for each in terminal.verdicts}
        return int(pytest.ExitCode.TESTS_FAILED) if failed else 0
