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
from .html import render_page
from .json import read_result
from .markdown import append, escaped
from .result import SCHEMA_VERSION, label_of, versions_of, write
from .summary import COLUMNS

#: What a change is, from the first result that asked the clause to the last one.
WORSE, BETTER, OTHERWISE = "worse", "better", "changed otherwise"

_BAD = ("fail", "broken")

#: Clauses that are named of those which only some results have asked.
MOST_NAMED = 5


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
    #: A version is why some have not asked it.
    gated: bool = False

    @property
    def label(self) -> str:
        """The id with the place."""
        return at_place(self.id, self.place)

    @property
    def kind(self) -> str:
        """Whether it got worse or better, or changed otherwise.

        Empty where only some results have asked the clause, and these say the same, unless it
        is their versions on which it is not asked.
        """
        unasked = ("absent",) if self.gated else ("absent", "untested")
        asked = [each for each in self.verdicts if each not in unasked]
        if len({*asked}) < 2:
            return ""
        if asked[-1] in _BAD and asked[0] not in _BAD:
            return WORSE
        return BETTER if asked[0] in _BAD and asked[-1] not in _BAD else OTHERWISE

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
        """Return the comparison as text: what got worse, what got better, and the rest folded."""
        lines = []
        for name, file, result in zip(self.names, self.files, self.results, strict=True):
            note = "" if result["complete"] else ", INCOMPLETE"
            lines.append(
                f"{name} = {file}: {result['subject']['app']}, {versions_of(result)}{note}"
            )
        groups = self.groups()
        if groups:
            lines += ["", (f"{'':<46}" + "".join(f"{name:<10}" for name in self.names)).rstrip()]
        for title, changes in groups.items():
            lines.append(f"{title}:")
            for change in changes:
                cells = "".join(f"{verdict:<10}" for verdict in change.verdicts)
                lines.append(f"  {change.label:<44}{cells}{change.since}".rstrip())
        folded = self.folded()
        lines += ["", *folded] if folded else []
        count = f"{len(self.changes)} of {self.clauses} clauses differ"
        asked = sum(map(len, groups.values()))
        note = f", {asked} of them where all were asked" if asked < len(self.changes) else ""
        return [*lines, "", count + note]

    def groups(self) -> dict[str, list[Change]]:
        """Return the changes of what was asked in more than one result, the bad news first."""
        found: dict[str, list[Change]] = {}
        for title in (WORSE, BETTER, OTHERWISE):
            changes = [change for change in self.changes if change.kind == title]
            if changes:
                found[title] = changes
        return found

    def folded(self) -> list[str]:
        """Return a line for each set of results that have not asked the same clauses."""
        groups: dict[tuple[str, ...], list[str]] = {}
        for change in self.changes:
            if not change.kind:
                groups.setdefault(change.verdicts, []).append(change.label)
        lines = []
        for verdicts, labels in groups.items():
            told = ", ".join(
                f"{name} {verdict}" for name, verdict in zip(self.names, verdicts, strict=True)
            )
            more = f" and {len(labels) - MOST_NAMED} more" if len(labels) > MOST_NAMED else ""
            clauses = "1 clause" if len(labels) == 1 else f"{len(labels)} clauses"
            lines.append(f"{clauses}: {told}: {', '.join(labels[:MOST_NAMED])}{more}")
        return lines

    def markdown(self) -> list[str]:
        """Return the comparison for a page: the results, and each change by result."""
        heads = " | ".join(self.names)
        lines = [
            f"### {self._sentence()}",
            "",
            "| | subject | with | " + " | ".join(each.value for each in COLUMNS) + " |",
            "| --- | --- | --- |" + " ---: |" * len(COLUMNS),
        ]
        for name, result in zip(self.names, self.results, strict=True):
            counts = " | ".join(str(result["summary"][each.value] or "") for each in COLUMNS)
            about = f"{escaped(result['subject']['app'] or '')} | {escaped(versions_of(result))}"
            note = "" if result["complete"] else " (incomplete)"
            lines.append(f"| {name}{note} | {about} | {counts} |")
        for title, changes in self.groups().items():
            lines += ["", f"**{title.capitalize()}**", ""]
            lines += matrix(heads, changes)
        if folded := self.folded():
            lines += ["", "<details><summary>Not asked in all of them</summary>", ""]
            lines += [f"- {escaped(line)}" for line in folded]
            lines += ["", "</details>"]
        return lines

    def _sentence(self) -> str:
        count = sum(map(len, self.groups().values()))
        if not count:
            return "No verdict changed"
        return "1 verdict changed" if count == 1 else f"{count} verdicts changed"

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
        write(file, printable_json(text) + "\n")

    def write_markdown(self, file: Path) -> None:
        """Append the comparison to a file; raises `ConfigError` where that fails."""
        append(file, "\n".join(self.markdown()) + "\n\n")

    def write_html(self, file: Path) -> None:
        """Write the results side by side as one page; raises `ConfigError` where that fails."""
        notes = {change.label: change.since for change in self.changes if change.since}
        changed = [change.label for each in self.groups().values() for change in each]
        page = render_page(self.results, self.names, notes, changed, self.folded())
        write(file, page)


def matrix(heads: str, changes: Sequence[Change]) -> list[str]:
    """Return a Markdown table of changes: a clause by result, and where it changed."""
    lines = [f"| clause | {heads} | changed |", "| --- |" + " --- |" * (heads.count("|") + 2)]
    for change in changes:
        cells = " | ".join(f"**{each}**" if each in _BAD else each for each in change.verdicts)
        lines.append(f"| {escaped(change.label)} | {cells} | {escaped(change.since)} |")
    return lines


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
            gated = any(_is_gated(cell) for cell in cells if cell)
            when = steps(versions, verdicts)
            changes.append(Change(clause, verdicts, reasons, when, place, gated))
    return Comparison(_letters(len(files)), tuple(files), results, len(names), tuple(changes))


def _is_gated(clause: Mapping[str, Any]) -> bool:
    lacks = clause.get("missing", ())
    return clause["verdict"] == "untested" and any(each["kind"] == "version" for each in lacks)


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
