"""A guest in somebody's application: it changes nothing that existed before the run.

`begin` starts watching in the process that imports the subject, `join` in those that it starts.
Writing to what existed ends the run (exit code 3); a server that is not named is treated as
unreachable.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .mail import taken_mail
from .notes import VARIABLE, Lost, Notes
from .rules import Rules
from .watch import Guest, Refused, share

if TYPE_CHECKING:
    from ..subject import Subject

__all__ = [
    "VARIABLE",
    "Guest",
    "Lost",
    "Notes",
    "Refused",
    "begin",
    "current",
    "join",
    "taken_mail",
]

_current: Guest | None = None


def begin(subject: Subject, notes: Notes) -> Guest:
    """Watch from now on what a subject does in this process, and in those that it starts."""
    global _current
    rules = Rules(
        notes,
        os.getpid(),
        tuple(_absolute(each) for each in subject.disposable),
        tuple(subject.allow),
        tuple(subject.services.values()),
    )
    share(rules)
    _current = Guest(rules, subject.name)
    _current.install()
    return _current


def join() -> Guest | None:
    """Watch in a process that another process of the run has started; None outside of a run."""
    global _current
    rules = Rules.of_environment(os.environ)
    if rules is not None:
        _current = Guest(rules)
        _current.install()
    return _current


def current() -> Guest | None:
    """Return the guest of this process; None if nothing is watched."""
    return _current


def _absolute(named: str) -> str:
    # A child process may have another working directory.
    is_path = "://" not in named and (os.sep in named or os.path.exists(named))
    return os.path.abspath(named) if is_path else named
