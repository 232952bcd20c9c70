"""Which patterns there are, and what each of them is."""

from __future__ import annotations

import dataclasses
import functools
import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

DOCS = "https://flask.palletsprojects.com/en/stable/patterns"

if TYPE_CHECKING:
    from .config import Binding


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
    harnesses: tuple[type[Any], ...]
    implied: bool = False
    chapters: bool = False

    def address(self, section: str = "") -> str:
        """Give the address of a section in the docs; of the page's head by default."""
        if self.chapters:
            return f"{DOCS}/{section}/" if section else f"{DOCS}/"
        return f"{DOCS}/{self.slug}/" + (f"#{section}" if section else "")


#: The kit's own folder. A pattern of its own is a module of `patterns` with a suite of its name.
_KIT = Path(__file__).parents[1]


@functools.cache
def pattern_slugs() -> tuple[str, ...]:
    """Return the slugs of all patterns, in alphabetical order."""
    suites = (_KIT / "suites").glob("test_*.py")
    return tuple(sorted(suite.stem.removeprefix("test_") for suite in suites))


@functools.cache
def load_pattern(slug: str) -> Pattern:
    """Return a pattern by its slug; raises ModuleNotFoundError where there is none."""
    module = importlib.import_module(f"{_KIT.name}.patterns.{slug}")
    pattern: Pattern = module.pattern
    return pattern
