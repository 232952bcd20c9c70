"""Writes the generated parts of the README anew: `python -m tests.readme [RESULT.json ...]`.

The results are those of `tox -m versions`; with them the table of versions is written too.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from packaging.version import Version

from conformance import Subject, run
from conformance.patterns import load_pattern, pattern_slugs
from conformance.reports.again import DEFAULT, again
from conformance.reports.screen import Screen
from conformance.subject.shapes import EXAMPLES, as_toml
from conformance.suites.catalogue import clauses_of, find_clause

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

README = Path(__file__).parents[1] / "README.md"


def patterns_table() -> str:
    """Return the table of patterns and clauses by level."""
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


#: What the README's first screen is of: a page that shows messages as markup, and an API that
#: does not look at what it is sent.
SHOP = """
import flask

def create_app():
    app = flask.Flask("shop")
    app.secret_key = "of this run"

    @app.route("/login", methods=["GET", "POST"])
    def login():
        if flask.request.method == "POST":
            flask.flash("Welcome, " + flask.request.form["user"])
            return flask.redirect("/login")
        return "<ul>" + "".join(flask.get_flashed_messages())

    @app.put("/notes/1")
    def save():
        note = flask.request.get_json()
        return {"text": dict(note)["text"]}

    return app
"""


@contextlib.contextmanager
def elsewhere(folder: Path) -> Iterator[None]:
    """Work in a folder while the block runs."""
    was = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(was)


def first_screen(folder: Path) -> str:
    """Return what a run shows of `SHOP`, which is written to a folder and asked from there."""
    (folder / "shop.py").write_text(SHOP)
    receive = {"method": "PUT", "path": "/notes/1", "json": {"text": "milk"}}
    patterns = {
        "favicon": {"page": "/login"},
        "flashing": {"page": "/login"},
        "javascript": {"receive": receive, "text_field": "text", "required": ["text"]},
    }
    names = ("flashing.escape", "favicon.root", "javascript.shape-4xx", "javascript.hostile-4xx")
    # Another test may have imported a shop of its own.
    sys.modules.pop("shop", None)
    with elsewhere(folder), mock.patch.object(sys, "path", [str(folder), *sys.path]):
        subject = Subject(app="shop:create_app", patterns=patterns)
        verdicts = list(run(subject, [find_clause(name) for name in names]))
    sys.modules.pop("shop", None)
    screen = Screen("shop", verdicts, lambda each: again(DEFAULT, 0, each), 0, len(names))
    lines = ["".join(text for text, _ in line) for line in screen.lines()]
    return "\n".join(["```text", *lines[: lines.index("")], "```"])


def measured_table() -> str:
    """Return the table of what a survey finds in applications, as it was measured."""
    # They fill a part of the README by means of this module.
    from .real.measured import FILE, content

    return content(json.loads(FILE.read_text(encoding="utf-8")))


#: The environments whose results the table of versions is made of.
MATRIX = re.compile(r"py3(\d+)-flask(\d)(\d)")


def versions_table(results: list[Path]) -> str:
    """Return the table of the versions that the reference was really asked on.

    Raises `ValueError` for a result whose environment is not what its name says, or that is
    not complete.
    """
    cells: dict[tuple[str, str], str] = {}
    asked: list[Path] = []
    for file in results:
        name = MATRIX.fullmatch(file.stem)
        if name is None:
            continue
        result = json.loads(file.read_text(encoding="utf-8"))
        python, flask = f"3.{name[1]}", f"{name[2]}.{name[3]}"
        there = result["environment"]
        if not there["python"].startswith(f"{python}.") or not there["flask"].startswith(
            f"{flask}."
        ):
            raise ValueError(
                f"{file} was made with Python {there['python']}, Flask {there['flask']}"
            )
        if not result["complete"]:
            raise ValueError(f"{file} is not complete")
        asked.append(file)
        counts = result["summary"]
        wrong = counts["fail"] + counts["broken"]
        said = f"{counts['pass']} pass" + (f", **{wrong} fail**" if wrong else "")
        said += f", {counts['untested']} untested" if counts["untested"] else ""
        cells[f"{there['flask']}, Werkzeug {there['werkzeug']}", python] = said
    flasks = sorted({flask for flask, _ in cells})
    pythons = sorted({python for _, python in cells}, key=lambda text: int(text.partition(".")[2]))
    rows = [
        f"| Flask | {' | '.join(f'Python {python}' for python in pythons)} |",
        f"| --- |{' --- |' * len(pythons)}",
    ]
    for flask in flasks:
        rows.append(
            f"| {flask} | {' | '.join(cells.get((flask, each), 'not run') for each in pythons)} |"
        )
    return "\n".join([*rows, *version_changes(asked)])


def version_changes(results: list[Path]) -> list[str]:
    """Return the table of clauses whose verdict is another one from some version of Flask on."""
    found: dict[str, dict[Version, set[str]]] = {}
    why: dict[str, str] = {}
    for file in results:
        result = json.loads(file.read_text(encoding="utf-8"))
        flask = Version(result["environment"]["flask"])
        for clause in result["clauses"]:
            verdicts = found.setdefault(clause["id"], {}).setdefault(flask, set())
            verdicts.add(clause["verdict"])
            if clause["verdict"] == "untested":
                # The reason of a gate begins with the version that was met.
                why.setdefault(clause["id"], clause["reason"].partition(": ")[2])
    flasks = sorted({flask for verdicts in found.values() for flask in verdicts})
    heads = " | ".join(str(flask) for flask in flasks)
    rows = [
        "",
        "The clauses whose verdict depends on the version, and why:",
        "",
        f"| clause | {heads} | because of |",
        f"| --- |{' --- |' * (len(flasks) + 1)}",
    ]
    for name, verdicts in found.items():
        told = [" or ".join(sorted(verdicts.get(flask, {"not asked"}))) for flask in flasks]
        if len({*told}) > 1:
            rows.append(f"| `{name}` | {' | '.join(told)} | {why.get(name, '')} |")
    return rows if len(rows) > 5 else []


def replace(text: str, name: str, content: str) -> str:
    """Put generated content between the two comments that name it."""
    block = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
    return block.sub(lambda match: f"{match[1]}{content}\n{match[2]}", text)


def read(name: str) -> str:
    """Return what now stands between the two comments that name it."""
    found = re.search(
        rf"<!-- {name} -->\n(.*?)\n?<!-- end {name} -->", README.read_text(), re.DOTALL
    )
    assert found is not None
    return found[1]


def example_values() -> str:
    """Return what the reference binds, as the kit ships it: a key of one of several places too."""
    table = tomllib.loads((README.parent / "pyproject.toml").read_text())["tool"]["conformance"]
    lines = ["# Written by `python -m tests.readme`, from the bindings of the reference."]
    for slug, bound in sorted(table["patterns"].items()):
        places = bound if isinstance(bound, list) else [bound]
        values = {key: value for place in reversed(places) for key, value in place.items()}
        known = load_pattern(slug).binding.model_fields
        lines += ["", f"[{slug}]"]
        lines += [f"{key} = {as_toml(values[key])}" for key in known if key in values]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the parts that need nothing from outside; `tests/real` checks the others."""
    text = replace(README.read_text(), "patterns", patterns_table())
    if results := [Path(each) for each in sys.argv[1:]]:
        text = replace(text, "versions", versions_table(results))
    with tempfile.TemporaryDirectory() as folder:
        text = replace(text, "screen", first_screen(Path(folder)))
    text = replace(text, "measured", measured_table())
    README.write_text(text)
    EXAMPLES.write_text(example_values())


if __name__ == "__main__":
    main()
