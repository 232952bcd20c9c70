"""Failures by what is wrong: several clauses may say the same of a subject, each in its way.

Failures are put together only where what was seen shows that they have one cause; each of the
others is a cause of its own.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Hashable, Iterable, Iterator, Sequence

from ..clause import LEVELS
from ..core.errors import Kind
from ..core.told import Location
from ..core.verdict import Outcome, Verdict

#: An observation that is shorter, such as `None`, says too little to be the same twice.
_SHORTEST_OBSERVATION = 12

#: What may differ between two tellings of the same: numbers that are new each time.
_NUMBER = re.compile(r"(?<!\d)\d{9,10}(?!\d)")


@dataclasses.dataclass(frozen=True)
class Cause:
    """What is wrong in a subject, and the clauses that say so, the one that says it best first."""

    verdicts: tuple[Verdict, ...]

    @property
    def leading(self) -> Verdict:
        """The verdict that says it best."""
        return self.verdicts[0]

    @property
    def outcome(self) -> Outcome:
        """Whether the subject deviates, or could not be driven."""
        return self.leading.outcome

    @property
    def level(self) -> str:
        """The strictest level of its clauses."""
        return min((each.level for each in self.verdicts), key=LEVELS.index)

    @property
    def location(self) -> Location | None:
        """The file and line of the subject where it shows, where that is known."""
        places = [each.failure.location for each in self.verdicts if each.failure]
        return next((place for place in places if place is not None), None)

    @property
    def text(self) -> str:
        """What is wrong, in one line."""
        failure = self.leading.failure
        if failure is None:
            return " ".join(self.leading.reason.split())
        causes = [each.failure.cause for each in self.verdicts if each.failure]
        text = next((cause for cause in causes if cause), "")
        if not text and failure.raised:
            text = f"{failure.raised}; expected {failure.expected}"
        text = text or f"{failure.observed}; expected {failure.expected}"
        return " ".join(text.split())


def causes(verdicts: Iterable[Verdict]) -> list[Cause]:
    """Return the causes of what failed or could not be driven, worst first.

    What deviates comes before what could not be driven, by level, then by how many clauses say so.
    """
    wrong = [each for each in verdicts if each.outcome in (Outcome.FAIL, Outcome.BROKEN)]
    groups: list[list[Verdict]] = []
    by_evidence: dict[Hashable, list[Verdict]] = {}
    for verdict in wrong:
        evidence = list(_evidence(verdict))
        found = [by_evidence[each] for each in evidence if each in by_evidence]
        group: list[Verdict] = []
        for other in found:
            if other is not group and other:
                group.extend(other)
                groups[:] = [each for each in groups if each is not other]
                for key, value in by_evidence.items():
                    if value is other:
                        by_evidence[key] = group
        group.append(verdict)
        groups.append(group)
        by_evidence.update(dict.fromkeys(evidence, group))
    order = {id(verdict): number for number, verdict in enumerate(wrong)}
    made = [Cause(tuple(sorted(group, key=lambda v: (_rank(v), order[id(v)])))) for group in groups]
    return sorted(
        made,
        key=lambda cause: (
            cause.outcome is Outcome.BROKEN,
            LEVELS.index(cause.level),
            -len(cause.verdicts),
            order[id(cause.leading)],
        ),
    )


def traced(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the verdicts with what is wrong in a line, and the failure that each follows from."""
    told: dict[int, tuple[str, str]] = {}
    for cause in causes(verdicts):
        for verdict in cause.verdicts:
            follows = "" if verdict is cause.leading else cause.leading.label
            told[id(verdict)] = cause.text, follows
    return [
        dataclasses.replace(each, cause=told[id(each)][0], follows=told[id(each)][1])
        if id(each) in told
        else each
        for each in verdicts
    ]


def _evidence(verdict: Verdict) -> Iterator[Hashable]:
    """Yield what shows that a failure has the same cause as another one that yields it too."""
    failure = verdict.failure
    if failure is None:
        keys = tuple(each for each in verdict.missing if each.kind is not Kind.CIRCUMSTANCE)
        # A key of a pattern is another one at another place.
        own = any(each.name.startswith("patterns.") for each in keys)
        yield ("lacks", keys or verdict.reason, verdict.place if own else "")
        return
    if failure.raised and failure.location:
        kind = failure.raised.partition(":")[0]
        yield ("raised", kind, failure.location.file, failure.location.line)
    if failure.cause:
        yield ("cause", verdict.pattern, failure.cause, failure.location)
    observed = _NUMBER.sub("{n}", failure.observed)
    if len(observed) >= _SHORTEST_OBSERVATION:
        # Where nothing was sent, what was expected says what was looked at.
        last = _NUMBER.sub("{n}", failure.trail[-1] if failure.trail else failure.expected)
        yield ("seen", verdict.pattern, failure.kind, observed, last)


def _rank(verdict: Verdict) -> tuple[int, int, int]:
    """Return how early a verdict comes in its cause: what tells most, first."""
    failure = verdict.failure
    says = failure is not None and bool(failure.cause or failure.raised)
    where = failure is not None and failure.location is not None
    return (LEVELS.index(verdict.level), not says, not where)
