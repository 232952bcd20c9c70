"""Prints how many examples catch each mutant: python -m tests.benchmarks.evidence [SLUG or CLAUSE ...].

Each clause that draws is asked of every mutant that was made for it, with 30 seeds and the usual
effort, until it fails; nothing is made smaller. For each mutant: the fewest, the middle and the most
examples that it took, and with how many seeds it was missed. Then, for each clause, what share of
the examples is enough: as many as the slowest mutant took with any seed, and as many again twice
over, as another seed may take longer; at the least, those that the clause names. Where one was
missed, the share is to grow.

    --seeds N       how many seeds
    --from COSTS    only the clauses that are dearest, by what `cost --json` wrote
    --csv FILE      write the table as it grows
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import gc
import json
import math
import statistics
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import Phase, settings

import conformance.clause
from conformance import Options, Outcome, run_clause
from conformance.clause import Clause
from conformance.suites.catalogue import all_clauses, find_clause

from ..proof import Mutant, all_mutants, unavailable

SEEDS = 30

#: How many times what the slowest mutant took is enough.
MARGIN = 3

#: Shares that are proposed; less would find only what the mutants have.
SHARES = (0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0)


@dataclasses.dataclass(frozen=True)
class Evidence:
    """How a clause met a mutant: the examples that each seed took, 0 where it was missed."""

    clause: str
    mutant: str
    taken: tuple[int, ...]
    seconds: float

    @property
    def missed(self) -> int:
        return self.taken.count(0)

    @property
    def found(self) -> list[int]:
        return [each for each in self.taken if each] or [0]

    def row(self) -> list[Any]:
        return [
            self.clause,
            self.mutant,
            min(self.found),
            statistics.median(self.found),
            max(self.found),
            self.missed,
            round(self.seconds, 1),
        ]


def settings_without_shrinking(max_examples: int, steps: int) -> Any:
    """Return the kit's settings for a property, which then ends with what it has found."""
    phases = (Phase.explicit, Phase.generate)
    return settings(_settings(max_examples, steps), phases=phases)


_settings = conformance.clause._settings


def meet(clause: Clause, mutant: Mutant, seeds: int) -> Evidence | None:
    """Ask a clause of a mutant with each seed; None where it cannot be asked here."""
    taken = []
    started = time.process_time()
    for seed in range(seeds):
        verdict = run_clause(clause, mutant.make(), Options(seed=seed, timeout=600))
        if unavailable(verdict):
            return None
        # The last one is Hypothesis' own repetition of what it has found.
        count = max(1, verdict.examples - 1) if verdict.examples > 1 else 1
        taken.append(count if verdict.outcome is Outcome.FAIL else 0)
    return Evidence(clause.id, mutant.name, tuple(taken), time.process_time() - started)


def evidence(clauses: list[Clause], seeds: int) -> Iterator[Evidence]:
    """Yield how each clause meets each mutant that was made for it."""
    mutants: dict[str, list[Mutant]] = defaultdict(list)
    for each in all_mutants():
        mutants[each.kills].append(each)
    with mock.patch.object(conformance.clause, "_settings", settings_without_shrinking):
        # What was imported until now stays, and need not be looked through for garbage.
        gc.freeze()
        for clause in clauses:
            for mutant in mutants[clause.id]:
                gc.collect()
                if (found := meet(clause, mutant, seeds)) is not None:
                    yield found


def proposed(clause: Clause, found: list[Evidence]) -> tuple[int, float]:
    """Return how many examples are enough for all mutants of a clause, and the share that gives them."""
    most = max(max(each.found) for each in found)
    named = len(getattr(clause.function, "__examples__", ()))
    # Those that it names are asked in any case, before anything is drawn.
    wanted = MARGIN * max(0, most - named)
    per_share = 100 if clause.generates else 50
    share = next((each for each in SHARES if each * per_share >= wanted), math.inf)
    return most, share


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--from", dest="costs", type=Path)
    parser.add_argument("--most", type=int, default=60, help="of --from, how many clauses")
    parser.add_argument("--csv", type=Path)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    if given.costs:
        costs = json.loads(given.costs.read_text())
        costs.sort(key=lambda each: -each["seconds"])
        names = [each["id"] for each in costs if each["outcome"] == "pass"]
        clauses = [find_clause(name) for name in names if find_clause(name).draws][: given.most]
    else:
        clauses = [each for each in all_clauses() if each.draws]
    if given.names:
        clauses = [each for each in clauses if {each.id, each.pattern} & {*given.names}]
    found: dict[str, list[Evidence]] = defaultdict(list)
    head = ["clause", "mutant", "fewest", "middle", "most", "missed", "seconds"]
    print(f"{head[0]:<44}{head[1]:<48}" + "".join(f"{each:>9}" for each in head[2:]))
    for each in evidence(clauses, given.seeds):
        found[each.clause].append(each)
        clause, mutant, *numbers = each.row()
        print(f"{clause:<44}{mutant:<48}" + "".join(f"{n:>9}" for n in numbers), flush=True)
        if given.csv:
            with given.csv.open("w", encoding="utf-8", newline="") as out:
                csv.writer(out).writerows(
                    [head, *(e.row() for all_ in found.values() for e in all_)]
                )
    print(f"\n{'clause':<44}{'share':>8}{'most':>8}{'wanted':>8}{'missed':>8}")
    missed = 0
    for name, of_clause in found.items():
        clause = find_clause(name)
        most, share = proposed(clause, of_clause)
        seeds = sum(each.missed for each in of_clause)
        missed += seeds
        print(f"{name:<44}{clause.share:>8}{most:>8}{share:>8}{seeds:>8}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
