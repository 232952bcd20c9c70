"""JUnit XML of a run, with the clause's id, level and docs link as properties."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from ..core.printable import printable
from ..core.verdict import Outcome, Verdict
from .again import DEFAULT, again
from .text import render_failure

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JUnitReport:
    """Writes a test suite whose cases are the clauses."""

    def __init__(self, file: Path, seed: int = 0, command: Sequence[str] = DEFAULT) -> None:
        self.file = file
        self.seed = seed
        self.command = command
        self._verdicts: list[Verdict] = []

    def begin(
        self, subject: dict[str, Any], environment: dict[str, Any], clauses: Sequence[str]
    ) -> None:
        """Nothing: the file is written at the end."""

    def found(self, survey: dict[str, Any]) -> None:
        """Nothing: a JUnit file has verdicts only."""

    def check(self, check: dict[str, Any]) -> None:
        """Nothing: what the preflight found stands in the verdicts."""

    def start(self, clause: str) -> None:
        """Nothing: a clause that is running has no case."""

    def touched(self, things: Sequence[dict[str, str]]) -> None:
        """Nothing: no case is about it."""

    def verdict(self, verdict: Verdict) -> None:
        """Keep a verdict."""
        self._verdicts.append(verdict)

    def end(self, complete: bool) -> None:
        """Write the file."""
        count = {
            outcome: sum(each.outcome is outcome for each in self._verdicts) for outcome in Outcome
        }
        suite = ET.Element(
            "testsuite",
            name="conformance",
            tests=str(len(self._verdicts)),
            failures=str(count[Outcome.FAIL]),
            errors=str(count[Outcome.BROKEN] + (not complete)),
            skipped=str(count[Outcome.UNTESTED] + count[Outcome.WAIVED]),
            time=f"{sum(each.seconds for each in self._verdicts):.3f}",
        )
        for verdict in self._verdicts:
            suite.append(_case(verdict, again(self.command, self.seed, verdict)))
        if not complete:
            case = ET.SubElement(suite, "testcase", classname="conformance", name="complete")
            ET.SubElement(case, "error", message="the run was interrupted")
        root = ET.Element("testsuites")
        root.append(suite)
        ET.ElementTree(root).write(self.file, encoding="utf-8", xml_declaration=True)


def _case(verdict: Verdict, line: str) -> ET.Element:
    case = ET.Element(
        "testcase",
        classname=verdict.pattern,
        name=verdict.label,
        time=f"{verdict.seconds:.3f}",
    )
    properties = ET.SubElement(case, "properties")
    for name, value in clause_properties(verdict.id, verdict.level, verdict.docs, verdict.place):
        ET.SubElement(properties, "property", name=name, value=value)
    if verdict.outcome is Outcome.FAIL and verdict.failure is not None:
        message = _clean(f"expected {verdict.failure.expected}")
        ET.SubElement(case, "failure", message=message).text = _clean(render_failure(verdict, line))
    elif verdict.outcome is Outcome.BROKEN:
        ET.SubElement(case, "error", message=_clean(verdict.reason))
    elif verdict.outcome in (Outcome.UNTESTED, Outcome.WAIVED):
        reason = f"{verdict.outcome}: {verdict.reason}"
        ET.SubElement(case, "skipped", message=_clean(reason))
    return case


def clause_properties(name: str, level: str, docs: str, place: str) -> list[tuple[str, str]]:
    """Return the properties that a JUnit case of a clause has, here and in pytest's file."""
    found = [("clause", name), ("level", level), ("docs", docs)]
    return [*found, ("place", place)] if place else found


def _clean(text: str) -> str:
    return _NOT_XML.sub("�", printable(text))
