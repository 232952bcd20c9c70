"""Asks whether the clauses see each small change of `reference/`: `python -m tests.mutation`.

Arguments are modules, such as `caching` or `lazyloading.views`; without any, all are asked.
`--sample N` takes N changes, drawn with `--seed`; `--results FILE` appends a line of JSON for each
change, and leaves out those that stand there already. A change that no clause sees is printed; it
wants a sharper clause, or an entry in equivalent.toml with the reason why the application is as
right as before. Those that the ledger excuses are not asked, but with `--excused`, to find entries
that excuse what a clause does see. Exit code 1 where fewer than 95 % of the others are seen.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from .ask import Seen, ask
from .operators import Change, changes

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
LEDGER = Path(__file__).with_name("equivalent.toml")

#: The share of the changes that can be seen which must be seen.
WANTED = 0.95


@dataclasses.dataclass(frozen=True)
class Mutation:
    """A change of one module of the reference."""

    module: str
    path: Path
    change: Change

    @property
    def key(self) -> str:
        """What it is found by in an earlier run's results."""
        return hashlib.sha256(f"{self.module}\n{self.change.code}".encode()).hexdigest()[:16]

    @property
    def slugs(self) -> tuple[str, ...]:
        """The patterns whose clauses are asked; none means all."""
        first = self.module.partition(".")[0]
        return {"__init__": (), "make_celery": ("celery",)}.get(first, (first,))


def modules() -> dict[str, Path]:
    """Return the reference's modules by the name they have in it."""
    found = {}
    for path in sorted((ROOT / "reference").rglob("*.py")):
        parts = path.relative_to(ROOT / "reference").with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)
        found[name] = path
    return found


def mutations(chosen: Iterable[str]) -> Iterator[Mutation]:
    """Yield every change of the chosen modules."""
    known = modules()
    for name in chosen:
        if name not in known:
            raise SystemExit(f"{name}: no module of the reference; there are {', '.join(known)}")
        for change in changes(known[name].read_text("utf-8")):
            yield Mutation(name, known[name], change)


@dataclasses.dataclass(frozen=True)
class Entry:
    """Changes that leave the application as right as before; `*` stands for any text."""

    reason: str
    module: str = "*"
    was: str = "*"
    becomes: str = "*"
    operator: str = "*"

    def excuses(self, each: Mutation) -> bool:
        """Check whether a change is one of them."""
        change = each.change
        return (
            _like(self.module, each.module)
            and _like(self.operator, change.operator)
            and _like(self.was, change.was)
            and _like(self.becomes, change.becomes)
        )


def _like(glob: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, glob.split("*"))), text) is not None


def ledger() -> list[Entry]:
    """Return what equivalent.toml says."""
    return [Entry(**row) for row in tomllib.loads(LEDGER.read_text("utf-8")).get("equivalent", [])]


def earlier(results: Path | None) -> dict[str, Seen]:
    """Return what an earlier run found, by key."""
    if results is None or not results.exists():
        return {}
    rows = [json.loads(line) for line in results.read_text("utf-8").splitlines()]
    return {row["key"]: Seen(row["how"], row["by"]) for row in rows}


def main() -> None:
    """Ask, print the table by module and what was not seen."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--sample", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--max-examples", type=int, default=20, metavar="N")
    parser.add_argument("--results", type=Path, metavar="FILE")
    parser.add_argument("--excused", action="store_true")
    given = parser.parse_args()

    every = list(mutations(given.modules or modules()))
    if given.sample is not None:
        every = random.Random(given.seed).sample(every, min(given.sample, len(every)))
    entries, before = ledger(), earlier(given.results)
    counts: dict[str, Counter[str]] = {each.module: Counter() for each in every}
    for each in every:
        excused = next((entry for entry in entries if entry.excuses(each)), None)
        if excused and not given.excused:
            counts[each.module]["equivalent"] += 1
            continue
        seen = before.get(each.key)
        if seen is None:
            path = each.path.relative_to(ROOT)
            seen = ask(path, each.change.code, each.slugs, given.max_examples)
            if given.results is not None:
                _append(given.results, each, seen)
        if not excused:
            counts[each.module][seen.how] += 1
            if seen.how == "missed":
                _show(each, "no clause sees")
        elif seen.how == "missed":
            counts[each.module]["equivalent"] += 1
        else:
            counts[each.module][seen.how] += 1
            _show(each, f"{LEDGER.name} excuses what {seen.by} sees")
    raise SystemExit(report(counts))


def _append(results: Path, each: Mutation, seen: Seen) -> None:
    change = each.change
    row = {"key": each.key, "module": each.module, "operator": change.operator}
    row |= {"line": change.line, "was": change.was, "becomes": change.becomes}
    with results.open("a", encoding="utf-8") as file:
        file.write(json.dumps({**row, "how": seen.how, "by": seen.by}) + "\n")


def _show(each: Mutation, what: str) -> None:
    change = each.change
    print(f"{each.path.relative_to(ROOT)}:{change.line}: {what} ({change.operator})")
    print(f"  - {change.was}\n  + {change.becomes}\n", flush=True)


def report(counts: dict[str, Counter[str]]) -> int:
    """Print the table by module; return the exit code."""
    columns = ("failed", "refused", "hung", "missed", "equivalent")
    print(f"| module | changes | {' | '.join(columns)} | seen |")
    print(f"| --- | ---: | {' | '.join('---:' for _ in columns)} | ---: |")
    together: Counter[str] = Counter()
    for module, found in counts.items():
        together += found
        print(_row(module, found, columns))
    print(_row("together", together, columns))
    return 1 if _share(together) < WANTED else 0


def _row(name: str, found: Counter[str], columns: tuple[str, ...]) -> str:
    cells = " | ".join(str(found[column]) for column in columns)
    return f"| {name} | {found.total()} | {cells} | {_share(found):.0%} |"


def _share(found: Counter[str]) -> float:
    visible = found.total() - found["equivalent"]
    return 1 - found["missed"] / visible if visible else 1.0


if __name__ == "__main__":
    main()
