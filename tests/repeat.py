"""Runs the clauses on the reference again and again: `python -m tests.repeat`.

In a new random order each time: alone, with two workers and beside a busy loop on each
core, in turn. No verdict may ever differ. Arguments: how often, then pytest's own.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

TIMES = 20

ROOT = Path(__file__).parents[1]


def verdicts(seed: int, *arguments: str) -> dict[str, str]:
    """Run the clauses through pytest in the order that `seed` gives; verdicts by clause id."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "result.json")
        command = [sys.executable, "-m", "pytest", "-q", "--pyargs", "conformance"]
        command += ["-p", "no:cacheprovider", f"--randomly-seed={seed}"]
        command += ["--conformance-json", str(file), *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        result = json.loads(file.read_text())
        if not result["complete"]:
            raise SystemExit(f"the run did not end: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return {clause["id"]: clause["verdict"] for clause in result["clauses"]}


def spin() -> None:
    """Keep a core busy."""
    while True:
        pass


@contextlib.contextmanager
def busy_cores() -> Iterator[None]:
    """Keep every core busy while the block runs."""
    loops = [multiprocessing.Process(target=spin, daemon=True) for _ in range(os.cpu_count() or 1)]
    for loop in loops:
        loop.start()
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()


def main(times: int = TIMES, *options: str) -> None:
    """Compare every run with the first; exit code 1 where a verdict differs."""
    first = verdicts(0, *options)
    differing = 0
    ways: tuple[tuple[str, tuple[str, ...], bool], ...] = (
        ("alone", (), False),
        ("-n 2", ("-n", "2"), False),
        ("beside busy loops", (), True),
    )
    for number in range(1, times + 1):
        name, arguments, busy = ways[number % len(ways)]
        with busy_cores() if busy else contextlib.nullcontext():
            again = verdicts(number, *arguments, *options)
        changed = {
            clause: f"{first.get(clause)} -> {again.get(clause)}"
            for clause in first.keys() | again.keys()
            if first.get(clause) != again.get(clause)
        }
        differing += bool(changed)
        print(
            f"{number}/{times} {name}: {len(again)} verdicts, {changed or 'none differs'}",
            flush=True,
        )
    raise SystemExit(1 if differing else 0)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:])
