"""The record of what a clause actually observed.

A clause that observed nothing cannot pass, and a failure shows the steps of the example that it
was found with: both read the ledger.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from .errors import TIME, Broken

#: How many steps of an example a failure shows, with equal ones merged: the first and the last.
SHOWN_FIRST = 3
SHOWN_LAST = 9

#: What neighbours differ in that are told as one where there are too many.
_DIGITS = re.compile(r"\d+")

#: How many steps of an example are kept: the first and the latest.
KEPT_FIRST = 20
KEPT_LAST = 200

#: How many of the latest steps keep their requests and responses; the others are kept as text.
KEPT_WHOLE = 16


class Sent(Protocol):
    """A request, as far as the ledger is concerned."""

    @property
    def name(self) -> str:
        """The method and the path."""

    def identity(self) -> str:
        """Return what two equivalent requests have in common."""


@dataclasses.dataclass
class Exchange:
    """A request and, once it has arrived, its response."""

    request: Sent
    response: object | None = None
    #: Whether the subject's own server responds, so that a person can repeat the request.
    repeatable: bool = True
    #: The client that sent it, which distinguishes one person's cookies from another's.
    sender: object | None = None
    #: What became of the response afterwards, such as a client that hung up.
    end: str = ""

    def __str__(self) -> str:
        answer = "no response" if self.response is None else str(self.response)
        return f"{self.request} -> {answer}" + (f"; {self.end}" if self.end else "")

    def told(self) -> StepText:
        """Return the step as text, with who sent it."""
        kept = (self.request, "cookie"), (self.response, "set-cookie")
        return StepText.by(str(self), self.sender, any(_has_header(*each) for each in kept))


def _has_header(message: object, name: str) -> bool:
    return any(each.lower() == name for each, _ in getattr(message, "headers", ()))


#: Each client and each app gets a number; a client or an app that is gone never shares its own.
_numbers: weakref.WeakKeyDictionary[object, int] = weakref.WeakKeyDictionary()
_count = itertools.count(1)


def _number(thing: object) -> int:
    found = _numbers.get(thing)
    if found is None:
        found = _numbers[thing] = next(_count)
    return found


class StepText(str):
    """A step as text, with the numbers of the app and of the client, and who is logged in."""

    __slots__ = ("app", "client", "person", "remembers")

    app: int
    client: int
    person: str
    #: Whether the client sent a cookie, or got one: without, all clients are alike.
    remembers: bool

    @classmethod
    def by(cls, text: str, sender: object | None, cookies: bool) -> StepText:
        """Return a step that a client took; nobody in particular where it is None."""
        told = cls(text)
        server = getattr(sender, "server", None)
        told.app = 0 if server is None else _number(server)
        told.client = 0 if sender is None else _number(sender)
        told.person = getattr(sender, "person", None) or ""
        told.remembers = cookies
        return told


class Trail:
    """The steps of an example: the first and the latest; those in between are only counted.

    Older steps are kept as text, so that a long example does not keep every body.
    """

    def __init__(self) -> None:
        self._first: list[Exchange | str] = []
        self._last: deque[Exchange | str] = deque(maxlen=KEPT_LAST)
        #: How many steps are no longer kept.
        self.lost = 0

    def __len__(self) -> int:
        return len(self._first) + self.lost + len(self._last)

    def __bool__(self) -> bool:
        return bool(self._first)

    def __iter__(self) -> Iterator[Exchange | str]:
        yield from self._first
        yield from self._last

    @property
    def newest(self) -> Exchange | str | None:
        """The latest step, if any."""
        steps = self._last or self._first
        return steps[-1] if steps else None

    def append(self, step: Exchange | str) -> None:
        """Add a step."""
        if len(self._first) < KEPT_FIRST:
            self._first.append(step)
        else:
            if len(self._last) == KEPT_LAST:
                self.lost += 1
            self._last.append(step)
        old = len(self._last) - KEPT_WHOLE - 1
        if old >= 0:
            self._last[old] = _as_text(self._last[old])
        elif -old <= len(self._first):
            self._first[old] = _as_text(self._first[old])

    def clear(self) -> None:
        """Remove all steps."""
        self._first.clear()
        self._last.clear()
        self.lost = 0

    def copy(self) -> Trail:
        """Return a copy of the steps that later ones do not affect."""
        made = Trail()
        made._first, made._last, made.lost = list(self._first), self._last.copy(), self.lost
        return made

    def told(self) -> tuple[str, ...]:
        """Return the steps as text, with equal ones merged and those in the middle left out.

        The last one, at which a deviation shows, is always included. Where several apps were
        asked, or several clients with cookies, each step begins with `[app 1, client 2]`.
        """
        name = _names(self)
        whole = [] if self.lost else _merged(map(name, self))
        if not self.lost and len(whole) <= SHOWN_FIRST + SHOWN_LAST:
            return tuple(map(str, whole))
        if self.lost:
            first = _alike(_merged(map(name, self._first)))
            last = _merged(map(name, self._last))
            last = [*_alike(last[:-1]), last[-1]]
        else:
            steps = [*_alike(whole[:-1]), whole[-1]]
            if len(steps) <= SHOWN_FIRST + SHOWN_LAST:
                return tuple(map(str, steps))
            first, last = steps[:SHOWN_FIRST], steps[SHOWN_FIRST:]
        first, last = first[:SHOWN_FIRST], last[-SHOWN_LAST:]
        left_out = len(self) - sum(each.times for each in (*first, *last))
        middle = f"… {left_out} steps …"
        return (*map(str, first), middle, *map(str, last))


def _as_text(step: Exchange | str) -> str:
    return step if isinstance(step, str) else step.told()


def _names(steps: Iterable[Exchange | str]) -> Callable[[Exchange | str], str]:
    """Return what puts who took a step in front of its text, as far as that tells steps apart."""
    sent = [told for told in map(_as_text, steps) if isinstance(told, StepText)]
    apps = list(dict.fromkeys(told.app for told in sent))
    clients = {told.client for told in sent}
    known = list(dict.fromkeys(told.client for told in sent if told.remembers))
    people = {told.client: told.person for told in sent if told.person}

    def named(step: Exchange | str) -> str:
        text = _as_text(step)
        if not isinstance(text, StepText):
            return text
        who = [f"app {apps.index(text.app) + 1}"] if len(apps) > 1 else []
        if len(clients) > 1 and text.client in known:
            unnamed = f"client {known.index(text.client) + 1}"
            who.append(text.person or people.get(text.client, unnamed))
        return f"[{', '.join(who)}] {text}" if who else str(text)

    return named


class _Step(NamedTuple):
    """A step, how often it was taken, and whether that was with other numbers each time."""

    text: str
    times: int = 1
    varied: bool = False

    def __str__(self) -> str:
        if self.times == 1:
            return self.text
        return f"{self.text} ({self.times} times{', with other numbers' if self.varied else ''})"


def _merged(steps: Iterable[str]) -> list[_Step]:
    """Return steps with equal neighbours as one."""
    return [_Step(step, len(list(same))) for step, same in itertools.groupby(steps)]


def _alike(steps: Iterable[_Step]) -> list[_Step]:
    """Return steps with neighbours as one that differ in numbers alone."""
    groups = (list(same) for _, same in itertools.groupby(steps, lambda s: _DIGITS.sub("", s.text)))
    return [
        each[0] if len(each) == 1 else _Step(each[0].text, sum(s.times for s in each), True)
        for each in groups
    ]


class Finding(NamedTuple):
    """An example and its steps, as they were when a deviation was found."""

    example: Mapping[str, Any] | None
    trail: Trail
    inside: bool
    named: bool


@dataclasses.dataclass
class Ledger:
    """Counts of requests, calls and examples, and the steps of the current example."""

    requests: int = 0
    calls: int = 0
    examples: int = 0
    #: Requests, as `METHOD /path`, that timed out when an earlier clause sent them.
    hanging: frozenset[str] = frozenset()
    example: Mapping[str, Any] | None = None
    #: What drawn indices chose, by the index's name: the example is told by it.
    chosen: dict[str, Any] = dataclasses.field(default_factory=dict)
    #: When the current example began, by the monotonic clock.
    begun: float = dataclasses.field(default_factory=time.monotonic)
    trail: Trail = dataclasses.field(default_factory=Trail)
    #: The example and the steps of the last deviation.
    finding: Finding | None = None
    #: Whether the current example did something that no request can do.
    inside: bool = False
    #: Whether the example is one that the clause names, or a part of it, and not drawn.
    named: bool = False
    #: Whether two examples differed in what they asked of the subject, or may have.
    varied: bool = False
    _asked: list[str] = dataclasses.field(default_factory=list)
    _first: tuple[Mapping[str, Any] | None, list[str]] | None = None
    #: Whether any example had other values than the first.
    _redrawn: bool = False

    @property
    def observations(self) -> int:
        """How often the subject was asked for anything."""
        return self.requests + self.calls

    def begin_example(self, example: Mapping[str, object] | None) -> None:
        """Start a new example, without the steps of earlier ones."""
        self.compare_examples()
        self.examples += 1
        self.example = example
        self.begun = time.monotonic()
        self.trail.clear()
        self.chosen = {}
        self.inside = self.named = False

    def steer(self) -> None:
        """Record that a drawn value reached the subject by other means than a request."""
        self.varied = self.inside = True

    def note_finding(self) -> None:
        """Keep the example and its steps, with which a deviation was found."""
        self.finding = self.current()

    def return_to_finding(self) -> None:
        """Make the example of the last deviation the current one again."""
        if self.finding is not None:
            self.example, trail, self.inside, self.named = self.finding
            self.trail = trail.copy()

    def current(self) -> Finding:
        """Return the example and its current steps."""
        example = self.example
        if example is not None:
            example = {name: self.chosen.get(name, value) for name, value in example.items()}
        return Finding(example, self.trail.copy(), self.inside, self.named)

    @property
    def vacuous(self) -> bool:
        """Whether values were drawn but none of them changed what was asked."""
        self.compare_examples()
        return self._redrawn and not self.varied

    def compare_examples(self) -> None:
        """Compare what the ending example asked for with what the first one did."""
        asked, self._asked = self._asked, []
        if self.varied or self.example is None:
            return
        if self._first is None:
            self._first = (self.example, asked)
        elif self.example != self._first[0]:
            self._redrawn = True
            self.varied = asked != self._first[1]

    def send(self, request: Sent, sender: object | None = None) -> Exchange:
        """Record a request that is being sent, and the client that sends it.

        Raises `Broken` for a request that timed out in an earlier clause.
        """
        if self.hanging and (name := request.name) in self.hanging:
            raise Broken(f"{name} timed out when an earlier clause sent it", TIME)
        self.requests += 1
        if not self.varied:
            self._asked.append(request.identity())
        exchange = Exchange(request, sender=sender)
        self.trail.append(exchange)
        return exchange

    def note(self, step: str) -> None:
        """Add what the kit itself does between requests to the steps."""
        self.trail.append(step)

    def call(self, step: str | None = None) -> None:
        """Record a call into a component, with a line for the steps if it deserves one."""
        self.calls += 1
        # Its arguments are not known here.
        self.steer()
        if step is not None:
            self.trail.append(step)
