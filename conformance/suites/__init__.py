"""The clauses of every pattern.

    from conformance.suites import *

in a test module of a project adds them all to its own test run, named
`test_<pattern>_<clause>`: the kit's own, those of other packages, and those of the
configuration's `suites`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .test_added import added_clauses as added_clauses

if TYPE_CHECKING:
    from ..clause import Clause


def _named(clauses: Iterable[Clause]) -> dict[str, Any]:
    return {name_of(clause): clause.function for clause in clauses}


def name_of(clause: Clause) -> str:
    """Return the name that a clause has as a test among those of other patterns."""
    return f"test_{clause.pattern}_{clause.function.__name__.removeprefix('test_')}"


def __getattr__(name: str) -> Any:
    from .catalogue import all_clauses, own_clauses

    if name == "__all__":
        return [*_named(own_clauses()), added_clauses.__name__]
    if name.startswith("test_") and (found := _named(all_clauses()).get(name)) is not None:
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
