"""Which clauses there are, by pattern and by id."""

from __future__ import annotations

import fnmatch
import functools
import importlib
from collections.abc import Sequence
from types import FunctionType

from ..clause import LEVELS, Clause, clause_of
from ..core.errors import ConfigError, nearest
from ..patterns import pattern_slugs


@functools.cache
def clauses_of(slug: str) -> tuple[Clause, ...]:
    """Give the clauses of a pattern, in the order in which its suite states them."""
    name = f"{__package__}.test_{slug}"
    module = importlib.import_module(name)
    # Not `isinstance`: a suite may import Flask's proxies, which have no class outside a request.
    functions = (value for value in vars(module).values() if type(value) is FunctionType)
    found = map(clause_of, functions)
    return tuple(clause for clause in found if clause is not None and clause.pattern == slug)


def all_clauses() -> tuple[Clause, ...]:
    """Give every clause of every pattern."""
    return tuple(clause for slug in pattern_slugs() for clause in clauses_of(slug))


def select(
    patterns: Sequence[str] = (), globs: Sequence[str] = (), level: str = "harden"
) -> list[Clause]:
    """Give the clauses of some patterns whose ids match one of the globs, up to a level.

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
    clauses = [clause for slug in slugs for clause in clauses_of(slug)]
    for glob in globs:
        if not any(fnmatch.fnmatchcase(clause.id, glob) for clause in clauses):
            ids = [clause.id for clause in all_clauses()]
            raise ConfigError(f"no clause matches {glob!r}{nearest(glob, ids)}")
    wanted = LEVELS[: LEVELS.index(level) + 1]
    return [
        clause
        for clause in clauses
        if clause.level in wanted
        and (not globs or any(fnmatch.fnmatchcase(clause.id, glob) for glob in globs))
    ]


def find_clause(name: str) -> Clause:
    """Give a clause by its id; raises `ConfigError` with the nearest one."""
    slug = name.partition(".")[0]
    if slug in pattern_slugs():
        for clause in clauses_of(slug):
            if clause.id == name:
                return clause
    ids = [clause.id for clause in all_clauses()]
    raise ConfigError(f"there is no clause {name!r}{nearest(name, ids)}")
