"""The patterns, a module or folder for each chapter, named as the docs page is.

A pattern module defines `pattern`. Adding one, with its suite, adds the pattern: nothing
else lists them. A pattern of another package is named by an entry point of the group
`conformance.patterns`; the names here are public, and what such a pattern is made of.
"""

from __future__ import annotations

from ..subject.config import Binding, Component, Route
from ..subject.registry import DOCS, Pattern, load_pattern, pattern_slugs
from .harness import Ability, Harness, Mounted, Probe

__all__ = [
    "DOCS",
    "Ability",
    "Binding",
    "Component",
    "Harness",
    "Mounted",
    "Pattern",
    "Probe",
    "Route",
    "load_pattern",
    "pattern_slugs",
]
