"""Settings that give each app its own files and databases, if it would use existing ones."""

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
    """Return the settings that give each app its own files and databases, empty or copied.

    An SQLite file whose tables the app needs is copied. Returns no settings if the app uses
    nothing that existed before, and none for what no setting can replace: the guest then reports
    what to configure.
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
    """Return a setting that names a copy instead of an empty file, if it names an SQLite file."""
    if isinstance(value, Mapping):
        return {key: _copied(each, lead) for key, each in value.items()}
    if not isinstance(value, str) or lead.kind != "database" or not lead.path:
        return value
    if "{tmp}/" not in value or "}" in lead.path or not is_sqlite(lead.path):
        return value
    return f"{value.partition('{tmp}/')[0]}{{copy:{shown_path(lead.path)}}}"
