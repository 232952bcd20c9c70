"""Asks the reference and every variant with seeds that nobody chose: `python -m tests.seeds`.

A seed that accuses what another lets pass has found a fault of the kit. Arguments: how many
seeds, then the first of them; without it they are drawn, and told, so that each can be asked
again with `pytest tests/test_proof.py --proof-seed N`.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

from conformance import Options, Outcome, Subject, Verdict, run
from conformance.patterns import pattern_slugs
from conformance.reports.text import render_failure
from conformance.subject.config import load_config
from conformance.suites.catalogue import clauses_of

from .proof import all_variants

SEEDS = 10

ROOT = Path(__file__).parents[1]


def accused(seed: int) -> Iterator[tuple[str, Verdict]]:
    """Yield what a right subject is accused of with a seed, and by which name it goes."""
    table = load_config(ROOT / "pyproject.toml")
    right = [("reference", slug, Subject.from_table(table, source="")) for slug in pattern_slugs()]
    right += [(f"{each.pattern}-{each.name}", each.pattern, each.make()) for each in all_variants()]
    for name, slug, subject in right:
        for verdict in run(subject, clauses_of(slug), Options(seed=seed)):
            if verdict.outcome in (Outcome.FAIL, Outcome.BROKEN):
                yield name, verdict


def main(count: int = SEEDS, first: int | None = None) -> None:
    """Ask with each seed; exit code 1 where a right subject was accused."""
    found = 0
    for number in range(count):
        seed = secrets.randbelow(2**32) if first is None else first + number
        wrong = list(accused(seed))
        found += len(wrong)
        print(f"seed {seed}: {len(wrong)} accusations", flush=True)
        for name, verdict in wrong:
            print(f"\n{name}: {render_failure(verdict)}", flush=True)
    raise SystemExit(1 if found else 0)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
