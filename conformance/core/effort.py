"""How hard a clause looks."""

from __future__ import annotations

import contextvars
import dataclasses


@dataclasses.dataclass(frozen=True)
class Effort:
    """How hard to look: the seed, and the examples of each property."""

    seed: int = 0
    max_examples: int = 100
    #: Steps of each run of a state machine.
    steps: int = 20

    def scaled(self, share: float) -> Effort:
        """Return the same effort with a part of the examples, at least three."""
        return dataclasses.replace(self, max_examples=max(3, round(self.max_examples * share)))


#: The effort of the clause that is running.
effort: contextvars.ContextVar[Effort] = contextvars.ContextVar("effort")
