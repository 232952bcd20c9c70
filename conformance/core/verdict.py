"""The result of running a clause: value classes that every report consumes."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from typing import Any

from .errors import Missing
from .place import at_place
from .told import Location

#: The levels of clauses, strictest demand first.
LEVELS = ("must", "should", "harden")


class Outcome(str, enum.Enum):
    """The five verdicts of a clause."""

    PASS = "pass"
    FAIL = "fail"
    BROKEN = "broken"
    UNTESTED = "untested"
    WAIVED = "waived"

    def __str__(self) -> str:
        return self.value


@dataclasses.dataclass(frozen=True)
class Failure:
    """What is wrong, in a form that a person can act on.

    `expected` and `observed` are sentences; `kind` is the kind of binding that was driven
    ("component", "routes"); `example` is the smallest set of generated values that shows the
    deviation; `trail` is what was sent and called in that example, with equal steps merged;
    `curl` has the command lines that send all of it again, if the user's own server would respond
    alike.
    """

    expected: str
    observed: str
    kind: str = ""
    example: str | None = None
    trail: tuple[str, ...] = ()
    curl: tuple[str, ...] = ()
    cause: str = ""
    #: What the subject raised, as Python prints it, if that is the deviation.
    raised: str = ""
    #: Where it was raised; otherwise the view or component that was asked, if known.
    location: Location | None = None
    #: Where several views were asked: each with the request, the one asked last at the end.
    views: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the failure in the JSON result's format."""
        return {
            "expected": self.expected,
            "observed": self.observed,
            "kind": self.kind,
            "example": self.example,
            "trail": list(self.trail),
            "curl": list(self.curl),
            "cause": self.cause,
            "raised": self.raised,
            "location": None if self.location is None else self.location.to_json(),
            "views": list(self.views),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Failure:
        """Read what `to_json` has written."""
        location = data.get("location")
        return cls(
            expected=data["expected"],
            observed=data["observed"],
            kind=data["kind"],
            example=data["example"],
            trail=tuple(data["trail"]),
            curl=tuple(data["curl"]),
            cause=data["cause"],
            # Results of earlier releases do not have them.
            raised=data.get("raised", ""),
            location=None if location is None else Location.from_json(location),
            views=tuple(data.get("views", ())),
        )


@dataclasses.dataclass(frozen=True)
class Verdict:
    """The verdict of one clause on one subject, and what it took to reach it."""

    id: str
    pattern: str
    level: str
    statement: str
    docs: str
    outcome: Outcome
    reason: str = ""
    requests: int = 0
    calls: int = 0
    examples: int = 0
    seconds: float = 0.0
    failure: Failure | None = None
    #: What an untested or broken clause lacked; `reason` describes it.
    missing: tuple[Missing, ...] = ()
    #: What is wrong in one line, the same for all failures of one cause; set when the run ends.
    cause: str = ""
    #: The label of the most telling failure, for the others of the same cause.
    follows: str = ""
    #: For the runner only, not part of a result: what the subject has left in the process that
    #: later clauses should not meet, and the request that timed out.
    worn: str = ""
    hangs: str = ""
    #: The place that the clause was run at; empty for one without a name.
    place: str = ""
    #: The keys that it used and that were detected, each with the evidence for it.
    found: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def label(self) -> str:
        """The clause's id with the place: `wtforms.csrf @register`."""
        return at_place(self.id, self.place)

    def after(self, first: Verdict) -> Verdict:
        """Return the verdict with what another part of the clause took and used before."""
        return dataclasses.replace(
            self,
            requests=self.requests + first.requests,
            calls=self.calls + first.calls,
            examples=self.examples + first.examples,
            seconds=self.seconds + first.seconds,
            found={**first.found, **self.found},
        )

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as an entry of `clauses` in the JSON result."""
        return {
            "id": self.id,
            "pattern": self.pattern,
            "place": self.place,
            "level": self.level,
            "statement": self.statement,
            "verdict": self.outcome.value,
            "reason": self.reason,
            "missing": [each.to_json() for each in self.missing],
            "docs": self.docs,
            "requests": self.requests,
            "calls": self.calls,
            "examples": self.examples,
            "seconds": round(self.seconds, 4),
            "failure": None if self.failure is None else self.failure.to_json(),
            "cause": self.cause,
            "follows": self.follows,
            "found": dict(self.found),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Verdict:
        """Read what `to_json` has written."""
        failure = data["failure"]
        return cls(
            id=data["id"],
            pattern=data["pattern"],
            level=data["level"],
            statement=data["statement"],
            docs=data["docs"],
            outcome=Outcome(data["verdict"]),
            reason=data["reason"],
            requests=data["requests"],
            calls=data["calls"],
            examples=data["examples"],
            seconds=data["seconds"],
            failure=None if failure is None else Failure.from_json(failure),
            missing=tuple(Missing.from_json(each) for each in data.get("missing", ())),
            cause=data.get("cause", ""),
            follows=data.get("follows", ""),
            place=data["place"],
            found=data.get("found", {}),
        )
