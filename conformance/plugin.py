"""The pytest plugin.

It loads in every run, so the kit itself is imported only when a clause is collected.
"""

from __future__ import annotations

import secrets
import sys
import time
from types import FunctionType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .items import ClauseRun

#: When this run of pytest began.
_STARTED = time.time()

_LEVELS = {
    "must": "clauses that the docs demand",
    "should": "clauses that the docs advise or every careful implementer satisfies",
    "harden": "clauses that ask for safety beyond the docs",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, each named after the one of `conformance check`."""
    group = parser.getgroup("conformance", "conformance with Flask's patterns")
    add = group.addoption
    add(
        "--conformance",
        action="store_true",
        help="hear the tests of this run, then ask the clauses of the app that they have",
    )
    add("--conformance-app", metavar="TARGET", help="the subject, such as shop:create_app")
    add("--conformance-config", metavar="FILE", help="conformance.toml or pyproject.toml")
    add(
        "--conformance-service",
        metavar="NAME=URL",
        action="append",
        default=[],
        help="a real service, such as postgresql=URL",
    )
    add(
        "--conformance-transport",
        default="wsgi",
        choices=["wsgi", "werkzeug", "waitress", "gunicorn"],
        help="how requests reach the subject (default: wsgi)",
    )
    add("--conformance-seed", metavar="N|random", default="0", help="which examples are drawn")
    add("--conformance-max-examples", metavar="N", type=int, default=100, help="of each property")
    add("--conformance-timeout", metavar="S", type=float, default=60.0, help="seconds a clause")
    add("--conformance-budget", metavar="S", type=float, help="seconds all clauses may take")
    add(
        "--conformance-require",
        metavar="REQUIREMENT|FILE",
        action="append",
        default=[],
        help="stop unless the environment has it, such as flask~=2.3.3",
    )
    add(
        "--conformance-place",
        metavar="GLOB",
        action="append",
        default=[],
        help="only places whose name matches",
    )
    add("--conformance-json", metavar="FILE", help="write the result as JSON")


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers and settle the seed, which the workers of a parallel run share."""
    for level, meaning in _LEVELS.items():
        config.addinivalue_line("markers", f"{level}: {meaning}")
    config.addinivalue_line("markers", "conformance: clauses of flask-conformance")
    if config.option.conformance_seed == "random":
        config.option.conformance_seed = str(secrets.randbelow(2**32))
    if config.option.conformance:
        from .session import Hears

        config.pluginmanager.register(Hears(config), "conformance-hears")
    if getattr(config.option, "numprocesses", None):
        config.pluginmanager.register(_Controller(config), "conformance-controller")


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the hook with which a conftest gives a subject made in Python."""
    pluginmanager.add_hookspecs(Hooks)


class Hooks:
    """The hooks that the plugin calls."""

    @pytest.hookspec(firstresult=True)
    def pytest_conformance_subject(self, config: pytest.Config) -> Any:
        """Return the `conformance.Subject` to test, instead of the configured one."""


def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> pytest.Item | list[pytest.Item] | None:
    """Collect a clause as an item of its own kind."""
    # Not `isinstance` or `getattr`: a module may hold proxies that refuse both.
    if type(obj) is not FunctionType:
        return None
    if "__clause__" in obj.__dict__:
        return [*_run_of(collector.config).items(collector, name, obj.__dict__["__clause__"])]
    if "__added__" in obj.__dict__:
        return [*_run_of(collector.config).added(collector)]
    return None


def pytest_exception_interact(node: pytest.Item | pytest.Collector, call: Any) -> None:
    """Stop a run whose clauses cannot be collected, in one sentence."""
    errors = sys.modules.get("conformance.core.errors")
    error = call.excinfo.value
    if errors and isinstance(node, pytest.Collector) and isinstance(error, errors.ConfigError):
        pytest.exit(f"conformance: {error}", returncode=error.exit_code)


class _Controller:
    """Passes verdicts on in the controller of a parallel run, which collects no clause itself."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Start a run of clauses when the first verdict of one arrives."""
        if hasattr(report, "conformance") and not self.config.pluginmanager.has_plugin(
            "conformance-run"
        ):
            _run_of(self.config).pytest_runtest_logreport(report)


def _run_of(config: pytest.Config) -> ClauseRun:
    from .items import ClauseRun

    found = config.pluginmanager.get_plugin("conformance-run")
    if found is None:
        found = ClauseRun(config, _STARTED)
        config.pluginmanager.register(found, "conformance-run")
    assert isinstance(found, ClauseRun)
    return found
