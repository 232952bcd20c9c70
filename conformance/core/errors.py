"""What can go wrong, a type for each: which verdict or exit code it leads to."""

from __future__ import annotations

import difflib
import unittest
from collections.abc import Iterable


class ConformanceError(Exception):
    """A run cannot start or go on; the message is one sentence for the user."""

    exit_code = 2


class ConfigError(ConformanceError):
    """The configuration or the command line is wrong (exit code 2)."""


class SubjectError(ConformanceError):
    """The subject could not be imported or built (exit code 3)."""

    exit_code = 3


class AmbientContextError(ConformanceError):
    """A request or app context was already active when a clause was to start."""


class NotObserved(unittest.SkipTest):
    """A clause could not be tested here.

    A `SkipTest`, because Hypothesis lets that through at once instead of
    looking for a smaller example of it.
    """


class Untested(NotObserved):
    """Not bound, or needs another version, transport or service: verdict `untested`."""


class Broken(NotObserved):
    """The subject could not be driven: verdict `broken`."""


class OutOfTime(BaseException):
    """The clause's time limit has passed.

    Not an `Exception`, so that neither a subject's nor Hypothesis's handlers
    take it for a failure of what they were running.
    """


class Deviation(AssertionError):
    """The subject does not do what the clause states: verdict `fail`."""

    def __init__(self, expected: str, observed: str) -> None:
        super().__init__(f"expected {expected}; observed {observed}")
        self.expected = expected
        self.observed = observed


class SubjectRaised(Deviation):
    """A component of the subject raised where it should have answered."""

    def __init__(self, what: str, error: BaseException, where: str) -> None:
        place = f" ({where})" if where else ""
        super().__init__(
            f"{what} does its work without an exception",
            f"{type(error).__name__}: {error}{place}",
        )
        self.error = error


def nearest(name: str, names: Iterable[str]) -> str:
    """Give `; did you mean 'x'?` for the closest of `names`, or an empty string."""
    names = list(names)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""
