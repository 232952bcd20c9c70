"""What stands in an app and in its source, and who reads its settings."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import logging
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import blinker
import flask

#: What the names of settings begin with that no app knows.
OWN = "CONFORMANCE_"

#: A setting that is handed in to see whether a factory takes any.
PROBE = f"{OWN}PROBE"

_PLAIN = (str, bytes, int, float, bool, type(None))


@dataclasses.dataclass(frozen=True)
class Read:
    """A setting that was read: what came, and where from."""

    key: str
    value: object
    place: str

    def __str__(self) -> str:
        return f"{self.key} was read as {self.value!r:.80} ({self.place})"


# What stands in an app, and in its source.


def stands_in(file: str | Path, constant: str) -> bool:
    """Check whether a text stands in a Python file as a literal."""
    tree = ast.parse(Path(file).read_bytes())
    values = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return any(value in (constant, constant.encode()) for value in values)


def rules(app: flask.Flask) -> list[str]:
    """Return every rule of an app, with its methods and its endpoint."""
    return sorted(
        f"{rule.rule} {','.join(sorted(rule.methods or ()))} {rule.endpoint}"
        for rule in app.url_map.iter_rules()
    )


def leaves(table: object, path: str = "") -> Iterator[str]:
    """Yield what stands in a table, each with the keys that lead to it."""
    if isinstance(table, Mapping):
        for key, value in table.items():
            yield from leaves(value, f"{path} {getattr(key, '__name__', key)}")
    elif isinstance(table, list | tuple):
        for value in table:
            yield from leaves(value, path)
    else:
        yield f"{path} {getattr(table, '__qualname__', type(table).__name__)}".strip()


def plain(settings: Mapping[str, object]) -> dict[str, object]:
    """Return a copy of those settings that are data: text, numbers, and containers of them."""
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


#: How far into the containers of settings clauses look.
DEEPEST = 8


def shared(
    first: object, second: object, path: str = "", *, deep: bool = False
) -> Iterator[tuple[str, object]]:
    """Yield the containers that both values hold, and that can be changed, with their places.

    Of one in another that both hold the outer one alone counts, unless `deep`.
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


def _changes(value: object) -> bool:
    """Check whether a container takes a change; it is undone. One that is frozen raises."""
    # What it raises is its own affair: TypeError, AttributeError or one of its own.
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
    """Check whether a setting is what was handed in; a frozen copy of a container is."""
    return bool(handed == held or _thawed(handed) == _thawed(held))


def _thawed(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _thawed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_thawed(item) for item in value]
    return set(value) if isinstance(value, set | frozenset) else value


#: What of an app is made of a class that other apps have, too.
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
    """Return the plain values of attributes of classes, which all apps of the process share.

    Of the classes that the app is made of, and of those in files that are the subject's own.
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
    """Count what stands in the registries of the process that an app may add to."""
    found = {"handlers of the root logger": len(logging.root.handlers)}
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if isinstance(logger, logging.Logger):
            found[f"handlers of the logger {name!r}"] = len(logger.handlers)
    for name, signal in vars(flask.signals).items():
        if isinstance(signal, blinker.NamedSignal):
            count = sum(1 for _ in signal.receivers_for(blinker.ANY))
            found[f"receivers of the signal {name} of any app"] = count
    return found


# Who reads settings.


@contextlib.contextmanager
def watched(
    config: flask.Config, heard: Callable[[Read], object], passed_over: object = None
) -> Iterator[None]:
    """Say what is read of a configuration while the block runs, except by Flask itself.

    `passed_over` is the code object of a function whose own reads are not told.
    """
    original = type(config)

    def tell(key: object, value: object) -> None:
        frame = sys._getframe(2)
        name = str(frame.f_globals.get("__name__", ""))
        if name.partition(".")[0] in ("flask", "werkzeug") or frame.f_code is passed_over:
            return
        file = "/".join(Path(frame.f_code.co_filename).parts[-2:])
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
