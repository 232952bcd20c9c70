"""What the kit is proved with: mutants that a clause must catch, variants that none may fault."""

from __future__ import annotations

import atexit
import dataclasses
import functools
import importlib
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from types import FunctionType

from conformance import Options, Outcome, Subject, Verdict, run
from conformance.core.errors import Kind
from conformance.patterns import pattern_slugs
from conformance.reports.text import render_failure
from conformance.suites.catalogue import clauses_of

Maker = Callable[[], Subject]


@dataclasses.dataclass(frozen=True)
class Mutant:
    """A wrong implementation: the clause it was made for, what else it breaks, what the failure says."""

    name: str
    pattern: str
    mistake: str
    kills: str
    also: frozenset[str]
    says: str
    make: Maker

    @property
    def breaks(self) -> frozenset[str]:
        """Every clause that this mistake breaks."""
        return self.also | {self.kills}


@dataclasses.dataclass(frozen=True)
class Variant:
    """A right implementation unlike the reference."""

    name: str
    pattern: str
    design: str
    make: Maker


def mutant(kills: str, *, says: str, also: Collection[str] = ()) -> Callable[[Maker], Maker]:
    """Mark a function that gives a wrong subject; its docstring names the one mistake.

    `kills` is the clause made for it, as a name without the pattern; `says` stands
    in the failure's text; `also` are other clauses that the same mistake truly breaks.
    """

    def decorate(make: Maker) -> Maker:
        slug = make.__module__.rpartition(".")[2]
        make.__proof__ = Mutant(  # type: ignore[attr-defined]
            name=make.__name__,
            pattern=slug,
            mistake=" ".join((make.__doc__ or "").split()),
            kills=f"{slug}.{kills}",
            also=frozenset(f"{slug}.{name}" for name in also),
            says=says,
            make=make,
        )
        return make

    return decorate


def new_folder() -> Path:
    """Return a new folder, which is removed when the process ends."""
    made = tempfile.TemporaryDirectory(prefix="subject-")
    atexit.register(made.cleanup)
    return Path(made.name)


def variant(make: Maker) -> Maker:
    """Mark a function that gives a right subject; its docstring says what design it is."""
    slug = make.__module__.rpartition(".")[2]
    make.__proof__ = Variant(  # type: ignore[attr-defined]
        make.__name__, slug, " ".join((make.__doc__ or "").split()), make
    )
    return make


@functools.cache
def mutants(slug: str) -> tuple[Mutant, ...]:
    """Return the mutants of a pattern."""
    return tuple(each for each in _proofs(f"tests.mutants.{slug}") if isinstance(each, Mutant))


@functools.cache
def first_mutants(slug: str) -> tuple[Mutant, ...]:
    """Return one mutant for each clause of a pattern: the first that was made for it."""
    found: dict[str, Mutant] = {}
    for mutant in mutants(slug):
        found.setdefault(mutant.kills, mutant)
    return tuple(found.values())


@functools.cache
def variants(slug: str) -> tuple[Variant, ...]:
    """Return the variants of a pattern."""
    return tuple(each for each in _proofs(f"tests.variants.{slug}") if isinstance(each, Variant))


def _proofs(name: str) -> list[object]:
    # Not `isinstance`: a module may hold Flask's proxies, which have no class outside a request.
    values = vars(importlib.import_module(name)).values()
    return [getattr(each, "__proof__", None) for each in values if type(each) is FunctionType]


def all_mutants() -> list[Mutant]:
    """Return every mutant."""
    return [each for slug in pattern_slugs() for each in mutants(slug)]


def all_variants() -> list[Variant]:
    """Return every variant."""
    return [each for slug in pattern_slugs() for each in variants(slug)]


def verdicts(subject: Subject, slug: str, **options: object) -> dict[str, Verdict]:
    """Run a pattern's clauses on a subject and give the verdicts by clause id."""
    how = Options(**options)  # type: ignore[arg-type]
    return {verdict.id: verdict for verdict in run(subject, clauses_of(slug), how)}


def found(results: dict[str, Verdict], *outcomes: Outcome) -> dict[str, str]:
    """Return the clauses that ended in one of the outcomes, each with the text a user would read."""
    return {
        name: render_failure(verdict) if verdict.failure else verdict.reason
        for name, verdict in results.items()
        if verdict.outcome in outcomes
    }


def unavailable(verdict: Verdict) -> bool:
    """Check whether a clause is untested for want of a version, a package or a service on this machine."""
    if verdict.outcome is not Outcome.UNTESTED:
        return False
    elsewhere = {Kind.SERVICE, Kind.VERSION, Kind.PACKAGE}
    return any(each.kind in elsewhere for each in verdict.missing)
