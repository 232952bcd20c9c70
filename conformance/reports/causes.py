"""Failures by what is wrong: several clauses may say the same of a subject, each in its way.

Failures are put together only where what was seen shows that they have one cause; each of the
others is a cause of its own.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Hashable, Iterable, Iterator, Sequence

from ..core.errors import Kind
from ..core.told import Location
from ..core.verdict import LEVELS, Outcome, Verdict

#: An observation that is shorter, such as `None`, says too little to be the same twice.
_SHORTEST_OBSERVATION = 12

#: What may differ between two tellings of the same: numbers that are new each time.
_NUMBER = re.compile(r"(?<!\d)\d{9,10}(?!\d)")

#: Who took a step, where several did.
_SENDER = re.compile(r"^\[[^\]]*\] ")


#: An exception's text that is shorter, such as `KeyError: 'name'`, is that of many lines.
_SHORTEST_TEXT = 24

#: Values in a sentence: what is in quotes, numbers, and several of them in a row.
_VALUE = r"""(?:b?'(?:[^'\\]|\\.)*'|b?"(?:[^"\\]|\\.)*"|\b\d+\b)"""
_VALUES = re.compile(rf"{_VALUE}(?:, {_VALUE})*")


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
            return _in_a_line(self.leading.reason)
        causes = [each.failure.cause for each in self.verdicts if each.failure]
        text = next((cause for cause in causes if cause), "")
        if not text and failure.raised:
            text = f"{failure.raised}; expected {failure.expected}"
        text = text or f"{failure.observed}; expected {failure.expected}"
        return _in_a_line(text)


def _in_a_line(text: str) -> str:
    return " ".join(text.split())


def causes(verdicts: Iterable[Verdict]) -> list[Cause]:
    """Return the causes of what failed or could not be driven, worst first.

    What deviates comes before what could not be driven, by level, then by how many clauses say so.
    """
    wrong = [each for each in verdicts if each.outcome in (Outcome.FAIL, Outcome.BROKEN)]
    groups: dict[int, list[Verdict]] = {}
    # The group that yields a piece of evidence, by a number that stays when groups are joined.
    numbers: dict[Hashable, int] = {}
    for number, verdict in enumerate(wrong):
        evidence = list(_evidence(verdict))
        joined = {numbers[each] for each in evidence if each in numbers}
        groups[number] = [each for other in joined for each in groups.pop(other)] + [verdict]
        for each, other in numbers.items():
            if other in joined:
                numbers[each] = number
        numbers.update(dict.fromkeys(evidence, number))
    order = {id(verdict): number for number, verdict in enumerate(wrong)}
    made = [
        Cause(tuple(sorted(group, key=lambda v: (_rank(v), order[id(v)]))))
        for group in groups.values()
    ]
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
    here = (verdict.pattern, verdict.place, failure.kind)
    place = failure.location
    if failure.raised and place and str(place) in failure.observed:
        yield ("raised", failure.raised.partition(":")[0], place.file, place.line)
    elif len(failure.raised) >= _SHORTEST_TEXT:
        # Raised in a library; the place is that of the view or the component.
        yield ("text", *here, failure.raised)
    elif place and not failure.raised:
        # The same is expected of the same place, and not met in the same way.
        yield ("same", *here, place, _form(failure.expected), _form(failure.observed))
    if failure.cause:
        yield ("cause", verdict.pattern, failure.cause, failure.location)
    observed = _NUMBER.sub("{n}", failure.observed)
    if len(observed) >= _SHORTEST_OBSERVATION:
        # Where nothing was sent, what was expected, and of what, says what was looked at.
        looked = (
            (_SENDER.sub("", failure.trail[-1]), None)
            if failure.trail
            else (failure.expected, place)
        )
        yield ("seen", *here, observed, _NUMBER.sub("{n}", looked[0]), looked[1])


def _form(text: str) -> str:
    """Return a sentence without the values that are in it."""
    return _VALUES.sub("~", text)


def _rank(verdict: Verdict) -> tuple[int, int, int]:
    """Return how early a verdict comes in its cause: what tells most, first."""
    failure = verdict.failure
    says = failure is not None and bool(failure.cause or failure.raised)
    where = failure is not None and failure.location is not None
    return (LEVELS.index(verdict.level), not says, not where)
