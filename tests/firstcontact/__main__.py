"""Asks the applications of first contact: `python -m tests.firstcontact [SLUG ...]`.

They were written by people who saw a chapter and its binding keys, and no suite, and they stay
as they came: `tests/firstcontact.md` has what the kit said of them at first sight. A folder
`wrong_N` has one mistake, which `prove.py` there shows without the kit and `why.txt` names;
a folder `right_N` is right. One line for each says which clauses fail or are broken, in brackets those
that are `harden`. Exit code 1 where a right one is accused by a `must` or a `should`, or a
wrong one by nothing. Whether the failure names the mistake, only a reader can say.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..command import conformance

HERE = Path(__file__).parent


def applications(slugs: Sequence[str] = ()) -> list[Path]:
    """Return the folders of the applications, of all patterns or of some."""
    patterns = sorted(each.name for each in HERE.iterdir() if (each / "right_1").is_dir())
    unknown = set(slugs) - set(patterns)
    if unknown:
        raise SystemExit(
            f"no applications for {', '.join(sorted(unknown))}; there are: {', '.join(patterns)}"
        )
    return [app for slug in slugs or patterns for app in sorted((HERE / slug).iterdir())]


def ask(app: Path) -> list[dict[str, Any]]:
    """Return the failed and broken verdicts on a copy of an application, as the JSON has them."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(app, Path(folder, "app")))
        result = Path(folder, "result.json")
        run = conformance(copy, "check", "-p", app.parent.name, "--json", str(result))
        if not result.exists():
            return [
                {"id": f"exit {run.code}: {run.err.strip()}", "level": "must", "verdict": "broken"}
            ]
        clauses = json.loads(result.read_text())["clauses"]
        return [each for each in clauses if each["verdict"] in ("fail", "broken")]


def main(*slugs: str) -> None:
    """Ask the applications of some patterns, or of all."""
    surprises = 0
    for app in applications(slugs):
        found = ask(app)
        accused = [each for each in found if each["level"] != "harden"]
        surprise = bool(accused) if app.name.startswith("right") else not found
        surprises += surprise
        said = ", ".join(
            f"{each['id']}{' broken' if each['verdict'] == 'broken' else ''}"
            if each in accused
            else f"({each['id']})"
            for each in found
        )
        print(f"{'!' if surprise else ' '} {app.parent.name}/{app.name}: {said or '-'}", flush=True)
    raise SystemExit(1 if surprises else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
