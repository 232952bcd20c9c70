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
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..core.errors import ConfigError, ConformanceError, NotObserved, OutOfTime
from ..core.place import at_place
from ..subject.config import validate
from ..subject.guest import Refused
from ..subject.locate import is_factory
from ..subject.registry import load_pattern
from ..survey import PATIENCE_MORE, Facts, Survey
from ..survey.submissions import log_in
from ..survey.submit import submitted, submitted_as

#: What findings about people have in the place of a pattern.
PEOPLE = "people"


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
    #: The name of the place that it is of; empty where the pattern is at one place.
    place: str = ""

    @property
    def name(self) -> str:
        """The key with dots, and its place: `patterns.flashing.page`, `people.ada.login`."""
        return at_place(name_of(self.pattern, self.key), self.place)

    def to_json(self) -> dict[str, Any]:
        """Return the finding as the JSON result spells it."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        """Read what `to_json` wrote."""
        return cls(**data)


def name_of(pattern: str, key: str) -> str:
    """Return a key with dots; people, and the keys of the subject itself, are of no pattern."""
    if not pattern:
        return key
    return f"{PEOPLE}.{key}" if pattern == PEOPLE else f"patterns.{pattern}.{key}"


@functools.cache
def slugs() -> tuple[str, ...]:
    """Return the patterns that have a detector."""
    rooms = (each.name for each in pkgutil.iter_modules(__path__))
    # That of patterns together comes last: it builds on what was found of each.
    return tuple(
        sorted(
            (each for each in rooms if each != PEOPLE),
            key=lambda each: (each == "interactions", each),
        )
    )


def detect(survey: Survey, wanted: Iterable[str] | None = None) -> list[Finding]:
    """Return what the detectors find, of all patterns or of the wanted ones.

    What a detector raises costs its own pattern only; of a key that is found twice, the first
    counts. A pattern whose confirmed keys make no valid binding has none of them confirmed.
    """
    found: list[Finding] = []
    chosen = set(slugs()) if wanted is None else set(wanted)
    if survey.logins or (survey.submits and not survey.heard):
        survey.heard += submitted(survey, survey.logins)
    if (factory := factory_of(survey)) is not None:
        found.append(factory)
    found += _found_by(PEOPLE, survey)
    if survey.submits and survey.people:
        name = next(iter(survey.people))
        for exchange in submitted_as(survey, lambda client: log_in(survey, client, name)):
            survey.whose[len(survey.heard)] = name
            survey.heard.append(exchange)
    for slug in slugs():
        if slug in chosen and survey.left > 0:
            with survey.share(1 / 3):
                found += _checked(slug, _found_by(slug, survey))
            survey.findings = found
    return _lasting(survey, found)


#: What factories are called by most.
_FACTORY = re.compile(r"(create|make|build|get)_?(\w*_)?(app|application|flask)|app_factory")


def factory_of(survey: Survey) -> Finding | None:
    """Return the factory that a fixture calls, which made an app with the same rules."""
    subject = survey.subject
    if subject.app is None or subject.factory is not None or not subject.target().fixture:
        return None
    rules = sorted(map(str, survey.facts.rules))
    things = [each for each in survey.facts.functions() if _FACTORY.fullmatch(each.name)]
    things.sort(key=lambda each: (each.module.count("."), each.reference))
    for thing in things[:4]:
        plain = dataclasses.replace(subject, app=thing.reference)

        def makes(plain: Any = plain) -> bool:
            app = plain.build(survey.bench.folder, survey.bench.closing, **survey.config)
            return sorted(map(str, Facts(app, plain).rules)) == rules

        if is_factory(thing.value) and survey.trial(makes, seconds=PATIENCE_MORE):
            text = f"it made an app with the same rules as {subject.app}"
            survey.factory = thing.reference
            return Finding("", "factory", thing.reference, text)
    return None


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
    findings: dict[tuple[str, str], Finding] = {}
    try:
        for finding in module.find(survey):
            key = finding.place, finding.key
            before = findings.get(key)
            if before is None or (finding.confirmed and not before.confirmed):
                findings[key] = finding
    except (Exception, OutOfTime, NotObserved, ConformanceError, Refused) as error:
        if survey.strict:
            raise
        survey.trouble[slug] = f"{type(error).__name__}: {error}"
    return list(findings.values())


def _checked(slug: str, findings: list[Finding]) -> Iterator[Finding]:
    known = load_pattern(slug).binding.model_fields
    for place in dict.fromkeys(each.place for each in findings):
        here = [each for each in findings if each.place == place and each.key in known]
        table = {each.key: each.value for each in here if each.confirmed}
        try:
            validate(load_pattern(slug).binding, table, source="found")
        except ConfigError:
            here = [dataclasses.replace(each, confirmed=False) for each in here]
        yield from here


def table_of(findings: Iterable[Finding]) -> dict[str, Any]:
    """Return the confirmed findings as the tables of a configuration, by pattern.

    Of a pattern at several places a list, of a table for each with its name.
    """
    tables: dict[str, Any] = {}
    for finding in findings:
        if not finding.confirmed or finding.pattern in ("", PEOPLE):
            continue
        if not finding.place:
            tables.setdefault(finding.pattern, {})[finding.key] = finding.value
            continue
        places = tables.setdefault(finding.pattern, [])
        table = next((each for each in places if each["name"] == finding.place), None)
        if table is None:
            places.append(table := {"name": finding.place})
        table[finding.key] = finding.value
    return tables


def place_names(endpoints: list[str]) -> list[str]:
    """Return a name for each place of a pattern, from its endpoint; none where there is one."""
    if len(endpoints) == 1:
        return [""]
    names: list[str] = []
    for endpoint in endpoints:
        words = re.findall(r"[A-Za-z0-9]+", endpoint.rpartition(".")[2])
        name = "-".join(words) or "place"
        names.append(name if name not in names else f"{name}-{len(names) + 1}")
    return names


def people_of(findings: Iterable[Finding]) -> dict[str, dict[str, Any]]:
    """Return the confirmed findings about people as the tables of a configuration, by name."""
    people: dict[str, dict[str, Any]] = {}
    for finding in findings:
        if finding.confirmed and finding.pattern == PEOPLE:
            name, _, key = finding.key.rpartition(".")
            people.setdefault(name, {})[key] = finding.value
    return people
