"""A binding whose keys are watched while a clause uses them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar, cast

from ..core.errors import Broken, Kind, Missing
from ..core.place import split_place
from .config import Binding

B = TypeVar("B", bound=Binding)


def watched(
    binding: B,
    slug: str,
    problems: Mapping[str, str],
    place: str = "",
    found: Iterable[str] = (),
    used: set[str] | None = None,
) -> B:
    """Return a binding that ends a clause as `broken` when it uses a key with a problem.

    `problems` maps keys with dots, and with the place that the binding is of
    (`patterns.wtforms.page @register`), to sentences. A clause that does not use such a key is
    asked as if there were none. Of the keys in `found`, which have their place as well, those
    that a clause uses are added to `used`.
    """
    own = {}
    for name, text in problems.items():
        key, where = split_place(name)
        if where == place and key.startswith(f"patterns.{slug}."):
            own[key] = text
    for name in binding.key_names():
        origin = binding.origin(name)
        for key, text in problems.items() if origin is not None else ():
            # `people` as a whole is from each of them.
            if key == origin or key.startswith(f"{origin}."):
                own.setdefault(f"patterns.{slug}.{name}", text)
    told = {key for key in found if key.startswith(f"patterns.{slug}.")}
    told = {key for key in told if split_place(key)[1] == place}
    told |= {key for key in found if key.startswith("people.")}
    if not own and not told:
        return binding
    return cast(B, _Watched(binding, slug, own, told, set() if used is None else used))


def unwatched(binding: B) -> B:
    """Return a binding whose keys may be read whatever is wrong with them."""
    if isinstance(binding, _Noting):
        return unwatched(cast(B, binding._inner))
    return cast(B, binding._binding) if isinstance(binding, _Watched) else binding


@contextlib.contextmanager
def noting(holder: Any) -> Iterator[set[str]]:
    """Note which keys of the binding that something holds are asked for in the block, unbound."""
    unbound: set[str] = set()
    before = holder.binding
    holder.binding = _Noting(before, unbound)
    try:
        yield unbound
    finally:
        holder.binding = before


class _Noting:
    def __init__(self, binding: object, unbound: set[str]) -> None:
        self._inner = binding
        self._unbound = unbound

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        if value is None:
            self._unbound.add(name)
        return value


class _Watched:
    def __init__(
        self,
        binding: Binding,
        slug: str,
        problems: Mapping[str, str],
        found: set[str],
        used: set[str],
    ) -> None:
        self._binding = binding
        self._slug = slug
        self._problems = problems
        self._found = found
        self._used = used

    def __getattr__(self, name: str) -> Any:
        key = f"patterns.{self._slug}.{name}"
        origin = self._binding.origin(name)
        for told in self._found:
            # `people` as a whole is from each of them.
            if split_place(told)[0] == key or (
                origin is not None and f"{told}.".startswith(f"{origin}.")
            ):
                self._used.add(told)
        if key in self._problems:
            raise Broken(self._problems[key], Missing(Kind.KEY, origin or key))
        return getattr(self._binding, name)
