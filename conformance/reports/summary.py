"""The summary by pattern that the terminal and pytest end with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ..core.verdict import Outcome, Verdict

#: The columns, in the order in which a reader should care.
COLUMNS = (Outcome.FAIL, Outcome.BROKEN, Outcome.UNTESTED, Outcome.WAIVED, Outcome.PASS)


def count(verdicts: Iterable[Verdict]) -> dict[str, Counter[Outcome]]:
    """Count outcomes by pattern."""
    table: dict[str, Counter[Outcome]] = {}
    for verdict in verdicts:
        table.setdefault(verdict.pattern, Counter())[verdict.outcome] += 1
    return table


def summary_lines(verdicts: Iterable[Verdict]) -> list[tuple[str, str]]:
    """Return the lines of the summary, each with what it stands for: an outcome, or "".

    A pattern of which nothing was tested is named apart, never among the good ones.
    """
    table = count(verdicts)
    tested = {slug: counts for slug, counts in table.items() if set(counts) - {Outcome.UNTESTED}}
    lines: list[tuple[str, str]] = []
    if tested:
        head = "".join(f"{outcome.value:>10}" for outcome in COLUMNS)
        lines.append((f"{'pattern':<24}{head}", "head"))
    for slug, counts in tested.items():
        cells = "".join(f"{counts[outcome] or '-':>10}" for outcome in COLUMNS)
        state = next((o.value for o in COLUMNS[:2] if counts[o]), "pass")
        lines.append((f"{slug:<24}{cells}", state))
    bare = [slug for slug in table if slug not in tested]
    if bare:
        lines.append((f"not tested at all: {', '.join(bare)}", "untested"))
    return lines


def totals(verdicts: Iterable[Verdict]) -> str:
    """Return the counts of all outcomes in a line, those that are zero left out."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    words = {Outcome.FAIL: "failed", Outcome.PASS: "passed"}
    parts = [f"{counts[o]} {words.get(o, o.value)}" for o in COLUMNS if counts[o]]
    return ", ".join(parts) or "nothing was run"


def stale_waivers(verdicts: Iterable[Verdict]) -> list[str]:
    """Return the ids of waived clauses that pass, with their places."""
    return [v.label for v in verdicts if v.outcome is Outcome.PASS and v.reason and not v.missing]
