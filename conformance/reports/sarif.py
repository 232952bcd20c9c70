"""SARIF 2.1.0 of a run: clauses are the rules, failures the results, for code scanning."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..core.errors import ConfigError
from ..core.printable import printable, printable_json
from ..core.told import Location
from ..core.verdict import Outcome, Verdict
from ..suites.catalogue import find_clause
from .again import again
from .causes import traced
from .result import FileReport

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
HOME = "https://github.com/flask-conformance/flask-conformance"

#: What a level is called there.
LEVEL = {"must": "error", "should": "warning", "harden": "note"}


class SARIFReport(FileReport):
    """Writes the file for code scanning."""

    def text(self) -> str:
        """Return the document."""
        document = sarif(self.head, traced(self.verdicts))
        text = json.dumps(document, ensure_ascii=False, indent=1)
        return printable_json(text) + "\n"


def sarif(head: dict[str, Any], verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return the SARIF document of a result.

    What deviates is a result, a waived deviation one that is suppressed. What could not be driven
    is a notification of the run: it says nothing of the subject.
    """
    rules = list(dict.fromkeys(verdict.id for verdict in verdicts))
    about = {verdict.id: verdict for verdict in reversed(verdicts)}
    results = [
        _result(head, verdict, rules.index(verdict.id))
        for verdict in verdicts
        if verdict.outcome in (Outcome.FAIL, Outcome.WAIVED) and verdict.failure is not None
    ]
    broken = [
        {
            "level": "warning",
            "message": {"text": f"{each.label} could not be asked: {_plain(each.reason)}"},
            "associatedRule": {"id": each.id, "index": rules.index(each.id)},
        }
        for each in verdicts
        if each.outcome is Outcome.BROKEN
    ]
    run = {
        "tool": {
            "driver": {
                "name": "flask-conformance",
                "version": head["kit"]["version"],
                "informationUri": HOME,
                "rules": [_rule(about[name]) for name in rules],
            }
        },
        "invocations": [
            {
                "executionSuccessful": head["complete"],
                "commandLine": " ".join(head["command"]),
                "toolExecutionNotifications": broken,
            }
        ],
        "results": results,
        "columnKind": "utf16CodeUnits",
        "properties": {
            "subject": head["subject"],
            "environment": head["environment"],
            "seed": head["seed"],
        },
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(verdict: Verdict) -> dict[str, Any]:
    full = [verdict.statement]
    try:
        clause = find_clause(verdict.id)
    except ConfigError:
        # One that comes with a project or another package: its statement is known.
        pass
    else:
        full += [clause.why, f"Source: {clause.source}" if clause.source else ""]
    text = "\n\n".join(each for each in full if each)
    rule: dict[str, object] = {
        "id": verdict.id,
        "shortDescription": {"text": verdict.statement},
        "fullDescription": {"text": text},
        "help": {"text": f"{text}\n\n{verdict.docs}"},
        "defaultConfiguration": {"level": LEVEL[verdict.level]},
        "properties": {"tags": ["flask", verdict.pattern, verdict.level]},
    }
    if verdict.docs.startswith("https://"):
        rule["helpUri"] = verdict.docs
    return rule


def _result(head: dict[str, Any], verdict: Verdict, index: int) -> dict[str, Any]:
    failure = verdict.failure
    assert failure is not None
    lines = [
        f"expected {failure.expected}",
        f"observed {failure.observed}",
        *([f"example: {failure.example}"] if failure.example else []),
        *([f"cause: {failure.cause}"] if failure.cause else []),
        f"again: {again(head['command'], head['seed'], verdict)}",
    ]
    made: dict[str, object] = {
        "ruleId": verdict.id,
        "ruleIndex": index,
        "kind": "fail",
        "level": LEVEL[verdict.level],
        "message": {"text": _plain("\n".join(lines))},
        "properties": {"cause": _plain(verdict.cause), "follows": verdict.follows},
    }
    config = head["subject"].get("config")
    if failure.location is not None:
        made["locations"] = [_location(failure.location)]
    elif config and Path(config).is_file():
        # Code scanning shows no result without a file: here, what binds the pattern.
        made["locations"] = [_location(Location(config, 1))]
    if verdict.outcome is Outcome.WAIVED:
        made["suppressions"] = [{"kind": "external", "justification": _plain(verdict.reason)}]
    return made


def _location(place: Location) -> dict[str, Any]:
    made: dict[str, object] = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(repository_path(place.file))},
            "region": {"startLine": max(1, place.line)},
        }
    }
    if place.name:
        made["logicalLocations"] = [{"name": _plain(place.name), "kind": "function"}]
    return made


def repository_path(file: str) -> str:
    """Return a file as the repository calls it that a CI has checked out, else as it is called."""
    root = os.environ.get("GITHUB_WORKSPACE")
    if root and Path(file).exists():
        near = os.path.relpath(os.path.realpath(file), os.path.realpath(root))
        file = file if near.startswith("..") else near
    return file.replace(os.sep, "/")


def _plain(text: str) -> str:
    return printable(text)
