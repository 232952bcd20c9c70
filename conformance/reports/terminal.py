"""What a run shows: progress while it goes, then what is wrong, worst first, and a summary.

On a terminal, `rich` draws the progress and the colours. Elsewhere the same lines come plain, and
`rich` is not even imported.
"""

from __future__ import annotations

import json
import os
import sys
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..core.check import Check
from ..core.verdict import Outcome, Verdict
from .again import again
from .result import in_order, versions_of
from .screen import Line, Screen
from .text import WIDTH, echo, fitting, render_failure, shortened

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.progress import Progress, TaskID

_STYLES = {
    "fail": "red",
    "broken": "magenta",
    "untested": "yellow",
    "waived": "cyan",
    "pass": "green",
    "must": "bold red",
    "should": "yellow",
    "harden": "cyan",
    "head": "bold",
    "faint": "dim",
}

#: How many of the newest failures stand above the progress bar.
NEWEST = 4

#: How many different errors of the survey's pages are shown.
MOST_ERRORS = 3


class TerminalReport:
    """Writes to standard output: with a bar that moves on a terminal, plain lines elsewhere.

    `command` is how the run was started (see `again`); with `verbose`, each failure is shown in
    full when it is found, and the list of what was not tested is whole.
    """

    def __init__(
        self,
        seed: int,
        transport: str,
        command: Sequence[str] = ("conformance", "check"),
        verbose: bool = False,
    ) -> None:
        self.seed = seed
        self.transport = transport
        self.command = command
        self.verbose = verbose
        self.verdicts: list[Verdict] = []
        self._console = terminal()
        self._bar: _Bar | None = None
        self._chosen: Sequence[str] = ()
        self._subject = ""
        self._refused: list[str] = []
        self._problems: list[str] = []

    def begin(
        self, subject: dict[str, Any], environment: dict[str, Any], clauses: Sequence[str]
    ) -> None:
        """Say what is tested, with which versions and which seed."""
        self._chosen = clauses
        self._subject = subject["app"]
        versions = versions_of({"environment": environment})
        self._say(f"{subject['app']} ({subject['config']}) on {versions}")
        asked = "1 clause" if len(clauses) == 1 else f"{len(clauses)} clauses"
        self._say(f"{asked}, transport {self.transport}, seed {self.seed}")
        if self._console is not None:
            self._bar = _Bar(self._console, len(clauses))

    def found(self, survey: dict[str, Any]) -> None:
        """Say what nobody had to type."""
        self._say(survey_line(survey))
        for line in failed_lines(survey):
            self._say(line, "untested")
        for key, value in survey["config"].items():
            self._say(f"config    {key} = {json.dumps(value)}: each app gets its own")
        if survey["note"]:
            self._say(f"the survey: {survey['note']}", "untested")

    def check(self, check: dict[str, Any]) -> None:
        """Keep what the preflight found wrong; say what settings the apps get."""
        if check["config"]:
            self._say(f"config    {check['text']}")
        if not check["good"]:
            self._problems.append(f"{Check(**check).name}: {check['text']}")

    def start(self, clause: str) -> None:
        """Say which clause is asked now."""
        if self._bar is not None:
            self._bar.start(clause)

    def verdict(self, verdict: Verdict) -> None:
        """Move the bar on; where all is to be told, show a failure in full."""
        self.verdicts.append(verdict)
        if self._bar is not None:
            self._bar.verdict(verdict)
        if not self.verbose:
            return
        if verdict.outcome is Outcome.FAIL:
            text = render_failure(verdict, again(self.command, self.seed, verdict), self._width)
            head, _, rest = f"FAIL      {text}".partition("\n")
            self._say("")
            self._say(head, "fail")
            self._say(f"{rest}\n")
        elif verdict.outcome is not Outcome.UNTESTED:
            self._say(f"{verdict.outcome.value:<10}{verdict.label}")

    def touched(self, things: Sequence[dict[str, str]]) -> None:
        """Keep what the subject was kept from."""
        self._refused = [thing["name"] for thing in things if thing["state"] == "refused"]

    def end(self, complete: bool) -> None:
        """Show what is wrong, and the summary."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        if not self._subject:
            return
        self._say("")
        screen = Screen(
            subject=self._subject,
            verdicts=in_order(self.verdicts, self._chosen),
            again=lambda verdict: again(self.command, self.seed, verdict),
            seed=self.seed,
            chosen=len(self._chosen),
            complete=complete,
            refused=self._refused,
            problems=self._problems,
            width=self._width,
            verbose=self.verbose,
        )
        write_lines(screen.lines(), self._console)

    @property
    def _width(self) -> int:
        return width_of(self._console)

    def _say(self, text: str, style: str = "") -> None:
        write_lines([((text, style),)], self._console)


class _Bar:
    """What moves on a terminal while clauses run; it leaves nothing behind."""

    def __init__(self, console: Console, total: int) -> None:
        from rich.live import Live
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeRemainingColumn as Left

        self._console = console
        self._newest: deque[Line] = deque(maxlen=NEWEST)
        clause = TextColumn("{task.description}", markup=False)
        left = TextColumn("left", style="dim")
        self._progress: Progress = Progress(
            BarColumn(bar_width=20), MofNCompleteColumn(), Left(), left, clause, console=console
        )
        self._task: TaskID = self._progress.add_task("", total=total)
        self._live: Live = Live(console=console, transient=True, get_renderable=self._shown)
        self._live.start()

    def _shown(self) -> Any:
        from rich.console import Group

        return Group(*(styled(line, self._console) for line in self._newest), self._progress)

    def start(self, clause: str) -> None:
        """Name the clause that is asked now, as far as there is room."""
        room = max(10, self._console.width - 50)
        self._progress.update(self._task, description=shortened(clause, room))

    def verdict(self, verdict: Verdict) -> None:
        """Count a verdict, and show a failure in a line."""
        self._progress.advance(self._task)
        if verdict.failure is not None and verdict.outcome is Outcome.FAIL:
            room = max(20, self._console.width - len(verdict.label) - 11)
            seen = shortened(" ".join(verdict.failure.observed.split()), room)
            self._newest.append(
                (
                    (f"{verdict.level:<8}", verdict.level),
                    (verdict.label, "head"),
                    (f"  {seen}", ""),
                )
            )

    def stop(self) -> None:
        """Take the bar away."""
        self._live.stop()


def survey_line(survey: dict[str, Any]) -> str:
    """Return what a survey found, and what it cost, in a line."""
    confirmed = [each for each in survey["findings"] if each["confirmed"]]
    slugs = dict.fromkeys(each["pattern"] for each in confirmed if each["pattern"])
    sent = ", ".join(f"{count} {method}" for method, count in survey["requests"].items())
    cost = f"surveyed in {survey['seconds']:.1f} s with {sent or 'no request'}"
    if survey.get("heard"):
        cost = f"{survey['heard']}; {cost}"
    if not confirmed:
        return f"{cost}: no pattern found"
    keys = "1 key" if len(confirmed) == 1 else f"{len(confirmed)} keys"
    return f"{cost}: {keys} found, of {', '.join(slugs)}"


def failed_lines(survey: dict[str, Any]) -> list[str]:
    """Return a line for each exception that pages of the survey raised, most frequent first."""
    pages: dict[str, list[str]] = {}
    for each in survey["failed"]:
        pages.setdefault(each["error"], []).append(each["request"])
    lines = []
    for error, requests in sorted(pages.items(), key=lambda item: -len(item[1]))[:MOST_ERRORS]:
        more = f" and {len(requests) - 1} more" if len(requests) > 1 else ""
        lines.append(f"{requests[0]}{more} failed: {error}")
    if len(pages) > MOST_ERRORS:
        lines.append(f"and {len(pages) - MOST_ERRORS} other errors")
    return lines


def terminal() -> Console | None:
    """Return a terminal as `rich` knows it; None where standard output is none, or a dumb one."""
    if not sys.stdout.isatty() or os.environ.get("TERM") in ("dumb", "unknown"):
        return None
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


def width_of(console: Console | None) -> int:
    """Return how many columns a terminal has; elsewhere a width that is always the same."""
    return WIDTH if console is None else console.width


def write_lines(lines: Sequence[Line], console: Console | None = None) -> None:
    """Write lines to a terminal, or plain to standard output."""
    for line in lines:
        if console is None:
            echo("".join(text for text, _ in line), coloured=False)
        else:
            console.print(styled(line, console), soft_wrap=True)


def styled(line: Line, console: Console) -> Any:
    """Return a line for a terminal; what the subject says in it is shown, and never obeyed."""
    from rich.text import Text

    made = Text()
    for text, style in line:
        made.append(fitting(text, console.encoding), _STYLES.get(style, ""))
    return made
