"""Lays the reference beside an installed wheel: `python tests/wheel.py CHECKOUT FOLDER`.

Fails where the installed distribution is not the wheel, or holds more than the kit.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import shutil
import sys
from pathlib import Path


def configuration(pyproject: str) -> str:
    """Return `[tool.conformance]` of a pyproject.toml as a conformance.toml."""
    tables = re.split(r"(?m)^(?=\[)", pyproject)
    own = [table for table in tables if table.startswith("[tool.conformance")]
    head, *rest = (re.sub(r"^\[tool\.conformance\.?", "[", table) for table in own)
    return "".join([head.removeprefix("[]\n"), *rest])


def main(checkout: Path, folder: Path) -> None:
    """Copy the reference and its configuration into a folder outside the checkout."""
    found = importlib.util.find_spec("conformance")
    if found is None or found.origin is None or checkout in Path(found.origin).parents[1:2]:
        raise SystemExit("conformance is imported from the checkout, not from the wheel")
    files = importlib.metadata.files("flask-conformance") or []
    tops = {file.parts[0] for file in files if not file.parts[0].endswith(".dist-info")}
    extra = {top for top in tops if top not in ("conformance", "..")}
    if extra:
        raise SystemExit(f"the wheel holds more than the kit: {', '.join(sorted(extra))}")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(checkout / "reference", folder / "reference", dirs_exist_ok=True)
    text = configuration((checkout / "pyproject.toml").read_text(encoding="utf-8"))
    (folder / "conformance.toml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
