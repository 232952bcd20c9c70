"""What a survey of the subject found, and how it is merged with the user's configuration."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from ..detectors import Finding, detect
from ..subject import Subject
from ..survey import open_survey
from .engine import Options
from .limits import time_limit
from .preflight import load


def survey(
    subject: Subject,
    options: Options,
    slugs: Collection[str],
    begun: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Survey a subject for some patterns; return the findings in JSON, and what they cost.

    `begun` is called once the app exists. Raises `SubjectError` if it cannot be built.
    """
    load(subject, options)
    with open_survey(subject, patience=options.timeout, limit=time_limit) as opened:
        begun()
        started = time.perf_counter()
        if opened is None:
            found, requests, trouble, config = [], {}, {}, {}
        else:
            found = detect(opened, slugs)
            requests, trouble = dict(opened.methods), opened.trouble
            config = opened.config
        return {
            "findings": [each.to_json() for each in found],
            "seconds": round(time.perf_counter() - started, 3),
            "requests": requests,
            "config": config,
            "note": "; ".join(f"{slug}: {text}" for slug, text in trouble.items()),
        }


def with_findings(
    table: Mapping[str, Any], findings: Iterable[Mapping[str, Any]]
) -> tuple[Mapping[str, Any], dict[str, str]]:
    """Return a configuration with the confirmed findings, and the evidence by key.

    Configured keys take precedence; a pattern with named places is left unchanged.
    """
    patterns = {**table.get("patterns", {})}
    evidence: dict[str, str] = {}
    for finding in map(Finding.from_json, findings):
        typed = table.get("patterns", {}).get(finding.pattern, {})
        if not finding.confirmed or not isinstance(typed, Mapping) or finding.key in typed:
            continue
        patterns[finding.pattern] = {
            finding.key: finding.value,
            **patterns.get(finding.pattern, {}),
        }
        evidence[finding.name] = finding.evidence
    return ({**table, "patterns": patterns} if evidence else table), evidence
