"""Asks the clauses of a changed copy of the reference, in a process that ends with it.

The processes are forked, and what the reference imports from elsewhere is imported once, before
the first; the reference itself is imported by each.
"""

from __future__ import annotations

import compileall
import contextlib
import dataclasses
import importlib
import multiprocessing
import os
import py_compile
import resource
import shutil
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from conformance import Options, Outcome, Subject, Verdict, run_clause
from conformance.clause import Clause
from conformance.core.errors import TIME, ConformanceError
from conformance.patterns import pattern_slugs
from conformance.runner.engine import kinds_of
from conformance.runner.order import worth
from conformance.runner.preflight import preflight
from conformance.subject.config import load_config
from conformance.suites.catalogue import clauses_of, find_clause

ROOT = Path(__file__).parents[2]

#: Seconds until a change that lets the process itself hang is taken for seen.
PATIENCE = 900.0
#: Seconds for a clause; on a busy machine, one may not end that would have otherwise.
TIMEOUTS = (10.0, 50.0)
#: Examples of the first round, which finds most; what it does not see is asked with all of them.
FEW = 5
#: How many of the clauses that saw the changes before are asked first.
RECENT = 4
#: Seconds from which a clause, such as one that starts a browser, waits for its turn nevertheless.
DEAR = 0.5

_PROCESSES = multiprocessing.get_context("fork")

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Seen:
    """How a change was seen: `failed`, `refused`, `hung` or `missed`; and by which clause or error."""

    how: str
    by: str
    #: Of the processor, with all processes that were started.
    seconds: float = 0.0


class Asker:
    """A copy of the reference in which one module at a time is changed."""

    def __init__(self, copy: Path, examples: int) -> None:
        self.copy = copy
        self.examples = examples
        self._recent: dict[tuple[str, ...], list[str]] = {}

    def ask(self, path: Path, code: str, slugs: tuple[str, ...], app: str | None = None) -> Seen:
        """Ask the patterns' clauses of the reference with the code in the place of a file.

        `path` is relative to the project; no slugs stand for every pattern. `app` is another app
        of the reference than that of its configuration.
        """
        recent = self._recent.setdefault(slugs, [])
        clauses = _in_order(slugs or tuple(pattern_slugs()), recent[:RECENT])
        file = self.copy / path
        before = file.read_bytes()
        file.write_text(code, "utf-8")
        try:
            seen = self._asked(clauses, app)
        finally:
            file.write_bytes(before)
        if any(clause.id == seen.by and worth(clause).seconds < DEAR for clause in clauses):
            # Changes come by line: what saw one often sees the next.
            recent[:] = [seen.by, *(name for name in recent if name != seen.by)]
        return seen

    def unfit(self, names: Iterable[str]) -> list[str]:
        """Return those of the clauses that the unchanged reference does not pass either."""
        clauses = [find_clause(name) for name in names]
        return [each.id for each in clauses if self._asked([each]).how != "missed"]

    def _asked(self, clauses: Sequence[Clause], app: str | None = None) -> Seen:
        before = _spent()
        answer = _apart(lambda: _answer(self.copy, app, clauses, self.examples), PATIENCE)
        if answer is None:
            seen = Seen("hung", f"{PATIENCE:.0f} seconds")
        else:
            seen = answer[0] if answer else Seen("refused", "the process ended")
        return dataclasses.replace(seen, seconds=round(_spent() - before, 2))


@contextlib.contextmanager
def asker(examples: int) -> Iterator[Asker]:
    """Copy the reference, for as long as it is asked."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        copy = Path(folder)
        shutil.copytree(
            ROOT / "reference", copy / "reference", ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copy(ROOT / "pyproject.toml", copy)
        # Told by its hash what is compiled anew: a change may leave a file's size and time alone.
        by_hash = py_compile.PycInvalidationMode.CHECKED_HASH
        compileall.compile_dir(copy, quiet=2, invalidation_mode=by_hash)
        (names,) = _apart(lambda: _imported(copy), PATIENCE) or [[]]
        for name in names:
            # Some are only there for who imports them from elsewhere, or under another system.
            with contextlib.suppress(ImportError, AttributeError), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                importlib.import_module(name)
        yield Asker(copy, examples)


def _in_order(slugs: Sequence[str], recent: Sequence[str]) -> list[Clause]:
    """Return the clauses: those that saw something lately, then those that see most for their cost.

    Of several patterns, each in turn.
    """
    ranked: list[tuple[int, float, Clause]] = []
    for slug in slugs:
        prices = [(_price(clause), clause) for clause in clauses_of(slug)]
        prices.sort(key=lambda each: each[0])
        ranked += [(place, price, clause) for place, (price, clause) in enumerate(prices)]
    ranked.sort(key=lambda each: each[:2])
    first = [find_clause(name) for name in recent]
    return [*first, *(clause for _, _, clause in ranked if clause not in first)]


def _price(clause: Clause) -> float:
    found = worth(clause)
    return found.seconds / max(1, found.caught)


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _apart(function: Callable[[], T], patience: float) -> list[T] | None:
    """Return what a function gives in a process of its own: nothing if it ended, None if it hung."""
    ours, theirs = _PROCESSES.Pipe(duplex=False)
    process = _PROCESSES.Process(target=_send, args=(function, theirs))
    process.start()
    theirs.close()
    try:
        return [ours.recv()] if ours.poll(patience) else None
    except EOFError:
        return []
    finally:
        # With everything that it started: workers, servers, browsers.
        if process.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        process.join()
        ours.close()


def _send(function: Callable[[], object], answer: Connection) -> None:
    os.setsid()
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    answer.send(function())
    answer.close()
    os._exit(0)


def _enter(copy: Path) -> Subject:
    # Whoever asks may have imported the reference for another purpose.
    for name in [each for each in sys.modules if each.partition(".")[0] == "reference"]:
        del sys.modules[name]
    os.chdir(copy)
    sys.path.insert(0, str(copy))
    # Celery's workers and new interpreters import the reference too.
    os.environ["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(copy), os.environ.get("PYTHONPATH")])
    )
    return Subject.from_table(load_config(copy / "pyproject.toml"), source="pyproject.toml")


def _imported(copy: Path) -> list[str]:
    """Return what is imported by the first clauses of each pattern, and not before."""
    before = set(sys.modules)
    _answer(copy, None, _in_order(pattern_slugs(), [])[: len(pattern_slugs())], FEW)
    return [each for each in sys.modules if each not in before and not _changes(each)]


def _changes(module: str) -> bool:
    return module.partition(".")[0] in ("__main__", "reference")


def _answer(copy: Path, app: str | None, clauses: Sequence[Clause], examples: int) -> Seen:
    """Return what the first clause sees that sees anything, or else the preflight."""
    try:
        subject = _enter(copy)
        if app is not None:
            subject = dataclasses.replace(subject, app=app)
        more: list[Clause] = []
        for number, asked in ((min(FEW, examples), clauses), (examples, more)):
            for clause in asked:
                seen, drew = _seen(clause, subject, number)
                if seen.how != "missed":
                    return seen
                if drew and asked is not more and examples > FEW:
                    more.append(clause)
        for check in preflight(subject, Options(), {clause.pattern for clause in clauses}):
            if not check.good:
                return Seen("refused", check.name)
    except ConformanceError as error:
        return Seen("refused", str(error))
    return Seen("missed", "")


def draws(verdict: Verdict, clause: Clause, subject: Subject) -> bool:
    """Check whether a clause drew examples: values, or the steps of a machine.

    A clause that draws none is one example for each kind of binding that it was asked of.
    """
    return verdict.examples > len(kinds_of(clause, subject))


def _seen(clause: Clause, subject: Subject, examples: int) -> tuple[Seen, bool]:
    """Return what a clause sees, and whether more examples may see more."""
    for timeout in TIMEOUTS:
        verdict = run_clause(clause, subject, Options(max_examples=examples, timeout=timeout))
        if TIME not in verdict.missing:
            # No clause is broken on the reference: this is how a change is seen that takes a
            # route away.
            how = {Outcome.FAIL: "failed", Outcome.BROKEN: "refused"}.get(verdict.outcome, "missed")
            seen = Seen(how, "" if how == "missed" else verdict.id)
            return seen, draws(verdict, clause, subject)
    return Seen("hung", clause.id), False
