"""A binding whose keys are watched while a clause uses them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from ..core.errors import Broken, Kind, Missing
from ..core.place import split_place
from .config import Binding

B = TypeVar("B", bound=Binding)


def watched(binding: B, slug: str, problems: Mapping[str, str], place: str = "") -> B:
    """Return a binding that ends a clause as `broken` when it uses a key with a problem.

    `problems` maps keys with dots, and with the place that the binding is of
    (`patterns.wtforms.page @register`), to sentences. A clause that does not use such a key is
    asked as if there were none.
    """
    own = {}
    for name, text in problems.items():
        key, where = split_place(name)
        if where == place and key.startswith(f"patterns.{slug}."):
            own[key] = text
    return cast(B, _Watched(binding, slug, own)) if own else binding


class _Watched:
    def __init__(self, binding: Binding, slug: str, problems: Mapping[str, str]) -> None:
        self._binding = binding
        self._slug = slug
        self._problems = problems

    def __getattr__(self, name: str) -> Any:
        key = f"patterns.{self._slug}.{name}"
        if key in self._problems:
            raise Broken(self._problems[key], Missing(Kind.KEY, key))
        return getattr(self._binding, name)
