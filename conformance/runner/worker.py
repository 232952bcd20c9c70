"""The process that imports the subject and runs its clauses.

It is separate from the reporting process: whatever a subject does to its process (hang, exit,
print, change the working directory), the results survive. Orders arrive as JSON lines on standard
input; events are sent as JSON lines on the original standard output, which the subject's own
prints no longer reach.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from .environment import environment

if TYPE_CHECKING:
    from ..clause import Clause
    from ..subject import Subject
    from .engine import Options


#: Clauses after which what is there counts as permanent, each time so many have been asked.
SETTLING = 20

#: Objects after which Python looks through the newest for garbage. Examples make them by the
#: thousand, and few survive theirs.
YOUNG = 5_000


def plan_entry(clause: Clause, place: str) -> dict[str, str]:
    """Return the fields of a verdict that are known before its clause runs."""
    return {
        "id": clause.id,
        "pattern": clause.pattern,
        "place": place,
        "level": clause.level,
        "statement": clause.statement,
        "docs": clause.docs,
    }


def states_of(subject: Subject) -> dict[str, str]:
    """Return whether each key that has a value was `typed` or `found`, or is a `default`."""
    from ..core.place import at_place

    states: dict[str, str] = {}
    for slug in subject.patterns:
        for place in subject.places(slug):
            for key in place.binding.key_names():
                name = f"patterns.{slug}.{key}"
                state = "typed" if key in place.binding.model_fields_set else "default"
                if at_place(name, place.name) in subject.found:
                    state = "found"
                if getattr(place.binding, key) not in (None, (), {}, ""):
                    states[at_place(name, place.name)] = state
    for person, about in subject.people.items():
        for key in about.model_fields_set:
            name = f"people.{person}.{key}"
            states[name] = "found" if name in subject.found else "typed"
    return states


class Worker:
    """Carries out the orders of one supervisor."""

    def __init__(self, orders: IO[str], events: IO[str]) -> None:
        self.orders = orders
        self.events = events

    def say(self, event: str, **values: object) -> None:
        """Send an event."""
        self.events.write(json.dumps({"event": event, **values}) + "\n")
        self.events.flush()

    def serve(self) -> None:
        """Read the job, check the subject, then run one clause per order."""
        from ..core.errors import ConformanceError

        job = json.loads(self.orders.readline())
        try:
            self._serve(job)
        except ConformanceError as error:
            self.say("error", message=str(error), kind=type(error).__name__)

    def _serve(self, job: dict[str, Any]) -> None:
        from ..core.errors import ConfigError, SubjectError
        from ..core.place import at_place
        from ..detectors import slugs
        from ..subject import Subject, guest
        from ..subject.config import read_configuration
        from ..suites.catalogue import find_clause, select
        from .contexts import watch_contexts
        from .engine import Options, check_places, check_waivers, kinds_of, places_of, run_clause
        from .order import in_order
        from .preflight import load, preflight
        from .survey import with_findings

        found = read_configuration(job["config"], Path.cwd(), app=job["app"])
        source = found.source
        table, evidence = with_findings(found.table, job["found"] or ())
        if job["own"]:
            table = {**table, "config": {**job["own"], **table.get("config", {})}}
        subject = Subject.from_table(
            table,
            source=source,
            app=job["app"],
            services=job["services"],
            folder=found.folder,
            found=evidence,
        )
        check_waivers(subject)
        if not subject.patterns:
            raise ConfigError(
                f"{source}: nothing is bound: name an app (conformance check shop:create_app) "
                "or write [patterns.<slug>] tables into conformance.toml"
            )
        options = Options(**job["options"])
        self.say(
            "hello",
            subject={"app": subject.name, "config": source, "keys": states_of(subject)},
            environment=environment(),
            workers=subject.workers,
            outdated=[f"{source}: {sentence}" for sentence in subject.outdated],
        )
        if self._is_surveyed(job, found.table) and subject.app is not None:
            clauses = select(job["patterns"], job["globs"], job["level"], subject.suites)
            if wanted := {clause.pattern for clause in clauses} & {*slugs()}:
                self._survey(job, subject, found.table, options, wanted)
                return
        watch_contexts()
        watch = guest.begin(subject, guest.Notes(**job["notes"]))
        clauses = select(job["patterns"], job["globs"], job["level"], subject.suites)
        check_places(job["places"], clauses, subject)
        asked = [
            (clause, place)
            for clause in clauses
            for place in places_of(clause, subject, job["places"])
        ]
        self.say(
            "plan",
            clauses=[plan_entry(clause, place) for clause, place in asked],
            order=[
                (at_place(ask.clause.id, ask.place), ask.part)
                for ask in in_order(asked, options.max_examples)
            ],
            limits={
                at_place(clause.id, place): len(kinds_of(clause, subject, place)) or 1
                for clause, place in asked
            },
        )
        if job["preflight"]:
            chosen = {clause.pattern for clause, _ in asked}
            with watch.watching():
                for check in preflight(subject, options, chosen, job["places"]):
                    self.say("check", **dataclasses.asdict(check))
        else:
            # Another worker could load it: each clause then reports what prevents this one.
            with contextlib.suppress(SubjectError), watch.watching():
                load(subject, options)
        gc.enable()
        gc.set_threshold(YOUNG)
        self.say("ready")
        isolated = False
        for number, line in enumerate(self.orders, 1):
            order = json.loads(line)
            options = dataclasses.replace(options, build=order["build"], part=order["part"])
            if order["own"] and not isolated:
                isolated = True
                subject = dataclasses.replace(subject, config={**order["own"], **subject.config})
            clause = find_clause(order["clause"], subject.suites)
            with watch.watching():
                verdict = run_clause(
                    clause,
                    subject,
                    options,
                    order["problems"],
                    order["hanging"],
                    place=order["place"],
                )
            watch.settle()
            self.say("verdict", verdict=verdict.to_json(), worn=verdict.worn, hangs=verdict.hangs)
            if number % SETTLING == 1:
                # What clauses import and cache stays. Python would scan it for every few apps.
                gc.collect()
                gc.freeze()

    @staticmethod
    def _is_surveyed(job: dict[str, Any], table: Mapping[str, object]) -> bool:
        if job["found"] is not None or not job["preflight"]:
            return False
        wanted: bool | None = job["survey"]
        return not table.get("patterns") if wanted is None else wanted

    def _survey(
        self,
        job: dict[str, Any],
        subject: Subject,
        table: Mapping[str, object],
        options: Options,
        slugs: set[str],
    ) -> None:
        """Survey the subject for some patterns, report what was found, and end."""
        from ..subject import guest
        from ..suites.catalogue import select
        from ..survey.submit import read_login
        from .hearing import read_heard
        from .outline import outline
        from .survey import survey, with_findings

        watch = guest.begin(subject, guest.Notes(**job["notes"]))
        # A refused action only costs the request that tried it.
        watch.ends = False
        heard = read_heard(job["heard"]).exchanges if job["heard"] else []
        # Apps that the tests' own fixture makes are for what the tests send.
        submits = job["submit"] or (bool(heard) and subject.target().fixture)
        logins = dict(map(read_login, job["logins"]))

        def begun(seconds: float) -> None:
            self.say("surveying", seconds=seconds)

        with watch.watching():
            found = survey(subject, options, slugs, begun, heard, submits, logins)
        outlined: list[dict[str, object]] = []
        if job["outline"]:
            merged, evidence = with_findings(table, found["findings"])
            bound = dataclasses.replace(
                subject,
                patterns=merged.get("patterns", {}),
                people=merged.get("people", {}),
                factory=merged.get("factory"),
                found=evidence,
            )
            clauses = select(job["patterns"], job["globs"], job["level"], subject.suites)
            outlined = [each.to_json() for each in outline(bound, clauses)]
        self.say("found", **found, outline=outlined)


def main() -> None:
    """Serve the supervisor that started this process."""
    # Imports create objects by the thousand, almost none of which are garbage.
    gc.disable()
    events = os.fdopen(os.dup(1), "w", encoding="utf-8")
    orders = os.fdopen(os.dup(0), "r", encoding="utf-8")
    os.dup2(2, 1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    Worker(orders, events).serve()
    events.flush()
    # Threads that the subject left running must not keep the process alive.
    os._exit(0)


if __name__ == "__main__":
    main()
