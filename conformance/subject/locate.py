"""From a reference such as `"shop:create_app"` to the object that it names."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import functools
import importlib.util
import inspect
import os
import sys
import unittest
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..core.errors import ConfigError, SubjectError, nearest
from ..core.own import note_root
from ..core.told import at, telling, told
from .cases import Case

#: Names that Flask's own command line looks for in a module, in its order.
_DETECTED = ("app", "application", "create_app", "make_app")


def resolve(component: object, key: str) -> Any:
    """Import a component; raises `ConfigError` that names the key, and the nearest attribute."""
    if not isinstance(component, str):
        return component
    see_folder()
    try:
        return load(component)
    except SubjectError as error:
        raise ConfigError(f"{key}: {component}: {error}") from error


def load(reference: str) -> Any:
    """Import what `module:attribute` or `module` names; raise `SubjectError` if that fails."""
    module, colon, path = reference.partition(":")
    found: object = _import(module)
    for part in path.split(".") if colon else ():
        found = _attribute(found, part, module)
    return found


def see_folder(folder: Path | None = None) -> None:
    """Let modules be imported from a folder; from the working directory by default."""
    name = os.getcwd() if folder is None else str(folder)
    if name not in sys.path and (folder is not None or "" not in sys.path):
        sys.path.insert(0, name)


def module_of_file(path: Path) -> Any:
    """Import a Python file; raise `SubjectError` where another one has its name already."""
    folder = path.parent
    parts = [path.stem] if path.name != "__init__.py" else []
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    sys.path.insert(0, str(folder))
    name = ".".join(parts)
    _note_package(name)
    module = _import(name)
    if Path(module.__file__ or "").resolve() != path:
        raise SubjectError(
            f"{path.name} is imported as {name!r}, which is {module.__file__}: "
            "give the file another name"
        )
    return module


def is_factory(found: object) -> bool:
    """Check whether an object makes applications, rather than being one."""
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


@dataclasses.dataclass(frozen=True)
class Target:
    """What a reference names: an app or a factory, and what the factory is called with."""

    found: Any
    arguments: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    #: Whether apps are made by calling `found`.
    factory: bool = False
    #: Whether `found` is a fixture of the project's tests, or a test case: each makes them in
    #: its own way.
    fixture: bool = False


def locate(reference: str) -> Target:
    """Import what a reference names.

    Raises `SubjectError` where there is no such thing, or importing it fails.
    """
    name, _, expression = reference.partition(":")
    name = name.strip()
    if name == "fixture" and expression:
        return Target(_fixture(expression.strip()), factory=True, fixture=True)
    if name.endswith(".py") or os.sep in name:
        path = _file(name)
        if not path.is_file():
            raise SubjectError(f"{reference}: there is no file {name}")
        see_folder()
        module = module_of_file(path)
        name = module.__name__
    else:
        see_folder()
        _note_package(name)
        module = _import(name)
    if not expression:
        for attribute in _DETECTED:
            with telling(f"{name}:{attribute}"):
                found = getattr(module, attribute, None)
            if found is not None:
                return Target(found, factory=is_factory(found))
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
    if inspect.isclass(found) and issubclass(found, unittest.TestCase):
        return Target(Case(found), factory=True, fixture=True)
    return Target(found, arguments, dict(keywords), called or is_factory(found))


def _note_package(name: str) -> None:
    # Its own code is told from a library's before there is an app: importing it may fail.
    with contextlib.suppress(ImportError, ValueError):
        spec = importlib.util.find_spec(name.partition(".")[0])
        for folder in (spec and spec.submodule_search_locations) or ():
            note_root(folder)


#: Where the files were that references name: a clause may work in another directory.
_seen: dict[str, Path] = {}


def _file(name: str) -> Path:
    """Return the file that a reference names, from here or from where it was located last."""
    path = Path(name).resolve()
    if path.is_file():
        _seen[name] = path
    return _seen.get(name, path)


#: Makes a factory of the name of a fixture: pytest's part is above this layer.
_fixtures: list[Callable[[str], Any]] = []


def use_fixtures(make: Callable[[str], object]) -> None:
    """Let references such as `"fixture:app"` be located by what makes a factory of a name."""
    _fixtures[:] = [make]


@functools.cache
def _fixture(name: str) -> Any:
    if not _fixtures:
        raise SubjectError(f"fixture:{name}: fixtures are there in a run of clauses alone")
    see_folder()
    return _fixtures[0](name)


# Read once: `ast.parse` in several threads at one moment can fail in Python 3.11.
@functools.cache
def _read_expression(text: str) -> tuple[list[str], tuple[Any, ...], dict[str, Any], bool]:
    tree = ast.parse(text, mode="eval").body
    arguments: tuple[object, ...] = ()
    keywords: dict[str, object] = {}
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
    try:
        with telling(f"importing {name!r}", ModuleNotFoundError, SyntaxError):
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or name
        if name == missing or name.startswith(f"{missing}."):
            raise SubjectError(f"there is no module {missing!r}") from None
        raise SubjectError(
            f"importing {name!r} failed: there is no module {missing!r}{at(error)}"
        ) from error
    except SyntaxError as error:
        file = os.path.basename(error.filename or "")
        raise SubjectError(
            f"importing {name!r} failed: {type(error).__name__}: {error.msg} "
            f"({file}:{error.lineno})"
        ) from None


def _attribute(found: object, part: str, module: str) -> Any:
    try:
        with telling(f"{module}:{part}", AttributeError):
            return getattr(found, part)
    except AttributeError as error:
        if error.name not in (None, part):
            raise SubjectError(f"{module}:{part} raised {told(error)}") from error
        names = [name for name in dir(found) if not name.startswith("_")]
        raise SubjectError(
            f"module {module!r} has no attribute {part!r}{nearest(part, names)}"
        ) from None
