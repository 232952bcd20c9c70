"""The patterns, a module or folder for each chapter, named as the docs page is.

A pattern module defines `pattern`. Adding one, with its suite, adds the pattern: nothing
else lists them.
"""

from __future__ import annotations

from ..subject.registry import DOCS, Pattern, load_pattern, pattern_slugs

__all__ = ["DOCS", "Pattern", "load_pattern", "pattern_slugs"]
