from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--quick",
        action="store_true",
        help="prove each clause with one mutant, asked that clause alone; fewer examples elsewhere",
    )


@pytest.fixture
def quick(pytestconfig: pytest.Config) -> bool:
    """Whether only what every change needs is to run."""
    return bool(pytestconfig.getoption("quick"))
