"""Which clauses can run with a binding, and what each missing key would add.

Clauses run, but nothing of the subject does: a clause that would reach the subject could run, one
that ends before reports what it lacks. It may lack more than that later.
"""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NoReturn
from unittest import mock

from ..clause import Clause, Effort, effort
from ..core.errors import ConformanceError, Kind, Missing, NotObserved
from ..instruments import copies
from ..instruments.bench import Bench
from ..patterns import load_pattern
from ..patterns.harness import Harness
from ..subject import Subject
from ..transports import TRANSPORTS
from .engine import kinds_of


class _Reached(BaseException):
    """A clause would have reached the subject."""


@dataclasses.dataclass
class Outline:
    """What can run of one pattern: its clauses in total, and those that a key would add."""

    pattern: str
    clauses: int = 0
    askable: int = 0
    gains: Counter[str] = dataclasses.field(default_factory=Counter)
    #: The keys of which one is needed before anything else; empty if one is bound.
    begins: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the outline in the format of a worker's events."""
        return {**dataclasses.asdict(self), "gains": dict(self.gains.most_common())}


def outline(subject: Subject, clauses: Iterable[Clause]) -> list[Outline]:
    """Return what can run of each pattern of the given clauses, in their order."""
    found: dict[str, Outline] = {}
    for clause in clauses:
        entry = found.setdefault(clause.pattern, Outline(clause.pattern))
        entry.clauses += 1
        if not subject.places(clause.pattern):
            kinds = load_pattern(clause.pattern).harnesses
            entry.begins = tuple(dict.fromkeys(key for kind in kinds for key in kind.keys))
        missing = lacks(clause, subject)
        if missing is None:
            entry.askable += 1
        keys = {each.name for each in missing or () if each.kind is Kind.KEY}
        entry.gains.update(sorted(keys))
    return list(found.values())


def lacks(clause: Clause, subject: Subject) -> Sequence[Missing] | None:
    """Return what a clause lacks before it asks the subject anything; None if it can run."""
    if load_pattern(clause.pattern).of_factory:
        subject = subject.by_factory()
    bound = bool(subject.places(clause.pattern))
    if not bound:
        empty = {clause.pattern: load_pattern(clause.pattern).binding()}
        subject = dataclasses.replace(subject, patterns={**subject.patterns, **empty})
    missing: list[Missing] = []
    for place in subject.places(clause.pattern):
        kinds = kinds_of(clause, subject, place.name)
        if not kinds:
            keys = dict.fromkeys(
                key for kind in load_pattern(clause.pattern).harnesses for key in kind.keys
            )
            missing += [Missing(Kind.KEY, f"patterns.{clause.pattern}.{key}") for key in keys]
        for kind in kinds:
            ended = contextvars.copy_context().run(_dry, clause, subject, kind, place.binding)
            if ended is None and bound:
                return None
            missing += ended or ()
    return missing


def _dry(
    clause: Clause, subject: Subject, kind: type[Harness[Any]], binding: object
) -> Sequence[Missing] | None:
    effort.set(Effort(0, 1))
    bench = Bench(subject, TRANSPORTS["wsgi"])
    with contextlib.closing(bench), _out_of_reach():
        try:
            clause(kind(clause.pattern, binding, bench))
        except NotObserved as error:
            return error.missing
        except (_Reached, Exception, ConformanceError):
            return None
    return None


@contextlib.contextmanager
def _out_of_reach() -> Iterator[None]:
    """Make everything that would reach the subject raise `_Reached`."""

    def reach(*args: object, **values: object) -> NoReturn:
        raise _Reached

    with contextlib.ExitStack() as stack:
        for owner, name in (
            (Bench, "build"),
            (Bench, "serve"),
            (Bench, "folder"),
            (Harness, "call"),
            (Harness, "make_app"),
            (Subject, "build"),
            # New interpreters, and whatever builds a project.
            (subprocess.Popen, "__init__"),
            (copies, "start"),
        ):
            stack.enter_context(mock.patch.object(owner, name, reach))
        yield
