"""The JSON result: rewritten whole after each verdict, so that it is valid at every moment."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..core.errors import ConfigError
from ..core.printable import printable_json
from ..core.verdict import Verdict
from .again import DEFAULT
from .causes import traced
from .result import SCHEMA_VERSION, ResultReport


class JSONReport(ResultReport):
    """Writes the result of a run to a file.

    Raises `ConfigError` at once where the file cannot be written.
    """

    def __init__(
        self, file: Path, version: str, seed: int, command: Sequence[str] = DEFAULT
    ) -> None:
        super().__init__(version, seed, command)
        self.file = file
        self._clauses: list[str] = []
        try:
            self._write()
        except OSError as error:
            raise ConfigError(f"{file}: cannot be written: {error.strerror}") from None

    def begin(
        self, subject: dict[str, Any], environment: dict[str, Any], clauses: Sequence[str]
    ) -> None:
        """Note what is tested."""
        super().begin(subject, environment, clauses)
        self._write()

    def found(self, survey: dict[str, Any]) -> None:
        """Note what a survey of the subject found."""
        super().found(survey)
        self._write()

    def verdict(self, verdict: Verdict) -> None:
        """Add a verdict and write the file anew."""
        super().verdict(verdict)
        self._clauses.append(_row(verdict))
        self._write()

    def end(self, complete: bool) -> None:
        """Say of each failure what its cause is, and whether all clauses have a verdict."""
        super().end(complete)
        self._clauses = [_row(verdict) for verdict in traced(self.verdicts)]
        self._write()

    def _write(self) -> None:
        head = json.dumps(self.head, ensure_ascii=False, indent=1)
        clauses = ",\n  ".join(self._clauses)
        summary = json.dumps(self.summary())
        text = (
            head[: head.rindex("}")].rstrip()
            + f',\n "clauses": [\n  {clauses}\n ],\n "summary": {summary}\n}}\n'
        )
        # Written beside and moved, so that no reader ever sees half a file.
        beside = self.file.with_name(f".{self.file.name}.{os.getpid()}")
        beside.write_text(printable_json(text), encoding="utf-8")
        os.replace(beside, self.file)


def _row(verdict: Verdict) -> str:
    return json.dumps(verdict.to_json(), ensure_ascii=False)


def result_schema() -> dict[str, Any]:
    """Return the JSON Schema of the result."""
    file = Path(__file__).with_name("result.schema.json")
    schema: dict[str, object] = json.loads(file.read_text(encoding="utf-8"))
    return schema


def read_result(file: Path) -> dict[str, Any]:
    """Read a result, and one of version 1 as if it were of this version.

    Raises `ConfigError` where the file is none.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"{file}: not valid JSON: {error}") from None
    if not isinstance(data, dict) or data.get("schema_version") not in (1, SCHEMA_VERSION):
        raise ConfigError(f"{file}: not a result of `conformance check --json`")
    for clause in data["clauses"]:
        # Version 1 knew one place of each pattern.
        clause.setdefault("place", "")
    return data
