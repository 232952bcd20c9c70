"""Clauses in, verdicts out: the engine, the preflight, and the processes that they run in."""

from __future__ import annotations

from typing import Any

from ..subject.locate import use_fixtures


def _fixture(name: str) -> Any:
    # Loads pytest, which anybody who names a fixture has.
    from .fixtures import Fixture

    return Fixture(name)


use_fixtures(_fixture)
