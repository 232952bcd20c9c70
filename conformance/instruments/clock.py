"""A clock that clauses move, so that nothing has to wait for time to pass."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Protocol
from unittest import mock

from ..core.errors import Untested

#: Seconds by which clauses moved the clock in this process. It never goes back further: what one
#: clause cached would otherwise still be valid in the next.
_ahead = 0.0


class _Traveller(Protocol):
    def shift(self, delta: float) -> None: ...


class Clock:
    """The time as this process sees it."""

    def __init__(self, traveller: _Traveller, note: Callable[[str], object]) -> None:
        self._traveller = traveller
        self._note = note
        #: Seconds by which the clock was moved, and their maximum.
        self.moved = self.furthest = 0.0

    def advance(self, seconds: float) -> None:
        """Move the time forward, or back by a negative number of seconds."""
        self._traveller.shift(seconds)
        ahead = f"{seconds:g} s pass" if seconds >= 0 else f"the clock goes back {-seconds:g} s"
        self._note(ahead)
        self.moved += seconds
        self.furthest = max(self.furthest, self.moved)


@contextlib.contextmanager
def stopped_clock(note: Callable[[str], object] = lambda step: None) -> Iterator[Clock]:
    """Stop the wall clock of this process while the block runs.

    `note` is told of each move, as a step of the example.
    It starts where the last block ended. `time.monotonic` keeps running and moves forward with
    it. Ends the clause as `untested` if time-machine is not installed.
    """
    try:
        import time_machine
    except ImportError:
        raise Untested.for_package("a clock", "flask-conformance[clock]") from None

    global _ahead
    monotonic = time.monotonic
    # A whole second, so that two readings are not rounded differently.
    start = float(int(time.time() + _ahead))
    with time_machine.travel(start, tick=False) as traveller:
        clock = Clock(traveller, note)

        def moved() -> float:
            return monotonic() + _ahead + max(clock.moved, 0)

        with mock.patch.object(time, "monotonic", moved):
            try:
                yield clock
            finally:
                _ahead += clock.furthest
