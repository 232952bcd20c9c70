"""Obtains what nobody here wrote: source distributions, through pip, when a test runs."""

from __future__ import annotations

import atexit
import importlib.metadata
import re
import subprocess
import sys
import tarfile
import tempfile
import textwrap
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def source_distribution(name: str, folder: Path, version: str | None = None) -> Path:
    """Download a source distribution, unpack it, and give its folder."""
    version = version or importlib.metadata.version(name)
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:"]
    subprocess.run([*command, f"{name}=={version}", "-d", str(folder)], check=True)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    (unpacked,) = (path for path in folder.iterdir() if path.is_dir())
    return unpacked


def code_blocks(page: Path) -> list[str]:
    """Return the code blocks of a reStructuredText page, in order, dedented."""
    blocks: list[str] = []
    lines = page.read_text(encoding="utf-8").splitlines()
    index = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        literal = line.rstrip().endswith("::") and not line.lstrip().startswith("..")
        if not literal and not re.match(r"\s*\.\. (code-block|sourcecode)::", line):
            continue
        indent = len(line) - len(line.lstrip())
        block: list[str] = []
        while index < len(lines):
            inner = lines[index]
            if inner.strip() and len(inner) - len(inner.lstrip()) <= indent:
                break
            if not re.match(r"\s*:\w+:", inner):
                block.append(inner)
            index += 1
        blocks.append(textwrap.dedent("\n".join(block)).strip("\n") + "\n")
    return blocks


def block_with(page: Path, *marks: str) -> str:
    """Return the first code block of a page that contains all the marks."""
    for block in code_blocks(page):
        if all(mark in block for mark in marks):
            return block
    raise LookupError(f"{page.name} has no code block with {marks}")


def module_of(name: str, *blocks: str, **given: Any) -> types.ModuleType:
    """Run code blocks as one module; `given` are names that the page takes for granted."""
    module = types.ModuleType(name)
    vars(module).update(given)
    for number, block in enumerate(blocks):
        exec(compile(block, f"{name}.rst:{number}", "exec"), vars(module))
    return module


def folder_with(files: Mapping[str, str | bytes]) -> Path:
    """Write files, named by their paths, into a new folder; it goes when Python ends."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    for name, content in files.items():
        path = Path(folder.name, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Path(folder.name)


def importable(files: Mapping[str, str | bytes]) -> None:
    """Write modules, and what belongs to them, to where this process finds them, and new ones do."""
    # Last, and for good: a clause may import them at any later time.
    sys.path.append(str(folder_with(files)))
