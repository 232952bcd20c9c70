"""What a survey of the subject found, and how it is merged with the user's configuration."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from ..detectors import PEOPLE, Finding, detect, people_of, table_of
from ..subject import Subject
from ..survey import SECONDS, SECONDS_MORE, Exchange, open_survey
from .engine import Options
from .limits import time_limit
from .preflight import load


def survey(
    subject: Subject,
    options: Options,
    slugs: Collection[str],
    begun: Callable[[float], None] = lambda seconds: None,
    heard: Sequence[Exchange] = (),
    submits: bool = False,
    logins: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, Any]:
    """Survey a subject for some patterns; return the findings in JSON, and what they cost.

    `begun` is called once the app exists, with the seconds that the survey may take. `heard` is
    what others sent to the subject; with `submits`, trials may send requests that change
    something; `logins` are the fields with which somebody logs in, by name. Raises `SubjectError`
    if the app cannot be built.
    """
    load(subject, options)
    seconds = SECONDS + (SECONDS_MORE if heard or submits or logins else 0.0)
    with open_survey(
        subject,
        seconds=seconds,
        patience=options.timeout,
        limit=time_limit,
        heard=heard,
        submits=submits,
        logins=logins or {},
    ) as opened:
        begun(seconds if opened is None else max(opened.left, 0.0))
        started = time.perf_counter()
        if opened is None:
            found, requests, trouble, config, failed = [], {}, {}, {}, []
        else:
            found = detect(opened, slugs)
            requests, trouble = dict(opened.methods), opened.trouble
            config, failed = opened.config, opened.failed
        return {
            "findings": [each.to_json() for each in found],
            "seconds": round(time.perf_counter() - started, 3),
            "requests": requests,
            "config": config,
            "failed": [{"request": each.request.name, "error": each.error} for each in failed],
            "note": "; ".join(f"{slug}: {text}" for slug, text in trouble.items()),
        }


def with_findings(
    table: Mapping[str, Any], findings: Iterable[Mapping[str, Any]]
) -> tuple[Mapping[str, Any], dict[str, str]]:
    """Return a configuration with the confirmed findings, and the evidence by key.

    Configured keys take precedence; a pattern with named places is left unchanged.
    """
    known = [Finding.from_json(each) for each in findings]
    patterns = {**table.get("patterns", {})}
    evidence: dict[str, str] = {}
    people = table.get("people") or people_of(known)
    own: dict[str, Any] = {}
    kept: list[Finding] = []
    for finding in known:
        if not finding.pattern:
            if finding.confirmed and finding.key not in table:
                own[finding.key] = finding.value
                evidence[finding.name] = finding.evidence
            continue
        if finding.pattern == PEOPLE:
            if finding.confirmed and not table.get("people"):
                evidence[finding.name] = finding.evidence
            continue
        typed = table.get("patterns", {}).get(finding.pattern)
        if not finding.confirmed or (finding.place and typed is not None):
            continue
        if typed is not None and (not isinstance(typed, Mapping) or finding.key in typed):
            continue
        kept.append(finding)
        evidence[finding.name] = finding.evidence
    for slug, found in table_of(kept).items():
        patterns[slug] = {**found, **patterns.get(slug, {})} if isinstance(found, dict) else found
    if not evidence:
        return table, evidence
    merged = {**table, **own, "patterns": patterns}
    return ({**merged, "people": people} if people else merged), evidence
