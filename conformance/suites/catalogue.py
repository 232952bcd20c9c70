"""Which clauses there are, by pattern and by id.

Each function takes the suites of a subject, whose clauses come on top of the kit's own and
of those that other packages add.
"""

from __future__ import annotations

import fnmatch
import functools
import importlib
from collections.abc import Iterable, Iterator, Sequence
from types import FunctionType, ModuleType

from ..clause import LEVELS, Clause, clause_of
from ..core.errors import ConfigError, nearest
from ..patterns import pattern_slugs
from ..subject.registry import installed_suites, kit_slugs

Suites = Sequence[ModuleType]


def clauses_of(slug: str, suites: Suites = ()) -> tuple[Clause, ...]:
    """Return the clauses of a pattern, in the order in which its suites state them.

    Raise `ConfigError` if two have the same id.
    """
    return _clauses_of(slug, tuple(suites))


@functools.cache
def _clauses_of(slug: str, suites: tuple[ModuleType, ...]) -> tuple[Clause, ...]:
    found = [*_own(slug), *(clause for clause in _added(suites) if clause.pattern == slug)]
    return distinct(found)


def distinct(clauses: Iterable[Clause]) -> tuple[Clause, ...]:
    """Return clauses, each once; raise `ConfigError` if two have the same id."""
    found: dict[str, Clause] = {}
    for clause in clauses:
        other = found.setdefault(clause.id, clause)
        # A file that is imported under two names has the same clause twice.
        if other.place != clause.place:
            raise ConfigError(f"two clauses are {clause.id}: {other.place} and {clause.place}")
    return tuple(found.values())


def own_clauses() -> tuple[Clause, ...]:
    """Return every clause of the kit itself."""
    return tuple(clause for slug in sorted(kit_slugs()) for clause in _own(slug))


def added_clauses(suites: Suites = ()) -> tuple[Clause, ...]:
    """Return the clauses that do not come with the kit."""
    added = list(_added(suites))
    slugs = dict.fromkeys(clause.pattern for clause in added)
    every = [clause for slug in slugs for clause in clauses_of(slug, suites)]
    return tuple(clause for clause in every if clause in added)


@functools.cache
def _own(slug: str) -> tuple[Clause, ...]:
    if slug not in kit_slugs():
        return ()
    return tuple(_clauses_in(importlib.import_module(f"{__package__}.test_{slug}")))


def _added(suites: Suites) -> Iterator[Clause]:
    for module in dict.fromkeys((*installed_suites(), *suites)):
        clauses = [*map(checked, _clauses_in(module))]
        if not clauses:
            raise ConfigError(f"{module.__name__} is named as a suite, and has no clause")
        for clause in clauses:
            # A suite may import what it is meant to go beside.
            if not clause.function.__module__.startswith(f"{__package__}."):
                yield clause


def _clauses_in(module: ModuleType) -> Iterator[Clause]:
    # Not `isinstance`: a suite may import Flask's proxies, which have no class outside a request.
    functions = (value for value in vars(module).values() if type(value) is FunctionType)
    return (clause for clause in map(clause_of, functions) if clause is not None)


def checked(clause: Clause) -> Clause:
    """Return a clause; raise `ConfigError` if there is no such pattern as it is of."""
    if clause.pattern not in pattern_slugs():
        raise ConfigError(
            f"{clause.place}: a clause of {clause.pattern!r}, which is not a pattern"
            f"{nearest(clause.pattern, pattern_slugs())}; name its pattern in the module, "
            'pattern = "flashing", or in the decorator'
        )
    return clause


def all_clauses(suites: Suites = ()) -> tuple[Clause, ...]:
    """Return every clause of every pattern."""
    return tuple(clause for slug in pattern_slugs() for clause in clauses_of(slug, suites))


def select(
    patterns: Sequence[str] = (),
    globs: Sequence[str] = (),
    level: str = "harden",
    suites: Suites = (),
) -> list[Clause]:
    """Return the clauses of some patterns whose ids match one of the globs, up to a level.

    Raises `ConfigError` for a pattern that is none and a glob that matches nothing.
    """
    for slug in patterns:
        if slug not in pattern_slugs():
            raise ConfigError(f"there is no pattern {slug!r}{nearest(slug, pattern_slugs())}")
    slugs = [slug for slug in pattern_slugs() if not patterns or slug in patterns]
    # Suites take a while to import: those of other patterns are left alone where that is clear.
    named = {glob.partition(".")[0] for glob in globs}
    if named and named <= set(slugs):
        slugs = [slug for slug in slugs if slug in named]
    clauses = [clause for slug in slugs for clause in clauses_of(slug, suites)]
    for glob in globs:
        if not any(fnmatch.fnmatchcase(clause.id, glob) for clause in clauses):
            ids = [clause.id for clause in all_clauses(suites)]
            raise ConfigError(f"no clause matches {glob!r}{nearest(glob, ids)}")
    wanted = LEVELS[: LEVELS.index(level) + 1]
    return [
        clause
        for clause in clauses
        if clause.level in wanted
        and (not globs or any(fnmatch.fnmatchcase(clause.id, glob) for glob in globs))
    ]


def find_clause(name: str, suites: Suites = ()) -> Clause:
    """Return a clause by its id; raises `ConfigError` with the nearest one."""
    slug = name.partition(".")[0]
    if slug in pattern_slugs():
        for clause in clauses_of(slug, suites):
            if clause.id == name:
                return clause
    ids = [clause.id for clause in all_clauses(suites)]
    raise ConfigError(f"there is no clause {name!r}{nearest(name, ids)}")
