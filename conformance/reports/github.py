"""What a run says to GitHub Actions: an annotation for each cause, at the subject's line."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from ..core.printable import printable
from ..core.verdict import Outcome
from .again import DEFAULT, again
from .causes import Cause, causes
from .result import VerdictsReport
from .sarif import repository_path
from .text import echo

LEVEL = {"must": "error", "should": "warning", "harden": "notice"}


class GitHubReport(VerdictsReport):
    """Writes annotations when the run ends.

    Until then it keeps the runner from obeying what stands in other reports' lines: what a
    subject says may look like a command.
    """

    def __init__(self, seed: int, command: Sequence[str] = DEFAULT) -> None:
        super().__init__()
        self.seed = seed
        self.command = command
        self._token = secrets.token_hex(16)
        echo(f"::stop-commands::{self._token}")

    def end(self, complete: bool) -> None:
        """Write the annotations."""
        echo(f"::{self._token}::")
        for cause in causes(self.verdicts):
            echo(self._annotation(cause))

    def _annotation(self, cause: Cause) -> str:
        broken = cause.outcome is Outcome.BROKEN
        kind = "error" if broken else LEVEL[cause.level]
        names = ", ".join(verdict.label for verdict in cause.verdicts)
        values = {"title": f"{'set-up' if broken else cause.level}: {names}"}
        if cause.location is not None:
            values["file"] = repository_path(cause.location.file)
            values["line"] = str(max(1, cause.location.line))
        line = again(self.command, self.seed, cause.leading)
        told = ",".join(f"{name}={_property(value)}" for name, value in values.items())
        text = f"{printable(cause.text)}\n{line}"
        return f"::{kind} {told}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
