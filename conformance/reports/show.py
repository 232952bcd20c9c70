"""A result, or one verdict of it, shown after the run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..core.errors import ConfigError, nearest
from ..core.verdict import Verdict
from .again import again_of
from .json import read_result
from .last import last_result
from .result import versions_of
from .screen import Screen
from .terminal import terminal, width_of, write_lines
from .text import render_failure


def _read(file: Path | None) -> Mapping[str, Any]:
    if file is not None:
        return read_result(file)
    last = last_result()
    if not last.exists():
        raise ConfigError("no run has ended in this directory: name a result of `check --json`")
    return read_result(last)


def _head(result: Mapping[str, Any]) -> str:
    subject = result["subject"]
    return f"{subject['app']} ({subject['config']}) on {versions_of(result)}"


def show_result(file: Path | None, verbose: bool = False) -> None:
    """Write what is wrong, worst first, as the run that made the result did.

    Raises `ConfigError` where there is no such result.
    """
    result = _read(file)
    console = terminal()
    verdicts = [Verdict.from_json(row) for row in result["clauses"]]
    screen = Screen(
        subject=result["subject"]["app"] or "",
        verdicts=verdicts,
        again=lambda verdict: again_of(result, verdict),
        seed=result["seed"],
        chosen=len(verdicts),
        complete=result["complete"],
        refused=[each["name"] for each in result.get("touched", ()) if each["state"] == "refused"],
        width=width_of(console),
        verbose=verbose,
    )
    write_lines([((_head(result), ""),), (), *screen.lines()], console)


def show_verdict(name: str, place: str | None, file: Path | None) -> None:
    """Write one verdict whole: nothing of it is cut.

    Raises `ConfigError` where there is no such result, or no such clause or place in it.
    """
    result = _read(file)
    verdicts = [Verdict.from_json(row) for row in result["clauses"]]
    found = [each for each in verdicts if each.id == name]
    if not found:
        close = nearest(name, (each.id for each in verdicts))
        raise ConfigError(f"the result has no clause {name!r}{close}")
    if place is not None:
        places = [each.place for each in found]
        found = [each for each in found if each.place == place]
        if not found:
            raise ConfigError(f"{name} was not asked of {place!r}{nearest(place, places)}")
    console = terminal()
    for verdict in found:
        write_lines([((line, style),) for line, style in _whole(result, verdict, console)], console)


def _whole(result: Mapping[str, Any], verdict: Verdict, console: Any) -> list[tuple[str, str]]:
    """Return the lines of a verdict, each with a style."""
    lines = [(_head(result), ""), ("", "")]
    line = again_of(result, verdict)
    if verdict.failure is not None:
        text = render_failure(verdict, line, width_of(console), longest=math.inf)
    else:
        text = f"{verdict.label} ({verdict.level})\n{verdict.statement}\n"
        text += f"  {'again':<10}{line}\n  {'docs':<10}{verdict.docs}"
    head, _, rest = text.partition("\n")
    lines += [(f"{verdict.outcome.value.upper():<10}{head}", verdict.outcome.value)]
    lines += [(each, "") for each in rest.split("\n")]
    if verdict.reason:
        lines.append((f"  {'reason':<10}{verdict.reason}", ""))
    if verdict.follows:
        lines.append((f"  {'follows':<10}{verdict.follows}, which has the same cause", ""))
    counts = f"{verdict.requests} requests, {verdict.calls} calls, {verdict.examples} examples"
    return [*lines, (f"  {'cost':<10}{counts}, {verdict.seconds:.2f} s", "faint"), ("", "")]
