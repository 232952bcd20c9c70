"""How a verdict reads: the words that the terminal, pytest and JUnit share."""

from __future__ import annotations

import sys
import textwrap

import click

from ..core.printable import printable
from ..core.verdict import Verdict

WIDTH = 100
_LABEL = 10

#: An example that is longer is cut; the JSON result has it whole.
_LONGEST = 400


def echo(
    text: str = "", *, err: bool = False, colour: str | None = None, coloured: bool | None = None
) -> None:
    """Write a line to the terminal, whatever is in it and whatever its encoding lacks."""
    stream = sys.stderr if err else sys.stdout
    text = printable(text, stream.encoding or "utf-8")
    click.echo(click.style(text, fg=colour) if colour else text, err=err, color=coloured)


def render_failure(verdict: Verdict) -> str:
    """Return a failed verdict as a review comment: expected, observed, how to see it again."""
    failure = verdict.failure
    if failure is None:
        return verdict.reason
    rows: list[tuple[str, str]] = [("expected", failure.expected), ("observed", failure.observed)]
    if failure.kind:
        rows.append(("bound as", failure.kind))
    if failure.example:
        rows.append(("example", _shortened(failure.example)))
    for number, step in enumerate(failure.trail):
        rows.append(("sent" if number == 0 else "", step))
    again = list(dict.fromkeys(failure.curl))[-3:] or [_command(verdict)]
    for number, line in enumerate(again):
        rows.append(("again" if number == 0 else "", line))
    for key, evidence in verdict.found.items():
        rows.append(("found", f"{key.removeprefix('patterns.')}: {evidence}"))
    if failure.cause:
        rows.append(("cause", failure.cause))
    rows.append(("docs", verdict.docs))
    head = f"{verdict.label} ({verdict.level})\n{verdict.statement}\n"
    return head + "\n".join(_row(label, text) for label, text in rows)


def _command(verdict: Verdict) -> str:
    place = f" --place {verdict.place}" if verdict.place else ""
    return f"conformance check --clause {verdict.id}{place}"


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}… ({len(text)} characters)"


def _row(label: str, text: str) -> str:
    indent = " " * (_LABEL + 2)
    text = printable(text)
    if label in ("again", "docs"):
        return f"  {label:<{_LABEL}}{text}"
    lines = [
        part
        for line in text.splitlines() or [""]
        for part in textwrap.wrap(line, WIDTH - _LABEL - 2, break_long_words=False) or [""]
    ]
    return f"  {label:<{_LABEL}}" + f"\n{indent}".join(lines)
