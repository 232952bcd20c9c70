"""What a run shows: progress while it goes, failures in full, a summary by pattern."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import click

from ..core.errors import Kind
from ..core.place import at_place
from ..core.verdict import Outcome, Verdict
from .summary import stale_waivers, summary_lines, totals
from .text import echo, render_failure

_COLOURS = {"fail": "red", "broken": "magenta", "untested": "yellow", "pass": "green"}


class TerminalReport:
    """Writes to standard output: a moving line on a terminal, plain lines elsewhere."""

    def __init__(self, seed: int, transport: str) -> None:
        self.seed = seed
        self.transport = transport
        self.verdicts: list[Verdict] = []
        self._moving = sys.stdout.isatty()
        self._colour = False if os.environ.get("NO_COLOR") else None
        self._chosen = 0
        self._subject = ""
        self._refused: list[dict[str, str]] = []

    def begin(
        self, subject: dict[str, Any], environment: dict[str, Any], clauses: Sequence[str]
    ) -> None:
        """Say what is tested, with which versions and which seed."""
        self._chosen = len(clauses)
        self._subject = subject["app"]
        versions = ", ".join(
            f"{name} {environment[key]}"
            for name, key in (("Python", "python"), ("Flask", "flask"), ("Werkzeug", "werkzeug"))
            if environment.get(key)
        )
        self._echo(f"{subject['app']} ({subject['config']}) on {versions}")
        self._echo(f"{len(clauses)} clauses, transport {self.transport}, seed {self.seed}")

    def found(self, survey: dict[str, Any]) -> None:
        """Say what nobody had to type."""
        self._echo(survey_line(survey))
        for key, value in survey["config"].items():
            self._echo(f"config    {key} = {json.dumps(value)}: each app gets a place of its own")
        if survey["note"]:
            self._echo(f"the survey: {survey['note']}", "untested")

    def check(self, check: dict[str, Any]) -> None:
        """Say what the preflight found wrong."""
        if not check["good"]:
            key = f"patterns.{check['pattern']}.{check['key']}".rstrip(".")
            key = at_place(key, check["place"])
            self._echo(f"broken    {key}: {check['text']}", "broken")

    def start(self, clause: str) -> None:
        """Move the progress line on."""
        if self._moving:
            width = shutil.get_terminal_size().columns - 1
            line = f"[{len(self.verdicts):>3}/{self._chosen}] {clause}"[:width]
            click.echo(f"\r\x1b[K{line}", nl=False)

    def verdict(self, verdict: Verdict) -> None:
        """Show a failure in full; on a terminal, what went well only counts."""
        self.verdicts.append(verdict)
        if verdict.outcome is Outcome.FAIL:
            self._echo(f"\nFAIL      {render_failure(verdict)}\n", "fail")
        elif not self._moving and verdict.outcome is not Outcome.UNTESTED:
            self._echo(f"{verdict.outcome.value:<10}{verdict.label}")

    def touched(self, things: Sequence[dict[str, str]]) -> None:
        """Keep what the subject was kept from."""
        self._refused = [thing for thing in things if thing["state"] == "refused"]

    def end(self, complete: bool) -> None:
        """Show the summary."""
        if not self._subject:
            return
        self._echo("")
        self._reasons(Outcome.BROKEN)
        self._reasons(Outcome.UNTESTED)
        self._reasons(Outcome.WAIVED)
        self._elsewhere()
        for line, state in summary_lines(self.verdicts):
            self._echo(line, state)
        for name in stale_waivers(self.verdicts):
            self._echo(f"stale waiver: {name} passes; remove it from [waive]", "untested")
        if self._refused:
            names = ", ".join(dict.fromkeys(thing["name"] for thing in self._refused))
            self._echo(f"refused: {names}: the run reaches only what is named", "untested")
        if not complete:
            missing = self._chosen - len(self.verdicts)
            self._echo(f"INCOMPLETE: the run stopped, {missing} clauses have no verdict", "fail")
        self._echo(f"{self._subject}: {totals(self.verdicts)} (seed {self.seed})")

    def _reasons(self, outcome: Outcome) -> None:
        # Patterns that are not bound at all are named in one line by the summary.
        grouped: dict[str, list[Verdict]] = defaultdict(list)
        for verdict in self.verdicts:
            if verdict.outcome is outcome and not _is_unbound(verdict):
                grouped[verdict.reason].append(verdict)
        for reason, verdicts in grouped.items():
            names = ", ".join(_short(verdicts))
            self._echo(f"{outcome.value}: {names}: {reason}", outcome.value)

    def _elsewhere(self) -> None:
        # What passes, and was to be asked of a service too that is not there.
        reasons = dict.fromkeys(
            each.reason for each in self.verdicts if each.outcome is Outcome.PASS and each.missing
        )
        for reason in reasons:
            self._echo(f"passes without it: {reason}", Outcome.UNTESTED.value)

    def _echo(self, text: str, state: str = "") -> None:
        if self._moving:
            click.echo("\r\x1b[K", nl=False)
        colour = _COLOURS.get(state)
        echo(text, colour=colour, coloured=self._colour)


def survey_line(survey: dict[str, Any]) -> str:
    """Return what a survey found, and what it cost, in a line."""
    confirmed = [each for each in survey["findings"] if each["confirmed"]]
    slugs = dict.fromkeys(each["pattern"] for each in confirmed)
    sent = ", ".join(f"{count} {method}" for method, count in survey["requests"].items())
    cost = f"surveyed in {survey['seconds']:.1f} s with {sent or 'no request'}"
    if not confirmed:
        return f"{cost}: no pattern found"
    keys = "1 key" if len(confirmed) == 1 else f"{len(confirmed)} keys"
    return f"{cost}: {keys} found, of {', '.join(slugs)}"


def _is_unbound(verdict: Verdict) -> bool:
    return any(each.kind is Kind.PLACE for each in verdict.missing)


def _short(verdicts: Sequence[Verdict]) -> list[str]:
    """Return ids with the pattern and the place said once: `wtforms.{csrf, escaped} @edit`."""
    grouped: dict[tuple[str, str], list[str]] = defaultdict(list)
    for verdict in verdicts:
        grouped[verdict.pattern, verdict.place].append(verdict.id.partition(".")[2])
    return [
        at_place(
            f"{slug}.{names[0]}" if len(names) == 1 else f"{slug}.{{{', '.join(names)}}}", place
        )
        for (slug, place), names in grouped.items()
    ]
