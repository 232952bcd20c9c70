"""Finds what several patterns have to do with each other, from what was found of each of them."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from ..survey import Survey
from . import Finding, table_of
from .methodoverrides import USUAL as HEADER
from .sqlalchemy import URL
from .sqlite3 import USUAL

SLUG = "interactions"


def find(survey: Survey) -> Iterator[Finding]:
    """Yield the routes and settings that other patterns have, where two of them at least do."""
    tables = table_of(survey.findings)
    around = {survey.facts.reference(type(each)) for each in survey.facts.middleware} - {None}
    found = list(_found(tables, around))
    if len({each.evidence.partition(".")[0] for each in found}) > 1:
        yield from found


def _found(tables: Mapping[str, Any], around: Container[str | None]) -> Iterator[Finding]:
    for key, pattern, other in (
        ("protected", "viewdecorators", "protected"),
        ("messages", "flashing", "page"),
        ("upload", "fileuploads", "upload"),
        ("folder", "fileuploads", "folder"),
        ("upload_field", "fileuploads", "field"),
    ):
        value = _table(tables, pattern).get(other)
        if isinstance(value, str):
            yield _of(key, value, pattern, other)
    overrides = _table(tables, "methodoverrides")
    # It may be there without being around this app.
    if overrides.get("middleware") in around:
        header = overrides.get("header", HEADER)
        yield _of("override_header", header, "methodoverrides", "middleware")
    for pattern, column, setting in (
        ("sqlite3", "field", ("database_config", USUAL)),
        ("sqlalchemy", "column", ("url_config", URL)),
    ):
        table = _table(tables, pattern)
        if "create" not in table:
            continue
        # Somebody logs in first, whoever that is.
        route = {key: value for key, value in table["create"].items() if key != "as"}
        yield _of("add", route, pattern, "create")
        if (field := table.get("field", table.get(column))) is not None and field != "text":
            yield _of("text_field", field, pattern, "field")
        if "get_db" in table or "db" in table:
            # Else its place is the app's own secret.
            yield _of("database", table.get(*setting), pattern, setting[0])
        return


def _table(tables: Mapping[str, Any], pattern: str) -> Mapping[str, Any]:
    """Return the table of a pattern, or of the first of its places."""
    found: Any = tables.get(pattern, {})
    table: Mapping[str, Any] = found[0] if isinstance(found, list) else found
    return table


def _of(key: str, value: Any, pattern: str, other: str) -> Finding:
    return Finding(SLUG, key, value, f"{pattern}.{other} has it")
