"""Which code is the subject's own, rather than Python's, the kit's or an installed library's."""

from __future__ import annotations

import functools
import os
import re
import sysconfig
from pathlib import Path

#: The kit's folder, with a trailing separator.
KIT = os.path.join(Path(__file__).parents[1], "")
#: The folders of Python's standard library, as named and as resolved.
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
    """Check whether a file or folder was put there by an installer."""
    return _INSTALLED.match(path) is not None


def note_root(folder: str) -> None:
    """Count the package that contains a folder as the subject's own, although it is installed.

    Does nothing for a folder that is not installed, or for the one that contains all packages.
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
    """Check whether a file belongs to Python, the kit or a library."""
    if file.startswith(KIT):
        return True
    if file.startswith(tuple(_roots)):
        return False
    return is_installed(file) or file.startswith(PYTHON)


def is_own(file: str) -> bool:
    """Check whether a file is the subject's own; code without a file is not."""
    return not file.startswith("<") and not is_library(file)
