"""What an app and its source contain, and which code reads its settings."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import functools
import logging
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import blinker
import flask

#: The prefix of setting names that no app knows.
OWN = "CONFORMANCE_"

#: A setting passed in to check whether a factory accepts any.
PROBE = f"{OWN}PROBE"

_PLAIN = (str, bytes, int, float, bool, type(None))


@dataclasses.dataclass(frozen=True)
class Read:
    """A setting that was read: its value, and where it was read."""

    key: str
    value: object
    place: str

    def __str__(self) -> str:
        return f"{self.key} was read as {self.value!r:.80} ({self.place})"


# What an app and its source contain.


def stands_in(file: str | Path, constant: str) -> bool:
    """Check whether a Python file contains a text as a literal."""
    tree = ast.parse(Path(file).read_bytes())
    values = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return any(value in (constant, constant.encode()) for value in values)


def pages_of(app: flask.Flask) -> list[str]:
    """Return the paths of an app that accept a GET and have no arguments."""
    return [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and "<" not in rule.rule
        if not rule.subdomain and not rule.host
    ]


def rules(app: flask.Flask) -> list[str]:
    """Return every rule of an app, with its methods and endpoint."""
    return sorted(
        f"{rule.rule} {','.join(sorted(rule.methods or ()))} {rule.endpoint}"
        for rule in app.url_map.iter_rules()
    )


def leaves(table: object, path: str = "") -> Iterator[str]:
    """Yield the values in a nested table, each with the keys that lead to it."""
    if isinstance(table, Mapping):
        for key, value in table.items():
            yield from leaves(value, f"{path} {getattr(key, '__name__', key)}")
    elif isinstance(table, list | tuple):
        for value in table:
            yield from leaves(value, path)
    else:
        yield f"{path} {getattr(table, '__qualname__', type(table).__name__)}".strip()


def plain(settings: Mapping[str, object]) -> dict[str, object]:
    """Return a copy of the settings that are plain data: text, numbers, and containers of them."""
    return {key: _copied(value) for key, value in settings.items() if _is_plain(value)}


def _is_plain(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(_is_plain(item) for pair in value.items() for item in pair)
    if isinstance(value, list | tuple | set | frozenset):
        return all(_is_plain(item) for item in value)
    return isinstance(value, _PLAIN)


def _copied(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_copied(item) for item in value]
    return set(value) if isinstance(value, set | frozenset) else value


#: How deep clauses look into containers.
DEEPEST = 8


def shared(
    first: object, second: object, path: str = "", *, deep: bool = False
) -> Iterator[tuple[str, object]]:
    """Yield the mutable containers that two values share, with their places.

    Inside a shared container nothing more is reported, unless `deep`.
    """
    held = first is second and bool(path) and _changes(first)
    if held:
        yield path, first
    # A container may hold itself.
    if (held and not deep) or path.count("[") > DEEPEST:
        return
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        for key in first:
            if key in second:
                yield from shared(first[key], second[key], f"{path}[{key!r}]", deep=deep)
    elif isinstance(first, list | tuple) and isinstance(second, list | tuple):
        for index, (one, other) in enumerate(zip(first, second, strict=False)):
            yield from shared(one, other, f"{path}[{index}]", deep=deep)


def contains(value: object, held: object, depth: int = 0) -> bool:
    """Check whether a value is an object, or a nested container with that object in it."""
    if value is held or depth > DEEPEST:
        return value is held
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return any(contains(each, held, depth + 1) for each in value)
    return False


def _changes(value: object) -> bool:
    """Check whether a container can be changed; the change is undone, a frozen one raises."""
    # It may raise any error: TypeError, AttributeError or one of its own.
    with contextlib.suppress(Exception):
        if isinstance(value, dict):
            value[PROBE] = None
            del value[PROBE]
            return True
        if isinstance(value, list | deque | bytearray):
            value.append(0)
            value.pop()
            return True
        if isinstance(value, set):
            value.add(PROBE)
            value.discard(PROBE)
            return True
    return False


def same_setting(handed: object, held: object) -> bool:
    """Check whether a setting equals the value passed in, or is a frozen copy of it."""
    return bool(handed == held or _thawed(handed) == _thawed(held))


def _thawed(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _thawed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_thawed(item) for item in value]
    return set(value) if isinstance(value, set | frozenset) else value


#: The attributes of an app whose classes it may share with other apps.
_PARTS = (
    "request_class",
    "response_class",
    "session_interface",
    "json",
    "jinja_environment",
    "url_rule_class",
    "url_map_class",
    "config_class",
)


def class_state(app: flask.Flask, is_own: Callable[[str], bool]) -> dict[str, str]:
    """Return the plain values of class attributes, which all apps of the process share.

    Covers the classes that the app is made of, and those defined in the subject's own files.
    """
    parts = [getattr(app, name) for name in _PARTS]
    classes = {*type(app).__mro__}
    for part in parts:
        classes |= {*(part if isinstance(part, type) else type(part)).__mro__}
    for name, module in list(sys.modules.items()):
        if is_own(str(getattr(module, "__file__", None) or "<none>")):
            own = [each for each in vars(module).values() if isinstance(each, type)]
            classes |= {each for each in own if each.__module__ == name}
    return {
        f"{each.__module__}.{each.__qualname__}.{name}": repr(value)
        for each in classes - {object}
        for name, value in vars(each).items()
        if not name.startswith("__") and _is_plain(value)
    }


def registries() -> dict[str, int]:
    """Count the entries in the process-wide registries that an app may add to."""
    found = {"handlers of the root logger": len(logging.root.handlers)}
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if isinstance(logger, logging.Logger):
            found[f"handlers of the logger {name!r}"] = len(logger.handlers)
    for name, signal in vars(flask.signals).items():
        if isinstance(signal, blinker.NamedSignal):
            count = sum(1 for _ in signal.receivers_for(blinker.ANY))
            found[f"receivers of the signal {name} of any app"] = count
    return found


# Which code reads settings.


@functools.cache
def _end_of(file: str) -> str:
    return "/".join(Path(file).parts[-2:])


@contextlib.contextmanager
def watched(
    config: flask.Config, heard: Callable[[Read], object], passed_over: object = None
) -> Iterator[None]:
    """Call `heard` with each read of a configuration during the block, except Flask's own.

    `passed_over` is the code object of a function whose own reads are ignored.
    """
    original = type(config)

    def tell(key: object, value: object) -> None:
        frame = sys._getframe(2)
        name = str(frame.f_globals.get("__name__", ""))
        if name.partition(".")[0] in ("flask", "werkzeug") or frame.f_code is passed_over:
            return
        file = _end_of(frame.f_code.co_filename)
        heard(Read(str(key), value, f"{file}:{frame.f_lineno} in {frame.f_code.co_name}"))

    class Watched(original):  # type: ignore[valid-type,misc]
        def __getitem__(self, key: object) -> object:
            value = super().__getitem__(key)
            tell(key, value)
            return value

        def get(self, key: object, default: object = None) -> object:
            value = super().get(key, default)
            tell(key, value)
            return value

        def setdefault(self, key: object, default: object = None) -> object:
            value = super().setdefault(key, default)
            tell(key, value)
            return value

    config.__class__ = Watched
    try:
        yield
    finally:
        config.__class__ = original
