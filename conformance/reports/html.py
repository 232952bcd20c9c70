"""Results as one HTML page that needs nothing beside it: one subject, or many side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..core.printable import printable
from ..core.verdict import LEVELS, Outcome, Verdict
from .again import again_of
from .causes import causes
from .result import FileReport, label_of, versions_of
from .summary import COLUMNS

#: What stands for a verdict besides its colour.
GLYPHS = {"fail": "✕", "broken": "!", "untested": "·", "waived": "~", "pass": "✓"}

#: What is wrong stands first among a pattern's clauses.
_RANK = {"fail": 0, "broken": 1}

#: Keys that are named as what would let a pattern's clauses be asked.
MOST_KEYS = 8

_TEMPLATE = Path(__file__).with_name("result.html.jinja")


class HTMLReport(FileReport):
    """Writes the page."""

    def text(self) -> str:
        """Return the page."""
        return render_page([self.result()])


def render_page(
    results: Sequence[Mapping[str, Any]],
    names: Sequence[str] = (),
    notes: Mapping[str, str] | None = None,
    changed: Collection[str] = (),
    folded: Sequence[str] = (),
) -> str:
    """Return the page of one or more results, as `conformance check --json` writes them.

    `names` tells several results apart; `notes` says something of a clause, by its id with
    the place, which is how `changed` names those that differ; `folded` are lines about the
    others that do.
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
        _column(result, names[index] if names else "") for index, result in enumerate(results)
    ]
    patterns = _patterns(columns)
    rows = [row for pattern in patterns for row in pattern["rows"]]
    return template.render(
        columns=columns,
        many=len(columns) > 1,
        patterns=patterns,
        bare=[pattern for pattern in patterns if not pattern["tested"]],
        changed=[row for row in rows if row["name"] in changed],
        folded=folded,
        outcomes=[outcome.value for outcome in COLUMNS],
        levels=LEVELS,
        glyphs=GLYPHS,
        notes=notes or {},
        totals=Counter(clause["verdict"] for result in results for clause in result["clauses"]),
    )


def _column(result: Mapping[str, Any], name: str) -> dict[str, Any]:
    verdicts = [Verdict.from_json(clause) for clause in result["clauses"]]
    return {
        "name": name,
        "result": result,
        "versions": versions_of(result),
        "flask": result["environment"].get("flask"),
        "clauses": {label_of(clause): clause for clause in result["clauses"]},
        "again": {each.label: again_of(result, each) for each in verdicts},
        "causes": [
            {
                "level": "set-up" if cause.outcome is Outcome.BROKEN else cause.level,
                "text": cause.text,
                "location": "" if cause.location is None else str(cause.location),
                "names": [each.label for each in cause.verdicts],
                "again": again_of(result, cause.leading),
            }
            for cause in causes(verdicts)
        ],
    }


def _shown(value: object) -> Any:
    """Return what a page shows of a value; a macro's text has been through here before."""
    return printable(value) if type(value) is str else value


def _patterns(columns: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each pattern's rows: a clause, and what each result says of it (None: absent).

    Rows that no result has tested stand apart, with the keys that most of them want.
    """
    about: dict[str, dict[str, Any]] = {}
    for column in columns:
        for name, clause in column["clauses"].items():
            about.setdefault(name, clause)
    patterns: dict[str, dict[str, Any]] = {}
    for name, clause in about.items():
        cells = [column["clauses"].get(name) for column in columns]
        verdicts = [cell["verdict"] if cell else "absent" for cell in cells]
        row = {
            "clause": clause,
            "name": name,
            "cells": cells,
            "verdicts": verdicts,
            "differs": len({*verdicts}) > 1,
        }
        slug = clause["pattern"]
        pattern = patterns.setdefault(
            slug, {"slug": slug, "rows": [], "tested": [], "untested": [], "wants": Counter()}
        )
        pattern["rows"].append(row)
        if {*verdicts} <= {"untested", "absent"}:
            pattern["untested"].append(row)
            pattern["wants"].update(_keys(clause))
        else:
            pattern["tested"].append(row)
    for pattern in patterns.values():
        pattern["wants"] = pattern["wants"].most_common(MOST_KEYS)
        pattern["tested"].sort(key=lambda row: min(_RANK.get(each, 9) for each in row["verdicts"]))
    return list(patterns.values())


def _keys(clause: Mapping[str, Any]) -> set[str]:
    """Return the keys of a pattern's table, of which one would let a clause be asked."""
    found = {lack["name"] for lack in clause.get("missing", ()) if lack["kind"] == "key"}
    return {name.removeprefix(f"patterns.{clause['pattern']}.") for name in found}
