"""What changed between results: clause by clause, between runs, versions or subjects."""

from __future__ import annotations

import dataclasses
import itertools
import json
import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from ..core.place import at_place, split_place
from ..core.printable import printable_json
from .html import render_page, write_page
from .json import read_result
from .result import SCHEMA_VERSION, label_of, versions_of


@dataclasses.dataclass(frozen=True)
class Change:
    """A clause whose verdict at a place is not the same in all results.

    `verdicts` and `reasons` are in the order of the results; `steps` says at which
    Flask version the verdict changed, where the results are of several versions:
    triples of version, verdict before, verdict from then on.
    """

    id: str
    verdicts: tuple[str, ...]
    reasons: tuple[str, ...]
    steps: tuple[tuple[str, str, str], ...]
    place: str = ""

    @property
    def label(self) -> str:
        """The id with the place."""
        return at_place(self.id, self.place)

    @property
    def since(self) -> str:
        """The steps in words; empty where there are none."""
        return "; ".join(f"{new} since Flask {version}" for version, _, new in self.steps)


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Results side by side, and the clauses that differ between them."""

    names: tuple[str, ...]
    files: tuple[Path, ...]
    results: tuple[Mapping[str, Any], ...]
    clauses: int
    changes: tuple[Change, ...]

    def lines(self) -> list[str]:
        """Return the comparison as text."""
        lines = []
        for name, file, result in zip(self.names, self.files, self.results, strict=True):
            note = "" if result["complete"] else ", INCOMPLETE"
            lines.append(
                f"{name} = {file}: {result['subject']['app']}, {versions_of(result)}{note}"
            )
        if self.changes:
            lines += ["", (f"{'':<44}" + "".join(f"{name:<10}" for name in self.names)).rstrip()]
        for change in self.changes:
            cells = "".join(f"{verdict:<10}" for verdict in change.verdicts)
            lines.append(f"{change.label:<44}{cells}{change.since}".rstrip())
        return [*lines, "", f"{len(self.changes)} of {self.clauses} clauses differ"]

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as JSON spells it."""
        return {
            "schema_version": SCHEMA_VERSION,
            "results": [
                {
                    "name": name,
                    "file": str(file),
                    "complete": result["complete"],
                    "subject": result["subject"],
                    "environment": result["environment"],
                    "summary": result["summary"],
                }
                for name, file, result in zip(self.names, self.files, self.results, strict=True)
            ],
            "clauses": self.clauses,
            "changes": [
                {
                    "id": change.id,
                    "place": change.place,
                    "verdicts": dict(zip(self.names, change.verdicts, strict=True)),
                    "reasons": dict(zip(self.names, change.reasons, strict=True)),
                    "steps": [
                        {"flask": version, "before": before, "after": after}
                        for version, before, after in change.steps
                    ],
                }
                for change in self.changes
            ],
        }

    def write_json(self, file: Path) -> None:
        """Write the comparison as JSON; raises `ConfigError` where that fails."""
        text = json.dumps(self.to_json(), ensure_ascii=False, indent=1)
        write_page(file, printable_json(text) + "\n")

    def write_html(self, file: Path) -> None:
        """Write the results side by side as one page; raises `ConfigError` where that fails."""
        notes = {change.label: change.since for change in self.changes if change.since}
        write_page(file, render_page(self.results, self.names, notes))


def compare_results(files: Sequence[Path]) -> Comparison:
    """Read results and compare them; raises `ConfigError` for a file that is none."""
    results = tuple(read_result(file) for file in files)
    tables = [{label_of(clause): clause for clause in result["clauses"]} for result in results]
    # In the order of the results, which is the order of the suites.
    names = list(dict.fromkeys(name for table in tables for name in table))
    versions = [result["environment"].get("flask") for result in results]
    changes = []
    for name in names:
        cells = [table.get(name) for table in tables]
        verdicts = tuple(cell["verdict"] if cell else "absent" for cell in cells)
        if len(set(verdicts)) > 1:
            reasons = tuple(cell["reason"] if cell else "" for cell in cells)
            clause, place = split_place(name)
            changes.append(Change(clause, verdicts, reasons, steps(versions, verdicts), place))
    return Comparison(_letters(len(files)), tuple(files), results, len(names), tuple(changes))


def steps(
    versions: Sequence[str | None], verdicts: Sequence[str]
) -> tuple[tuple[str, str, str], ...]:
    """Return the versions at which a verdict changed, from the oldest to the newest.

    Results of the same version that disagree (on several Pythons, say) are named
    with all their verdicts, as `fail or pass`.
    """
    by_version: dict[Version, set[str]] = {}
    for version, verdict in zip(versions, verdicts, strict=True):
        try:
            parsed = Version(version or "")
        except InvalidVersion:
            return ()
        by_version.setdefault(parsed, set()).add(verdict)
    found = []
    ordered = [(v, " or ".join(sorted(by_version[v]))) for v in sorted(by_version)]
    for (_, before), (newer, after) in itertools.pairwise(ordered):
        if before != after:
            found.append((str(newer), before, after))
    return tuple(found)


def _letters(count: int) -> tuple[str, ...]:
    """Return a short name for each result: A to Z, then A1 to Z1, and so on."""
    letters = string.ascii_uppercase
    return tuple(
        letters[number % 26] + (str(number // 26) if number >= 26 else "")
        for number in range(count)
    )
