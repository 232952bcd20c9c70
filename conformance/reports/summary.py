"""The summary by pattern that the terminal and pytest end with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ..core.errors import Kind
from ..core.verdict import Outcome, Verdict
from .text import WIDTH, wrapped

#: The columns, in the order in which a reader should care.
COLUMNS = (Outcome.FAIL, Outcome.BROKEN, Outcome.UNTESTED, Outcome.WAIVED, Outcome.PASS)


def count(verdicts: Iterable[Verdict]) -> dict[str, Counter[Outcome]]:
    """Count outcomes by pattern."""
    table: dict[str, Counter[Outcome]] = {}
    for verdict in verdicts:
        table.setdefault(verdict.pattern, Counter())[verdict.outcome] += 1
    return table


def summary_lines(verdicts: Iterable[Verdict], width: int = WIDTH) -> list[tuple[str, str]]:
    """Return the lines of the summary, each with what it stands for: an outcome, or "".

    A pattern in which nothing is wrong is named with its count; one of which nothing was tested
    is named apart, never among the good ones.
    """
    table = count(verdicts)
    tested = {slug: counts for slug, counts in table.items() if set(counts) - {Outcome.UNTESTED}}
    wrong = {
        slug for slug, counts in tested.items() if counts[Outcome.FAIL] or counts[Outcome.BROKEN]
    }
    lines: list[tuple[str, str]] = []
    if wrong:
        head = "".join(f"{outcome.value:>9}" for outcome in COLUMNS)
        lines.append((f"{'pattern':<24}{head}", "head"))
    for slug in (slug for slug in tested if slug in wrong):
        cells = "".join(f"{tested[slug][outcome] or '-':>9}" for outcome in COLUMNS)
        lines.append((f"{slug:<24}{cells}", "fail" if tested[slug][Outcome.FAIL] else "broken"))
    good = [
        f"{slug} ({counts[Outcome.PASS]})" for slug, counts in tested.items() if slug not in wrong
    ]
    if good:
        lines += [(line, "pass") for line in wrapped(f"nothing wrong: {', '.join(good)}", width)]
    bare = [slug for slug in table if slug not in tested]
    if bare:
        text = f"not tested at all: {', '.join(bare)}"
        lines += [(line, "untested") for line in wrapped(text, width)]
    return lines


def is_unbound(verdict: Verdict) -> bool:
    """Check whether a clause was not asked because its pattern is not bound at all."""
    return any(each.kind is Kind.PLACE for each in verdict.missing)


def is_cut(verdict: Verdict) -> bool:
    """Check whether a clause was not asked, or not to its end, as the run's budget was spent."""
    return any(each.kind is Kind.BUDGET for each in verdict.missing)


def totals(verdicts: Iterable[Verdict]) -> str:
    """Return the counts of all outcomes in a line, those that are zero left out."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    words = {Outcome.FAIL: "failed", Outcome.PASS: "passed"}
    parts = [f"{counts[o]} {words.get(o, o.value)}" for o in COLUMNS if counts[o]]
    return ", ".join(parts) or "nothing was run"


def stale_waivers(verdicts: Iterable[Verdict]) -> list[str]:
    """Return the ids of waived clauses that pass, with their places."""
    return [v.label for v in verdicts if v.outcome is Outcome.PASS and v.reason and not v.missing]
