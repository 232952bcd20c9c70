"""The reference passes every clause; what is untested there says which service or version it wants."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import Options, Outcome, Subject, run, run_clause
from conformance.clause import Clause
from conformance.patterns import pattern_slugs
from conformance.reports.text import render_failure
from conformance.subject.config import load_config
from conformance.suites.catalogue import all_clauses, clauses_of
from conformance.transports import TRANSPORTS

from .proof import unavailable

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def reference() -> Subject:
    return Subject.from_table(load_config(ROOT / "pyproject.toml"), source="pyproject.toml")


@pytest.mark.parametrize("clause", all_clauses(), ids=lambda clause: clause.id)
def test_reference_passes(reference: Subject, clause: Clause, quick: bool, seed: int) -> None:
    verdict = run_clause(clause, reference, Options(seed=seed, max_examples=25 if quick else 100))

    if unavailable(verdict):
        pytest.skip(verdict.reason)
    assert verdict.outcome is Outcome.PASS, render_failure(verdict)


@pytest.mark.parametrize("transport", [name for name in TRANSPORTS if name != "wsgi"])
@pytest.mark.parametrize("slug", pattern_slugs())
def test_reference_passes_over_a_socket(
    reference: Subject, slug: str, transport: str, quick: bool
) -> None:
    """A clause that does not run there says why not; at least one of each pattern does run."""
    if quick and transport != "waitress":
        pytest.skip("one server is enough for every change")
    how = Options(transport=transport, max_examples=3 if quick else 25)
    verdicts = list(run(reference, clauses_of(slug), how))

    for verdict in verdicts:
        assert verdict.outcome in (Outcome.PASS, Outcome.UNTESTED), render_failure(verdict)
        assert verdict.reason or verdict.outcome is Outcome.PASS, verdict.id
    assert any(verdict.outcome is Outcome.PASS for verdict in verdicts)


def test_every_pattern_is_bound(reference: Subject) -> None:
    assert set(reference.patterns) == set(pattern_slugs())
