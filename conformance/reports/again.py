"""How a clause is asked again: the command line that a run was started with, and its seed."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ..core.verdict import Verdict

#: What results have that do not say how they were made.
DEFAULT = ("conformance", "check")


def check_command(
    target: str | None,
    config: str | None,
    services: Mapping[str, str],
    transport: str,
    max_examples: int,
    survey: bool | None = None,
    tests: Sequence[str] = (),
    submit: bool = False,
) -> tuple[str, ...]:
    """Return the words of a `conformance check`, without those that choose clauses and a seed.

    What is as by default is left out, and so are passwords.
    """
    words = list(DEFAULT)
    if target:
        words.append(target)
    if config:
        words += ["--config", config]
    for name, url in services.items():
        words += ["--service", f"{name}={url if not urlsplit(url).password else 'URL'}"]
    if transport != "wsgi":
        words += ["--transport", transport]
    if max_examples != 100:
        words += ["--max-examples", str(max_examples)]
    if survey is not None:
        words.append("--survey" if survey else "--no-survey")
    if submit:
        words.append("--submit")
    for path in tests:
        words += ["--tests", path]
    return tuple(words)


def again(command: Sequence[str], seed: int, verdict: Verdict) -> str:
    """Return the line that asks the clause of a verdict again, to be pasted into a shell."""
    words = list(command)
    if words[0] == "pytest":
        words += ["-k", verdict.id]
        if verdict.place:
            words += ["--conformance-place", verdict.place]
        words += ["--conformance-seed", str(seed)]
    else:
        words += ["--clause", verdict.id]
        if verdict.place:
            words += ["--place", verdict.place]
        words += ["--seed", str(seed)]
    return " ".join(shlex.quote(word) for word in words)


def again_of(result: Mapping[str, Any], verdict: Verdict) -> str:
    """Return the line that asks a clause again as the run of a result did."""
    return again(result.get("command") or DEFAULT, result["seed"], verdict)
