"""What a harness or a clause raises, and what a run does: these names are public.

`expect` raises `Deviation` and `Harness.need` raises `Untested` by themselves. `Broken` says
that the subject could not be driven. Both carry what is `Missing`, by its `Kind`. A run that
cannot start or go on raises a `ConformanceError`: `ConfigError`, `SubjectError` or
`AmbientContextError`.
"""

from __future__ import annotations

from .core.errors import (
    AmbientContextError,
    Broken,
    ConfigError,
    ConformanceError,
    Deviation,
    Kind,
    Missing,
    NotObserved,
    SubjectError,
    SubjectRaised,
    Untested,
)

__all__ = [
    "AmbientContextError",
    "Broken",
    "ConfigError",
    "ConformanceError",
    "Deviation",
    "Kind",
    "Missing",
    "NotObserved",
    "SubjectError",
    "SubjectRaised",
    "Untested",
]
