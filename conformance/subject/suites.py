"""The modules with clauses that a project adds to the kit's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import cast

from ..core.errors import ConfigError, SubjectError
from .config import Configuration, Settings, shown, validate
from .locate import load, module_of_file, see_folder


def configured_suites(configuration: Configuration) -> tuple[ModuleType, ...]:
    """Import the suites of a configuration, whatever else it holds; raise `ConfigError`."""
    table = {key: value for key, value in configuration.table.items() if key == "suites"}
    settings: Settings = validate(Settings, table, source=configuration.source)
    return import_suites(settings.suites, source=configuration.source, folder=configuration.folder)


def import_suites(
    suites: Sequence[str | ModuleType], *, source: str, folder: Path | None = None
) -> tuple[ModuleType, ...]:
    """Import suites that are named as modules or as `.py` files, seen from a folder.

    The working directory is the default. Raise `ConfigError` if one cannot be imported.
    """
    found = []
    for suite in suites:
        try:
            found.append(_import(suite, folder) if isinstance(suite, str) else suite)
        except SubjectError as error:
            raise ConfigError(f"{source}: suites: {error}") from error
    return tuple(dict.fromkeys(found))


def _import(suite: str, folder: Path | None) -> ModuleType:
    see_folder(folder)
    if not suite.endswith(".py"):
        return cast(ModuleType, load(suite.replace(":", ".")))
    path = Path(folder or Path.cwd(), suite).resolve()
    if not path.is_file():
        raise SubjectError(f"there is no file {shown(path)}")
    return cast(ModuleType, module_of_file(path))
