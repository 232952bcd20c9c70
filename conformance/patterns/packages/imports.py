"""What a package's own modules import, and which of that may fail."""

from __future__ import annotations

import ast
import builtins
import functools
import sys
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

#: Parts of module names that one installation may have and another lack.
OPTIONAL = ("local", "secret", "private", "instance")


class Imports:
    """Watches what a package's own modules import, while it is entered."""

    def __init__(self, top: str, is_own: Callable[[str], bool]) -> None:
        #: Failed imports of own modules, or of names in them, each with its location.
        self.failed: dict[str, str] = {}
        #: Libraries, each with the location of the first import that requires it.
        self.libraries: dict[str, str] = {}
        #: The locations of imports that name `__init__`.
        self.inits: list[str] = []
        self._top = top
        self._is_own = is_own
        self._original = builtins.__import__

    def __enter__(self) -> Imports:
        builtins.__import__ = self._import
        return self

    def __exit__(self, *error: object) -> None:
        builtins.__import__ = self._original

    def _import(self, name: str, *args: Any, **kwargs: Any) -> types.ModuleType:
        given = dict(zip(("globals", "locals", "fromlist", "level"), args, strict=False), **kwargs)
        file = str((given.get("globals") or {}).get("__file__") or "")
        if not file or not self._is_own(file):
            return self._original(name, *args, **kwargs)
        line = sys._getframe(1).f_lineno
        if name.rpartition(".")[2] == "__init__" or "__init__" in (given.get("fromlist") or ()):
            self.inits.append(place_of(file, line))
        try:
            module = self._original(name, *args, **kwargs)
        except ImportError as error:
            self._note(str(error.name or ""), str(error), file, line)
            raise
        within = getattr(module, "__dict__", {})
        for each in given.get("fromlist") or ():
            # A module that is still being imported is found before its package has it.
            there = each in within or f"{module.__name__}.{each}" in sys.modules
            if each != "*" and not there and "__getattr__" not in within:
                text = f"cannot import name {each!r} from {module.__name__!r}"
                self._note(f"{module.__name__}.{each}", text, file, line)
        library = name.partition(".")[0]
        known = {self._top, *sys.stdlib_module_names, *self.libraries}
        if not given.get("level") and library not in known and not is_optional(file, line):
            self.libraries[library] = place_of(file, line)
        return module

    def _note(self, name: str, text: str, file: str, line: int) -> None:
        if not f"{name}.".startswith(f"{self._top}."):
            return
        last = name.rpartition(".")[2]
        if last.startswith("_") or any(part in last for part in OPTIONAL):
            return
        # If another import is an alternative to it, it may well be missing.
        around = handlers(file, line)
        stands_in = (
            node
            for handler in around
            for part in handler.body
            for node in ast.walk(part)
            if isinstance(node, ast.Import | ast.ImportFrom)
        )
        if next(stands_in, None) is None:
            self.failed.setdefault(text.partition(" (/")[0], place_of(file, line))


@functools.cache
def _parsed(file: str) -> ast.Module:
    return ast.parse(Path(file).read_bytes())


def _around(file: str, line: int) -> list[ast.AST]:
    """Return the statements of a Python file that enclose a line; none if it has no such file."""
    try:
        tree = _parsed(file)
    except (OSError, SyntaxError, ValueError):
        return []
    return [
        node
        for node in ast.walk(tree)
        if (isinstance(node, ast.Try | ast.If | ast.With) and _holds(node.body, line))
        or (isinstance(node, ast.If) and _holds(node.orelse, line))
    ]


def _holds(body: Sequence[ast.stmt], line: int) -> bool:
    return bool(body) and body[0].lineno <= line <= (body[-1].end_lineno or 0)


def handlers(file: str, line: int) -> list[ast.ExceptHandler]:
    """Return the handlers around a line of a Python file that catch a failed import."""
    around = [node for node in _around(file, line) if isinstance(node, ast.Try)]
    return [each for node in around for each in node.handlers if _takes_import_errors(each)]


def is_optional(file: str, line: int) -> bool:
    """Check whether an import may fail, or is made conditionally."""
    return bool(handlers(file, line)) or any(
        isinstance(node, ast.If)
        or (isinstance(node, ast.With) and "suppress" in ast.unparse(node.items[0]))
        for node in _around(file, line)
    )


def _takes_import_errors(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    names = {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)}
    return bool(names & {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def place_of(file: str, line: int | None = None) -> str:
    """Return a file, and a line in it, as they are named: by the last folder."""
    place = "/".join(Path(file).parts[-2:])
    return place if line is None else f"{place}:{line}"
