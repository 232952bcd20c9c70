"""How patterns are found in a live app: a room for each, from a survey to findings.

A room has a function `find(survey)` that yields `Finding` objects. It looks at what things are
and what they do, as names alone prove nothing, and a trial confirms what it concludes. Only
confirmed findings are asked without being written down.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..core.errors import ConfigError, ConformanceError, NotObserved, OutOfTime
from ..subject.config import validate
from ..subject.guest import Refused
from ..subject.registry import load_pattern
from ..survey import Survey


@dataclasses.dataclass(frozen=True)
class Finding:
    """What a detector concludes: a key of a pattern's table, and why.

    `value` is as a configuration file would have it; `evidence` a few words. `confirmed` says
    that a trial showed the key to do what it is for.
    """

    pattern: str
    key: str
    value: Any
    evidence: str
    confirmed: bool = True

    @property
    def name(self) -> str:
        """The key with dots: `patterns.flashing.page`."""
        return f"patterns.{self.pattern}.{self.key}"

    def to_json(self) -> dict[str, Any]:
        """Return the finding as the JSON result spells it."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        """Read what `to_json` wrote."""
        return cls(**data)


@functools.cache
def slugs() -> tuple[str, ...]:
    """Return the patterns that have a detector."""
    return tuple(sorted(each.name for each in pkgutil.iter_modules(__path__)))


def detect(survey: Survey, wanted: Iterable[str] | None = None) -> list[Finding]:
    """Return what the detectors find, of all patterns or of the wanted ones.

    What a detector raises costs its own pattern only; of a key that is found twice, the first
    counts. A pattern whose confirmed keys make no valid binding has none of them confirmed.
    """
    found: list[Finding] = []
    chosen = set(slugs()) if wanted is None else set(wanted)
    for slug in slugs():
        if slug in chosen and survey.left > 0:
            found += _checked(slug, _found_by(slug, survey))
    return _lasting(survey, found)


def _lasting(survey: Survey, findings: list[Finding]) -> list[Finding]:
    """Leave unconfirmed what a page shows only after others were visited.

    Clauses ask new apps: each page that a finding names is asked of one more, deepest first.
    """
    paths = {path for each in findings if each.confirmed for path in _paths(each.value)}
    crawl = survey.another() if paths else None
    if crawl is None:
        return findings
    changed: dict[str, str] = {}
    for path in sorted(paths, key=lambda each: (-each.count("/"), each)):
        before = survey.crawl.known(path)
        now = crawl.get(path) if before is not None else None
        if before is not None and now is not None and now.status != before.status:
            changed[path] = f"; but of a new app {path} answers {now.status}, not {before.status}"
    return [
        next(
            (
                dataclasses.replace(each, confirmed=False, evidence=each.evidence + changed[path])
                for path in _paths(each.value)
                if path in changed and each.confirmed
            ),
            each,
        )
        for each in findings
    ]


def _paths(value: object) -> Iterator[str]:
    """Yield the paths that are asked with GET in a value of a key."""
    if isinstance(value, str) and value.startswith("/") and "{" not in value:
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _paths(each)


def _found_by(slug: str, survey: Survey) -> list[Finding]:
    module = importlib.import_module(f"{__name__}.{slug}")
    findings: dict[str, Finding] = {}
    try:
        for finding in module.find(survey):
            before = findings.get(finding.key)
            if before is None or (finding.confirmed and not before.confirmed):
                findings[finding.key] = finding
    except (Exception, OutOfTime, NotObserved, ConformanceError, Refused) as error:
        if survey.strict:
            raise
        survey.trouble[slug] = f"{type(error).__name__}: {error}"
    return list(findings.values())


def _checked(slug: str, findings: list[Finding]) -> Iterator[Finding]:
    known = load_pattern(slug).binding.model_fields
    findings = [each for each in findings if each.key in known]
    try:
        validate(load_pattern(slug).binding, table_of(findings).get(slug, {}), source="found")
    except ConfigError:
        findings = [dataclasses.replace(each, confirmed=False) for each in findings]
    yield from findings


def table_of(findings: Iterable[Finding]) -> dict[str, dict[str, Any]]:
    """Return the confirmed findings as the tables of a configuration, by pattern."""
    tables: dict[str, dict[str, object]] = {}
    for finding in findings:
        if finding.confirmed:
            tables.setdefault(finding.pattern, {})[finding.key] = finding.value
    return tables
