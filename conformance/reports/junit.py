"""JUnit XML of a run, with the clause's id, level and docs link as properties."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from ..core.printable import printable
from ..core.verdict import Outcome, Verdict
from .again import DEFAULT, again
from .result import VerdictsReport
from .text import render_failure

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JUnitReport(VerdictsReport):
    """Writes a test suite whose cases are the clauses."""

    def __init__(self, file: Path, seed: int = 0, command: Sequence[str] = DEFAULT) -> None:
        super().__init__()
        self.file = file
        self.seed = seed
        self.command = command

    def end(self, complete: bool) -> None:
        """Write the file."""
        count = {
            outcome: sum(each.outcome is outcome for each in self.verdicts) for outcome in Outcome
        }
        suite = ET.Element(
            "testsuite",
            name="conformance",
            tests=str(len(self.verdicts)),
            failures=str(count[Outcome.FAIL]),
            errors=str(count[Outcome.BROKEN] + (not complete)),
            skipped=str(count[Outcome.UNTESTED] + count[Outcome.WAIVED]),
            time=f"{sum(each.seconds for each in self.verdicts):.3f}",
        )
        for verdict in self.verdicts:
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
