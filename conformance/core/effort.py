"""How thoroughly a clause searches."""

from __future__ import annotations

import contextvars
import dataclasses

#: Examples of a property at the least.
LEAST = 3

#: Seconds of the processor that the apps of one clause may take, with the usual effort.
BUILDING = 1.5

#: The usual effort.
EXAMPLES = 100


@dataclasses.dataclass(frozen=True)
class Effort:
    """How thoroughly to search: the seed, and the number of examples per property."""

    seed: int = 0
    max_examples: int = EXAMPLES
    #: Steps per run of a state machine.
    steps: int = 20
    #: Seconds of the processor that making an app of the subject takes; 0 where nobody measured.
    build: float = 0.0

    def scaled(self, share: float, builds: float = 0.0) -> Effort:
        """Return the same effort with a part of the examples, at least three.

        Where each example makes so many apps, and that takes long, with half as many, or a quarter.
        """
        examples = max(LEAST, round(self.max_examples * share))
        # In halves, so that one machine as a rule draws what another one does.
        while examples * builds * self.build > BUILDING * self.max_examples / EXAMPLES:
            if examples == LEAST:
                break
            examples = max(LEAST, examples // 2)
        return dataclasses.replace(self, max_examples=examples)

    def apps(self, count: int, least: int) -> int:
        """Return how many apps a clause makes that would make `count`, if that took no time."""
        while count * self.build > BUILDING and count > least:
            count = max(least, count // 2)
        return count


#: The effort of the current clause.
effort: contextvars.ContextVar[Effort] = contextvars.ContextVar("effort")
