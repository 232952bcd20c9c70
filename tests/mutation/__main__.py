"""Asks whether the clauses see each small change of `reference/`: `python -m tests.mutation`.

Arguments are modules, such as `caching` or `lazyloading.views`; without any, all are asked.
`--sample N` takes N changes, drawn with `--seed`; `--results FILE` appends a line of JSON for each
change, and leaves out those that stand there already, `--again` only those that were seen;
`--table` asks nothing and prints what such a file says.

A change that no clause sees is printed; it wants a sharper clause, or an entry in equivalent.toml
with the reason why the application is as right as before. Those that the ledger excuses are not
asked, but with `--excused`, to find entries that excuse what a clause does see. An entry that says
`open = true` excuses nothing: it is known that no clause sees these, and it counts.

Exit code 1 where a change that no entry names is not seen, where of all fewer than 95 % are, and
where a clause that saw some does not pass on the unchanged reference either.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from conformance.suites.catalogue import all_clauses

from .ask import Asker, Seen, asker
from .operators import Change, changes

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
LEDGER = Path(__file__).with_name("equivalent.toml")

#: The share of the changes that can be seen which must be seen.
WANTED = 0.95

COLUMNS = ("failed", "refused", "hung", "missed", "equivalent", "unasked")


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

    def lot(self, seed: int) -> str:
        """What decides whether it is in a sample: not other changes, nor other lines, nor the ledger."""
        change = self.change
        drawn = f"{seed}\n{self.module}\n{change.operator}\n{change.was}\n{change.becomes}"
        return hashlib.sha256(drawn.encode()).hexdigest()

    @property
    def slugs(self) -> tuple[str, ...]:
        """The patterns whose clauses are asked; none means all."""
        first = self.module.partition(".")[0]
        return {"__init__": (), "make_celery": ("celery",)}.get(first, (first,))

    @property
    def app(self) -> str | None:
        """The module's own application, where it has one besides that with every pattern."""
        return {"appfactories": "reference.appfactories:create_app"}.get(self.module)


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
    #: Not as right as before, but not seen yet.
    open: bool = False

    def names(self, each: Mutation) -> bool:
        """Check whether a change is one of these."""
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


def entry_for(each: Mutation, entries: Iterable[Entry]) -> Entry | None:
    """Return the entry that names a change; one that excuses it, if there is."""
    named = [entry for entry in entries if entry.names(each)]
    return min(named, key=lambda entry: entry.open, default=None)


def earlier(results: Path | None) -> dict[str, Seen]:
    """Return what an earlier run found, by key; what was asked last counts."""
    if results is None or not results.exists():
        return {}
    rows = [json.loads(line) for line in results.read_text("utf-8").splitlines()]
    return {row["key"]: Seen(row["how"], row["by"], row["seconds"]) for row in rows}


class Count:
    """What became of the changes, by module."""

    def __init__(self) -> None:
        self.by_module: dict[str, Counter[str]] = {}
        self.asked = 0
        self.seconds = 0.0
        self.unknown = 0
        self.clauses: set[str] = set()

    def add(self, each: Mutation, entry: Entry | None, seen: Seen | None) -> None:
        """Count a change, and print it where that is news."""
        excused = entry is not None and not entry.open
        found = self.by_module.setdefault(each.module, Counter())
        if seen is None:
            found["equivalent" if excused else "unasked"] += 1
            return
        self.asked += 1
        self.seconds += seen.seconds
        if seen.how == "missed":
            found["equivalent" if excused else "missed"] += 1
            if entry is None:
                self.unknown += 1
                _show(each, "no clause sees")
            return
        found[seen.how] += 1
        self.clauses.add(seen.by)
        if entry is not None:
            _show(each, f"{LEDGER.name} names what {seen.by} sees")

    @property
    def together(self) -> Counter[str]:
        """The sum of all modules."""
        return sum(self.by_module.values(), Counter())

    def table(self) -> str:
        """Return the table by module, in Markdown."""
        lines = [
            f"| module | changes | {' | '.join(COLUMNS)} | seen |",
            f"| --- | ---: | {' | '.join('---:' for _ in COLUMNS)} | ---: |",
        ]
        rows = [*sorted(self.by_module.items()), ("together", self.together)]
        lines += [_row(module, found) for module, found in rows]
        return "\n".join(lines)


def main() -> None:
    """Ask, print the table by module and what was not seen."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--sample", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--max-examples", type=int, default=100, metavar="N")
    parser.add_argument("--results", type=Path, metavar="FILE")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--excused", action="store_true")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()

    entries = ledger()
    every = [(each, entry_for(each, entries)) for each in mutations(given.modules or modules())]
    if given.sample is not None:
        chosen = sorted(every, key=lambda each: each[0].lot(given.seed))[: given.sample]
        every = [each for each in every if each in chosen]
    before, count = earlier(given.results), Count()
    with contextlib.ExitStack() as stack:
        ours = None if given.table else stack.enter_context(asker(given.max_examples))
        for each, entry in every:
            seen = before.get(each.key) if _is_asked(entry, given.excused) else None
            again = seen is None or (given.again and seen.how == "missed")
            if ours is not None and again and _is_asked(entry, given.excused):
                seen = _ask(ours, each, given.results)
            count.add(each, entry, seen)
        unfit = (
            []
            if ours is None
            else ours.unfit(sorted(count.clauses & {clause.id for clause in all_clauses()}))
        )
    print(count.table())
    print(f"\n{count.seconds / max(1, count.asked):.1f} s of the processor for each that was asked")
    for name in unfit:
        print(f"{name}: not passed by the unchanged reference either")
    enough = given.sample is not None or _share(count.together) >= WANTED
    raise SystemExit(1 if unfit or count.unknown or not enough else 0)


def _is_asked(entry: Entry | None, excused: bool) -> bool:
    return excused or entry is None or entry.open


def _ask(ours: Asker, each: Mutation, results: Path | None) -> Seen:
    seen = ours.ask(each.path.relative_to(ROOT), each.change.code, each.slugs, each.app)
    if results is not None:
        _append(results, each, seen)
    return seen


def _append(results: Path, each: Mutation, seen: Seen) -> None:
    change = each.change
    row = {"key": each.key, "module": each.module, "operator": change.operator}
    row |= {"line": change.line, "was": change.was, "becomes": change.becomes}
    with results.open("a", encoding="utf-8") as file:
        file.write(json.dumps({**row, **dataclasses.asdict(seen)}) + "\n")


def _show(each: Mutation, what: str) -> None:
    change = each.change
    print(f"{each.path.relative_to(ROOT)}:{change.line}: {what} ({change.operator})")
    print(f"  - {change.was}\n  + {change.becomes}\n", flush=True)


def _row(name: str, found: Counter[str]) -> str:
    cells = " | ".join(str(found[column]) for column in COLUMNS)
    share = f"{_share(found):.0%}" if found.total() > found["equivalent"] + found["unasked"] else ""
    return f"| {name} | {found.total()} | {cells} | {share} |"


def _share(found: Counter[str]) -> float:
    visible = found.total() - found["equivalent"] - found["unasked"]
    return 1 - found["missed"] / visible if visible else 1.0


if __name__ == "__main__":
    main()
