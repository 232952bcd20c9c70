"""Writes the generated parts of the README anew: `python -m tests.readme`."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from conformance.patterns import load_pattern, pattern_slugs
from conformance.suites.catalogue import clauses_of

README = Path(__file__).parents[1] / "README.md"


def patterns_table() -> str:
    """Give the table of patterns and clauses by level."""
    rows = ["| pattern | binds | must | should | harden |", "| --- | --- | ---: | ---: | ---: |"]
    total: Counter[str] = Counter()
    for slug in pattern_slugs():
        pattern = load_pattern(slug)
        levels = Counter(clause.level for clause in clauses_of(slug))
        total += levels
        keys = ", ".join(f"`{key}`" for key in pattern.binding.model_fields)
        rows.append(
            f"| [{slug}]({pattern.address()}) | {keys} | {levels['must']} | {levels['should']} "
            f"| {levels['harden']} |"
        )
    rows.append(f"| together | | {total['must']} | {total['should']} | {total['harden']} |")
    return "\n".join(rows)


def replace(text: str, name: str, content: str) -> str:
    """Put generated content between the two comments that name it."""
    block = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
    return block.sub(lambda match: f"{match[1]}{content}\n{match[2]}", text)


def read(name: str) -> str:
    """Give what now stands between the two comments that name it."""
    found = re.search(
        rf"<!-- {name} -->\n(.*?)\n?<!-- end {name} -->", README.read_text(), re.DOTALL
    )
    assert found is not None
    return found[1]


def main() -> None:
    """Write the parts that need nothing from outside; `tests/real` checks the others."""
    README.write_text(replace(README.read_text(), "patterns", patterns_table()))


if __name__ == "__main__":
    main()
