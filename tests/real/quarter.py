"""A new user's quarter of an hour, as it happens on Flask's tutorial application.

`python -m tests.real.quarter` writes the README's part of it.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from tests.command import conformance
from tests.readme import README, replace

from .applications import FLASKR
from .sources import source_distribution

#: Rows of the table that `init` prints, as a reader needs no more to see what it is.
_ROWS = 6


def quarter(source: Path) -> str:
    """Return what a new user types in the application's folder, and what they get."""
    written = conformance(source, "init", "flaskr:create_app", "--write", "conformance.toml")
    rows = [line.rstrip() for line in written.err.splitlines() + written.out.splitlines()]
    head = next(number for number, row in enumerate(rows) if row.startswith("pattern "))
    found = [row for row in rows[head + 1 :] if re.match(r"\w+ +[1-9]", row)]
    checked = conformance(source, "check")
    cause = re.search(r"^ 1 .*?(?=^ 2 )", checked.out, re.DOTALL | re.MULTILINE)
    assert cause is not None, checked.out
    lines = [
        "$ conformance init flaskr:create_app --write conformance.toml",
        rows[head],
        *found[:_ROWS],
        "$ conformance check",
        cause[0].rstrip(),
        checked.out.rstrip().splitlines()[-1],
    ]
    return "\n".join(["```text", *lines, "```"])


def main() -> None:
    """Write the README's part."""
    with tempfile.TemporaryDirectory() as folder:
        source = source_distribution(FLASKR.distribution, Path(folder)) / FLASKR.folder
        README.write_text(replace(README.read_text(), "quarter", quarter(source)))


if __name__ == "__main__":
    main()
