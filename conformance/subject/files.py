"""The files of a configuration, as they are written; `config` says what their tables may contain.

The process that reports reads them too, and needs nothing else of a subject.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..core.errors import ConfigError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclasses.dataclass(frozen=True)
class Configuration:
    """A table of settings, what messages call its source, and the folder of its file."""

    table: Mapping[str, Any]
    source: str
    folder: Path | None = None


def read_configuration(
    chosen: str | None, start: Path, *, app: str | None = None, otherwise: str = "the command line"
) -> Configuration:
    """Read the given file, or the nearest one from `start` upwards.

    Without a file, the table is empty and its source is `otherwise`; likewise for an `app` that
    is not the configured one, which has other bindings, or none.
    """
    file = Path(chosen) if chosen else find_config(start)
    if file is None:
        return Configuration({}, otherwise)
    table = load_config(file)
    if app and not chosen and table.get("app") not in (None, app):
        return Configuration({}, otherwise)
    return Configuration(table, shown(file), file.resolve().parent)


def find_config(start: Path) -> Path | None:
    """Return the nearest `conformance.toml`, or `pyproject.toml` with `[tool.conformance]`."""
    for folder in (start, *start.parents):
        own = folder / "conformance.toml"
        if own.is_file():
            return own
        project = folder / "pyproject.toml"
        if project.is_file():
            return project if "conformance" in read_toml(project).get("tool", {}) else None
    return None


def load_config(file: Path) -> dict[str, Any]:
    """Read the configuration table of a TOML file; raises `ConfigError`."""
    data = read_toml(file)
    if file.name == "pyproject.toml":
        data = data.get("tool", {}).get("conformance", {})
    return data


def shown(file: Path) -> str:
    """Return a file's path as in messages: relative to the working directory if below it."""
    try:
        return str(file.resolve().relative_to(Path.cwd().resolve()))
    except ValueError:
        return str(file)


def read_toml(file: Path) -> dict[str, Any]:
    """Read a TOML file; raises `ConfigError` that names it."""
    try:
        with file.open("rb") as stream:
            return tomllib.load(stream)
    except OSError as error:
        raise ConfigError(f"{shown(file)}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{shown(file)}: not valid TOML: {error}") from None
