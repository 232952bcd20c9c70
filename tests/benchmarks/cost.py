"""Prints what each clause costs: python -m tests.benchmarks.cost [SLUG or CLAUSE ...] [--json FILE] [--config FILE].

The clauses are asked of the reference, or the subject of another configuration, in this process, as a worker asks them. For each: seconds of
processor time (of this process, and of those it started), examples, observations, apps, and
which part of the time went where, from samples of the stack every few milliseconds:

    drawing   in Hypothesis: drawing values and shrinking
    building  making an app, the subject's or a host for a component
    subject   answering a request, or doing what a component is called for
    kit       all else: clients, parsing, comparing, watching
    garbage   Python looks for garbage (measured, and part of the others too)

At the end: the sums, the dearest clauses, and the functions in which the kit's part is spent.
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import json
import resource
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any
from unittest import mock

import flask

from conformance import Options, Subject, run_clause
from conformance.core.verdict import Outcome
from conformance.instruments import copies
from conformance.runner import order
from conformance.runner.order import measured
from conformance.runner.preflight import preflight, problems
from conformance.runner.worker import SETTLING, YOUNG
from conformance.subject import guest
from conformance.subject.config import load_config
from conformance.suites.catalogue import all_clauses, select

from ..proof import all_mutants
from ..real.applications import APPLICATIONS, FLASKR, HELLO
from .speed import ROOT

#: Seconds of processor time between two samples.
INTERVAL = 0.004

PARTS = ("drawing", "building", "subject", "kit")

#: How many clauses and functions are shown.
SHOWN = 30

_KIT = str(ROOT / "conformance")
_REFERENCE = str(ROOT / "reference")


@dataclasses.dataclass
class Cost:
    """What one clause cost."""

    id: str
    outcome: str
    seconds: float
    children: float
    examples: int
    observations: int
    apps: int
    garbage: float
    parts: dict[str, float]
    peak: int
    told: str = ""


def part_of(frame: FrameType | None) -> tuple[str, str]:
    """Return the part that a stack belongs to, and the function of the kit that is in it."""
    inner = ""
    found = ""
    while frame is not None:
        code = frame.f_code
        file, name = code.co_filename, code.co_name
        if "hypothesis" in file:
            found = found or "drawing"
        elif file.startswith(_REFERENCE):
            found = found or "subject"
        elif file.startswith(_KIT):
            inner = inner or f"{file.removeprefix(_KIT)}:{name}"
            if file.endswith("subject/subject.py") and name == "build":
                return "building", inner
            if file.endswith("transports/wsgi.py") and found != "drawing":
                found = "subject"
            if name == "make_app":
                return "building", inner
            found = found or "kit"
        elif file.endswith("flask/app.py") and name == "__init__":
            found = found or "building"
        frame = frame.f_back
    return found or "kit", inner


class Meter:
    """Counts what happens in this process."""

    def __init__(self) -> None:
        self.apps = 0
        self.garbage = 0.0
        self.samples: Counter[str] = Counter()
        self.functions: Counter[tuple[str, str]] = Counter()
        self._began = 0.0

    def sample(self, signum: int, frame: FrameType | None) -> None:
        part, function = part_of(frame)
        self.samples[part] += 1
        self.functions[part, function] += 1

    def collect(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._began = time.thread_time()
        else:
            self.garbage += time.thread_time() - self._began


def costs(file: Path, names: list[str], options: Options, meter: Meter) -> Iterator[Cost]:
    """Ask the clauses that are named by a pattern or an id, all without names; yield the cost of each."""
    subject = Subject.from_table(load_config(file), source=file.name)
    clauses = [
        clause
        for clause in select((), (), "harden", ())
        if not names or clause.pattern in names or clause.id in names
    ]
    watch = guest.begin(subject, guest.Notes.begin())
    # What this tool writes itself is nobody else's.
    watch.on = False
    build = flask.Flask.__init__

    def counted(self: flask.Flask, *args: Any, **kwargs: Any) -> None:
        meter.apps += 1
        build(self, *args, **kwargs)

    signal.signal(signal.SIGPROF, meter.sample)
    gc.callbacks.append(meter.collect)
    with mock.patch.object(flask.Flask, "__init__", counted):
        with watch.watching():
            checks = list(preflight(subject, options, {each.pattern for each in clauses}))
        found = problems(checks)
        options = dataclasses.replace(options, build=max(check.build for check in checks))
        signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)
        gc.set_threshold(YOUNG)
        for number, clause in enumerate(clauses, 1):
            meter.samples.clear()
            meter.apps, meter.garbage = 0, 0.0
            before, children = spent(resource.RUSAGE_SELF), others()
            with watch.watching():
                verdict = run_clause(clause, subject, options, found)
            seconds = spent(resource.RUSAGE_SELF) - before
            total = sum(meter.samples.values()) or 1
            yield Cost(
                clause.id,
                verdict.outcome.value,
                round(seconds, 3),
                round(others() - children, 3),
                verdict.examples,
                verdict.requests + verdict.calls,
                meter.apps,
                round(meter.garbage, 3),
                {part: round(seconds * meter.samples[part] / total, 3) for part in PARTS},
                resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
                verdict.failure.observed if verdict.failure else verdict.reason,
            )
            if number % SETTLING == 1:
                gc.collect()
                gc.freeze()
        signal.setitimer(signal.ITIMER_PROF, 0, 0)
    watch.notes.leave()


def spent(whose: int) -> float:
    """Return the seconds of processor time that this process, or those it started, took so far."""
    usage = resource.getrusage(whose)
    return usage.ru_utime + usage.ru_stime


def others() -> float:
    """Return the seconds of processor time that the processes took which have ended so far."""
    return spent(resource.RUSAGE_CHILDREN) + copies.spent


def main() -> None:
    """Print the costs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--json")
    parser.add_argument("--config", type=Path, default=ROOT / "pyproject.toml")
    parser.add_argument("--max-examples", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--write", action="store_true", help="Keep what clauses cost and catch, for their order."
    )
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    sys.path.insert(0, str(given.config.parent))
    meter = Meter()
    # However busy the machine is.
    options = Options(seed=given.seed, max_examples=given.max_examples, timeout=600)
    found = []
    for cost in costs(given.config, given.names, options, meter):
        found.append(cost)
        if cost.outcome not in (Outcome.PASS.value, Outcome.UNTESTED.value):
            print(f"{cost.outcome}: {cost.id}: {cost.told}", file=sys.stderr)
        if given.json:
            # As it goes: a run that is ended has told what it came to.
            with open(given.json, "w", encoding="utf-8") as out:
                json.dump([dataclasses.asdict(each) for each in found], out)
    show(found, meter)
    if given.write:
        write(found)


def write(found: list[Cost]) -> None:
    """Write the worth of clauses: those that were asked anew, the others as they were."""
    breaks = Counter(clause for mutant in all_mutants() for clause in mutant.breaks)
    breaks.update(clause for each in (*APPLICATIONS, FLASKR, HELLO) for clause in each.fails)
    known = {clause.id for clause in all_clauses()}
    kept = {name: tuple(each) for name, each in measured().items() if name in known}
    for cost in found:
        kept[cost.id] = round(cost.seconds + cost.children, 2), 0
    kept = {name: (seconds, breaks[name]) for name, (seconds, _) in kept.items()}
    rows = (f'  "{name}": {json.dumps(kept[name])}' for name in sorted(kept))
    text = "{\n" + ",\n".join(rows) + "\n}\n"
    Path(order.__file__).with_name("worth.json").write_text(text, encoding="utf-8")


def show(found: list[Cost], meter: Meter) -> None:
    """Print the table."""
    head = f"{'clause':<44}{'cpu s':>7}{'others':>8}{'ex.':>6}{'obs.':>7}{'apps':>6}"
    print(head + "".join(f"{part:>9}" for part in (*PARTS, "garbage")))
    for cost in sorted(found, key=lambda each: -(each.seconds + each.children))[:SHOWN]:
        print(line(cost))
    whole = Cost(
        f"all {len(found)}",
        "",
        sum(each.seconds for each in found),
        sum(each.children for each in found),
        sum(each.examples for each in found),
        sum(each.observations for each in found),
        sum(each.apps for each in found),
        sum(each.garbage for each in found),
        {part: sum(each.parts[part] for each in found) for part in PARTS},
        max(each.peak for each in found),
    )
    print(line(whole))
    print(f"peak memory of this process: {whole.peak / 1024:.0f} MiB")
    patterns = Counter({})
    for cost in found:
        patterns[cost.id.partition(".")[0]] += cost.seconds + cost.children  # type: ignore[assignment]
    print(
        "\nby pattern: " + ", ".join(f"{slug} {each:.1f}" for slug, each in patterns.most_common())
    )
    print("\nfunctions of the kit, seconds by part")
    for (part, function), count in meter.functions.most_common(SHOWN):
        print(f"  {count * INTERVAL:6.2f}  {part:<9}{function}")


def line(cost: Cost) -> str:
    """Return a row of the table."""
    numbers = f"{cost.seconds:7.2f}{cost.children:8.2f}{cost.examples:6}{cost.observations:7}{cost.apps:6}"
    parts = "".join(f"{each:9.2f}" for each in (*cost.parts.values(), cost.garbage))
    return f"{cost.id:<44}{numbers}{parts}"


if __name__ == "__main__":
    main()
