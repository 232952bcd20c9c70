"""A conformance kit for the patterns of the Flask documentation.

These names are public, and so are those of `conformance.clause`, `conformance.patterns`,
`conformance.transports` and `conformance.errors`. They are loaded when they are used,
because pytest imports this package in every run that has the plugin installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .core.verdict import Failure, Outcome, Verdict
    from .runner.engine import Options, run, run_clause
    from .subject import Subject
    from .suites.catalogue import select

__all__ = ["Failure", "Options", "Outcome", "Subject", "Verdict", "run", "run_clause", "select"]

_HOMES = {
    "Failure": "core.verdict",
    "Options": "runner.engine",
    "Outcome": "core.verdict",
    "Subject": "subject",
    "Verdict": "core.verdict",
    "run": "runner.engine",
    "run_clause": "runner.engine",
    "select": "suites.catalogue",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
