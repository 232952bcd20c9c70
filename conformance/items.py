"""Clauses as pytest items: pytest selects, orders and reports them, the engine runs them."""

from __future__ import annotations

import dataclasses
import functools
import math
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from .core.errors import (
    TIME,
    AmbientContextError,
    ConfigError,
    ConformanceError,
    SubjectError,
    Untested,
    nearest,
)
from .core.place import at_place
from .core.printable import printable
from .core.verdict import Outcome, Verdict
from .reports.again import again
from .reports.json import JSONReport
from .reports.junit import clause_properties
from .reports.summary import stale_waivers, summary_lines, totals
from .reports.text import render_failure
from .runner.contexts import watch_contexts
from .runner.engine import Options, check_waivers, run_clause
from .runner.environment import environment, kit_version, require
from .runner.preflight import preflight, problems
from .subject import Subject
from .subject.config import Configuration, read_configuration
from .subject.guest import Guest, Notes, begin
from .subject.places import chosen, names_in
from .subject.suites import configured_suites
from .suites import name_of
from .suites.catalogue import added_clauses, checked, distinct

if TYPE_CHECKING:
    from .clause import Clause


def _exit(error: ConformanceError) -> NoReturn:
    pytest.exit(printable(f"conformance: {error}"), returncode=error.exit_code)


class ClauseDidNotPass(Exception):
    """Carries the verdict of a clause that failed or was broken to pytest's report."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.id)
        self.verdict = verdict


class ClauseItem(pytest.Item):
    """A clause, to be asked of the run's subject at a place."""

    def __init__(self, *, clause: Any, place: str, run: ClauseRun, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.clause = clause
        self.place = place
        self.run = run
        self.verdict: Verdict | None = None
        # Other plugins look for a test's fixtures on every item that failed.
        self.funcargs: dict[str, object] = {}
        self.add_marker(clause.level)
        self.add_marker("conformance")
        self.user_properties.extend(clause_properties(clause.id, clause.level, clause.docs, place))
        self.extra_keyword_matches.add(clause.id)

    @classmethod
    def make(
        cls, parent: pytest.Collector, name: str, run: ClauseRun, clause: object, place: str
    ) -> ClauseItem:
        """Make the item of a clause at a place, which stands in its name as a parameter does."""
        name = f"{name}[{place}]" if place else name
        item = cls.from_parent(parent, name=name, clause=clause, place=place, run=run)
        assert isinstance(item, ClauseItem)
        return item

    def runtest(self) -> None:
        """Run the clause and turn its verdict into pytest's words."""
        self.verdict = verdict = self.run.judge(self.clause, self.place)
        if verdict.outcome in (Outcome.FAIL, Outcome.BROKEN):
            raise ClauseDidNotPass(verdict)
        if verdict.outcome is Outcome.UNTESTED:
            pytest.skip(printable(f"untested: {verdict.reason}"))
        if verdict.outcome is Outcome.WAIVED:
            pytest.xfail(printable(f"waived: {verdict.reason}"))

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None
    ) -> Any:
        """Return the verdict as text; a traceback would show the kit, not the subject."""
        if isinstance(excinfo.value, ClauseDidNotPass):
            verdict = excinfo.value.verdict
            if verdict.failure:
                return render_failure(verdict, again(self.run.command, self.run.seed, verdict))
            return printable(f"broken: {verdict.reason}")
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the place and the name that reports show."""
        line = self.clause.function.__code__.co_firstlineno
        return self.path, line, at_place(self.clause.id, self.place)


class ClauseRun:
    """What the clauses of one pytest run share: the subject, its problems, the verdicts."""

    def __init__(self, config: pytest.Config, started: float) -> None:
        self.config = config
        #: When the pytest run began: what its own tests made since is not a stranger's.
        self.started = started
        option = config.getoption
        seed = option("--conformance-seed")
        try:
            self.seed = int(seed)
        except ValueError:
            raise pytest.UsageError(
                f"--conformance-seed: {seed!r} is neither a number nor 'random'"
            ) from None
        self.options = Options(
            transport=option("--conformance-transport"),
            seed=self.seed,
            max_examples=option("--conformance-max-examples"),
            timeout=option("--conformance-timeout"),
        )
        self.command = self._command()
        self.verdicts: list[Verdict] = []
        #: The seconds that all clauses may take, and when they end.
        self.budget: float | None = option("--conformance-budget")
        self._spent_at = time.monotonic() + (math.inf if self.budget is None else self.budget)
        self._subject: Subject | None = None
        self._guest: Guest | None = None
        self._notes: Notes | None = None
        self._problems: dict[str, str] = {}
        self._collected: list[Clause] = []
        self._asked: set[str] = set()
        self._json: JSONReport | None = None
        file = option("--conformance-json")
        if file and not hasattr(config, "workerinput"):
            try:
                self._json = JSONReport(Path(file), kit_version(), self.seed, self.command)
            except ConfigError as error:
                raise pytest.UsageError(str(error)) from None

    def _command(self) -> tuple[str, ...]:
        """Return the words that run pytest again, without those that choose clauses and a seed."""
        option = self.config.getoption
        words = ["pytest"]
        if option("pyargs"):
            words.append("--pyargs")
        words += [str(each) for each in self.config.args]
        for name in ("app", "config"):
            if value := option(f"--conformance-{name}"):
                words += [f"--conformance-{name}", value]
        if (examples := option("--conformance-max-examples")) != 100:
            words += ["--conformance-max-examples", str(examples)]
        return tuple(words)

    def items(self, collector: pytest.Collector, name: str, clause: Clause) -> list[ClauseItem]:
        """Return the items of a clause, one for each place of its pattern."""
        self._collected.append(checked(clause))
        places = self._places(clause.pattern)
        return [ClauseItem.make(collector, name, self, clause, place) for place in places]

    def added(self, collector: pytest.Collector) -> Iterator[ClauseItem]:
        """Yield the items of the clauses that do not come with the kit."""
        for clause in added_clauses(self._suites()):
            yield from self.items(collector, name_of(clause), clause)

    def _places(self, slug: str) -> list[str]:
        if self._given is not None:
            return [place.name for place in self._given.places(slug)] or [""]
        try:
            patterns = self._configuration.table.get("patterns")
        except ConfigError:
            # The first clause that is run says so.
            return [""]
        return names_in(patterns.get(slug)) if isinstance(patterns, Mapping) else [""]

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out the clauses at places that were not chosen."""
        globs = self.config.getoption("--conformance-place")
        clauses = [item for item in items if isinstance(item, ClauseItem)]
        names = {item.place for item in clauses}
        for glob in globs if clauses else ():
            if not any(chosen(name, [glob]) for name in names):
                raise pytest.UsageError(
                    f"--conformance-place: no place matches {glob!r}"
                    f"{nearest(glob, filter(None, names))}"
                )
        left = [item for item in clauses if not chosen(item.place, globs)]
        if left:
            self.config.hook.pytest_deselected(items=left)
            items[:] = [item for item in items if item not in left]

    def _suites(self) -> Sequence[ModuleType]:
        given = self._given
        return configured_suites(self._configuration) if given is None else given.suites

    @property
    def subject(self) -> Subject:
        """The subject, read and looked at once; a wrong set-up ends the run in one sentence."""
        if self._subject is None:
            try:
                require(self.config.getoption("--conformance-require"))
                self._subject = self._read()
                check_waivers(self._subject, self._collected)
                watch_contexts()
                self._notes = Notes.begin(self.started)
                self._guest = begin(self._subject, self._notes)
                self._guest.on = False
                with self._guest.watching():
                    checks = list(
                        preflight(
                            self._subject,
                            self.options,
                            self._asked,
                            self.config.getoption("--conformance-place"),
                        )
                    )
                    self._guest.settle()
            except ConformanceError as error:
                _exit(error)
            self._problems = problems(checks)
            build = max((check.build for check in checks), default=0.0)
            self.options = dataclasses.replace(self.options, build=build)
            for own in (check.config for check in checks if check.config):
                self._subject = dataclasses.replace(
                    self._subject, config={**own, **self._subject.config}
                )
        return self._subject

    def _read(self) -> Subject:
        if self._given is not None:
            return self._given
        option = self.config.getoption
        services = {}
        for value in option("--conformance-service"):
            name, equals, url = value.partition("=")
            if not equals:
                raise ConfigError(f"--conformance-service: {value!r} is not NAME=URL")
            services[name] = url
        app = option("--conformance-app")
        found = self._configuration
        if found.folder is None and not app:
            raise ConfigError(
                "no subject: give --conformance-app shop:create_app, or write conformance.toml"
            )
        return Subject.from_table(
            found.table, source=found.source, app=app, services=services, folder=found.folder
        )

    @functools.cached_property
    def _given(self) -> Subject | None:
        given: Subject | None = self.config.hook.pytest_conformance_subject(config=self.config)
        assert given is None or isinstance(given, Subject)
        return given

    @functools.cached_property
    def _configuration(self) -> Configuration:
        option = self.config.getoption
        return read_configuration(
            option("--conformance-config"),
            self.config.rootpath,
            app=option("--conformance-app"),
            otherwise="--conformance-app",
        )

    def judge(self, clause: Any, place: str) -> Verdict:
        """Run a clause on the subject at a place.

        One that the budget has no time for, or no time to end, is `untested`.
        """
        subject = self.subject
        assert self._guest is not None
        left = self._spent_at - time.monotonic()
        if left <= 0:
            return self._cut(clause, place)
        options = dataclasses.replace(self.options, timeout=min(self.options.timeout, left))
        try:
            with self._guest.watching():
                verdict = run_clause(clause, subject, options, self._problems, place=place)
            self._guest.settle()
        except (AmbientContextError, SubjectError) as error:
            _exit(error)
        if TIME in verdict.missing and time.monotonic() >= self._spent_at:
            return self._cut(clause, place, begun=True)
        return verdict

    def _cut(self, clause: Clause, place: str, *, begun: bool = False) -> Verdict:
        assert self.budget is not None
        error = Untested.for_budget(self.budget, begun)
        return Verdict(
            clause.id,
            clause.pattern,
            clause.level,
            clause.statement,
            clause.docs,
            Outcome.UNTESTED,
            place=place,
            reason=str(error),
            missing=error.missing,
        )

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note which patterns are left of what was collected."""
        try:
            distinct(self._collected)
        except ConfigError as error:
            pytest.exit(f"conformance: {error}", returncode=error.exit_code)
        items = (item for item in session.items if isinstance(item, ClauseItem))
        self._asked = {item.clause.pattern for item in items}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Attach the verdict to the report, which travels to a parallel run's controller."""
        report = yield
        if isinstance(item, ClauseItem) and item.verdict is not None and call.when == "call":
            report.conformance = item.verdict.to_json()  # type: ignore[attr-defined]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect verdicts; in a parallel run they come from the workers."""
        if hasattr(report, "conformance"):
            verdict = Verdict.from_json(report.conformance)
            self.verdicts.append(verdict)
            if self._json is not None:
                self._json.verdict(verdict)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Finish the JSON result."""
        if self._json is not None:
            # The controller of a parallel run has no subject of its own yet.
            subject = self._subject or self._read()
            about = {"app": subject.name, "config": subject.source}
            self._json.begin(about, environment(), [])
            self._json.touched(self._notes.all_touched() if self._notes else [])
            self._json.end(complete=exitstatus in (0, 1))
        if self._notes is not None:
            self._notes.leave()

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Show the summary by pattern."""
        if not self.verdicts:
            return
        terminalreporter.section("conformance")
        for line, _ in summary_lines(self.verdicts):
            terminalreporter.line(line)
        for name in stale_waivers(self.verdicts):
            terminalreporter.line(f"stale waiver: {name} passes; remove it from [waive]")
        terminalreporter.line(f"{totals(self.verdicts)} (seed {self.seed})")
