"""Print what CHANGELOG.md says of a release: `python .github/release.py v0.1.0`.

Fails unless the tag names the version in pyproject.toml and its section has a date.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def notes(tag: str, pyproject: str, changelog: str) -> str:
    """Return the changelog section of the release that a tag names."""
    found = re.search(r'(?m)^version = "(.+)"$', pyproject)
    version = found[1] if found else None
    if tag != f"v{version}":
        raise SystemExit(f"the tag is {tag}, but pyproject.toml has version {version}")
    section = re.search(rf"(?ms)^## {re.escape(tag[1:])} \((.+?)\)\n(.*?)(?=^## |\Z)", changelog)
    if section is None:
        raise SystemExit(f"CHANGELOG.md has no section for {version}")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", section[1]):
        raise SystemExit(f"CHANGELOG.md gives no date for {version}: ({section[1]})")
    return section[2].strip() + "\n"


if __name__ == "__main__":
    pyproject, changelog = (
        (ROOT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", "CHANGELOG.md")
    )
    sys.stdout.write(notes(sys.argv[1], pyproject, changelog))
