"""Results as one HTML page that needs nothing beside it: one subject, or many side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..clause import LEVELS
from ..core.errors import ConfigError
from ..core.printable import printable
from .again import DEFAULT
from .result import ResultReport, label_of, versions_of
from .summary import COLUMNS

_TEMPLATE = Path(__file__).with_name("result.html.jinja")


class HTMLReport(ResultReport):
    """Writes the page when the run ends; raises `ConfigError` at once where it cannot be."""

    def __init__(
        self, file: Path, version: str, seed: int, command: Sequence[str] = DEFAULT
    ) -> None:
        super().__init__(version, seed, command)
        self.file = file
        write_page(file, "")

    def end(self, complete: bool) -> None:
        """Write the page."""
        super().end(complete)
        write_page(self.file, render_page([self.result()]))


def write_page(file: Path, page: str) -> None:
    """Write a page; raises `ConfigError` where that fails."""
    try:
        file.write_text(page, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written: {error.strerror}") from None


def render_page(
    results: Sequence[Mapping[str, Any]],
    names: Sequence[str] = (),
    notes: Mapping[str, str] | None = None,
) -> str:
    """Return the page of one or more results, as `conformance check --json` writes them.

    `names` tells several results apart; `notes` says something of a clause, by its id with
    the place.
    """
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    columns = [
        {
            "name": names[index] if names else "",
            "result": result,
            "versions": versions_of(result),
            "clauses": {label_of(clause): clause for clause in result["clauses"]},
        }
        for index, result in enumerate(results)
    ]
    outcomes = [outcome.value for outcome in COLUMNS]
    return template.render(
        columns=columns,
        patterns=_patterns(columns),
        outcomes=outcomes,
        levels=LEVELS,
        notes=notes or {},
        totals=Counter(clause["verdict"] for result in results for clause in result["clauses"]),
    )


def _shown(value: Any) -> Any:
    """Return what a page shows of a value; a macro's text has been through here before."""
    return printable(value) if type(value) is str else value


def _patterns(columns: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each pattern: a clause, and what each result says of it (None: absent)."""
    about: dict[str, dict[str, Any]] = {}
    for column in columns:
        for name, clause in column["clauses"].items():
            about.setdefault(name, clause)
    rows: dict[str, list[dict[str, Any]]] = {}
    for name, clause in about.items():
        cells = [column["clauses"].get(name) for column in columns]
        verdicts = {cell["verdict"] if cell else "absent" for cell in cells}
        row = {"clause": clause, "name": name, "cells": cells, "differs": len(verdicts) > 1}
        rows.setdefault(clause["pattern"], []).append(row)
    return rows
