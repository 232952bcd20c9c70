"""Which code is the subject's own, as opposed to Python's, the kit's and installed libraries'."""

from __future__ import annotations

import functools
import os
import re
import sysconfig
from pathlib import Path

#: The folder of the kit, with a separator at its end.
KIT = os.path.join(Path(__file__).parents[1], "")
#: The folders of Python's standard library, as they are named and as they are on the disk.
PYTHON = tuple(
    {
        os.path.join(folder, "")
        for name in ("stdlib", "platstdlib")
        for path in [sysconfig.get_path(name)]
        for folder in (path, os.path.realpath(path))
    }
)

_INSTALLED = re.compile(r"^.*[/\\](?:site|dist)-packages(?:[/\\]|$)")

#: Installed packages and modules that count as the subject's own.
_roots: set[str] = set()


def is_installed(path: str) -> bool:
    """Check whether a file or a folder is one that an installer put there."""
    return _INSTALLED.match(path) is not None


def note_root(folder: str) -> None:
    """Count the package that a folder is in, or is, as the subject's own, though it is installed.

    Nothing is noted of a folder that is not installed, nor of the one that packages lie in.
    """
    found = _INSTALLED.match(folder)
    name = re.split(r"[/\\]", folder[found.end() :])[0] if found else ""
    if found and name:
        root = os.path.join(found[0], name, "")
        if root not in _roots:
            _roots.add(root)
            is_library.cache_clear()


@functools.cache
def is_library(file: str) -> bool:
    """Check whether a file is Python's, the kit's or a library's."""
    if file.startswith(KIT):
        return True
    if file.startswith(tuple(_roots)):
        return False
    return is_installed(file) or file.startswith(PYTHON)


def is_own(file: str) -> bool:
    """Check whether a file is the subject's own; code that has no file is nobody's."""
    return not file.startswith("<") and not is_library(file)
