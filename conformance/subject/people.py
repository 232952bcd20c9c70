"""People: who can use a subject, and the keys of bindings that are filled in from them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ..core.errors import ConfigError, nearest
from ..core.place import at_place
from .config import Binding, Person, Route, validate

#: What a person may be called, as it stands in keys with dots.
_NAME = re.compile(r"[\w-]+")

#: The release that takes the login keys of patterns away.
REMOVED = "0.2.0"


def read_people(data: Mapping[str, object], source: str) -> dict[str, Person]:
    """Return the people of a configuration, by name; raises `ConfigError` for a wrong table."""
    people: dict[str, Person] = {}
    for name, table in data.items():
        if not _NAME.fullmatch(name):
            raise ConfigError(
                f"{source}: people: {name!r} is not a name of letters, digits, _ and -"
            )
        person = people[name] = (
            table
            if isinstance(table, Person)
            else validate(Person, table, source=source, key=f"people.{name}")
        )
        for key in ("login", "logout"):
            route = getattr(person, key)
            if route is not None and route.person is not None:
                raise ConfigError(
                    f"{source}: people.{name}.{key}.as: a request that logs in or out is nobody's"
                )
    return people


def check_people(
    binding: Binding, people: Mapping[str, Person], *, source: str, key: str, place: str
) -> None:
    """Raise `ConfigError` for a route that is somebody's whom nobody has named."""
    for path, route in routes_in(binding):
        if route.person is not None and route.person not in people:
            name = at_place(f"{key}.{path}.as", place)
            close = nearest(route.person, people)
            hint = close or (f"; people: {', '.join(people)}" if people else "; [people.NAME] does")
            raise ConfigError(f"{source}: {name}: nothing says who {route.person!r} is{hint}")


def routes_in(binding: Any) -> Iterator[tuple[str, Route]]:
    """Yield the routes of a binding, each with its key; those in lists and tables as well."""
    for name in binding.key_names():
        yield from _routes(name, getattr(binding, name))


def _routes(key: str, value: object) -> Iterator[tuple[str, Route]]:
    if isinstance(value, Route):
        yield key, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _routes(f"{key}.{name}", each)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for number, each in enumerate(value):
            yield from _routes(f"{key}.{number}", each)


def outdated(binding: Binding, slug: str, place: str, found: Collection[str]) -> list[str]:
    """Return a sentence for each key that is typed, not found, and that people say today."""
    return [
        f"{at_place(f'patterns.{slug}.{key}', place)} is deprecated, and goes with "
        f"{REMOVED}: {instead}"
        for key, instead in binding.instead.items()
        if key in binding.model_fields_set
        and binding.origin(key) is None
        and at_place(f"patterns.{slug}.{key}", place) not in found
    ]


def with_people(binding: Binding, people: Mapping[str, Person]) -> Binding:
    """Return a binding whose keys for logging in are filled in from people, where they are unset.

    What one login is for is done by whom the binding's first route with `as` is, or else by
    the first person.
    """
    wanted = [key for key in binding.filled if key not in binding.model_fields_set]
    typed = {kind for key, kind in binding.filled.items() if key not in wanted}
    if not people or typed - {"logout"}:
        # Two ways to log in are not mixed.
        return binding
    named = [route.person for _, route in routes_in(binding) if route.person is not None]
    first = named[0] if named else next(iter(people))
    found: dict[str, object] = {}
    origins: dict[str, str] = {}
    for key in wanted:
        value, origin = _FILLED[binding.filled[key]](first, people)
        if value:
            found[key], origins[key] = value, origin
    filled = binding.model_copy(update=found)
    filled.remember(origins)
    return filled


def _login(first: str, people: Mapping[str, Person]) -> tuple[Any, str]:
    return people[first].login, f"people.{first}.login"


def _logout(first: str, people: Mapping[str, Person]) -> tuple[Any, str]:
    return people[first].logout, f"people.{first}.logout"


def _logins(first: str, people: Mapping[str, Person]) -> tuple[Any, str]:
    shown = {each.shows: each.login for each in people.values() if each.shows is not None}
    return shown, "people"


def _bare_login(first: str, people: Mapping[str, Person]) -> tuple[Any, str]:
    return people[first].login.model_copy(update={"form": None}), f"people.{first}.login"


def _fields(first: str, people: Mapping[str, Person]) -> tuple[Any, str]:
    one = people[first]
    ordered = sorted(people.items(), key=lambda item: item[1] is not one)
    same = {
        name: each
        for name, each in ordered
        if each.login.path == one.login.path and each.login.form
    }
    shown = {each.shows: each.login.form for each in same.values() if each.shows}
    # Without a text that tells them apart, they can log in all the same.
    return shown or {name: each.login.form for name, each in same.items()}, "people"


#: What a key is filled in with, by what `Binding.filled` says of it.
_FILLED = {
    "login": _login,
    "logout": _logout,
    "logins": _logins,
    "bare login": _bare_login,
    "fields": _fields,
}
