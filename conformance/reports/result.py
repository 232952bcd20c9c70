"""The result of a run as one mapping: what the JSON file holds and the HTML page shows."""

from __future__ import annotations

import abc
import bisect
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..core.errors import ConfigError
from ..core.place import at_place
from ..core.verdict import Outcome, Verdict
from .again import DEFAULT
from .causes import traced

#: Raised when a reader of the result would have to change.
SCHEMA_VERSION = 2


def in_order(verdicts: Iterable[Verdict], clauses: Sequence[str]) -> list[Verdict]:
    """Return verdicts in the order in which the clauses were chosen, whichever ended first."""
    places = {label: number for number, label in enumerate(clauses)}
    return sorted(verdicts, key=lambda verdict: places.get(verdict.label, len(places)))


class VerdictsReport:
    """Keeps the verdicts of a run, and nothing else of it; derived classes write them somewhere.

    They are in the order in which the clauses were chosen, whichever ended first.
    """

    def __init__(self) -> None:
        self.verdicts: list[Verdict] = []
        self._places: dict[str, int] = {}

    def begin(
        self, subject: dict[str, Any], environment: dict[str, Any], clauses: Sequence[str]
    ) -> None:
        """Note the order of the clauses."""
        self._places = {label: number for number, label in enumerate(clauses)}

    def found(self, survey: dict[str, Any]) -> None:
        """Nothing: no verdict is about it."""

    def check(self, check: dict[str, Any]) -> None:
        """Nothing: what the preflight found stands in the verdicts."""

    def start(self, clause: str) -> None:
        """Nothing: a clause that is running has no verdict."""

    def touched(self, things: Sequence[dict[str, str]]) -> None:
        """Nothing: no verdict is about it."""

    def verdict(self, verdict: Verdict) -> None:
        """Keep a verdict."""
        bisect.insort(
            self.verdicts, verdict, key=lambda each: self._places.get(each.label, len(self._places))
        )


class ResultReport(VerdictsReport):
    """Gathers a run's events into a result; derived classes write it somewhere."""

    def __init__(self, version: str, seed: int, command: Sequence[str] = DEFAULT) -> None:
        super().__init__()
        self.head: dict[str, Any] = {
            "schema_version": SCHEMA_VERSION,
            "complete": False,
            "kit": {"version": version},
            "seed": seed,
            "command": list(command),
            "subject": {"app": None, "config": None},
            "environment": {},
            "survey": None,
            "touched": [],
        }

    def begin(
        self, subject: dict[str, Any], environment: dict[str, Any], clauses: Sequence[str]
    ) -> None:
        """Note what is tested."""
        super().begin(subject, environment, clauses)
        self.head.update(subject=subject, environment=environment)

    def found(self, survey: dict[str, Any]) -> None:
        """Note what a survey of the subject found."""
        self.head["survey"] = survey

    def touched(self, things: Sequence[dict[str, str]]) -> None:
        """Note what the subject touched outside of the run, or was kept from."""
        self.head["touched"] = list(things)

    def end(self, complete: bool) -> None:
        """Check whether all clauses that were chosen have a verdict."""
        self.head["complete"] = complete

    def summary(self) -> dict[str, int]:
        """Count the verdicts by outcome."""
        counts = Counter(verdict.outcome for verdict in self.verdicts)
        return {outcome.value: counts[outcome] for outcome in Outcome}

    def result(self) -> dict[str, Any]:
        """Return the whole result, each failure with its cause."""
        rows = [verdict.to_json() for verdict in traced(self.verdicts)]
        return {**self.head, "clauses": rows, "summary": self.summary()}


class FileReport(ResultReport, abc.ABC):
    """Writes a file when the run ends; raises `ConfigError` at once where it cannot be written."""

    def __init__(
        self, file: Path, version: str, seed: int, command: Sequence[str] = DEFAULT
    ) -> None:
        super().__init__(version, seed, command)
        self.file = file
        write(file, "")

    def end(self, complete: bool) -> None:
        """Write the file."""
        super().end(complete)
        write(self.file, self.text())

    @abc.abstractmethod
    def text(self) -> str:
        """Return what the file is to hold."""


def write(file: Path, text: str) -> None:
    """Write a report's file; raises `ConfigError` where that fails."""
    try:
        file.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written: {error.strerror}") from None


def label_of(clause: Mapping[str, Any]) -> str:
    """Return the id of a clause in a result, with its place."""
    return at_place(clause["id"], clause["place"])


def versions_of(result: Mapping[str, Any]) -> str:
    """Return the versions that a result was found with, in a line."""
    environment = result["environment"]
    named = (("Flask", "flask"), ("Werkzeug", "werkzeug"), ("Python", "python"))
    return ", ".join(f"{name} {environment[key]}" for name, key in named if environment.get(key))
