"""Prints how soon a wrong subject's failures are known: python -m tests.benchmarks.telling [SLUG ...].

    python -m tests.benchmarks.telling --run [TARGET]

Each clause that a mutant breaks is asked of it in the parts in which a run asks it, without making
the example smaller, until one fails. When that part ends in a run of all clauses on one process,
by what the parts cost on the reference, is when the failure is on the screen. Told for all
failures, and for the first of each mutant: the share of the run's time after which half and nine
of ten are known, and how many are known after a quarter.

    --json FILE     write each mutant, clause, part and share of the time
    --run TARGET    run all clauses on an application instead, such as one of tests/real, with one
                    worker, and tell when its failures came
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import conformance.clause
from conformance import Options, Outcome, run_clause
from conformance.core.effort import EXAMPLES, Part
from conformance.core.verdict import Verdict
from conformance.runner.order import asks, in_order
from conformance.runner.supervisor import Job, Supervisor
from conformance.suites.catalogue import all_clauses, find_clause

from ..proof import Mutant, all_mutants, unavailable
from ..real.applications import APPLICATIONS, FLASKR, HELLO
from .evidence import settings_without_shrinking

#: What the targets are.
QUARTER, NINE_OF_TEN = 0.25, 0.9


class Told(NamedTuple):
    """A failure: the part that finds it, and the share of the run's time after which it is known."""

    mutant: str
    clause: str
    part: Part
    after: float


def ends(slugs: Collection[str] = ()) -> dict[tuple[str, Part], float]:
    """Return the share of the time of a run after which each part of each clause has ended.

    The run asks the clauses of all patterns, or of some.
    """
    clauses = [each for each in all_clauses() if not slugs or each.pattern in slugs]
    asked = in_order([(clause, "") for clause in clauses])
    whole = sum(ask.worth.seconds for ask in asked)
    found: dict[tuple[str, Part], float] = {}
    spent = 0.0
    for ask in asked:
        spent += ask.worth.seconds
        found[ask.clause.id, ask.part] = spent / whole
    return found


def part_that_fails(mutant: Mutant, name: str) -> Part | None:
    """Return the part of a clause that fails with a mutant; None where none does, or none can."""
    clause = find_clause(name)
    for ask in asks(clause):
        verdict = run_clause(clause, mutant.make(), Options(part=ask.part, timeout=600))
        if verdict.outcome is Outcome.FAIL:
            return ask.part
        if unavailable(verdict):
            return None
    print(f"not found: {mutant.name} by {name}", file=sys.stderr)
    return None


def told(mutants: Sequence[Mutant]) -> Iterator[Told]:
    """Yield every failure of the mutants."""
    end = ends()
    with mock.patch.object(conformance.clause, "_settings", settings_without_shrinking):
        gc.freeze()
        for mutant in mutants:
            for name in sorted(mutant.breaks):
                part = part_that_fails(mutant, name)
                if part is not None:
                    yield Told(mutant.name, name, part, end[name, part])


def of_real_applications() -> Iterator[float]:
    """Yield for each failure of tests/real the share of its application's run.

    Of the patterns that fail, and as if the first part of each clause found it.
    """
    for each in (*APPLICATIONS, FLASKR, HELLO):
        slugs = {name.partition(".")[0] for name in each.fails}
        end = ends(slugs)
        yield from (end.get((name, ""), end.get((name, "first"), 1.0)) for name in each.fails)


def line(what: str, shares: Sequence[float]) -> str:
    """Return the line about some failures."""
    ordered = sorted(shares)
    half, most = (ordered[int(len(ordered) * part)] for part in (0.5, NINE_OF_TEN))
    soon = sum(share <= QUARTER for share in ordered) / len(ordered)
    return (
        f"{what}: {len(ordered)}; half known after {half:.1%} of the run's time, "
        f"nine of ten after {most:.1%}; {soon:.1%} after a quarter"
    )


class Stopwatch:
    """A report that notes when failures come."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.failures: list[float] = []
        self.seconds = 0.0

    def verdict(self, verdict: Verdict) -> None:
        """Note a failure."""
        if verdict.outcome is Outcome.FAIL:
            self.failures.append(time.monotonic() - self.begun)

    def end(self, complete: bool) -> None:
        """Note the end."""
        self.seconds = time.monotonic() - self.begun

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args, **kwargs: None


def shares_of_run(target: str | None) -> list[float]:
    """Return the shares of a run's time after which an application's failures came."""
    options = {"transport": "wsgi", "seed": 0, "max_examples": EXAMPLES, "timeout": 600.0}
    watch = Stopwatch()
    Supervisor(Job(app=target, options=options), watch, 1).run()
    return [each / watch.seconds for each in watch.failures]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("slugs", nargs="*")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--run", nargs="?", const="", metavar="TARGET")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    if given.run is not None:
        print(
            line(f"failures of {given.run or 'the application'}", shares_of_run(given.run or None))
        )
        return
    mutants = [each for each in all_mutants() if not given.slugs or each.pattern in given.slugs]
    print(line("failures of the applications in tests/real", [*of_real_applications()]), flush=True)
    found = list(told(mutants))
    if given.json:
        given.json.write_text(json.dumps([each._asdict() for each in found]), encoding="utf-8")
    first: dict[str, float] = {}
    for each in found:
        first[each.mutant] = min(each.after, first.get(each.mutant, 1.0))
    print(line("failures", [each.after for each in found]))
    print(line("wrong subjects, by their first failure", [*first.values()]))
    late = sorted(found, key=lambda each: -each.after)[: len(found) // 20]
    print("last: " + ", ".join(f"{each.clause} ({each.mutant})" for each in late[:10]))


if __name__ == "__main__":
    main()
