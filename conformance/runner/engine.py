"""Runs clauses on a subject: harness in, verdict out. Every front end uses this module."""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import functools
import gc
import importlib
import importlib.metadata
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..clause import Clause, Effort, effort
from ..core.effort import Part
from ..core.errors import (
    TIME,
    Broken,
    ConfigError,
    ConformanceError,
    Deviation,
    Kind,
    Missing,
    NotObserved,
    OutOfTime,
    SecondBuildError,
    SubjectRaised,
    Untested,
    nearest,
)
from ..core.ledger import Exchange, Finding, Ledger, Trail
from ..core.place import at_place, split_place
from ..core.told import Location, Raised, source_of, where
from ..core.verdict import Failure, Outcome, Verdict
from ..instruments.bench import Bench
from ..instruments.threads import raced
from ..patterns import load_pattern
from ..patterns.harness import Harness
from ..subject import Subject
from ..subject.builders import shared_builders
from ..subject.guest import Lost, current, taken_mail
from ..subject.places import chosen
from ..subject.watched import watched
from ..suites.catalogue import all_clauses, find_clause
from ..transports import TRANSPORTS
from ..transports.again import curl_lines
from .contexts import refuse_ambient_context
from .limits import time_limit

#: Name prefixes of threads that belong to the kit, or that a library keeps permanently.
KIT_THREADS = ("conformance", "asyncio_", "Dummy-", "waitress-")

#: How many of the views that an example asked are named, the last ones.
MOST_VIEWS = 3

#: The default time limit of one clause, in seconds.
TIMEOUT = 60.0


@dataclasses.dataclass(frozen=True)
class Options:
    """How clauses are run: the transport, the seed, the examples and the time limit per clause."""

    transport: str = "wsgi"
    seed: int = 0
    max_examples: int = 100
    timeout: float = TIMEOUT
    #: Seconds of the processor that making an app takes; 0 where the preflight did not measure.
    build: float = 0.0
    #: What of a clause that draws examples is asked; see `order.Ask`.
    part: Part = ""


def check_waivers(subject: Subject, collected: Iterable[Clause] = ()) -> None:
    """Raise `ConfigError` for a waiver of a clause that is neither known nor collected.

    Also for a waiver at a place that the clause's pattern does not have.
    """
    known = {clause.id for clause in collected}
    for text in subject.waive:
        name, place = split_place(text)
        try:
            if name not in known:
                find_clause(name, subject.suites)
        except ConfigError as error:
            raise ConfigError(f"{subject.source}: waive: {error}") from None
        slug = name.partition(".")[0]
        places = [each.name for each in subject.places(slug) if each.name]
        if place and place not in places:
            raise ConfigError(
                f"{subject.source}: waive: {text}: patterns.{slug} has no place {place!r}"
                f"{nearest(place, places)}"
            )


def places_of(clause: Clause, subject: Subject, globs: Sequence[str] = ()) -> list[str]:
    """Return the names of the places that a clause is run at; an empty one for an unnamed place.

    With globs, only the places that one of them matches.
    """
    names = [place.name for place in subject.places(clause.pattern)] or [""]
    return [name for name in names if chosen(name, globs)]


def check_places(globs: Iterable[str], clauses: Iterable[Clause], subject: Subject) -> None:
    """Raise `ConfigError` for a glob that matches no place of the clauses' patterns."""
    slugs = {clause.pattern for clause in clauses}
    names = [place.name for slug in sorted(slugs) for place in subject.places(slug)]
    for glob in globs:
        if not any(chosen(name, [glob]) for name in names):
            raise ConfigError(f"no place matches {glob!r}{nearest(glob, filter(None, names))}")


def run(
    subject: Subject,
    clauses: Iterable[Clause] | None = None,
    options: Options | None = None,
    problems: Mapping[str, str] | None = None,
) -> Iterator[Verdict]:
    """Run clauses on a subject, each at each of its places, one verdict after the other.

    `clauses` defaults to all; `problems` are what the preflight found, by key.
    """
    for clause in all_clauses(subject.suites) if clauses is None else clauses:
        for place in places_of(clause, subject):
            yield run_clause(clause, subject, options or Options(), problems or {}, place=place)


def run_clause(
    clause: Clause,
    subject: Subject,
    options: Options | None = None,
    problems: Mapping[str, str] | None = None,
    hanging: Collection[str] = (),
    *,
    place: str = "",
) -> Verdict:
    """Run one clause on a subject and return its verdict.

    `hanging` are requests, as `METHOD /path`, that timed out before. `place` is the name of the
    place that the clause is run at.

    Raises `ConfigError` if the clause's pattern has no such place, and `AmbientContextError` if a
    context is already active; never anything that the subject raised.
    """
    options = options or Options()
    refuse_ambient_context()
    if load_pattern(clause.pattern).of_factory:
        subject = subject.by_factory()
    verdict = _ask(clause, subject, options, problems or {}, hanging, place)
    return _waive(dataclasses.replace(verdict, place=place), subject)


def _ask(
    clause: Clause,
    subject: Subject,
    options: Options,
    problems: Mapping[str, str],
    hanging: Collection[str],
    place: str,
) -> Verdict:
    started = time.perf_counter()
    verdict = Verdict(
        clause.id, clause.pattern, clause.level, clause.statement, clause.docs, Outcome.UNTESTED
    )
    unanswerable = _unanswerable(clause, subject)
    if unanswerable is not None:
        return _lacking(verdict, unanswerable)
    whole = f"patterns.{clause.pattern}"
    if (told := problems.get(at_place(whole, place))) is not None:
        return _lacking(verdict, Broken(told, Missing(Kind.KEY, whole)))
    pattern = load_pattern(clause.pattern)
    binding = _binding(subject, clause.pattern, place)
    kinds = kinds_of(clause, subject, place)
    if not kinds:
        keys = sorted({key for kind in pattern.harnesses for key in kind.keys})
        text = f"[patterns.{clause.pattern}] binds none of {', '.join(keys)}"
        lacks = tuple(Missing(Kind.KEY, f"patterns.{clause.pattern}.{key}") for key in keys)
        return _lacking(verdict, Untested(text, *lacks))
    transport = TRANSPORTS[options.transport]
    found: list[Verdict] = []
    threads = set(threading.enumerate())
    used: set[str] = set()
    for kind in kinds:
        bound = watched(binding, clause.pattern, problems, place, subject.found, used)

        def make(kind: type[Harness[Any]] = kind, bound: object = bound) -> Harness[Any]:
            bench = Bench(subject, transport, hanging, problems, reads=clause.reads)
            return kind(clause.pattern, bound, bench)

        outcome = contextvars.copy_context().run(_judge, clause, make, options)
        found.append(outcome)
        if outcome.outcome in (Outcome.FAIL, Outcome.BROKEN):
            _let_go()
        if outcome.outcome is Outcome.FAIL:
            break
    worst = min(found, key=lambda each: _SEVERITY.index(each.outcome))
    if worst.outcome is Outcome.UNTESTED:
        # Each kind has its own reason; a kind that lacks a key which is bound drives something
        # else.
        lacking = [each for each in found if not _is_bound(each.missing, binding)] or found
        reasons = dict.fromkeys(each.reason for each in lacking)
        missing = dict.fromkeys(lack for each in lacking for lack in each.missing)
        worst = dataclasses.replace(worst, reason="; ".join(reasons), missing=tuple(missing))
    if worst.outcome is Outcome.PASS:
        away = [each for each in found if each.outcome is Outcome.UNTESTED and _lacks_service(each)]
        worst = dataclasses.replace(
            worst,
            reason="; ".join(dict.fromkeys(each.reason for each in away)),
            missing=tuple(dict.fromkeys(lack for each in away for lack in each.missing)),
        )
    return dataclasses.replace(
        worst,
        requests=sum(each.requests for each in found),
        calls=sum(each.calls for each in found),
        examples=sum(each.examples for each in found),
        seconds=time.perf_counter() - started,
        worn=_left_running(threads),
        found={key: subject.found[key] for key in sorted(used)},
    )


def kinds_of(clause: Clause, subject: Subject, place: str = "") -> list[type[Harness[Any]]]:
    """Return the harness of each kind of binding that the clause is run on at a place."""
    if not subject.places(clause.pattern):
        return []
    binding = _binding(subject, clause.pattern, place)
    return [kind for kind in load_pattern(clause.pattern).harnesses if kind.bound(binding, subject)]


def _binding(subject: Subject, slug: str, place: str) -> Any:
    places = subject.places(slug)
    for each in places:
        if each.name == place:
            return each.binding
    names = [each.name for each in places if each.name]
    if not place:
        raise ConfigError(f"patterns.{slug} has several places: name one of {', '.join(names)}")
    raise ConfigError(f"patterns.{slug} has no place {place!r}{nearest(place, names)}")


#: The precedence of the outcomes of several kinds of binding.
_SEVERITY = (Outcome.FAIL, Outcome.BROKEN, Outcome.PASS, Outcome.UNTESTED)


def _unanswerable(clause: Clause, subject: Subject) -> Untested | None:
    if clause.pattern not in subject.patterns:
        text = f"not bound: there is no [patterns.{clause.pattern}]"
        return Untested(text, Missing(Kind.PLACE, clause.pattern))
    for gate in clause.gates:
        version = _version(gate.package)
        if (reason := gate.reason(version)) is not None:
            kind = Kind.PACKAGE if version is None else Kind.VERSION
            return Untested(reason, Missing(kind, gate.package))
    return None


def _lacking(verdict: Verdict, error: NotObserved) -> Verdict:
    """Return the verdict of a clause that ended with such an error."""
    outcome = Outcome.BROKEN if isinstance(error, Broken) else Outcome.UNTESTED
    return dataclasses.replace(verdict, outcome=outcome, reason=str(error), missing=error.missing)


def _lacks_service(verdict: Verdict) -> bool:
    return any(each.kind is Kind.SERVICE for each in verdict.missing)


def _is_bound(missing: Sequence[Missing], binding: object) -> bool:
    """Check whether everything missing is a key of the binding that is bound after all."""
    names = [each.name.rpartition(".")[2] for each in missing if each.kind is Kind.KEY]
    return len(names) == len(missing) and all(
        getattr(binding, name, None) not in (None, False) for name in names
    )


def _waive(verdict: Verdict, subject: Subject) -> Verdict:
    reasons = {split_place(text): reason for text, reason in subject.waive.items()}
    reason = reasons.get((verdict.id, verdict.place))
    if reason is None and verdict.place:
        # A waiver for all places is not stale if another place needs it.
        reason = reasons.get((verdict.id, ""))
        if verdict.outcome is Outcome.PASS and len(subject.places(verdict.pattern)) > 1:
            return verdict
    if reason is None:
        return verdict
    if verdict.outcome is Outcome.FAIL:
        return dataclasses.replace(verdict, outcome=Outcome.WAIVED, reason=reason)
    if verdict.outcome is Outcome.PASS:
        text = f"stale waiver, the clause passes: {reason}"
        return dataclasses.replace(verdict, reason=text, missing=())
    return verdict


def _judge(
    clause: Clause,
    make: Callable[[], Harness[Any]],
    options: Options,
    before: Deviation | None = None,
    mailed: bool = False,
) -> Verdict:
    """Run a clause on a new harness; `before` is what another harness showed only once.

    `mailed` means that a stand-in accepts every mail.
    """
    verdict = Verdict(
        clause.id, clause.pattern, clause.level, clause.statement, clause.docs, Outcome.PASS
    )
    started = time.perf_counter()
    harness = make()
    ledger = harness.ledger
    raced.set(False)
    how = Effort(options.seed, options.max_examples, build=options.build, part=options.part)
    effort.set(how.scaled(clause.share * harness.bench.transport.share, clause.builds))
    try:
        with contextlib.closing(harness.bench), time_limit(options.timeout), shared_builders():
            clause(harness)
    except Deviation as error:
        verdict = _failed(verdict, harness, error)
    except AssertionError as error:
        verdict = _failed(verdict, harness, Deviation(clause.statement, str(error)))
    except NotObserved as error:
        verdict = _lacking(verdict, error)
    except SecondBuildError as error:
        text = f"needs a factory that can be called twice, see appfactories.fresh-instance: {error}"
        verdict = _lacking(verdict, Untested(text))
    except ConformanceError as error:
        verdict = _lacking(verdict, Broken(str(error)))
    except OutOfTime:
        verdict = _lacking(verdict, Broken(_too_slow(ledger, options.timeout), TIME))
        verdict = dataclasses.replace(verdict, hangs=_unanswered(ledger))
    except Exception as error:
        once = _found_once(error)
        if once is not None and raced.get():
            # A race: what the threads did once, they may do again.
            verdict = _failed(verdict, harness, once, "a race, which was not reproduced")
        elif once is not None and before is not None and once.expected == before.expected:
            # The same requests led to it again on a new app: it depends on what came before.
            verdict = _failed(verdict, harness, once, "only after the requests before it")
        elif once is not None and before is None:
            left = max(1.0, options.timeout - (time.perf_counter() - started))
            verdict = _judge(clause, make, dataclasses.replace(options, timeout=left), once)
            if verdict.outcome is not Outcome.FAIL:
                verdict = _lacking(verdict, Broken(str(_inconsistent(error, once))))
        else:
            reason = _inconsistent(error, before or once) or _internal_error(error)
            verdict = _lacking(verdict, Broken(reason))
    else:
        if not ledger.observations:
            verdict = _lacking(verdict, Untested("nothing was observed"))
    lost = _in_the_way(verdict, ledger)
    if lost and not mailed and all(each.mail for each in lost):
        left = max(1.0, options.timeout - (time.perf_counter() - started))
        with taken_mail():
            how_long = dataclasses.replace(options, timeout=left)
            again = _judge(clause, make, how_long, before, mailed=True)
        if again.outcome is Outcome.FAIL:
            # It also fails with a mail server that accepts everything, so mail was not the
            # reason.
            return again
    if lost:
        verdict = _without_network(verdict, lost[0])
    return dataclasses.replace(
        verdict,
        requests=ledger.requests,
        calls=ledger.calls,
        examples=max(1, ledger.examples),
    )


def _left_running(before: Collection[threading.Thread]) -> str:
    """Return the names of threads that the subject's code has started and left running."""
    names = [
        thread.name
        for thread in threading.enumerate()
        if thread not in before and not thread.name.startswith(KIT_THREADS)
    ]
    return f"threads still running: {', '.join(sorted(names))}" if names else ""


def _in_the_way(verdict: Verdict, ledger: Ledger) -> list[Lost]:
    """Return the refused connections that may be the reason why a clause failed.

    Those that the failing example itself waited for, and those of other threads that the failure
    mentions. What an app does besides its requests hides none of its failures.
    """
    guest, failure = current(), verdict.failure
    if guest is None or failure is None:
        return []
    seen = "\n".join((failure.observed, *failure.trail))
    return [each for each in guest.lost_since(ledger.begun) if each.asked or each.error in seen]


def _without_network(verdict: Verdict, lost: Lost) -> Verdict:
    """Return `broken`, with both reasons, for a failure that a refused connection may explain."""
    failure = verdict.failure
    assert failure is not None
    text = (
        f"the app tried a connection that is not allowed: {lost.sentence} "
        f"(without it: expected {failure.expected}; observed {failure.observed})"
    )
    return _lacking(dataclasses.replace(verdict, failure=None), Broken(text))


def _let_go() -> None:
    # Python warns of a coroutine that was never awaited when it is garbage collected, which would
    # be in a later clause; this one has already reported what is wrong.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()


def _failed(
    verdict: Verdict, harness: Harness[Any], found: Deviation, when: str | None = None
) -> Verdict:
    """Return the verdict of a clause that found a deviation; `when` is why it was seen once."""
    seen = harness.ledger.current()
    if when is not None and harness.ledger.finding is not None:
        seen = harness.ledger.finding
    example = ", ".join(f"{name}={value!r}" for name, value in (seen.example or {}).items())
    if example and seen.named:
        example += " (an explicit example)"
    raised = _raised(found, seen.trail.newest)
    place = _place(raised)
    failure = Failure(
        expected=found.expected,
        observed=found.observed if when is None else f"{found.observed} ({when})",
        kind=harness.kind,
        example=example or None,
        trail=seen.trail.told(),
        curl=_curl(harness, seen, when),
        cause=found.cause,
        raised="" if raised is None else raised.sentence,
        location=place or _asked(harness, seen.trail.newest),
        views=() if place else _views(harness, seen.trail),
    )
    return dataclasses.replace(verdict, outcome=Outcome.FAIL, failure=failure)


def _raised(found: Deviation, step: Exchange | str | None) -> Raised | None:
    """Return what the subject raised if that is the deviation; otherwise None."""
    if isinstance(found, SubjectRaised):
        return Raised.by(found.error)
    raised = getattr(step.response, "raised", None) if isinstance(step, Exchange) else None
    # Otherwise the clause wanted it, such as a view that is supposed to fail.
    return raised if raised is not None and raised.kind in found.observed else None


def _place(raised: Raised | None) -> Location | None:
    """Return the line that raised, if it is the subject's own; a library's tells nothing."""
    return raised.location if raised is not None and raised.own else None


def _asked(harness: Harness[Any], step: Exchange | str | None) -> Location | None:
    """Return the view of the last request, or the only component that was called, if known."""
    try:
        if not harness.kind.startswith("component"):
            return harness.view_of(step.request.name) if isinstance(step, Exchange) else None
        (component,) = harness.driven.values()
    except Exception:
        # A failing converter of the subject, several components or none: not worth reporting.
        return None
    return source_of(component)


def _views(harness: Harness[Any], trail: Trail) -> tuple[str, ...]:
    """Return the views that the example asked, if several: any of them may be at fault."""
    found: dict[Location, str] = {}
    for step in reversed(list(trail)):
        place = None if isinstance(step, str) else _asked(harness, step)
        if isinstance(step, Exchange) and place is not None:
            found.setdefault(place, f"{place} ({step.request.name})")
        if len(found) == MOST_VIEWS:
            break
    return tuple(reversed(found.values())) if len(found) > 1 else ()


def _curl(harness: Harness[Any], seen: Finding, when: str | None) -> tuple[str, ...]:
    """Return the lines that repeat the example, if the user's own server would respond alike."""
    # A component's host app is the kit's, and a server does not do what the kit adds.
    alike = not (
        harness.kind.startswith("component")
        or harness.bench.subject.setup is not None
        or harness.clock_stopped
        or seen.inside
        or raced.get()
        or when is not None
    )
    return curl_lines(seen.trail) if alike else ()


def _too_slow(ledger: Ledger, timeout: float) -> str:
    reason = f"did not end within {timeout:g} s"
    if _unanswered(ledger):
        last = ledger.trail.newest
        assert isinstance(last, Exchange)
        return f"{reason}: still waiting for the response to {last.request}"
    if ledger.requests:
        return f"{reason}, after {ledger.requests} requests; see --timeout and --max-examples"
    return reason


def _unanswered(ledger: Ledger) -> str:
    """Return the name of the request whose response is awaited; empty if there is none."""
    last = ledger.trail.newest
    return last.request.name if isinstance(last, Exchange) and last.response is None else ""


def _found_once(error: Exception) -> Deviation | None:
    """Return the deviation that Hypothesis could not reproduce, if that is the error."""
    from hypothesis.errors import Flaky

    if not isinstance(error, Flaky):
        return None
    found: list[BaseException] = [error]
    for each in found:
        if isinstance(each, Deviation):
            return each
        more = (*getattr(each, "exceptions", ()), each.__cause__, each.__context__)
        found += [one for one in more if one is not None and one not in found]
    return None


def _inconsistent(error: Exception, once: Deviation | None) -> str | None:
    """Return what was found only once, if Hypothesis could not reproduce it; otherwise None."""
    from hypothesis.errors import Flaky

    if not isinstance(error, Flaky):
        return None
    if once is None:
        seen = str(error).partition("\n")[0]
    else:
        seen = f"expected {once.expected}, observed {once.observed}"
    return (
        "replaying the same steps gave a different result: state left by an earlier example, "
        f"such as a value that is accepted only once, or randomness; first result: {seen}"
    )


def _internal_error(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = where(error) or f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"
    return f"internal error: {type(error).__name__}: {error} ({place})"


@functools.cache
def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
