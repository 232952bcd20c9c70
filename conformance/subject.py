"""The subject: what is under test, and how a new application of it is made."""

from __future__ import annotations

import ast
import contextlib
import contextvars
import dataclasses
import functools
import importlib
import inspect
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .config import Binding, Settings, validate
from .errors import ConfigError, SubjectError, nearest

#: Names that Flask's own command line looks for in a module, in its order.
_DETECTED = ("app", "application", "create_app", "make_app")

#: Settings that Flask-SQLAlchemy reads once, when it is bound to an app.
_DATABASES = ("SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_BINDS")

#: Parameters of a factory that take configuration values.
_CONFIG_PARAMETERS = (
    "config",
    "test_config",
    "settings",
    "config_overrides",
    "overrides",
    "settings_override",
    "config_dict",
    "config_mapping",
)

#: Parameters of a factory that take a class, an object or its name, for `from_object`.
OBJECT_PARAMETERS = (
    "config_class",
    "config_object",
    "config_obj",
    "settings_class",
    "settings_object",
)


@dataclasses.dataclass(frozen=True)
class Subject:
    """An application factory (or app, or WSGI callable) and its bindings.

    `app` is a reference such as `"shop:create_app"` or the object itself; None
    where only components are bound. `patterns` maps a slug to a binding, or to
    the mapping that one is made of. `workers` is how many processes may run clauses
    at once. `source` names where this was written down.
    Raises `ConfigError` for a binding that is not valid.
    """

    app: Any = None
    config: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    setup: Any = None
    patterns: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    waive: Mapping[str, str] = dataclasses.field(default_factory=dict)
    services: Mapping[str, str] = dataclasses.field(default_factory=dict)
    workers: int = 1
    source: str = "the subject"

    def __post_init__(self) -> None:
        from .patterns import load_pattern, pattern_slugs

        bindings: dict[str, Binding] = {}
        for slug, data in self.patterns.items():
            if slug not in pattern_slugs():
                raise ConfigError(
                    f"{self.source}: unknown pattern patterns.{slug}"
                    f"{nearest(slug, pattern_slugs())}"
                )
            model = load_pattern(slug).binding
            if isinstance(data, Binding):
                bindings[slug] = data
            else:
                bindings[slug] = validate(model, data, source=self.source, key=f"patterns.{slug}")
        if self.app is not None:
            for slug in pattern_slugs():
                if slug not in bindings and load_pattern(slug).implied:
                    bindings[slug] = load_pattern(slug).binding()
        object.__setattr__(self, "patterns", bindings)

    @classmethod
    def from_table(
        cls,
        table: Mapping[str, Any],
        *,
        source: str,
        app: object = None,
        services: Mapping[str, str] | None = None,
    ) -> Subject:
        """Make a subject of a configuration table; `app` and `services` override it."""
        settings: Settings = validate(Settings, table, source=source)
        return cls(
            app=settings.app if app is None else app,
            config=settings.config,
            setup=settings.setup,
            patterns=settings.patterns,
            waive=settings.waive,
            services={**settings.services, **environment_services(), **(services or {})},
            workers=settings.workers,
            source=source,
        )

    @property
    def name(self) -> str:
        """What reports call the subject."""
        if self.app is None:
            return "components"
        if isinstance(self.app, str):
            return self.app
        module = getattr(self.app, "__module__", None)
        name = getattr(self.app, "__qualname__", None) or getattr(self.app, "name", None)
        return f"{module}:{name}" if module and name else repr(self.app)

    def target(self) -> tuple[Any, tuple[Any, ...], dict[str, Any], bool]:
        """Give the app or factory, the factory's arguments, and whether it is a factory.

        Raises `SubjectError` where it can not be imported.
        """
        if isinstance(self.app, str):
            found, arguments, keywords, called = _locate(self.app)
        else:
            found, arguments, keywords, called = self.app, (), {}, False
        return found, arguments, keywords, called or _is_factory(found)

    def build(self, folder: Callable[[], Path], **config: Any) -> Any:
        """Make a new application with the subject's configuration and `config` on top.

        `folder` gives a new folder for `{tmp}` in configuration values. The factory
        runs in a context of its own, so that one it leaves pushed stays there.
        Raises `SubjectError` where the factory fails.
        """
        found, arguments, keywords, factory = self.target()
        values = Values(_fill({**self.config, **config}, folder))
        context = contextvars.copy_context()
        app = found
        handed = False
        if factory:
            arguments, keywords, handed = self._arguments(found, arguments, keywords, values)
            with _telling(self.name):
                app = context.run(found, *arguments, **keywords)
            if not callable(app):
                raise SubjectError(
                    f"{self.name} gave {app!r}, which is no application"
                    + ("; is a `return app` missing?" if app is None else "")
                )
        if values and not handed:
            apply = getattr(app, "config", None)
            if apply is None:
                raise SubjectError(
                    f"{self.source}: config: {self.name} takes no configuration values"
                )
            if "sqlalchemy" in getattr(app, "extensions", {}):
                self._refuse_late(apply, {key: values[key] for key in self.config})
            apply.update(values)
        if self.setup is not None:
            function = resolve(self.setup, "setup")
            try:
                context.run(function, app)
            except (Exception, SystemExit) as error:
                raise SubjectError(f"setup {self.setup} raised {told(error)}") from error
        return app

    def _refuse_late(self, had: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
        """Raise `SubjectError` for another database where the app is bound to its own by now.

        Else `setup`, and the clauses, would write into one that is not for them.
        """
        for key, value in wanted.items():
            if key in _DATABASES and had.get(key) != value:
                raise SubjectError(
                    f"{self.source}: config: {key} comes too late: {self.name} was not handed it, "
                    "and Flask-SQLAlchemy has made its engines; name a factory that takes "
                    "settings, as create_app(config=None), or set what the app reads it from"
                )

    def _arguments(
        self,
        factory: Callable[..., Any],
        arguments: tuple[Any, ...],
        keywords: dict[str, Any],
        values: Values,
    ) -> tuple[tuple[Any, ...], dict[str, Any], bool]:
        try:
            signature = inspect.signature(factory)
        except (TypeError, ValueError):
            return arguments, keywords, False
        handed = False
        parameter = config_parameter(factory)
        if parameter is not None and parameter not in keywords and not arguments:
            default = signature.parameters[parameter].default
            if values or default is inspect.Parameter.empty:
                keywords = {**keywords, parameter: settings_over(default, values)}
                handed = True
        try:
            signature.bind(*arguments, **keywords)
        except TypeError as error:
            raise SubjectError(
                f"{self.name} can not be called as {getattr(factory, '__name__', 'factory')}"
                f"({', '.join([*map(repr, arguments), *keywords])}): {error}; "
                f"write its arguments as app = \"module:factory('argument')\""
            ) from None
        return arguments, keywords, handed


class Values(dict[str, Any]):
    """Configuration values as a mapping whose keys are attributes too.

    Some factories update their configuration with what they are handed, others give
    it to `app.config.from_object`, which reads attributes and passes over keys.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        vars(self).update({key: value for key, value in values.items() if key.isupper()})


def config_parameter(factory: Callable[..., Any]) -> str | None:
    """Give the name of the factory's parameter that takes configuration values, or None."""
    try:
        parameters = inspect.signature(factory).parameters
    except (TypeError, ValueError):
        return None
    for name, parameter in parameters.items():
        if name in OBJECT_PARAMETERS:
            return name
        if name in _CONFIG_PARAMETERS and parameter.annotation not in (str, "str"):
            return name
    return None


def settings_over(default: object, values: Mapping[str, Any]) -> Any:
    """Give values as a factory's parameter takes them, on top of the settings in its default.

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


def environment_services() -> dict[str, str]:
    """Give the services named in the environment: `CONFORMANCE_POSTGRESQL` and the like."""
    prefix = "CONFORMANCE_"
    return {
        key.removeprefix(prefix).lower(): value
        for key, value in os.environ.items()
        if key.startswith(prefix) and value
    }


def resolve(component: object, key: str) -> Any:
    """Import a component; raises `ConfigError` that names the key, and the nearest attribute."""
    if not isinstance(component, str):
        return component
    module_name, _, path = component.partition(":")
    try:
        found: Any = _import(module_name)
        for part in path.split("."):
            found = _attribute(found, part, module_name)
    except SubjectError as error:
        raise ConfigError(f"{key}: {component}: {error}") from error
    return found


def where(error: BaseException) -> str:
    """Give `file:line in function` of the innermost frame that is the subject's own."""
    frames = traceback.extract_tb(error.__traceback__)
    kit = str(Path(__file__).parent)
    own = [frame for frame in frames if not frame.filename.startswith((kit, "<frozen"))]
    # A name in brackets is code that a library made up.
    outside = [
        frame
        for frame in own
        if "site-packages" not in frame.filename and not frame.filename.startswith("<")
    ]
    chosen = (outside or own)[-1:]
    if not chosen:
        return ""
    frame = chosen[0]
    try:
        file = os.path.relpath(frame.filename)
    except ValueError:
        file = frame.filename
    if file.startswith(".."):
        file = os.path.join(*Path(frame.filename).parts[-2:])
    return f"{file}:{frame.lineno} in {frame.name}"


def _at(error: BaseException) -> str:
    place = where(error)
    return f" ({place})" if place else ""


def told(error: BaseException) -> str:
    """Give an exception's kind, the first line of its text, and where it came from."""
    text = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {text}{_at(error)}"


@contextlib.contextmanager
def _telling(what: str, *untold: type[Exception]) -> Iterator[None]:
    """Tell as a `SubjectError` what the subject's code raises, or that it ends the process.

    `untold` are exceptions that the caller tells in words of its own.
    """
    try:
        yield
    except untold:
        raise
    except MemoryError:
        raise
    except SystemExit as error:
        raise SubjectError(
            f"{what} ended the process (SystemExit: {error.code}{_at(error)})"
        ) from error
    except Exception as error:
        raise SubjectError(f"{what} raised {told(error)}") from error


def _is_factory(found: object) -> bool:
    if hasattr(found, "wsgi_app") or not callable(found):
        return False
    if inspect.isclass(found):
        return True
    try:
        signature = inspect.signature(found)
    except (TypeError, ValueError):
        return False
    required = [
        parameter
        for parameter in signature.parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    # A WSGI callable takes (environ, start_response).
    return len(required) != 2 or not {"environ", "start_response"} & {p.name for p in required}


def _locate(reference: str) -> tuple[Any, tuple[Any, ...], dict[str, Any], bool]:
    name, _, expression = reference.partition(":")
    name = name.strip()
    if name.endswith(".py") or os.sep in name:
        path = Path(name).resolve()
        if not path.is_file():
            raise SubjectError(f"{reference}: there is no file {name}")
        folder = path.parent
        parts = [path.stem] if path.name != "__init__.py" else []
        while (folder / "__init__.py").is_file():
            parts.insert(0, folder.name)
            folder = folder.parent
        sys.path.insert(0, str(folder))
        name = ".".join(parts)
    module = _import(name)
    if not expression:
        for attribute in _DETECTED:
            with _telling(f"{name}:{attribute}"):
                found = getattr(module, attribute, None)
            if found is not None:
                return found, (), {}, False
        raise SubjectError(
            f"module {name!r} has none of {', '.join(_DETECTED)}; write {name}:attribute"
        )
    try:
        path_parts, arguments, keywords, called = _read_expression(expression.strip())
    except (SyntaxError, ValueError):
        raise SubjectError(
            f"{reference!r} is neither module:attribute nor module:factory('argument')"
        ) from None
    found = module
    for part in path_parts:
        found = _attribute(found, part, name)
    return found, arguments, dict(keywords), called


# Read once: `ast.parse` in several threads at one moment can fail in Python 3.11.
@functools.cache
def _read_expression(text: str) -> tuple[list[str], tuple[Any, ...], dict[str, Any], bool]:
    tree = ast.parse(text, mode="eval").body
    arguments: tuple[Any, ...] = ()
    keywords: dict[str, Any] = {}
    called = isinstance(tree, ast.Call)
    if isinstance(tree, ast.Call):
        arguments = tuple(ast.literal_eval(argument) for argument in tree.args)
        keywords = {k.arg: ast.literal_eval(k.value) for k in tree.keywords if k.arg}
        tree = tree.func
    parts = ast.unparse(tree).split(".")
    if not all(part.isidentifier() for part in parts):
        raise ValueError(text)
    return parts, arguments, keywords, called


def _import(name: str) -> Any:
    if "" not in sys.path and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        with _telling(f"importing {name!r}", ModuleNotFoundError, SyntaxError):
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or name
        if name == missing or name.startswith(f"{missing}."):
            raise SubjectError(f"there is no module {missing!r}") from None
        raise SubjectError(
            f"importing {name!r} failed: there is no module {missing!r}{_at(error)}"
        ) from error
    except SyntaxError as error:
        file = os.path.basename(error.filename or "")
        raise SubjectError(
            f"importing {name!r} failed: {type(error).__name__}: {error.msg} "
            f"({file}:{error.lineno})"
        ) from None


def _attribute(found: Any, part: str, module: str) -> Any:
    try:
        with _telling(f"{module}:{part}", AttributeError):
            return getattr(found, part)
    except AttributeError as error:
        if error.name not in (None, part):
            raise SubjectError(f"{module}:{part} raised {told(error)}") from error
        names = [name for name in dir(found) if not name.startswith("_")]
        raise SubjectError(
            f"module {module!r} has no attribute {part!r}{nearest(part, names)}"
        ) from None


def _fill(value: Any, folder: Callable[[], Path]) -> Any:
    if isinstance(value, str):
        return value.replace("{tmp}", str(folder())) if "{tmp}" in value else value
    if isinstance(value, Mapping):
        return {key: _fill(item, folder) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(item, folder) for item in value]
    return value
