"""Starts workers, assigns clauses, and keeps every result whatever happens to them."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

from ..core.check import ONCE, Check
from ..core.effort import Part
from ..core.errors import TIME, Kind, Missing, SubjectError, Untested, error_of
from ..core.place import at_place, split_place
from ..core.printable import printable
from ..core.verdict import Outcome, Verdict
from ..subject.files import read_configuration
from ..subject.guest.notes import Notes

#: Seconds that a worker gets beyond the limits that it enforces itself.
GRACE = 5.0

#: Where making an app takes more seconds of the processor, no clause is asked in parts, as each
#: part needs one.
PARTED = 0.05


@dataclasses.dataclass(frozen=True)
class Job:
    """What a worker should do: the subject, the selection, and how to run it."""

    app: str | None = None
    config: str | None = None
    services: dict[str, str] = dataclasses.field(default_factory=dict)
    patterns: Sequence[str] = ()
    globs: Sequence[str] = ()
    places: Sequence[str] = ()
    level: str = "harden"
    options: dict[str, Any] = dataclasses.field(default_factory=dict)
    preflight: bool = True
    notes: Notes | None = None
    #: Whether to survey the subject first; None to do so only if no pattern is configured.
    survey: bool | None = None
    #: The findings of a survey in JSON; None before there was one.
    found: Sequence[dict[str, Any]] | None = None
    #: Settings that give each app its own files and databases, if the configured ones do not.
    own: dict[str, Any] = dataclasses.field(default_factory=dict)
    #: Whether the survey also reports which clauses can run with what it found.
    outline: bool = False
    #: The project's own tests, which are run and heard before the survey.
    tests: Sequence[str] = ()
    #: The file with what was heard.
    heard: str | None = None
    #: Whether what `conformance record` has kept counts as heard.
    recorded: bool = False
    #: Whether the survey may submit the forms that it finds.
    submit: bool = False
    #: Who can log in, each as `NAME:FIELD=VALUE,...`.
    logins: Sequence[str] = ()

    @property
    def timeout(self) -> float:
        """The time limit of one clause, in seconds."""
        return float(self.options["timeout"])


class Report(Protocol):
    """A consumer of a run's events."""

    def begin(
        self, subject: dict[str, Any], environment: dict[str, Any], clauses: Sequence[str]
    ) -> None:
        """Called when the subject is known and the clauses are chosen, as labels (`at_place`)."""

    def found(self, survey: dict[str, Any]) -> None:
        """Called after a survey, with `findings`, `seconds`, `requests` by method, and `note`."""

    def check(self, check: dict[str, Any]) -> None:
        """Called for each check of the preflight."""

    def start(self, clause: str) -> None:
        """Called when a clause starts."""

    def touched(self, things: Sequence[dict[str, str]]) -> None:
        """Called with everything outside of the run that the subject touched, or tried to."""

    def verdict(self, verdict: Verdict) -> None:
        """Called when a clause has ended."""

    def end(self, complete: bool) -> None:
        """Called when the run is over; `complete` is whether every clause has a verdict."""


class All:
    """Passes events on to several reports."""

    def __init__(self, reports: Sequence[Report]) -> None:
        self.reports = reports

    def __getattr__(self, name: str) -> Callable[..., None]:
        def tell(*args: Any, **kwargs: Any) -> None:
            for report in self.reports:
                getattr(report, name)(*args, **kwargs)

        return tell


class Interrupted(Exception):
    """The user or the system asked the run to stop."""


class _Process:
    """A worker process and the thread that reads its events into the common queue."""

    def __init__(self, number: int, job: Job, events: queue.SimpleQueue[object]) -> None:
        self.number = number
        #: The clause that it runs, with its place, and which part of it.
        self.clause: str | None = None
        self.part: Part = ""
        self.ready = False
        self.failed = False
        self.surveys = False
        self.deadline = time.monotonic() + 3 * job.timeout + GRACE
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `kill`
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        if job.notes is not None:
            environment["TMPDIR"] = job.notes.folder
        self._process = subprocess.Popen(
            [sys.executable, "-m", "conformance.runner.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=environment,
            start_new_session=True,
        )
        self._send(dataclasses.asdict(job))
        threading.Thread(target=self._read, args=(events,), daemon=True).start()

    def run(
        self,
        label: str,
        part: Part,
        problems: dict[str, str],
        hanging: Collection[str],
        seconds: float,
        own: dict[str, Any],
        build: float,
    ) -> None:
        """Order a clause, or a part of it, at a place.

        `hanging` are requests that should not be sent again, `own` settings that give each app its
        own files and databases, `build` the seconds that creating an app takes.
        """
        self.clause, self.part = label, part
        self.deadline = time.monotonic() + seconds
        clause, place = split_place(label)
        about = {"clause": clause, "place": place, "part": part, "own": own, "build": build}
        self._send({**about, "problems": problems, "hanging": sorted(hanging)})

    def end(self) -> None:
        """Let an idle process exit by itself, then end whatever is left of it."""
        idle = self.clause is None and (self.ready or self.failed)
        if idle and self._process.stdin is not None:
            with contextlib.suppress(OSError, ValueError, subprocess.TimeoutExpired):
                self._process.stdin.close()
                self._process.wait(timeout=GRACE)
        self.kill()

    def kill(self) -> None:
        """End the process and everything it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError, ValueError):
                    stream.close()
        self._log.close()

    def last_words(self) -> str:
        """Describe how the process ended: its exit status and the last of its output."""
        try:
            status = self._process.wait(timeout=GRACE)
        except subprocess.TimeoutExpired:
            return "the process closed its output"
        how = f"exit status {status}" if status >= 0 else signal.Signals(-status).name
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - 2000))
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        printed = f"; it last printed: {lines[-1].strip()[:200]}" if lines else ""
        return f"the process ended ({how}){printed}"

    def _send(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        # A worker that is gone shows up as the end of its events.
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()

    def _read(self, events: queue.SimpleQueue[object]) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(OSError, ValueError):
            for line in self._process.stdout:
                try:
                    event = json.loads(line)
                except ValueError:
                    continue
                events.put((self, event))
        events.put((self, {"event": "gone"}))


class Supervisor:
    """Runs a job in worker processes and reports what happens.

    A worker that exits or hangs costs only the current clause, which becomes `broken`; another
    worker continues with the rest. A worker in whose process the subject left something is also
    replaced. A clause that reached its time limit is run once more, alone, when the others have
    ended. The number of workers is the configured one, unless given. Clauses that have not ended
    after `budget` seconds are `untested`. `said` is what the file with what was heard holds, in a
    line.
    """

    def __init__(
        self,
        job: Job,
        report: Report,
        workers: int | None = None,
        budget: float | None = None,
        said: str = "",
    ) -> None:
        self.notes = Notes.begin()
        self.job = dataclasses.replace(job, notes=self.notes)
        self.report = report
        self.workers = workers
        self.budget = budget
        #: When the budget is spent, by the monotonic clock, and whether it is.
        self._spent_at = time.monotonic() + (math.inf if budget is None else budget)
        self._spent = False
        self._events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._processes: list[_Process] = []
        #: Clauses with their places, each with the part that is asked.
        self._waiting: deque[tuple[str, Part]] = deque()
        #: What the first part of a clause came to, where the rest of it is to be asked.
        self._parts: dict[str, Verdict] = {}
        self._problems: dict[str, str] = {}
        #: Settings that give each app its own files and databases, as the first worker found.
        self._own: dict[str, Any] = {}
        #: Seconds that making an app takes, as it measured.
        self._build = 0.0
        self._left = 0
        #: Clauses that reached their time limit, and the requests that got no response.
        self._late: list[str] = []
        self._hanging: set[str] = set()
        self._alone = False
        #: Whether the subject creates one app per process, so that each clause needs its own
        #: process.
        self._once = False
        self._plan: dict[str, dict[str, str]] = {}
        self._order: list[tuple[str, Part]] = []
        #: How many kinds of binding a clause is run on, each within the time limit.
        self._limits: dict[str, int] = {}
        self._hello: dict[str, Any] = {}
        self._survey: dict[str, Any] | None = None
        #: What the project's tests said, in a line.
        self._heard = said

    def run(self) -> None:
        """Run to the end.

        Raises `ConformanceError` with the exit code if the run could not start or continue, and
        `Interrupted`. The report gets its `end` in every case.
        """
        complete = False
        try:
            with self._workers():
                while not self._spent and not self._processes[0].ready:
                    self._handle(*self._next())
                    # The other workers import the subject while the first one checks it.
                    if self._plan and len(self._processes) == 1:
                        self._start_others()
                if not self._spent:
                    self._run_clauses()
                complete = True
        finally:
            self.report.end(complete)

    def survey(self) -> dict[str, Any]:
        """Only survey the subject, and return what was found; see `Report.found`.

        Raises as `run` does, and reports nothing but what the subject touched.
        """
        with self._workers():
            while self._survey is None:
                self._handle(*self._next())
        return self._survey

    @contextlib.contextmanager
    def _workers(self) -> Iterator[None]:
        """Start the first worker, and end all workers after the block, whatever happens."""
        previous = signal.signal(signal.SIGTERM, _interrupt)
        try:
            self._hear()
            self._start()
            yield
        except KeyboardInterrupt:
            raise Interrupted from None
        finally:
            signal.signal(signal.SIGTERM, previous)
            for process in self._processes:
                process.end()
            self.report.touched(self.notes.all_touched())
            self.notes.leave()

    def _hear(self) -> None:
        """Run the tests that the job names; where nobody says what the app is, their fixture is."""
        if not self.job.tests:
            if self.job.recorded:
                self._take_recorded()
            return
        from .hearing import hear

        heard, file = hear(self.job.tests, self.notes, config=self.job.config)
        self._heard = heard.line
        app = self.job.app or configured_app(self.job.config) or heard.app
        self.job = dataclasses.replace(self.job, heard=file, app=app, survey=True)

    def _take_recorded(self) -> None:
        """Take what a person has clicked for what was heard, where it is of the same app."""
        from .hearing import read_heard
        from .record import recorded_file

        file = str(recorded_file())
        heard = read_heard(file)
        app = self.job.app or configured_app(self.job.config) or heard.recorded
        if heard.exchanges and app == heard.recorded:
            self._heard = f"recorded {len(heard.exchanges)} requests"
            self.job = dataclasses.replace(self.job, heard=file, app=app, submit=True)

    def _run_clauses(self) -> None:
        if self._once or self._build > PARTED:
            self._order = [(label, "") for label, part in self._order if part != "rest"]
        self._ask(self._order)
        if self._late:
            self._alone, late = True, self._late
            self._late, self._hanging = [], set()
            for process in self._processes[1:]:
                self._end(process)
            self._ask([(label, "") for label in late])

    def _ask(self, clauses: Sequence[tuple[str, Part]]) -> None:
        self._left = len(clauses)
        self._waiting.extend(clauses)
        if self._once:
            for process in list(self._processes):
                self._end(process)
        self._fill()
        for process in self._processes:
            self._feed(process)
        while self._left:
            self._handle(*self._next())

    def _start_others(self) -> None:
        workers = self.workers or self._hello["workers"]
        for _ in range(min(workers, len(self._plan)) - 1):
            self._start(preflight=False)

    def _start(self, preflight: bool = True) -> None:
        job = dataclasses.replace(self.job, preflight=preflight)
        self._processes.append(_Process(len(self._processes), job, self._events))

    def _next(self) -> tuple[_Process, dict[str, Any]]:
        while True:
            busy = [each for each in self._processes if each.clause or not each.ready]
            deadline = min([self._spent_at, *(each.deadline for each in busy)])
            try:
                process, event = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                if deadline == self._spent_at:
                    return busy[0], {"event": "spent"}
                late = min(busy, key=lambda each: each.deadline)
                late.kill()
                return late, {"event": "late"}
            if process in self._processes:
                return process, event

    def _handle(self, process: _Process, event: dict[str, Any]) -> None:
        kind = event.pop("event")
        if kind == "hello":
            for sentence in () if self._hello else event["outdated"]:
                sys.stderr.write(printable(f"conformance: {sentence}\n"))
            self._hello = event
        elif kind == "plan":
            if not self._plan:
                self._plan = {
                    at_place(entry["id"], entry["place"]): entry for entry in event["clauses"]
                }
                self._limits = event["limits"]
                self._order = [(label, part) for label, part in event["order"]]
                self.report.begin(
                    self._hello["subject"], self._hello["environment"], list(self._plan)
                )
                if self._survey is not None:
                    told = ("findings", "config", "seconds", "requests", "failed", "heard", "note")
                    self.report.found({key: self._survey[key] for key in told})
        elif kind == "surveying":
            process.surveys = True
            # It ends by itself in time; longer than that takes what does not hear it, or a machine
            # that has other things to do.
            process.deadline = time.monotonic() + 3 * event["seconds"] + GRACE
        elif kind == "found":
            self._go_on(process, event)
        elif kind == "check":
            self._own = event["config"] or self._own
            self._build = event["build"] or self._build
            self._once = self._once or event["key"] == ONCE
            if not event["good"]:
                check = Check(**event)
                self._problems.setdefault(check.name, check.sentence)
            self.report.check(event)
        elif kind == "ready":
            process.ready = True
            if self._left:
                self._feed(process)
        elif kind == "verdict":
            self._take(process, Verdict.from_json(event["verdict"]), event["hangs"])
            if event["worn"] or self._once:
                self._end(process)
                self._fill()
            for each in self._processes:
                self._feed(each)
        elif kind == "error":
            process.failed = True
            raise error_of(event["kind"], event["message"])
        elif kind in ("gone", "late"):
            self._lost(process, kind)
        elif kind == "spent":
            self._cut()

    def _feed(self, process: _Process) -> None:
        if not process.ready or process.clause is not None:
            return
        # What is left of a clause depends on what its first part comes to.
        running = {each.clause for each in self._processes}
        found = next((each for each in self._waiting if each[0] not in running), None)
        if found is None:
            return
        self._waiting.remove(found)
        clause, part = found
        if part == "rest" and self._parts[clause].outcome is not Outcome.PASS:
            part = ""
        self.report.start(clause)
        seconds = self.job.timeout * self._limits.get(clause, 1) + GRACE
        process.run(clause, part, self._problems, self._hanging, seconds, self._own, self._build)

    def _take(
        self, process: _Process, verdict: Verdict, hangs: str = "", final: bool = False
    ) -> None:
        clause, process.clause = process.clause, None
        assert clause is not None
        self._left -= 1
        if hangs:
            self._hanging.add(hangs)
        if process.part == "first":
            if not (final or _is_final(verdict)):
                self._parts[clause] = verdict
                return
            self._waiting.remove((clause, "rest"))
            self._left -= 1
        elif (first := self._parts.pop(clause, None)) is not None:
            verdict = verdict.after(first)
        if TIME in verdict.missing and not self._alone:
            self._late.append(verdict.label)
        else:
            self.report.verdict(verdict)

    def _cut(self) -> None:
        """End the run, as its budget is spent: what is not asked, or has not ended, is untested."""
        assert self.budget is not None
        if not self._plan:
            name = self.job.app or self._hello.get("subject", {}).get("app") or "the subject"
            raise SubjectError(
                f"nothing was asked: {name} was not there yet when the budget of "
                f"{self.budget:g} s was spent"
            )
        self._spent = True
        begun = [process.clause for process in self._processes if process.clause is not None]
        # And those of which the first part was asked.
        begun += self._parts
        for process in list(self._processes):
            self._end(process)
        waiting = self._waiting if self._left else self._order
        for label in dict.fromkeys([*begun, *self._late, *(label for label, _ in waiting)]):
            error = Untested.for_budget(self.budget, begun=label in begun)
            about: dict[str, Any] = self._plan[label]
            self.report.verdict(
                Verdict(**about, outcome=Outcome.UNTESTED, reason=str(error), missing=error.missing)
            )
        self._waiting.clear()
        self._parts.clear()
        self._late = []
        self._left = 0

    def _fill(self) -> None:
        """Start processes while clauses are waiting and fewer run than may."""
        wanted = 1 if self._alone else (self.workers or self._hello["workers"])
        busy = [process for process in self._processes if process.clause is not None]
        while len(self._processes) < min(wanted, len(busy) + len(self._waiting)):
            self._start(preflight=False)

    def _end(self, process: _Process) -> None:
        if process in self._processes:
            self._processes.remove(process)
            process.kill()

    def _go_on(self, process: _Process, survey: dict[str, Any]) -> None:
        """Run the clauses with what a survey found, in processes unaffected by the survey."""
        self._survey = {"config": {}, "outline": [], "failed": [], **survey, "heard": self._heard}
        self._survey["app"] = self.job.app
        self.job = dataclasses.replace(
            self.job, found=survey["findings"], own=self._survey["config"]
        )
        self._end(process)
        if not self.job.outline:
            self._start()

    def _lost(self, process: _Process, kind: str) -> None:
        if process.surveys:
            # It only costs what it would have found.
            note = "it took too long" if kind == "late" else process.last_words()
            self._go_on(process, {"findings": [], "seconds": 0.0, "requests": {}, "note": note})
            return
        self._processes.remove(process)
        if kind == "late":
            reason = f"did not end within {self.job.timeout:g} s, nor when interrupted"
        else:
            reason = process.last_words()
            process.kill()
        if process.clause is None and not process.ready:
            name = self.job.app or self._hello.get("subject", {}).get("app") or "the subject"
            raise SubjectError(f"importing and building {name}: {reason}")
        if process.clause is not None:
            about: dict[str, Any] = self._plan[process.clause]
            missing = TIME if kind == "late" else Missing(Kind.CIRCUMSTANCE, reason)
            verdict = Verdict(**about, outcome=Outcome.BROKEN, reason=reason, missing=(missing,))
            self._take(process, verdict, final=True)
        self._fill()


def _is_final(verdict: Verdict) -> bool:
    """Check whether a verdict says all, although it is that of the first part of a clause."""
    # Whatever else broke it, such as a value that the subject refuses, may not with other values.
    return verdict.outcome in (Outcome.FAIL, Outcome.WAIVED) or TIME in verdict.missing


def configured_app(config: str | None) -> Any:
    """Return what the configuration says that the app is; None where it says nothing."""
    return read_configuration(config, Path.cwd()).table.get("app")


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
