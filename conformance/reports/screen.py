"""What a reader sees first of a result: the causes, worst first, then the summary by pattern.

Lines are pieces of text with a style each; `terminal` writes them. Nothing here depends on what
they are written to, so that a pipe, a file and a terminal show the same words.
"""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from ..core.errors import Kind
from ..core.place import at_place
from ..core.verdict import Outcome, Verdict
from .causes import Cause, causes
from .summary import is_cut, is_unbound, stale_waivers, summary_lines, totals
from .text import WIDTH, render_failure, shortened, wrapped

#: A piece of a line and its style: an outcome, a level, "head", "faint", or "".
Piece = tuple[str, str]
Line = tuple[Piece, ...]

#: Failures are shown in full where there are no more of them.
FEW = 2

#: Causes are told in as many lines as they take where there are no more of them.
FEW_CAUSES = 3

#: Lines that the causes may take; those that come after have a line each, up to the second.
CAUSE_LINES = 40
MOST_LINES = 46

#: Reasons of untested clauses are listed where there are no more of them.
FEW_REASONS = 3

#: Keys that are named as what would let more be asked.
MOST_KEYS = 5

_INDENT = " " * 11


@dataclasses.dataclass(frozen=True)
class Screen:
    """What is shown of a result, and how wide.

    `again` gives the command that asks a verdict's clause again; `chosen` says how many clauses
    were to be asked, `refused` what the subject was kept from.
    """

    subject: str
    verdicts: Sequence[Verdict]
    again: Callable[[Verdict], str]
    seed: int
    chosen: int
    complete: bool = True
    refused: Sequence[str] = ()
    problems: Sequence[str] = ()
    width: int = WIDTH
    verbose: bool = False

    def lines(self) -> list[Line]:
        """Return all lines, from what is wrong to the counts."""
        found = causes(self.verdicts)
        return [
            *self._wrong(found),
            *self._unmet(found),
            *self._reasons(Outcome.UNTESTED),
            *self._reasons(Outcome.WAIVED),
            *self._elsewhere(),
            *(((text, state),) for text, state in summary_lines(self.verdicts, self.width)),
            *self._notes(),
            ((f"{self.subject}: {totals(self.verdicts)} (seed {self.seed})", ""),),
        ]

    def _wrong(self, found: Sequence[Cause]) -> list[Line]:
        failures = [each for each in self.verdicts if each.outcome is Outcome.FAIL]
        if len(failures) <= FEW and not self.verbose:
            found = [each for each in found if each.outcome is not Outcome.FAIL]
            lines: list[Line] = []
            for verdict in failures:
                text = render_failure(verdict, self.again(verdict), self.width)
                head, *rest = f"FAIL      {text}".split("\n")
                lines += [((head, "fail"),), *(((line, ""),) for line in rest), ()]
            return [*lines, *self._blocks(found)]
        return self._blocks(found)

    def _blocks(self, found: Sequence[Cause]) -> list[Line]:
        if not found:
            return []
        for rows in (None, 2, 1) if len(found) <= FEW_CAUSES else (2, 1):
            blocks = [self._block(n, cause, rows) for n, cause in enumerate(found, start=1)]
            if self.verbose or sum(map(len, blocks)) <= CAUSE_LINES:
                return [*(line for block in blocks for line in block), ()]
        lines: list[Line] = []
        for number, (cause, block) in enumerate(zip(found, blocks, strict=True), start=1):
            if len(lines) + len(block) <= CAUSE_LINES - min(6, len(found) - number):
                lines += block
            elif len(lines) < MOST_LINES - 1:
                lines.append(self._row(number, cause))
            else:
                more = len(found) - number + 1
                lines.append(
                    ((f"{_INDENT}and {more} more: see -v, --html or conformance show", ""),)
                )
                break
        return [*lines, ()]

    def _head(self, number: int, cause: Cause) -> list[Piece]:
        broken = cause.outcome is Outcome.BROKEN
        level = "set-up" if broken else cause.level
        return [(f"{number:>2} ", "head"), (f"{level:<8}", "broken" if broken else cause.level)]

    def _row(self, number: int, cause: Cause) -> Line:
        room = self.width - len(_INDENT) - len(cause.leading.label) - 2
        text = shortened(cause.text, max(20, room))
        return (*self._head(number, cause), (f"{cause.leading.label}: {text}", ""))

    def _block(self, number: int, cause: Cause, rows: int | None) -> list[Line]:
        room = max(20, self.width - len(_INDENT))
        # What is wrong with the set-up may be said with a line to paste.
        whole = rows is None and cause.outcome is Outcome.BROKEN
        first, *rest = [cause.text] if whole else wrapped(cause.text, room, rows)
        lines: list[Line] = [(*self._head(number, cause), (first, "head"))]
        lines += [((_INDENT + line, "head"),) for line in rest]
        if cause.location is not None:
            lines.append(((_INDENT + str(cause.location), ""),))
        lines.append(((_INDENT + _named(cause.verdicts, room), "faint"),))
        lines.append(((_INDENT + self.again(cause.leading), ""),))
        return lines

    def _unmet(self, found: Sequence[Cause]) -> list[Line]:
        # What the preflight found wrong and no clause has met.
        told = [verdict.reason for cause in found for verdict in cause.verdicts]
        return [
            ((f"broken    {problem}", "broken"),)
            for problem in dict.fromkeys(self.problems)
            if not any(problem in reason for reason in told)
        ]

    def _reasons(self, outcome: Outcome) -> list[Line]:
        # Patterns that are not bound at all are named in one line by the summary.
        grouped: dict[str, list[Verdict]] = defaultdict(list)
        for verdict in self.verdicts:
            if verdict.outcome is outcome and not is_unbound(verdict) and not is_cut(verdict):
                grouped[verdict.reason].append(verdict)
        if self.verbose or len(grouped) <= FEW_REASONS:
            return [
                ((f"{outcome.value}: {', '.join(short(verdicts))}: {reason}", outcome.value),)
                for reason, verdicts in grouped.items()
            ]
        count = sum(map(len, grouped.values()))
        text = f"{outcome.value}: {count} clauses, for {len(grouped)} reasons (-v lists them)"
        keys = Counter(
            lack.name
            for verdicts in grouped.values()
            for verdict in verdicts
            for lack in verdict.missing
            if lack.kind is Kind.KEY and outcome is Outcome.UNTESTED
        )
        lines: list[Line] = [((text, outcome.value),)]
        if keys:
            most = [f"{key} ({times})" for key, times in keys.most_common(MOST_KEYS)]
            more = len(keys) - len(most)
            tail = f" and {more} more keys" if more else ""
            told = wrapped(f"to ask more, bind {', '.join(most)}{tail}", self.width - 10, 2)
            lines += [((f"{'':<10}{line}", outcome.value),) for line in told]
        return lines

    def _elsewhere(self) -> list[Line]:
        # What passes, and was to be asked of a service too that is not there.
        reasons = dict.fromkeys(
            each.reason for each in self.verdicts if each.outcome is Outcome.PASS and each.missing
        )
        return [((f"passes without it: {reason}", "untested"),) for reason in reasons]

    def _notes(self) -> list[Line]:
        lines: list[Line] = [
            ((f"stale waiver: {name} passes; remove it from [waive]", "untested"),)
            for name in stale_waivers(self.verdicts)
        ]
        if self.refused:
            names = ", ".join(dict.fromkeys(self.refused))
            lines.append(((f"refused: {names}: the run reaches only what is named", "untested"),))
        if cut := [verdict for verdict in self.verdicts if is_cut(verdict)]:
            slugs = Counter(verdict.pattern for verdict in cut)
            text = (
                f"{cut[0].missing[0].name} were spent: {len(cut)} of {self.chosen} clauses were "
                f"not asked to their end: {', '.join(f'{slug} {n}' for slug, n in slugs.items())}"
            )
            lines += [((line, "untested"),) for line in wrapped(text, self.width)]
        if not self.complete:
            missing = self.chosen - len(self.verdicts)
            text = f"INCOMPLETE: the run stopped, {missing} clauses have no verdict"
            lines.append(((text, "fail"),))
        return lines


def _named(verdicts: Sequence[Verdict], room: int) -> str:
    """Return the clauses that say something, as many as a line takes, the leading one first."""
    names = [verdict.label for verdict in verdicts]
    for count in range(len(names), 0, -1):
        left = len(names) - count
        text = ", ".join(names[:count]) + (f" and {left} more" if left else "")
        if len(text) <= room or count == 1:
            return text
    return ""


def short(verdicts: Iterable[Verdict]) -> list[str]:
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
