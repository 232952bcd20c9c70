"""Prints what the guest's audit hook costs, as a share of the processor time of a run.

    python -m tests.benchmarks.guest [SLUG ...]

The clauses of the patterns (without names: of all) are asked of the reference in this
process. Each event that the hook passes over is counted, and costs what such an event costs
in a loop; the time in the handlers of the others is measured where they run.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

from conformance import Subject, run_clause
from conformance.subject import guest
from conformance.subject.config import load_config
from conformance.suites.catalogue import select

from .speed import ROOT

#: Events in a loop that tells what one costs.
MANY = 200_000


def cost_of_event() -> float:
    """Return the seconds of processor time that an audit event takes that nobody wants."""
    audit = sys.audit
    found = []
    for _ in range(5):
        started = time.process_time()
        for _ in range(MANY):
            audit("conformance.benchmark", 1)
        found.append((time.process_time() - started) / MANY)
    return min(found)


def timed(
    handler: Callable[[tuple[Any, ...]], None], spent: Counter[str], name: str
) -> Callable[[tuple[Any, ...]], None]:
    """Return a handler that adds the processor time it takes to `spent`."""

    def handle(args: tuple[Any, ...]) -> None:
        started = time.thread_time()
        try:
            handler(args)
        finally:
            spent[name] += time.thread_time() - started  # type: ignore[assignment]

    return handle


def main(slugs: list[str]) -> None:
    """Print the counts, the costs and the share."""
    warnings.simplefilter("ignore")
    file = ROOT / "pyproject.toml"
    subject = Subject.from_table(load_config(file), source=file.name)
    notes = guest.Notes.begin()
    without = cost_of_event()
    watch = guest.begin(subject, notes)
    passed_over = cost_of_event() - without
    spent: Counter[str] = Counter()
    for name, handler in watch._handlers.items():
        watch._handlers[name] = timed(handler, spent, name)
    counts: Counter[str] = Counter()
    sys.addaudithook(lambda event, args: counts.update((event,)))
    counting = cost_of_event() - without - passed_over
    counts.clear()
    started = time.process_time()
    requests = 0
    try:
        for clause in select(slugs, suites=subject.suites):
            with watch.watching():
                requests += run_clause(clause, subject).requests
        total = time.process_time() - started
    finally:
        notes.leave()
    events = sum(counts.values())
    # What was measured is no part of the run.
    total -= events * counting
    handled = sum(spent.values())
    share = (events * passed_over + handled) / total
    print(f"{total:.1f} s of processor time, {requests} requests, {events} audit events "
          f"({events / total:.0f} a second)")  # fmt: skip
    print(f"an event that is passed over: {passed_over * 1e9:.0f} ns; together "
          f"{events * passed_over:.3f} s")  # fmt: skip
    for name, seconds in spent.most_common():
        each = seconds / counts[name] * 1e6
        print(f"  {name}: {counts[name]} times, {each:.1f} us each, {seconds:.3f} s")
    usual = ", ".join(f"{name} {count}" for name, count in counts.most_common(8))
    print(f"most frequent: {usual}")
    print(f"the hook: {100 * share:.2f} % of the run (target: 2 %)")


if __name__ == "__main__":
    main(sys.argv[1:])
