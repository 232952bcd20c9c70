"""The clauses of every pattern.

    from conformance.suites import *

in a test module of a project adds them all to its own test run, named
`test_<pattern>_<clause>`.
"""

from __future__ import annotations

from typing import Any


def _named() -> dict[str, Any]:
    from .catalogue import all_clauses

    return {
        f"test_{clause.pattern}_{clause.function.__name__.removeprefix('test_')}": clause.function
        for clause in all_clauses()
    }


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return list(_named())
    if name.startswith("test_") and (found := _named().get(name)) is not None:
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
