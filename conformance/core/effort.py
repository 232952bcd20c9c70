"""How thoroughly a clause searches."""

from __future__ import annotations

import contextvars
import dataclasses
from typing import Literal

#: The minimum number of examples of a property.
LEAST = 3

#: What of a property is asked: all, its named examples and the first ones drawn, or what is left.
Part = Literal["", "first", "rest"]

#: How many examples the first part draws. Nine of ten mutants need no more.
FIRST = 3

#: Added to the seed for the first part, which draws others than the rest does.
ELSEWHERE = 1_000_003

#: The processor time, in seconds, that the apps of one clause may take with default effort.
BUILDING = 1.0

#: The default number of examples.
EXAMPLES = 100


@dataclasses.dataclass(frozen=True)
class Effort:
    """How thoroughly to search: the seed, and the number of examples per property."""

    seed: int = 0
    max_examples: int = EXAMPLES
    #: Steps per run of a state machine.
    steps: int = 20
    #: The processor time, in seconds, that creating an app takes; 0 if it was not measured.
    build: float = 0.0
    part: Part = ""

    def drawn(self, examples: int) -> int:
        """Return how many of so many examples the part draws."""
        if self.part == "first":
            return min(FIRST, examples)
        return max(LEAST, examples - FIRST) if self.part == "rest" else examples

    @property
    def own_seed(self) -> int:
        """The seed of the part."""
        return self.seed + ELSEWHERE if self.part == "first" else self.seed

    def scaled(self, share: float, builds: float = 0.0) -> Effort:
        """Return the same effort with a share of the examples, at least three.

        If each example creates `builds` apps and that takes long, with half or a quarter of them.
        """
        examples = max(LEAST, round(self.max_examples * share))
        # Halved, so that different machines usually draw the same examples.
        while examples * builds * self.build > BUILDING * self.max_examples / EXAMPLES:
            if examples == LEAST:
                break
            examples = max(LEAST, examples // 2)
        return dataclasses.replace(self, max_examples=examples)

    def apps(self, count: int, least: int) -> int:
        """Return how many apps a clause creates that would create `count` if that took no time."""
        while count * self.build > BUILDING and count > least:
            count = max(least, count // 2)
        return count


#: The effort of the current clause.
effort: contextvars.ContextVar[Effort] = contextvars.ContextVar("effort")
