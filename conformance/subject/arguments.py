"""How settings reach a factory."""

from __future__ import annotations

import inspect
import os
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..core.errors import ConfigError

#: Parameters of a factory that take configuration values.
_CONFIG_PARAMETERS = (
    "config",
    "test_config",
    "configuration",
    "conf",
    "cfg",
    "settings",
    "app_config",
    "config_override",
    "config_overrides",
    "override_config",
    "overrides",
    "override_settings",
    "settings_override",
    "settings_overrides",
    "config_dict",
    "config_mapping",
    "extra_config",
    "custom_config",
    "app_settings",
)

#: The words of an annotation by which a parameter is a text or a path, and takes no settings.
_TEXTS = {
    *("str", "bytes", "bool", "int", "Path", "PurePath", "PathLike", "AnyStr", "StrPath"),
    *("None", "NoneType", "Optional", "Union", "Literal", "os", "pathlib", "typing", "class"),
}

#: What the name of a parameter that takes a mapping has in it if that may be of settings.
_NAMED = re.compile("conf|cfg|sett|opt|overrid|value|param|default|env")

#: The words of an annotation that make it one of a mapping, and those it may have besides, as in
#: `Mapping[str, Any] | None`.
_MAPPINGS = {"dict", "Dict", "Mapping", "MutableMapping"}
_OF_SETTINGS = {
    *_MAPPINGS,
    *("str", "Any", "object", "None", "NoneType", "Optional", "Union"),
    *("typing", "collections", "abc", "t"),
}

#: Parameters of a factory that take a class, an object or its name, for `from_object`.
OBJECT_PARAMETERS = (
    "config_class",
    "config_object",
    "config_obj",
    "settings_class",
    "settings_object",
)


class Values(dict[str, Any]):
    """Configuration values as a mapping whose keys are attributes too.

    Some factories update their configuration with what they are handed, others give
    it to `app.config.from_object`, which reads attributes and passes over keys.
    """

    def __init__(self, values: Mapping[str, object]) -> None:
        super().__init__(values)
        vars(self).update({key: value for key, value in values.items() if key.isupper()})


def config_parameter(factory: Callable[..., object]) -> str | None:
    """Return the name of the factory's parameter that takes configuration values, or None."""
    try:
        parameters = inspect.signature(factory).parameters
    except (TypeError, ValueError):
        return None
    for name, parameter in parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            # `**settings` takes each by its name: its annotation is that of a single value.
            if name in _CONFIG_PARAMETERS:
                return name
        elif name in OBJECT_PARAMETERS or (
            name in _CONFIG_PARAMETERS and not _words_of(parameter.annotation) <= _TEXTS
        ):
            return name
    # By a name much like these, if it is annotated as what configurations are.
    for name, parameter in parameters.items():
        words = _words_of(parameter.annotation)
        settings = words & _MAPPINGS and words & {"Any", "object"} and words <= _OF_SETTINGS
        if settings and _NAMED.search(name):
            return name
    return None


def _words_of(annotation: object) -> set[str]:
    if annotation is inspect.Parameter.empty:
        return {"empty"}
    words = annotation if isinstance(annotation, str) else repr(annotation)
    return {*re.findall(r"[A-Za-z_]\w*", words)}


def passed(
    factory: Callable[..., object], parameter: str, values: Mapping[str, object]
) -> dict[str, Any]:
    """Return the keyword arguments with which a factory's parameter is handed values."""
    found = inspect.signature(factory).parameters[parameter]
    if found.kind is found.VAR_KEYWORD:
        return dict(values)
    return {parameter: settings_over(found.default, values)}


def settings_over(default: object, values: Mapping[str, object]) -> Any:
    """Return values as a factory's parameter takes them, on top of the settings in its default.

    A class becomes one that derives from it; a module, an object, or the name of one that
    `from_object` would import, becomes its settings with the values on top.
    """
    from werkzeug.utils import import_string

    if isinstance(default, str) and default:
        default = import_string(default, silent=True)
    if default is None or default is inspect.Parameter.empty or isinstance(default, Mapping):
        return Values(values)
    if type(default) is type:
        return type(default.__name__, (default,), dict(values))
    own = {key: getattr(default, key) for key in dir(default) if key.isupper()}
    return Values({**own, **values})


#: A new copy of a file, in a text of a configuration.
_COPY = re.compile(r"\{copy:([^{}]+)\}")


def absolute_copies(value: object) -> Any:
    """Return a configuration value whose `{copy:PATH}` are the same from every directory."""
    if isinstance(value, str):
        return _COPY.sub(lambda match: f"{{copy:{os.path.abspath(match[1])}}}", value)
    if isinstance(value, Mapping):
        return {key: absolute_copies(item) for key, item in value.items()}
    if isinstance(value, list):
        return [absolute_copies(item) for item in value]
    return value


def copied(value: object, folder: Callable[[], Path]) -> Any:
    """Return a configuration value with a new copy of its file for each `{copy:PATH}`.

    Each in a new folder. Raises `ConfigError` where there is no such file.
    """
    if isinstance(value, str):
        return _COPY.sub(lambda match: str(_copy(Path(match[1]), folder())), value)
    if isinstance(value, Mapping):
        return {key: copied(item, folder) for key, item in value.items()}
    if isinstance(value, list):
        return [copied(item, folder) for item in value]
    return value


def _copy(file: Path, folder: Path) -> Path:
    made = folder / file.name
    try:
        shutil.copyfile(file, made)
        # What SQLite has not moved into the file yet.
        log = file.with_name(file.name + "-wal")
        if log.exists():
            shutil.copyfile(log, folder / log.name)
    except OSError as error:
        raise ConfigError(f"config: {{copy:{file}}}: {error.strerror}") from None
    return made


def fill(value: object, **marks: Callable[[], object]) -> Any:
    """Return a configuration value in whose texts each `{name}` is what the function gives.

    A function is called once for each text that has its name in it.
    """
    if isinstance(value, str):
        for name, make in marks.items():
            if (mark := f"{{{name}}}") in value:
                value = value.replace(mark, str(make()))
        return value
    if isinstance(value, Mapping):
        return {key: fill(item, **marks) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, **marks) for item in value]
    return value
