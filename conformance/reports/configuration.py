"""A configuration file of what was found: commented, and laid into what a person wrote."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import tomlkit

from ..core.errors import ConfigError
from ..detectors import PEOPLE
from ..subject.registry import load_pattern

#: The width of comments.
_WIDTH = 96

_HEAD = (
    "Written by `conformance init`: what a survey of the application found, with the evidence "
    "above each key. What is commented out nobody could confirm without changing something: "
    "correct and uncomment it. `conformance explain PATTERN` tells of every key."
)


def write_configuration(
    text: str,
    *,
    app: str | None,
    survey: Mapping[str, Any],
    pyproject: bool = False,
) -> str:
    """Return the text of a configuration file with what a survey found.

    `text` is the file as it is, empty for a new one: what it has stays, and keys that it has are
    left alone. With `pyproject` the tables stand below `[tool.conformance]`. Raises
    `ConfigError` where the text is not TOML.
    """
    try:
        document = tomlkit.parse(text)
    except tomlkit.exceptions.ParseError as error:
        raise ConfigError(f"not valid TOML: {error}") from None
    root: Any = document
    if pyproject:
        root = _table(_table(document, "tool"), "conformance")
    elif not text.strip():
        _comment(document, _HEAD)
        document.add(tomlkit.nl())
    if app is not None and "app" not in root:
        root.add("app", app)
    if survey["config"] and "config" not in root:
        inline = tomlkit.inline_table()
        inline.update(survey["config"])
        root.add("config", inline)
    gains = {each["pattern"]: each["gains"] for each in survey["outline"]}
    by_pattern: dict[str, list[Mapping[str, Any]]] = {}
    people: dict[str, Mapping[str, Any]] = {}
    found_people = [each for each in survey["findings"] if each["pattern"] == PEOPLE]
    for finding in survey["findings"]:
        if finding["pattern"] == PEOPLE:
            continue
        if not finding["pattern"]:
            if finding["key"] not in root:
                _comment(root, finding["evidence"])
                root.add(finding["key"], _item(finding["value"]))
            continue
        if finding["key"] in load_pattern(finding["pattern"]).binding.filled:
            people.setdefault(finding["key"], finding)
        else:
            by_pattern.setdefault(finding["pattern"], []).append(finding)
    for slug, findings in by_pattern.items():
        _add_pattern(root, slug, findings, gains.get(slug, {}))
    name = "tool.conformance.people" if pyproject else "people"
    if "people" not in root and any(each["confirmed"] for each in found_people):
        _add_found_people(root, found_people)
    elif people and "people" not in root:
        _add_people(root, people, name)
    return tomlkit.dumps(document)


def _add_found_people(root: Any, found: Iterable[Mapping[str, Any]]) -> None:
    """Add a table for each person who was seen to log in."""
    tables = _table(root, "people")
    for finding in found:
        if not finding["confirmed"]:
            continue
        name, _, key = finding["key"].rpartition(".")
        if name not in tables:
            tables.add(name, tomlkit.table())
        _comment(tables[name], finding["evidence"])
        tables[name].add(key, _item(finding["value"]))


def _add_people(root: Any, found: Mapping[str, Mapping[str, Any]], name: str) -> None:
    """Add what is known of how somebody logs in, for whoever knows a password to fill in."""
    table = tomlkit.table(is_super_table=True)
    evidence = next(iter(found.values()))["evidence"]
    lines = [*textwrap.wrap(evidence, _WIDTH), f"[{name}.NAME]"]
    lines += [f"{key} = {_item(each['value']).as_string()}" for key, each in found.items()]
    for line in (*lines, 'shows = "text that only they see"'):
        table.add(tomlkit.comment(line))
    root.add("people", table)


def _add_pattern(
    root: Any, slug: str, findings: Sequence[Mapping[str, Any]], gains: Mapping[str, int]
) -> None:
    patterns = root.get("patterns", {})
    typed = patterns.get(slug)
    if typed is not None and not isinstance(typed, Mapping):
        return
    if any(each.get("place") for each in findings):
        if typed is None:
            _add_places(root, slug, findings)
        return
    new = [each for each in findings if typed is None or each["key"] not in typed]
    if not new:
        return
    table: Any = typed if typed is not None else tomlkit.table()
    for finding in new:
        _add_key(table, finding)
    shown = {each["key"] for each in findings}
    for name, count in list(gains.items())[:3]:
        key = name.rpartition(".")[2]
        if key not in shown and typed is None:
            _comment(table, f"{key}: would let {_clauses(count)} more be asked")
    if typed is None:
        table.add(tomlkit.nl())
        _table(root, "patterns", super_table=True).add(slug, table)


def _add_places(root: Any, slug: str, findings: Sequence[Mapping[str, Any]]) -> None:
    """Add a table for each place, with its name."""
    array = tomlkit.aot()
    for place in dict.fromkeys(each["place"] for each in findings if each["place"]):
        table = tomlkit.table()
        table.add("name", place)
        for finding in findings:
            if finding["place"] == place:
                _add_key(table, finding)
        table.add(tomlkit.nl())
        array.append(table)
    _table(root, "patterns", super_table=True).add(slug, array)


def _add_key(table: Any, finding: Mapping[str, Any]) -> None:
    """Add a key, or the comment of one that nobody could confirm, below its evidence."""
    _comment(table, finding["evidence"])
    if finding["confirmed"]:
        table.add(finding["key"], _item(finding["value"]))
    else:
        table.add(tomlkit.comment(f"{finding['key']} = {_item(finding['value']).as_string()}"))


def _clauses(count: int) -> str:
    return "one clause" if count == 1 else f"{count} clauses"


def _table(parent: Any, name: str, *, super_table: bool = True) -> Any:
    if name not in parent:
        parent.add(name, tomlkit.table(is_super_table=super_table))
    return parent[name]


def _comment(container: Any, text: str) -> None:
    for line in textwrap.wrap(" ".join(text.split()), _WIDTH):
        container.add(tomlkit.comment(line))


def _item(value: object) -> Any:
    if isinstance(value, Mapping):
        inline = tomlkit.inline_table()
        for key, each in value.items():
            inline.add(key, _item(each))
        return inline
    if isinstance(value, list | tuple):
        array = tomlkit.array()
        for each in value:
            array.append(_item(each))
        return array
    return tomlkit.item(value)


def outline_lines(survey: Mapping[str, Any]) -> list[str]:
    """Return the table of what can be asked: by pattern, with the line that would gain most."""
    rows = [("pattern", "found", "askable", "of", "the one line that would gain most")]
    keys: dict[str, list[str]] = {}
    guesses: dict[str, object] = {}
    for finding in survey["findings"]:
        if finding["confirmed"]:
            keys.setdefault(finding["pattern"], []).append(finding["key"])
        else:
            guesses[f"patterns.{finding['pattern']}.{finding['key']}"] = finding["value"]
    for each in survey["outline"]:
        slug = each["pattern"]
        name, gain = next(iter(each["gains"].items()), ("", 0))
        line = f"{name.rpartition('.')[2]} (+{gain})" if gain else ""
        if each["begins"]:
            # Whichever of them is bound, each lets other clauses be asked.
            line = f"one of {', '.join(each['begins'])}"
            name = next((f"patterns.{slug}.{key}" for key in each["begins"]), "")
        if name in guesses:
            line += f", such as {json.dumps(guesses[name], ensure_ascii=False)}"[:60]
        count = str(len(keys.get(slug, ())) or "-")
        rows.append((slug, count, str(each["askable"] or "-"), str(each["clauses"]), line))
    total = sum(each["askable"] for each in survey["outline"])
    whole = sum(each["clauses"] for each in survey["outline"])
    found = sum(map(len, keys.values()))
    rows.append(("all", str(found), str(total), str(whole), ""))
    return [_line(row) for row in rows]


def _line(row: Iterable[str]) -> str:
    first, found, askable, whole, line = row
    return f"{first:<24}{found:>7}{askable:>9}{whole:>5}  {line}".rstrip()
