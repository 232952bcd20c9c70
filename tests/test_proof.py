"""The gates: every clause is killed by a mutant, no clause faults a right implementation."""

from __future__ import annotations

import gc
import re

import pytest

from conformance import Outcome, run_clause
from conformance.clause import Clause
from conformance.patterns import load_pattern, pattern_slugs
from conformance.reports.text import render_failure
from conformance.runner.engine import Options
from conformance.suites.catalogue import all_clauses, clauses_of, find_clause

from .proof import (
    Mutant,
    Variant,
    all_mutants,
    all_variants,
    first_mutants,
    found,
    mutants,
    unavailable,
    variants,
    verdicts,
)

#: Examples where a clause is expected to pass; a mutant's own clauses get the default.
FEW = 10
#: Examples for each clause on a variant.
VARIED = 100


# A mutant may do what Python warns of: that is for a clause to find.
@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore:coroutine:RuntimeWarning"
)
@pytest.mark.parametrize("mutant", all_mutants(), ids=lambda m: f"{m.pattern}-{m.name}")
def test_mutant_is_caught_by_what_it_breaks_and_by_nothing_else(
    mutant: Mutant, quick: bool, seed: int
) -> None:
    if quick and mutant not in first_mutants(mutant.pattern):
        pytest.skip("another mutant proves the clause")
    subject = mutant.make()
    results = {} if quick else verdicts(subject, mutant.pattern, max_examples=FEW, seed=seed)
    breaks = {mutant.kills} if quick else mutant.breaks
    for name in breaks:
        results[name] = run_clause(find_clause(name), subject, Options(seed=seed))
    # What it left open is to be found here, and not in the test of a right subject.
    gc.collect()
    if unavailable(results[mutant.kills]):
        pytest.skip(results[mutant.kills].reason)

    caught = {name for name in breaks if not unavailable(results[name])}
    assert not found(results, Outcome.BROKEN)
    assert set(found(results, Outcome.FAIL)) == caught, found(results, *Outcome)
    assert mutant.says in render_failure(results[mutant.kills])


@pytest.mark.parametrize("variant", all_variants(), ids=lambda v: f"{v.pattern}-{v.name}")
def test_variant_is_faulted_by_no_clause(variant: Variant, quick: bool, seed: int) -> None:
    examples = FEW if quick else VARIED
    results = verdicts(variant.make(), variant.pattern, max_examples=examples, seed=seed)

    assert not found(results, Outcome.FAIL, Outcome.BROKEN)
    assert found(results, Outcome.PASS)


@pytest.mark.parametrize("clause", all_clauses(), ids=lambda c: c.id)
def test_clause_is_killed_by_a_mutant(clause: object) -> None:
    assert clause.id in {m.kills for m in mutants(clause.pattern)}  # type: ignore[attr-defined]


@pytest.mark.parametrize("slug", pattern_slugs())
def test_pattern_has_two_variants_and_describes_itself(slug: str) -> None:
    assert len(variants(slug)) >= 2
    pattern = load_pattern(slug)
    assert pattern.slug == slug
    assert clauses_of(slug)
    for clause in clauses_of(slug):
        assert clause.statement.endswith("."), clause.id
        assert clause.section in pattern.sections, clause.id
    for each in (*mutants(slug), *variants(slug)):
        assert each.mistake if isinstance(each, Mutant) else each.design, each.name


@pytest.mark.parametrize("clause", all_clauses(), ids=lambda c: c.id)
def test_clause_names_who_asks_for_it(clause: Clause) -> None:
    """A `must` is a sentence of its chapter's section, a `should` one of that or of a standard;
    what is beyond both says what it protects."""
    beyond = re.match(r"(?:goes )?beyond the chapters?\b", clause.source)
    if clause.level == "harden":
        assert clause.source.rstrip(".") not in ("", beyond and beyond[0]), clause.source
    else:
        assert clause.source, "a sentence of the chapter, or of a standard, in other words"
        assert not beyond, f"{clause.level}, and beyond the chapter: {clause.source}"
    if clause.level == "must":
        assert clause.section in load_pattern(clause.pattern).sections


def test_a_clause_that_observed_nothing_is_no_pass() -> None:
    from conformance import Subject
    from conformance.clause import must

    @must("")
    def test_looks_at_nothing(methodoverrides: object) -> None:
        """Nothing is asked."""

    clause = test_looks_at_nothing.__clause__  # type: ignore[attr-defined]
    object.__setattr__(clause, "pattern", "methodoverrides")
    subject = Subject(patterns={"methodoverrides": {"middleware": lambda app: app}})

    verdict = run_clause(clause, subject, Options())

    assert (verdict.outcome, verdict.reason) == (Outcome.UNTESTED, "nothing was observed")
