"""Asks the clauses of a changed copy of the reference, in a process that ends with it."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path

from conformance import Options, Outcome, Subject, run
from conformance.core.errors import ConformanceError
from conformance.patterns import pattern_slugs
from conformance.subject.config import load_config
from conformance.suites.catalogue import clauses_of

ROOT = Path(__file__).parents[2]

#: Seconds until a change that lets the reference hang is taken for seen.
PATIENCE = 300.0

# Forked, not started anew: the kit and Flask are imported once. The reference never is here.
_PROCESSES = multiprocessing.get_context("fork")


@dataclasses.dataclass(frozen=True)
class Seen:
    """How a change was seen: `failed`, `refused`, `hung` or `missed`; and by which clause or error."""

    how: str
    by: str


def ask(path: Path, code: str, slugs: tuple[str, ...], examples: int) -> Seen:
    """Ask the patterns' clauses of the reference with the code in the place of the file at `path`.

    `path` is relative to the project; no slugs stand for every pattern.
    """
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        copy = Path(folder)
        shutil.copytree(
            ROOT / "reference", copy / "reference", ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copy(ROOT / "pyproject.toml", copy)
        (copy / path).write_text(code, "utf-8")
        ours, theirs = _PROCESSES.Pipe(duplex=False)
        process = _PROCESSES.Process(target=_answer, args=(copy, slugs, examples, theirs))
        process.start()
        theirs.close()
        try:
            return _received(ours)
        finally:
            # With everything that it started: workers, servers, browsers.
            if process.pid is not None:
                _end(process.pid)
            process.join()


def _received(answer: Connection) -> Seen:
    if not answer.poll(PATIENCE):
        return Seen("hung", f"{PATIENCE:.0f} seconds")
    try:
        how, by = answer.recv()
    except EOFError:
        return Seen("refused", "the process ended")
    return Seen(how, by)


def _end(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _answer(copy: Path, slugs: tuple[str, ...], examples: int, answer: Connection) -> None:
    os.setsid()
    os.chdir(copy)
    sys.path.insert(0, str(copy))
    # Celery's workers import the reference too.
    os.environ["PYTHONPATH"] = str(copy)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    try:
        subject = Subject.from_table(load_config(copy / "pyproject.toml"), source="pyproject.toml")
        seen = _first(subject, slugs or tuple(pattern_slugs()), Options(max_examples=examples))
    except ConformanceError as error:
        seen = Seen("refused", str(error))
    answer.send((seen.how, seen.by))
    answer.close()
    os._exit(0)


def _first(subject: Subject, slugs: tuple[str, ...], options: Options) -> Seen:
    """Return the first clause that fails; else one that is broken, where the reference's never is."""
    seen = Seen("missed", "")
    for slug in slugs:
        for verdict in run(subject, clauses_of(slug), options):
            if verdict.outcome is Outcome.FAIL:
                return Seen("failed", verdict.id)
            if verdict.outcome is Outcome.BROKEN:
                seen = Seen("refused", verdict.id)
    return seen
