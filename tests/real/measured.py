"""What the survey finds in applications that nobody here wrote, beside what a person typed.

`python -m tests.real.measured [--environments FOLDER] [NAME ...]` asks each of them in four ways
keeps in `measured.json` what came of it, and prints a table of it, with the verdicts that nobody
has looked into yet. The reference is surveyed too, with its settings and logins typed alone:
`reference` names it. `python -m tests.readme` puts the table into the README.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance import Subject
from conformance.detectors import detect
from conformance.patterns import load_pattern
from conformance.runner.limits import time_limit
from conformance.survey import open_survey

from .applications import APPLICATIONS, FLASKR, HELLO, version
from .environments import HERE, ROOT, environment
from .sources import source_distribution

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE = HERE / "measured.json"

#: How an application is asked, in words.
WAYS = {
    "nothing": "with nothing typed",
    "tests": "with its own tests",
    "told": "with `--submit`, and its settings and logins typed",
}

#: Seconds that one run may take.
SECONDS = 1800


@dataclasses.dataclass(frozen=True)
class Measured:
    """An application that is measured, bound by `tests/real/<name>/conformance.toml`."""

    name: str
    #: The distribution on the package index whose source has the tests, or the application itself.
    distribution: str
    #: The folder of that source from which the tests are run.
    folder: str = "."
    #: Its own tests of its web interface; none where it has none that run here.
    tests: tuple[str, ...] = ()
    #: Whether they have the app in a fixture of a conftest, or in a test case.
    fixture: bool = True
    #: What its tests need besides.
    needs: tuple[str, ...] = ()
    #: Whether it is installed in an environment of its own.
    installed: bool = True
    #: Ways in which it cannot be asked, and why.
    cannot: Mapping[str, str] = dataclasses.field(default_factory=dict)
    #: Verdicts that the hand-written binding does not have, and why they are true.
    explained: Mapping[str, str] = dataclasses.field(default_factory=dict)


#: Why titles are not found to be the same.
ONE_PAGE = "a visitor gets one page, the login: its title is like no other"

#: Why error pages fail that nobody typed.
NO_LAYOUT = "a 404 is Werkzeug's own page, with nothing of the layout"

MEASURED = [
    Measured("flaskr", "flask", "examples/tutorial", ("tests",), installed=False),
    Measured(
        "hello",
        "flask-caching",
        "examples",
        installed=False,
        explained={
            "caching.unreadable": "`memoize` is found besides and asked instead: it catches what "
            "the cache raises",
        },
    ),
    Measured(
        "js_example",
        "flask",
        "examples/javascript",
        ("tests",),
        installed=False,
        explained={
            "templateinheritance.error-pages": NO_LAYOUT,
            "templateinheritance.title": "its pages are all called JavaScript Example",
        },
    ),
    Measured(
        "bepasty",
        "bepasty",
        "src/bepasty/tests",
        ("test_rest_server.py", "test_app.py", "test_item.py"),
        fixture=False,
        needs=("requests", "selenium"),
    ),
    Measured(
        "buku",
        "buku",
        tests=("tests/test_server.py", "tests/test_views.py"),
        fixture=False,
        needs=("hypothesis", "pyyaml", "lxml", "flask-babel", "vcrpy", "pytest-recording", "attrs"),
        explained={
            "templateinheritance.error-pages": NO_LAYOUT,
            "wtforms.labelled": "the front page's search, which is found, has no label for its "
            "keyword",
            "wtforms.model-agreement": "what is found is another form than the one that fails",
            "wtforms.no-5xx": "a file in the place of that keyword: TypeError in Flask-Admin, 500",
        },
    ),
    # Modules that its tests import are not in the distribution.
    Measured(
        "grip",
        "grip",
        explained={
            "templateinheritance.escape-passed": "it shows GitHub's HTML |safe, which GitHub "
            "sanitizes: a person types `trusted`",
        },
    ),
    Measured(
        "httpbin",
        "httpbin",
        tests=("tests",),
        explained={
            "favicon.root": "nothing is at /favicon.ico: the page with the icon's link is "
            "found, and nobody typed it"
        },
    ),
    # Its fixture wants the test's class, and asks for it to be there.
    Measured("ihatemoney", "ihatemoney", tests=("ihatemoney/tests/main_test.py",), fixture=False),
    Measured("lektor", "lektor", tests=("tests/test_api.py",), fixture=False),
    Measured(
        "sqlite-web",
        "sqlite-web",
        explained={"templateinheritance.title": ONE_PAGE},
    ),
    Measured(
        "supysonic",
        "supysonic",
        cannot={"nothing": "its database is in a folder that is not there before it is set up"},
        explained={"templateinheritance.title": ONE_PAGE},
    ),
]


def binding(name: str) -> dict[str, Any]:
    """Return the hand-written configuration of an application."""
    return tomllib.loads((HERE / name / "conformance.toml").read_text())


def typed_keys(table: Mapping[str, Any]) -> list[str]:
    """Return the keys that a person typed which are of a pattern or a person.

    What is as the default says nobody has to find.
    """
    keys = [f"people.{key}" for person in table.get("people", {}).values() for key in person]
    for slug, bound in table.get("patterns", {}).items():
        fields = load_pattern(slug).binding.model_fields
        for key, value in bound.items():
            if key != "name" and value != fields[key].default:
                keys.append(f"patterns.{slug}.{key}")
    return sorted(set(keys))


def found_keys(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the survey of a run confirmed, with its value; people without their names."""
    found: dict[str, Any] = {}
    for each in (result["survey"] or {}).get("findings", ()):
        if each["confirmed"] and each["pattern"] == "people":
            found.setdefault(f"people.{each['key'].rpartition('.')[2]}", each["value"])
        elif each["confirmed"] and each["pattern"]:
            found.setdefault(f"patterns.{each['pattern']}.{each['key']}", each["value"])
    return found


def verdicts(result: Mapping[str, Any]) -> dict[str, str]:
    """Return the verdicts of the clauses that were asked; the worst of those of several places."""
    order = ("pass", "fail", "broken")
    found: dict[str, str] = {}
    for each in result["clauses"]:
        if each["verdict"] in order:
            known = found.get(each["id"], "pass")
            found[each["id"]] = max(known, each["verdict"], key=order.index)
    return found


class _Runs:
    """The runs of one application, in folders of their own."""

    def __init__(self, each: Measured, folder: Path, environments: Path) -> None:
        self.each = each
        self.folder = folder
        self.bound = HERE / each.name
        self.table = binding(each.name)
        release = version(each.name) if each.installed else None
        download = folder / "source"
        download.mkdir()
        self.source: Path | None = None
        if each.tests or not each.installed:
            self.source = source_distribution(each.distribution, download, release) / each.folder
        self.python = sys.executable
        if each.installed:
            self.python = _installed(each, environments)

    def asked(self, way: str) -> dict[str, Any]:
        """Return the result of one run, in the JSON that it writes."""
        work = self.folder / way
        work.mkdir()
        result = work / "result.json"
        paths = [self.bound]
        if way == "tests" and self.source is not None:
            # Where the tests of the project are run from, its modules are.
            work = self.source
            arguments = [word for path in self.each.tests for word in ("--tests", path)]
            if self.each.fixture:
                paths = []
            else:
                arguments += [self.table["app"], "--submit"]
        elif not self.each.installed and self.source is not None:
            work = self.source
            paths.insert(0, self.source)
            arguments = [self.table["app"]]
        else:
            arguments = [self.table["app"]]
        if way == "told":
            arguments = [*self._told(), "--submit", "--survey"]
        elif way == "hand":
            arguments = ["--config", str(self.bound / "conformance.toml")]
        known = next((app for app in APPLICATIONS if app.name == self.each.name), None)
        patterns = known.patterns if known is not None else ()
        started = time.monotonic()
        run = subprocess.run(
            [
                *(self.python, "-m", "conformance", "check", *arguments),
                *("--json", str(result), "--timeout", "300"),
                *(word for slug in patterns for word in ("-p", slug)),
            ],
            cwd=work,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(map(str, paths)),
                "PYTHONWARNINGS": "",
                **self._settings(),
            },
        )
        seconds = time.monotonic() - started
        if run.returncode > 2 or not result.exists():
            raise RuntimeError(f"{self.each.name} {way}: {run.stderr}")
        data: dict[str, Any] = json.loads(result.read_text())
        if data["survey"] is None and way != "hand":
            raise RuntimeError(
                f"{self.each.name} {way}: no survey: {run.stdout[-500:]}{run.stderr}"
            )
        data["took"] = seconds
        return data

    def _settings(self) -> dict[str, str]:
        known = next((app for app in APPLICATIONS if app.name == self.each.name), None)
        values = known.environment if known is not None else {}
        return {key: value.replace("{here}", str(self.bound)) for key, value in values.items()}

    def _told(self) -> Iterator[str]:
        """Yield the options, and write the file, with what only a person knows."""
        text = (self.bound / "conformance.toml").read_text()
        kept: list[str] = []
        keeps = True
        for line in text.splitlines():
            if line.startswith("["):
                keeps = line.startswith("[config")
            if keeps:
                kept.append(line)
        file = self.folder / "told.toml"
        file.write_text("\n".join(kept) + "\n")
        yield from ("--config", str(file))
        for name, person in self.table.get("people", {}).items():
            fields = ",".join(f"{key}={value}" for key, value in person["login"]["form"].items())
            yield from ("--login", f"{name}:{fields}")


def _installed(each: Measured, environments: Path) -> str:
    """Return the Python of an application's environment, made where there is none."""
    folder = environments / each.name
    python = folder / (
        "environment/Scripts/python.exe" if os.name == "nt" else "environment/bin/python"
    )
    if not python.exists():
        folder.mkdir(parents=True, exist_ok=True)
        environment(each.name, folder)
    if each.needs:
        install = [sys.executable, "-m", "uv", "pip", "install", "-q", "-p", str(python)]
        subprocess.run([*install, *each.needs], check=True)
    return str(python)


def measure(
    each: Measured, environments: Path, known: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return what came of asking an application in each way, and by hand.

    With what is known of it, it is not asked by hand again: what it fails so stands in this folder.
    """
    with tempfile.TemporaryDirectory() as folder:
        runs = _Runs(each, Path(folder), environments)
        if known is None:
            by_hand = verdicts(runs.asked("hand"))
            count = len(by_hand)
        else:
            by_hand, count = dict.fromkeys(known_failures(each.name), "fail"), known["asked"]
        keys = typed_keys(runs.table)
        ways: dict[str, Any] = {}
        for way in WAYS:
            if way in each.cannot or (way == "tests" and not each.tests):
                continue
            try:
                result = runs.asked(way)
            except RuntimeError as error:
                ways[way] = {"error": str(error).strip().splitlines()[-1]}
                continue
            got = verdicts(result)
            found = found_keys(result)
            ways[way] = {
                "asked": len(got),
                "found": {key: found[key] for key in keys if key in found},
                "others": sorted(found.keys() - set(keys)),
                # What the hand-written binding says otherwise, or what it does not fail.
                "differ": {
                    name: [by_hand.get(name, "untested"), verdict]
                    for name, verdict in sorted(got.items())
                    if verdict != by_hand.get(name, "pass")
                },
                "seconds": round(result["took"]),
                "survey": result["survey"]["seconds"],
                "requests": dict(sorted(result["survey"]["requests"].items())),
            }
    return {"version": _version(each), "asked": count, "keys": keys, "ways": ways}


def _version(each: Measured) -> str:
    import importlib.metadata

    return version(each.name) if each.installed else importlib.metadata.version(each.distribution)


def known_failures(name: str) -> Mapping[str, str]:
    """Return what an application fails with the hand-written binding, and why."""
    known = {each.name: each.fails for each in (*APPLICATIONS, FLASKR, HELLO)}
    return known.get(name, {})


def unexplained(measured: Mapping[str, Any]) -> list[str]:
    """Return the verdicts that the hand-written binding does not have, and nobody has looked into.

    A failure that is known is none.
    """
    found: list[str] = []
    for each in (one for one in MEASURED if one.name in measured):
        fails = known_failures(each.name)
        for way, result in measured[each.name]["ways"].items():
            for name, (_, verdict) in result.get("differ", {}).items():
                if name not in each.explained and not (verdict == "fail" and name in fails):
                    found.append(f"{each.name} {way} {name}: {verdict}")
    return found


#: What the reference is called among the applications.
REFERENCE = "reference"


def surveyed_reference() -> dict[str, Any]:
    """Return which keys of the reference's own configuration a survey finds that submits.

    However busy the machine is: it has the time that it takes.
    """
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["conformance"]
    keys = {f"people.{key}" for person in table["people"].values() for key in person}
    for slug, bound in table["patterns"].items():
        for place in bound if isinstance(bound, list) else [bound]:
            keys |= set(typed_keys({"patterns": {slug: place}}))
    logins = {name: person["login"]["form"] for name, person in table["people"].items()}
    subject = Subject(app=table["app"], config=table["config"])
    with open_survey(
        subject, seconds=SECONDS, limit=time_limit, submits=True, logins=logins
    ) as survey:
        assert survey is not None
        findings = [each.to_json() for each in detect(survey)]
    found = found_keys({"survey": {"findings": findings}})
    return {"keys": sorted(keys), "found": sorted(keys & found.keys())}


def share(measured: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many keys were found in some way, and how many a person typed."""
    entries = [each for name, each in measured.items() if name != REFERENCE]
    found = sum(
        len({key for way in each["ways"].values() for key in way.get("found", ())})
        for each in entries
    )
    return found, sum(len(each["keys"]) for each in entries)


def table(measured: Mapping[str, Any]) -> str:
    """Return the table of what the survey finds."""
    heads = "nothing typed | own tests | `--submit`"
    rows = [
        f"| application | keys typed | found: {heads} | clauses by hand | asked: {heads} "
        "| verdicts that differ | seconds of the survey | requests |",
        "| --- " * 11 + "|",
    ]
    for each in (one for one in MEASURED if one.name in measured):
        entry = measured[each.name]
        ways = [entry["ways"].get(way, {}) for way in WAYS]
        keys = " | ".join(str(len(way["found"])) if "found" in way else "" for way in ways)
        asked = " | ".join(str(way.get("asked", "")) for way in ways)
        differ = len({name for way in ways for name in way.get("differ", ())})
        first = ways[0]
        sent = ", ".join(f"{count} {method}" for method, count in first.get("requests", {}).items())
        seconds = f"{first['survey']:.1f}" if "survey" in first else ""
        rows.append(
            f"| {each.name} {entry['version']} | {len(entry['keys'])} | {keys} | {entry['asked']} "
            f"| {asked} | {differ or ''} | {seconds} | {sent} |"
        )
    return "\n".join(rows)


def explanations(measured: Mapping[str, Any]) -> str:
    """Return a list of the verdicts that differ, with the reason of each."""
    rows = []
    for each in (one for one in MEASURED if one.name in measured):
        names = {
            name
            for way in measured[each.name]["ways"].values()
            for name in way.get("differ", ())
            if name in each.explained
        }
        rows += [f"- {each.name}, `{name}`: {each.explained[name]}" for name in sorted(names)]
        rows += [
            f"- {each.name}, {WAYS[way]}: not asked, {why}" for way, why in each.cannot.items()
        ]
    return "\n".join(rows)


def content(measured: Mapping[str, Any]) -> str:
    """Return the table, what it comes to, and what is explained."""
    found, typed = share(measured)
    left = {(each.split()[0], each.split()[2]) for each in unexplained(measured)}
    total = f"Of {typed} keys that were typed, {found} were found in one of the three ways."
    if (own := measured.get(REFERENCE)) is not None:
        total += (
            f" Of the {len(own['keys'])} keys that bind the reference, {len(own['found'])} are "
            "found with `--submit` and its logins."
        )
    if left:
        total += f" Of the verdicts that differ, {len(left)} have not been looked into."
    return "\n\n".join([table(measured), total, explanations(measured)]).strip()


def _keep(known: Mapping[str, Any]) -> None:
    names = [*(each.name for each in MEASURED), REFERENCE]
    ordered = {name: known[name] for name in names if name in known}
    FILE.write_text(json.dumps(ordered, indent=1) + "\n")


def main() -> None:
    """Measure the applications that are named, or all, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--environments", type=Path, help="where they are, or shall be, installed")
    parser.add_argument("--again", action="store_true", help="do not ask by hand what was asked so")
    options = parser.parse_args()
    known: dict[str, Any] = json.loads(FILE.read_text())
    with tempfile.TemporaryDirectory() as folder:
        for each in MEASURED:
            if not options.names or each.name in options.names:
                before = known.get(each.name) if options.again else None
                measured = measure(each, options.environments or Path(folder), before)
                # Several may be measured at once.
                known = {**json.loads(FILE.read_text()), each.name: measured}
                _keep(known)
        if not options.names or REFERENCE in options.names:
            known = {**json.loads(FILE.read_text()), REFERENCE: surveyed_reference()}
            _keep(known)
    sys.stdout.write(content(known) + "\n")
    sys.stdout.writelines(f"not looked into: {each}\n" for each in unexplained(known))


if __name__ == "__main__":
    main()
