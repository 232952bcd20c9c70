"""The order in which clauses run: the most telling for their cost come first.

An expensive clause that draws its examples is asked in two parts: its named examples and the first
ones drawn, which catch nine of ten mistakes, and all others when the first part of every clause has
been asked.
"""

from __future__ import annotations

import functools
import json
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ..clause import Clause
from ..core.effort import EXAMPLES, FIRST, LEAST, Part

#: The share of the time in which the longest come first: with several processes, none then waits
#: long for another one's last clause.
LAST = 1 / 3

#: What a clause costs at least that is asked in two parts, as each part builds an app: so much of
#: what clauses cost on average.
WORTH_PARTS = 0.4

#: How much of what a clause catches is left for its second part.
LEFT = 0.05


class Worth(NamedTuple):
    """The cost and benefit of running a clause, as measured on the reference and the mutants."""

    seconds: float
    #: How many of its pattern's mutants, and of the real applications that are tested, it catches.
    caught: int


class Ask(NamedTuple):
    """A clause, or a part of one, that is run at a place."""

    clause: Clause
    place: str
    part: Part
    worth: Worth

    @property
    def price(self) -> float:
        """What it costs to catch one mistake."""
        caught = max(1, self.worth.caught)
        return self.worth.seconds / (caught * LEFT if self.part == "rest" else caught)


@functools.cache
def measured() -> dict[str, Worth]:
    """Return the worth of the kit's clauses, as written by `tests/benchmarks/cost.py`."""
    text = Path(__file__).with_name("worth.json").read_text(encoding="utf-8")
    return {name: Worth(*each) for name, each in json.loads(text).items()}


def average() -> float:
    """Return what the kit's clauses cost on average, in seconds."""
    return statistics.fmean(each.seconds for each in measured().values())


def worth(clause: Clause) -> Worth:
    """Return the worth of a clause; for an unmeasured one, that of its kind."""
    known = measured().get(clause.id)
    if known is not None:
        return known
    return Worth(0.4 * clause.share if clause.generates else 0.1, 1)


def first_share(clause: Clause, max_examples: int = EXAMPLES) -> float:
    """Return the share of a clause's examples that its first part asks; 1 if it has one part."""
    if not clause.draws or worth(clause).seconds < WORTH_PARTS * average():
        return 1
    named = len(getattr(clause.function, "__examples__", ()))
    drawn = max(LEAST, max_examples * clause.share / (1 if clause.generates else 2))
    share = (named + FIRST) / (named + drawn)
    # A longer first part is the whole, nearly.
    return share if share <= 1 / 2 else 1


def asks(clause: Clause, place: str = "", max_examples: int = EXAMPLES) -> Iterator[Ask]:
    """Yield the parts in which a clause is run at a place."""
    whole, share = worth(clause), first_share(clause, max_examples)
    if share == 1:
        yield Ask(clause, place, "", whole)
        return
    yield Ask(clause, place, "first", whole._replace(seconds=whole.seconds * share))
    yield Ask(clause, place, "rest", whole._replace(seconds=whole.seconds * (1 - share)))


def in_order(asked: Sequence[tuple[Clause, str]], max_examples: int = EXAMPLES) -> list[Ask]:
    """Return the parts of clauses, each with its place, in the order in which to run them."""
    found = (ask for clause, place in asked for ask in asks(clause, place, max_examples))
    ranked = sorted(found, key=lambda ask: ask.price)
    left = LAST * sum(ask.worth.seconds for ask in ranked)
    first = len(ranked)
    while first and left > 0:
        first -= 1
        left -= ranked[first].worth.seconds
    return ranked[:first] + sorted(ranked[first:], key=lambda ask: -ask.worth.seconds)
