"""What the value of a key looks like: its shape in words, and a real example of it."""

from __future__ import annotations

import functools
import json
import re
import sys
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import PlainValidator

from .config import Binding, Route

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: What the keys of the reference application hold, a table for each pattern: written by
#: `python -m tests.readme`.
EXAMPLES = Path(__file__).with_name("examples.toml")

#: How a request is written.
REQUEST = (
    'A request is a path, "POST /path", or a table: '
    '{ path = "/path", form = { text = "hello" }, as = "ada" }.'
)


@functools.cache
def examples() -> Mapping[str, Mapping[str, Any]]:
    """Return a real value of each key that the reference application binds, by pattern."""
    found: dict[str, dict[str, Any]] = tomllib.loads(EXAMPLES.read_text(encoding="utf-8"))
    return found


def shape_of(binding: type[Binding], key: str) -> str:
    """Return in a few words what a key of a binding holds."""
    field = binding.model_fields[key]
    if any(isinstance(each, PlainValidator) for each in field.metadata):
        return "module:attribute"
    return _shape(field.annotation)


def _shape(annotation: Any) -> str:
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _shape(inner[0])
    if origin is typing.Literal:
        return f"one of {', '.join(map(repr, inner))}"
    if origin in (typing.Union, types.UnionType):
        kinds = [_shape(each) for each in inner if each is not type(None)]
        return " or ".join(dict.fromkeys(kinds))
    if origin in (list, tuple):
        return f"list, each a {_shape(inner[0])}"
    if origin is dict:
        return f"table, each value a {_shape(inner[1])}"
    if isinstance(annotation, type) and issubclass(annotation, Route):
        return "request"
    if isinstance(annotation, type) and issubclass(annotation, Binding):
        return "table"
    return {str: "text", bool: "true or false", int: "number", float: "number"}.get(
        annotation, "value"
    )


def as_toml(value: object) -> str:
    """Return a value as TOML has it in one line."""
    if isinstance(value, Mapping):
        pairs = (f"{_name(key)} = {as_toml(each)}" for key, each in value.items())
        return "{ " + ", ".join(pairs) + " }"
    if isinstance(value, list):
        return f"[{', '.join(map(as_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _name(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key)
