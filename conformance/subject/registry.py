"""Which patterns there are, the kit's own and those of other packages, and what each of them is."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import importlib.metadata
import re
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..core.errors import ConfigError, SubjectError, nearest
from .locate import load

DOCS = "https://flask.palletsprojects.com/en/stable/patterns"

#: The groups of entry points in which other packages name their patterns, and their modules
#: with clauses for patterns that are there already.
PATTERNS = "conformance.patterns"
SUITES = "conformance.suites"

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
    `of_factory` says that its clauses are about the factory itself, whatever fixture calls it.
    `suite` names the module with its clauses and `docs` is the address of its docs page:
    a pattern of another package says both, one of the kit neither.
    """

    slug: str
    title: str
    sections: Mapping[str, str]
    binding: type[Binding]
    harnesses: tuple[type[Any], ...]
    implied: bool = False
    of_factory: bool = False
    chapters: bool = False
    suite: str = ""
    docs: str = ""

    def address(self, section: str = "") -> str:
        """Return the address of a section in the docs; of the page's head by default."""
        if self.chapters:
            return f"{DOCS}/{section}/" if section else f"{DOCS}/"
        return in_page(self.docs or f"{DOCS}/{self.slug}/", section)


def in_page(page: str, section: str) -> str:
    """Return the address of a section of a docs page."""
    return f"{page}#{section}" if section else page


#: The kit's own folder. A pattern of its own is a module of `patterns` with a suite of its name.
_KIT = Path(__file__).parents[1]

#: It stands in ids, in the names of tests and in keys of the configuration.
_SLUG = re.compile("[a-z][a-z0-9]*")


@functools.cache
def kit_slugs() -> frozenset[str]:
    """Return the slugs of the kit's own patterns."""
    suites = {suite.stem.removeprefix("test_") for suite in (_KIT / "suites").glob("test_*.py")}
    return frozenset(suites & {pattern.stem for pattern in (_KIT / "patterns").iterdir()})


@functools.cache
def pattern_slugs() -> tuple[str, ...]:
    """Return the slugs of all patterns, in alphabetical order.

    Raise `ConfigError` for an entry point whose name is not a new slug.
    """
    return tuple(sorted([*kit_slugs(), *_patterns_of_others()]))


@functools.cache
def load_pattern(slug: str) -> Pattern:
    """Return a pattern by its slug.

    Raise `ConfigError` if there is none, or if the entry point that names it is at fault.
    """
    if slug in kit_slugs():
        pattern: Pattern = importlib.import_module(f"{_KIT.name}.patterns.{slug}").pattern
        return pattern
    if slug not in pattern_slugs():
        raise ConfigError(f"there is no pattern {slug!r}{nearest(slug, pattern_slugs())}")
    entry = _patterns_of_others()[slug]
    found = _load(entry)
    if wrong := _wrong_with(found, slug):
        raise _fault(entry, f"{entry.value} {wrong}")
    assert isinstance(found, Pattern)
    return found


@functools.cache
def installed_suites() -> tuple[ModuleType, ...]:
    """Import the modules with clauses of other packages, those of their own patterns first.

    Raise `ConfigError` for an entry point that is at fault.
    """
    suites = []
    for slug, entry in _patterns_of_others().items():
        try:
            suites.append(load(load_pattern(slug).suite))
        except SubjectError as error:
            raise _fault(entry, f"the suite of its pattern: {error}") from error
    for entry in _entries(SUITES):
        suite = _load(entry)
        if not isinstance(suite, ModuleType):
            raise _fault(entry, f"{entry.value} is not a module")
        suites.append(suite)
    return tuple(dict.fromkeys(suites))


def distributions() -> list[str]:
    """Return the names of the distributions that add patterns or clauses."""
    return sorted({_owner(entry) for group in (PATTERNS, SUITES) for entry in _entries(group)})


@functools.cache
def _entries(group: str) -> tuple[EntryPoint, ...]:
    found = importlib.metadata.entry_points(group=group)
    return tuple(sorted(found, key=lambda entry: (entry.name, _owner(entry))))


@functools.cache
def _patterns_of_others() -> Mapping[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for entry in _entries(PATTERNS):
        if not _SLUG.fullmatch(entry.name):
            raise _fault(entry, "a slug is a lower-case letter, then lower-case letters and digits")
        if entry.name in kit_slugs():
            raise _fault(entry, "the kit has a pattern of that name")
        if entry.name in found:
            raise _fault(entry, f"{_owner(found[entry.name])} has a pattern of that name, too")
        found[entry.name] = entry
    return found


def _wrong_with(found: object, slug: str) -> str | None:
    from .config import Binding

    if not isinstance(found, Pattern):
        return f"is not a Pattern but {found!r:.80}"
    if found.slug != slug:
        return f"has the slug {found.slug!r}, which is not the entry point's name"
    if not (isinstance(found.binding, type) and issubclass(found.binding, Binding)):
        return f"has a binding that does not derive from Binding: {found.binding!r:.80}"
    for field in ("harnesses", "suite", "docs"):
        if not getattr(found, field):
            return f"has no {field}"
    return None


def _load(entry: EntryPoint) -> Any:
    try:
        return load(entry.value.partition("[")[0].strip())
    except SubjectError as error:
        raise _fault(entry, str(error)) from error


def _fault(entry: EntryPoint, what: str) -> ConfigError:
    return ConfigError(f"{_owner(entry)}: entry point {entry.name!r} of {entry.group}: {what}")


def _owner(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else "a distribution without a name"
