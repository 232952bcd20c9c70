"""The order in which clauses run: the most telling for their cost come first."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ..clause import Clause

#: The share of clauses that run last, starting with the most expensive: with several processes,
#: none then waits long for another one's last clause.
LAST = 1 / 3


class Worth(NamedTuple):
    """The cost and benefit of running a clause, as measured on the reference and the mutants."""

    seconds: float
    #: How many of its pattern's mutants it catches.
    caught: int


@functools.cache
def measured() -> dict[str, Worth]:
    """Return the worth of the kit's clauses, as written by `tests/benchmarks/cost.py`."""
    text = Path(__file__).with_name("worth.json").read_text(encoding="utf-8")
    return {name: Worth(*each) for name, each in json.loads(text).items()}


def worth(clause: Clause) -> Worth:
    """Return the worth of a clause; for an unmeasured one, that of its kind."""
    known = measured().get(clause.id)
    if known is not None:
        return known
    return Worth(0.4 * clause.share if clause.generates else 0.1, 1)


def in_order(asked: Sequence[tuple[Clause, str]]) -> list[tuple[Clause, str]]:
    """Return clauses, each with its place, in the order in which to run them."""

    def price(each: tuple[Clause, str]) -> float:
        found = worth(each[0])
        return found.seconds / max(1, found.caught)

    ranked = sorted(asked, key=price)
    first = len(ranked) - round(len(ranked) * LAST)
    return ranked[:first] + sorted(ranked[first:], key=lambda each: -worth(each[0]).seconds)
