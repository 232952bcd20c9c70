from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

# The applications there have tests of their own.
collect_ignore = ["firstcontact"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--quick",
        action="store_true",
        help="prove each clause with one mutant, asked that clause alone; fewer examples elsewhere",
    )
    parser.addoption("--proof-seed", type=int, default=0, help="draw the proof's examples from it")


@pytest.fixture
def quick(pytestconfig: pytest.Config) -> bool:
    """Check whether only what every change needs is to run."""
    return bool(pytestconfig.getoption("quick"))


@pytest.fixture
def seed(pytestconfig: pytest.Config) -> int:
    """What mutants, variants and the reference are asked with: proof must not hang on one seed."""
    return int(pytestconfig.getoption("--proof-seed"))
