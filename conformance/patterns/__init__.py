"""The patterns, a module for each chapter, named as the docs page is.

A pattern module defines `pattern`. Adding one adds the pattern: nothing else
lists them.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import pkgutil
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

DOCS = "https://flask.palletsprojects.com/en/stable/patterns"

if TYPE_CHECKING:
    from ..config import Binding
    from ..harness import Harness


@dataclasses.dataclass(frozen=True)
class Pattern:
    """What a pattern is: one chapter of the docs, its binding and its harnesses.

    `chapters` is for a pattern that is none itself: its sections are whole chapters.
    `sections` maps the anchor of each section of the docs page to its heading.
    `harnesses` has one class for each kind of binding; a clause is asked of
    every kind that is bound. `implied` says that an app alone shows the pattern,
    so that it is bound, with the binding's defaults, wherever there is an app.
    """

    slug: str
    title: str
    sections: Mapping[str, str]
    binding: type[Binding]
    harnesses: tuple[type[Harness[Any]], ...]
    implied: bool = False
    chapters: bool = False

    def address(self, section: str = "") -> str:
        """Give the address of a section in the docs; of the page's head by default."""
        if self.chapters:
            return f"{DOCS}/{section}/" if section else f"{DOCS}/"
        return f"{DOCS}/{self.slug}/" + (f"#{section}" if section else "")


@functools.cache
def pattern_slugs() -> tuple[str, ...]:
    """Give the slugs of all patterns, in alphabetical order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


@functools.cache
def load_pattern(slug: str) -> Pattern:
    """Give a pattern by its slug; raises ModuleNotFoundError where there is none."""
    module = importlib.import_module(f"{__name__}.{slug}")
    pattern: Pattern = module.pattern
    return pattern
