"""Settings that stay as they are while an app is made by what takes none, such as a fixture."""

from __future__ import annotations

import contextlib
import contextvars
import functools
from collections.abc import Iterator, Mapping
from typing import Any

_pins: contextvars.ContextVar[Mapping[str, Any] | None] = contextvars.ContextVar(
    "conformance_pins", default=None
)


class Pinned(dict[str, Any]):
    """A mixin for configurations: what is pinned cannot be set to anything else, until `unpin`."""

    pins: Mapping[str, Any] = {}

    def __setitem__(self, key: str, value: object) -> None:
        super().__setitem__(key, self.pins.get(key, value))

    def update(self, *others: object, **values: object) -> None:
        """Set several values, but for those that are pinned."""
        for key, value in dict(*others, **values).items():
            self[key] = value

    def __ior__(self, other: object) -> Any:  # type: ignore[misc]
        self.update(other)
        return self

    def setdefault(self, key: str, default: object = None) -> Any:
        """Return a value, set where there is none."""
        if key not in self:
            self[key] = default
        return self[key]

    def unpin(self) -> None:
        """Let every value be set again."""
        self.pins = {}


@contextlib.contextmanager
def pinned(values: Mapping[str, object]) -> Iterator[None]:
    """Give each Flask app that is made in the block these settings, whatever its code sets."""
    _install()
    token = _pins.set(values)
    try:
        yield
    finally:
        _pins.reset(token)


def unpin(app: object) -> bool:
    """End what is pinned of an app; return whether anything was."""
    config = getattr(app, "config", None)
    if not isinstance(config, Pinned):
        return False
    config.unpin()
    return True


@functools.cache
def _install() -> None:
    """Have Flask make configurations that can be pinned, where something is to be."""
    import flask

    make: Any = flask.Flask.make_config

    def make_config(self: flask.Flask, instance_relative: bool = False) -> Any:
        config = make(self, instance_relative)
        values = _pins.get()
        if values is None:
            return config
        return _pinning(type(config), config, values)

    setattr(flask.Flask, make.__name__, make_config)


def _pinning(kind: Any, config: Any, values: Mapping[str, Any]) -> Any:
    made = _kind(kind)(config.root_path, dict(config))
    vars(made).update(vars(config))
    made.pins = dict(values)
    made.update(values)
    return made


@functools.cache
def _kind(kind: Any) -> Any:
    return type(kind.__name__, (Pinned, kind), {"__module__": kind.__module__})
