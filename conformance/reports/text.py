"""How a verdict reads: the words that the terminal, pytest and JUnit share."""

from __future__ import annotations

import math
import re
import sys
import textwrap
import unicodedata

import click

from ..core.printable import printable
from ..core.verdict import Verdict

WIDTH = 100
_LABEL = 10

#: A letter, or a few, again and again: how often says more.
_REPEATED = re.compile(r"(.{1,8}?)\1{60,}", re.DOTALL)

#: An example that is longer is cut; the JSON result has it whole.
LONGEST = 400


def echo(
    text: str = "", *, err: bool = False, colour: str | None = None, coloured: bool | None = None
) -> None:
    """Write a line to the terminal, whatever is in it and whatever its encoding lacks."""
    stream = sys.stderr if err else sys.stdout
    text = fitting(text, stream.encoding or "utf-8")
    click.echo(click.style(text, fg=colour) if colour else text, err=err, color=coloured)


def fitting(text: str, encoding: str) -> str:
    """Return a text as it may be shown with an encoding; three dots where it lacks their sign."""
    try:
        "…".encode(encoding)
    except UnicodeEncodeError:
        text = text.replace("…", "...")
    return printable(text, encoding)


def render_failure(
    verdict: Verdict, again: str = "", width: int = WIDTH, longest: float = LONGEST
) -> str:
    """Return a failed verdict as a review comment: expected, observed, how to see it again.

    `again` is the command that asks the clause again. An example of more than `longest` characters
    is cut, and what texts repeat over and over is said once, unless that is infinite.
    """
    failure = verdict.failure
    if failure is None:
        return verdict.reason
    views = failure.views or ((str(failure.location),) if failure.location else ())
    told = [
        ("expected", failure.expected),
        ("observed", failure.observed),
        *([("cause", failure.cause)] if failure.cause else ()),
        *(("" if number else "at", view) for number, view in enumerate(views)),
        *([("bound as", failure.kind)] if failure.kind else ()),
        *([("example", failure.example)] if failure.example else ()),
        *(("" if number else "sent", step) for number, step in enumerate(failure.trail)),
    ]
    if longest < math.inf:
        told = [(label, without_runs(text)) for label, text in told]
    rows = [
        (label, shortened(text, longest, count=True) if label == "example" else text)
        for label, text in told
    ]
    rows.append(("again", again or _command(verdict)))
    rows += [("curl", line) for line in failure.curl]
    for key, evidence in verdict.found.items():
        rows.append(("found", f"{key.removeprefix('patterns.')}: {evidence}"))
    rows.append(("docs", verdict.docs))
    head = f"{verdict.label} ({verdict.level})\n{verdict.statement}\n"
    return head + "\n".join(_row(label, text, width) for label, text in rows)


def _command(verdict: Verdict) -> str:
    place = f" --place {verdict.place}" if verdict.place else ""
    return f"conformance check --clause {verdict.id}{place}"


def shortened(text: str, longest: float, *, count: bool = False) -> str:
    """Return a text of at most so many characters; with `count`, and then how many it has."""
    if count:
        return text if len(text) <= longest else f"{text[: int(longest)]}… ({len(text)} characters)"
    return text if len(text) <= longest else text[: int(longest) - 1].rstrip() + "…"


def without_runs(text: str) -> str:
    """Return a text with what it repeats over and over said once, and how often."""
    return _REPEATED.sub(lambda run: f"{run[1] * 2}…[{len(run[0]) // len(run[1])} times]", text)


def cells(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def wrapped(text: str, width: int, most: int | None = None) -> list[str]:
    """Return the lines of a text, broken at blanks, and within a word that is too long.

    With `most`, the last of so many lines ends with three dots where there would be more.
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and cells(line) + 1 + cells(word) > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
        while cells(line) > width:
            head = line
            while cells(head) > width:
                head = head[: -max(1, (cells(head) - width) // 2)]
            lines.append(head)
            line = line[len(head) :]
    if line or not lines:
        lines.append(line)
    if most is not None and len(lines) > most:
        last = lines[most - 1]
        while cells(last) > width - 1:
            last = last[:-1]
        lines[most - 1 :] = [f"{last.rstrip()}…"]
    return lines


def _row(label: str, text: str, width: int) -> str:
    indent = " " * (_LABEL + 2)
    text = printable(text)
    if label in ("again", "curl", "docs"):
        # To be pasted: one line, whatever its length.
        return f"  {label:<{_LABEL}}{text}"
    room = max(20, width - _LABEL - 2)
    lines = [
        part
        for line in text.splitlines() or [""]
        for part in textwrap.wrap(line, room, break_long_words=False) or [""]
    ]
    return f"  {label:<{_LABEL}}" + f"\n{indent}".join(lines)
