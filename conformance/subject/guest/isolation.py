"""Settings that give each app places of its own, where those that it has lead to a stranger's."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..arguments import config_parameter
from .settings import Lead, is_sqlite, leads, remedy, shown_path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from ..subject import Subject
    from .watch import Guest


def own_places(guest: Guest, subject: Subject, app: object) -> dict[str, Any]:
    """Return the settings that give each app a place of its own: empty, or a copy of what is there.

    A copy of an SQLite file, whose tables the app needs. Empty where the app uses nothing of
    somebody else's. What no setting leads away from is not among them: the guest says what
    has to be typed.
    """
    target = subject.target()
    if not target.factory or not (target.fixture or config_parameter(target.found) is not None):
        return {}
    own: dict[str, object] = {}
    for lead in leads(app, list(subject.patterns)):
        if not guest.is_others(lead):
            continue
        line = remedy(lead, getattr(app, "config", None))
        if line and lead.top not in subject.config:
            own |= _copied(tomllib.loads(line)["config"], lead)
    return own


def _copied(value: object, lead: Lead) -> Any:
    """Return a setting with a copy in the place of an empty file, where an SQLite file is there."""
    if isinstance(value, Mapping):
        return {key: _copied(each, lead) for key, each in value.items()}
    if not isinstance(value, str) or lead.kind != "database" or not lead.path:
        return value
    if "{tmp}/" not in value or "}" in lead.path or not is_sqlite(lead.path):
        return value
    return f"{value.partition('{tmp}/')[0]}{{copy:{shown_path(lead.path)}}}"
