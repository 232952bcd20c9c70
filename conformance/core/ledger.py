"""The record of what a clause really observed.

A clause that observed nothing cannot pass, and a failure shows the trail of
the example that it was found with: both read the ledger.
"""

from __future__ import annotations

import dataclasses
import time
from collections import deque
from collections.abc import Mapping
from typing import Any, Protocol

from .errors import TIME, Broken

#: How many steps of an example a failure can show.
TRAIL_LENGTH = 12


class Sent(Protocol):
    """A request, as the ledger needs to know it."""

    @property
    def name(self) -> str:
        """The method and the path."""

    def identity(self) -> str:
        """Return what two requests that ask the same have in common."""

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
    #: Requests, as `METHOD /path`, that had no answer in time when an earlier clause sent them.
    hanging: frozenset[str] = frozenset()
    example: Mapping[str, Any] | None = None
    #: When the current example began, by the monotonic clock.
    begun: float = dataclasses.field(default_factory=time.monotonic)
    trail: deque[Exchange | str] = dataclasses.field(
        default_factory=lambda: deque(maxlen=TRAIL_LENGTH)
    )
    #: The example and the trail of the last deviation.
    finding: tuple[Mapping[str, Any] | None, tuple[Exchange | str, ...]] | None = None
    #: Whether two examples differed in what they asked of the subject, or may have.
    varied: bool = False
    _asked: list[str] = dataclasses.field(default_factory=list)
    _first: tuple[Mapping[str, Any] | None, list[str]] | None = None
    #: Whether there were examples with other values than the first.
    _redrawn: bool = False

    @property
    def observations(self) -> int:
        """How often the subject was asked anything."""
        return self.requests + self.calls

    def begin_example(self, example: Mapping[str, Any] | None) -> None:
        """Start a new example: earlier steps are no part of its trail."""
        self.compare_examples()
        self.examples += 1
        self.example = example
        self.begun = time.monotonic()
        self.trail.clear()

    def steer(self) -> None:
        """Note that a drawn value reached the subject in another way than by a request."""
        self.varied = True

    def note_finding(self) -> None:
        """Keep the example and its trail as they are: a deviation was found with them."""
        self.finding = (self.example, tuple(self.trail))

    @property
    def vacuous(self) -> bool:
        """Whether values were drawn of which none made a difference to what was asked."""
        self.compare_examples()
        return self._redrawn and not self.varied

    def compare_examples(self) -> None:
        """Compare what the example that ends asked with what the first one did."""
        asked, self._asked = self._asked, []
        if self.varied or self.example is None:
            return
        if self._first is None:
            self._first = (self.example, asked)
        elif self.example != self._first[0]:
            self._redrawn = True
            self.varied = asked != self._first[1]

    def send(self, request: Sent) -> Exchange:
        """Note a request that is being sent.

        Raises `Broken` for one that an earlier clause waited for in vain.
        """
        if self.hanging and (name := request.name) in self.hanging:
            raise Broken(f"{name} had no answer in time when an earlier clause sent it", TIME)
        self.requests += 1
        if not self.varied:
            self._asked.append(request.identity())
        exchange = Exchange(request)
        self.trail.append(exchange)
        return exchange

    def call(self, step: str | None = None) -> None:
        """Note a call into a component, with a line for the trail if it is worth one."""
        self.calls += 1
        # What it was called with is not known here.
        self.steer()
        if step is not None:
            self.trail.append(step)
