"""The public names: what a pattern or a clause of other people is made of, and what runs it."""

from __future__ import annotations

import importlib

import pytest

PUBLIC = {
    "conformance": "Failure Options Outcome Subject Verdict run run_clause select",
    "conformance.clause": (
        "LEVELS Clause Effort Gate clause_of effort example expect explore given harden must "
        "should together"
    ),
    "conformance.errors": (
        "AmbientContextError Broken ConfigError ConformanceError Deviation Kind Missing "
        "NotObserved SubjectError SubjectRaised Untested"
    ),
    "conformance.patterns": (
        "DOCS Ability Binding Component Harness Mounted Pattern Probe Route load_pattern "
        "pattern_slugs"
    ),
    "conformance.transports": (
        "MARK TRANSPORTS Client Request Response Server Stream Transport Upload WSGIApp safe_path"
    ),
}


@pytest.mark.parametrize("name", PUBLIC)
def test_the_public_names_are_there_and_no_others(name: str) -> None:
    module = importlib.import_module(name)

    assert sorted(module.__all__) == sorted(PUBLIC[name].split())
    for each in module.__all__:
        assert getattr(module, each) is not None


@pytest.mark.parametrize("name", PUBLIC)
def test_a_module_says_that_its_names_are_public(name: str) -> None:
    assert "public" in (importlib.import_module(name).__doc__ or "")
