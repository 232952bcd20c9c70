"""Markdown of a run or of a comparison, for the page that a CI shows of a job."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..core.errors import ConfigError
from ..core.printable import printable
from ..core.verdict import Outcome, Verdict
from .again import DEFAULT, again
from .causes import Cause, causes
from .result import ResultReport, versions_of
from .summary import COLUMNS, count, totals
from .text import shortened

#: What would be read as markup, as a mention or as the end of a cell.
_MARKUP = re.compile(r"[\\`*_\[\]<>#|~&@:$^]|(?<=www)[.]", re.IGNORECASE)

#: Causes that are listed; CI pages have a limit.
MOST_CAUSES = 50
LONGEST = 300


class MarkdownReport(ResultReport):
    """Appends a summary to a file when the run ends; raises `ConfigError` where that fails."""

    def __init__(
        self, file: Path, version: str, seed: int, command: Sequence[str] = DEFAULT
    ) -> None:
        super().__init__(version, seed, command)
        self.file = file
        append(file, "")

    def end(self, complete: bool) -> None:
        """Append the summary of a run that has begun."""
        super().end(complete)
        if self.head["subject"]["app"] is not None:
            append(self.file, "\n".join(self.lines()) + "\n\n")

    def lines(self) -> list[str]:
        """Return the summary: what is wrong, worst first, then the counts by pattern."""
        app = escaped(self.head["subject"]["app"])
        lines = [f"### {app}: {totals(self.verdicts)}", ""]
        if not self.head["complete"]:
            lines += ["**The run was interrupted: not every clause has a verdict.**", ""]
        found = causes(self.verdicts)
        if found:
            lines += ["| | what is wrong | where | which clauses say so | again |"]
            lines += ["| --- | --- | --- | --- | --- |"]
            lines += [self._row(cause) for cause in found[:MOST_CAUSES]]
            if len(found) > MOST_CAUSES:
                lines.append(f"| | and {len(found) - MOST_CAUSES} more | | | |")
            lines.append("")
        lines += [
            "<details><summary>By pattern</summary>",
            "",
            *pattern_table(self.verdicts),
            "",
            "</details>",
            "",
            f"{escaped(versions_of(self.head))}, flask-conformance "
            f"{escaped(self.head['kit']['version'])}, seed {self.head['seed']}",
        ]
        return lines

    def _row(self, cause: Cause) -> str:
        level = "set-up" if cause.outcome is Outcome.BROKEN else cause.level
        where = code(str(cause.location)) if cause.location else ""
        says = "<br>".join(_linked(verdict) for verdict in cause.verdicts[:9])
        if len(cause.verdicts) > 9:
            says += f"<br>and {len(cause.verdicts) - 9} more"
        line = code(again(self.head["command"], self.head["seed"], cause.leading))
        text = escaped(shortened(cause.text, LONGEST))
        return f"| **{level}** | {text} | {where} | {says} | {line} |"


def pattern_table(verdicts: Iterable[Verdict]) -> list[str]:
    """Return the counts of each pattern's verdicts; patterns that are not bound are left out."""
    rows = [f"| pattern | {' | '.join(each.value for each in COLUMNS)} |"]
    rows.append("| --- |" + " ---: |" * len(COLUMNS))
    for slug, counts in count(verdicts).items():
        if set(counts) - {Outcome.UNTESTED}:
            cells = " | ".join(str(counts[each] or "") for each in COLUMNS)
            rows.append(f"| {escaped(slug)} | {cells} |")
    return rows


def _linked(verdict: Verdict) -> str:
    name = escaped(verdict.label)
    return f"[{name}]({verdict.docs})" if verdict.docs.startswith("https://") else name


def escaped(text: str) -> str:
    """Return a text of which nothing is read as markup, on one line."""
    text = " ".join(printable(text).split())
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};", text)


def code(text: str) -> str:
    """Return a text as code, in a table's cell or elsewhere."""
    return f"<code>{escaped(text)}</code>"


def append(file: Path, text: str) -> None:
    """Append to a file; raises `ConfigError` where that fails."""
    try:
        with file.open("a", encoding="utf-8", errors="backslashreplace") as opened:
            opened.write(text)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written: {error.strerror}") from None
