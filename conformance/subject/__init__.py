"""The subject: what is under test, how it is configured, and how its apps are made.

Its names are loaded when they are used: the process that reports imports no Flask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .subject import Subject, environment_services

__all__ = ["Subject", "environment_services"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from . import subject

        return getattr(subject, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
