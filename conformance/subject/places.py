"""Places: where a subject has a pattern, each with a binding of its own.

`[patterns.wtforms]` is one place, without a name; `[[patterns.wtforms]]` is one of several,
each with a `name`.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence

from ..core.errors import ConfigError, nearest
from .config import PLACE_NAME, Binding, validate


@dataclasses.dataclass(frozen=True)
class Place:
    """One occurrence of a pattern in a subject; `name` is empty for one without a name."""

    name: str
    binding: Binding


def read_places(slug: str, data: object, model: type[Binding], source: str) -> tuple[Place, ...]:
    """Return the places that a pattern's table, or its array of tables, says.

    `data` may hold bindings and places instead of tables. Raises `ConfigError` for a table
    that is not valid, and for a name that is missing, doubled or cannot stand in an id.
    """
    key = f"patterns.{slug}"
    if isinstance(data, Binding):
        return (Place("", data),)
    if isinstance(data, Sequence) and not isinstance(data, str | bytes):
        places = tuple(_read(each, number, key, model, source) for number, each in enumerate(data))
        if not places:
            raise ConfigError(f"{source}: {key}: the array has no table")
        names = [place.name for place in places]
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(f"{source}: {key}: two places are named {name!r}")
        return places
    if isinstance(data, Mapping) and "name" in data and "name" not in model.model_fields:
        raise ConfigError(
            f"{source}: {key}.name: a place has a name where its table is one of several: [[{key}]]"
        )
    return (Place("", validate(model, data, source=source, key=key)),)


def _read(data: object, number: int, key: str, model: type[Binding], source: str) -> Place:
    if isinstance(data, Place):
        return data
    if not isinstance(data, Mapping):
        raise ConfigError(f"{source}: {key}: place {number + 1} is not a table but {data!r:.60}")
    if "name" not in data:
        unknown = [each for each in data if each not in model.key_names()]
        misspelt = next((each for each in unknown if nearest(each, ["name"])), None)
        hint = f"; did you mean 'name' by {misspelt!r}?" if misspelt else ""
        raise ConfigError(f"{source}: {key}: place {number + 1} has no name{hint}")
    name = data["name"]
    if not isinstance(name, str) or not re.match(PLACE_NAME, name):
        raise ConfigError(
            f"{source}: {key}: place {number + 1}: a name has letters, digits and _ . - in it, "
            f"not {name!r:.60}"
        )
    table = {each: value for each, value in data.items() if each != "name"}
    return Place(name, validate(model, table, source=source, key=key, place=name))


def names_in(data: object) -> list[str]:
    """Return the names in a pattern's table or array, before anything is validated.

    One empty name where there are no several places, or where they are not well written.
    """
    tables = data if isinstance(data, Sequence) and not isinstance(data, str | bytes) else ()
    names = [_name_of(each) for each in tables]
    good = names and all(names) and len({*names}) == len(names)
    return names if good else [""]


def _name_of(table: object) -> str:
    name = table.name if isinstance(table, Place) else None
    name = table.get("name") if isinstance(table, Mapping) else name
    return name if isinstance(name, str) and re.match(PLACE_NAME, name) else ""


def chosen(name: str, globs: Iterable[str]) -> bool:
    """Check whether a place is one of those that globs name; each is where there are none."""
    globs = list(globs)
    return not globs or any(fnmatch.fnmatchcase(name, glob) for glob in globs)
