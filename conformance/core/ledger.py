"""The record of what a clause really observed.

A clause that observed nothing can not pass, and a failure shows the trail of
the example that it was found with: both read the ledger.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Mapping
from typing import Any, Protocol

#: How many steps of an example a failure can show.
TRAIL_LENGTH = 12


class Sent(Protocol):
    """A request, as the ledger needs to know it."""

    def curl(self) -> str:
        """Return the command line that sends the request again."""


@dataclasses.dataclass
class Exchange:
    """A request and, once it arrived, its answer."""

    request: Sent
    response: object | None = None
    #: The subject's own server answers this, so that a person can send it again.
    repeatable: bool = True

    def __str__(self) -> str:
        answer = "no answer" if self.response is None else str(self.response)
        return f"{self.request} -> {answer}"


@dataclasses.dataclass
class Ledger:
    """Counts of requests, calls and examples, and the current example's trail."""

    requests: int = 0
    calls: int = 0
    examples: int = 0
    example: Mapping[str, Any] | None = None
    trail: deque[Exchange | str] = dataclasses.field(
        default_factory=lambda: deque(maxlen=TRAIL_LENGTH)
    )

    @property
    def observations(self) -> int:
        """How often the subject was asked anything."""
        return self.requests + self.calls

    def begin_example(self, example: Mapping[str, Any] | None) -> None:
        """Start a new example: earlier steps are no part of its trail."""
        self.examples += 1
        self.example = example
        self.trail.clear()

    def send(self, request: Sent) -> Exchange:
        """Note a request that is being sent."""
        self.requests += 1
        exchange = Exchange(request)
        self.trail.append(exchange)
        return exchange

    def call(self, step: str | None = None) -> None:
        """Note a call into a component, with a line for the trail if it is worth one."""
        self.calls += 1
        if step is not None:
            self.trail.append(step)
