"""What a live app shows of itself without a request: rules, views, hooks, objects, templates."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import functools
import inspect
import os
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FunctionType, ModuleType
from typing import Any

import flask
from werkzeug.local import LocalProxy
from werkzeug.routing import Rule

from ..core.errors import NotObserved
from ..core.own import is_installed, is_own
from ..instruments.jinja import Library
from ..subject import Subject

#: What no configuration names: texts, numbers, modules, and proxies of the current context.
_PLAIN = (ModuleType, str, int, float, bytes, LocalProxy, type(None))


@dataclasses.dataclass(frozen=True)
class RuleFact:
    """A rule of the URL map, with its view function."""

    rule: Rule
    endpoint: str
    methods: frozenset[str]
    arguments: frozenset[str]
    #: The converter of each argument, by the name of its class.
    converters: Mapping[str, str]
    view: Callable[..., Any] | None

    @property
    def path(self) -> str:
        """The rule as it is written."""
        return self.rule.rule

    @property
    def is_plain(self) -> bool:
        """Whether a GET of its path alone reaches the view."""
        return (
            not self.arguments - set(self.rule.defaults or ())
            and "GET" in self.methods
            and not self.rule.build_only
            and not self.rule.subdomain
            and not self.rule.host
            and not self.rule.websocket
            and "<" not in self.rule.rule
        )

    def __str__(self) -> str:
        return f"{self.endpoint} {self.path}"


@dataclasses.dataclass(frozen=True)
class Thing:
    """An object that a module of the subject has, and how a configuration names it."""

    reference: str
    value: Any

    @property
    def name(self) -> str:
        """The last part of the reference."""
        return self.reference.rpartition(":")[2].rpartition(".")[2]

    @property
    def module(self) -> str:
        """The module's name."""
        return self.reference.partition(":")[0]


class Facts:
    """What is known of a live app, each thing read once."""

    def __init__(self, app: flask.Flask, subject: Subject) -> None:
        self.app = app
        self.subject = subject

    # The URL map.

    @functools.cached_property
    def rules(self) -> list[RuleFact]:
        """All rules, in the map's order."""
        return [
            RuleFact(
                rule,
                rule.endpoint,
                frozenset(rule.methods or ("GET", "HEAD", "OPTIONS")),
                frozenset(rule.arguments),
                {
                    name: type(converter).__name__
                    for name, converter in getattr(rule, "_converters", {}).items()
                },
                self.app.view_functions.get(rule.endpoint),
            )
            for rule in self.app.url_map.iter_rules()
        ]

    def endpoint_of(self, target: str, method: str = "GET") -> str | None:
        """Return the endpoint that answers a path; None where no rule does."""
        found = self.match(target, method)
        return None if found is None else found[0]

    def match(self, target: str, method: str = "GET") -> tuple[str, Mapping[str, Any]] | None:
        """Return the endpoint that answers a path, and its values; None where no rule does."""
        adapter = self.app.url_map.bind("localhost")
        with contextlib.suppress(Exception):
            endpoint, values = adapter.match(target.partition("?")[0], method=method)
            return str(endpoint), values
        return None

    # The views.

    @functools.cached_property
    def blueprints(self) -> list[Any]:
        """The registered blueprints, in order."""
        return list(self.app.blueprints.values())

    @functools.cached_property
    def middleware(self) -> list[Any]:
        """What is around the app's own WSGI callable, outermost first."""
        found: list[object] = []
        here: object = self.app.__dict__.get("wsgi_app")
        seen: set[int] = set()
        while here is not None and id(here) not in seen:
            seen.add(id(here))
            if getattr(here, "__func__", None) is flask.Flask.wsgi_app:
                break
            found.append(here)
            inner = [
                value
                for value in getattr(here, "__dict__", {}).values()
                if callable(value) and not inspect.isclass(value)
            ]
            here = next(
                (each for each in inner if _is_wsgi(each)), inner[0] if len(inner) == 1 else None
            )
        return found

    # Templates.

    @functools.cached_property
    def library(self) -> Library | None:
        """The app's templates; None where it has none of its own."""
        with contextlib.suppress(NotObserved, Exception):
            return Library(self.app, ["*"])
        return None

    # Modules and what is in them.

    @functools.cached_property
    def modules(self) -> list[ModuleType]:
        """The subject's own modules that are imported, those of other packages left out."""
        tops = {self.app.import_name.partition(".")[0]}
        if isinstance(self.subject.app, str) and self.subject.app.partition(":")[0].strip():
            found = getattr(self.subject.target().found, "__module__", "") or ""
            tops.add(found.partition(".")[0])
        tops -= {"", "flask", "conformance"}
        root = os.path.realpath(self.app.root_path) + os.sep
        installed = is_installed(root)
        modules = []
        for name, module in sorted(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if type(module) is not ModuleType or not file:
                continue
            top = name.partition(".")[0]
            if top in ("conformance", "__main__", "flask"):
                continue
            near = not installed and self._is_near(os.path.realpath(file), root)
            if top in tops or near:
                modules.append(module)
        return modules

    def _is_near(self, file: str, root: str) -> bool:
        return is_own(file) and file.startswith((root, os.path.realpath(os.getcwd()) + os.sep))

    @functools.cached_property
    def things(self) -> list[Thing]:
        """The public objects of the subject's modules, each at the module that it comes from."""
        found: dict[int, Thing] = {}
        homes: dict[int, bool] = {}
        for module in self.modules:
            for name, value in list(vars(module).items()):
                # Not `isinstance` of what it stands for: a proxy may refuse that.
                if name.startswith("_") or issubclass(type(value), _PLAIN):
                    continue
                home = getattr(value, "__module__", None) == module.__name__
                if isinstance(value, type | FunctionType) and not self._is_of_subject(value):
                    continue
                made = not isinstance(value, type | FunctionType) and id(value) in found
                home = home or (made and name in _assigned(module))
                if id(value) not in found or (home and not homes[id(value)]):
                    found[id(value)] = Thing(f"{module.__name__}:{name}", value)
                    homes[id(value)] = home
        return list(found.values())

    def uses(self, package: str) -> bool:
        """Check whether a module of the subject has something of a package."""
        return any(
            (
                getattr(value, "__name__" if isinstance(value, ModuleType) else "__module__", None)
                or ""
            ).partition(".")[0]
            == package
            for module in self.modules
            for value in list(vars(module).values())
            if not issubclass(type(value), LocalProxy)
        )

    def _is_of_subject(self, value: object) -> bool:
        return getattr(value, "__module__", None) in self._module_names

    @functools.cached_property
    def _module_names(self) -> frozenset[str]:
        return frozenset(module.__name__ for module in self.modules)

    def functions(self) -> Iterator[Thing]:
        """Yield the functions that the subject's modules define."""
        for thing in self.things:
            if isinstance(thing.value, FunctionType):
                yield thing

    def classes(self) -> Iterator[Thing]:
        """Yield the classes that the subject's modules define."""
        for thing in self.things:
            if isinstance(thing.value, type):
                yield thing

    def instances(self) -> Iterator[Thing]:
        """Yield what is neither a function nor a class."""
        for thing in self.things:
            if not isinstance(thing.value, type | FunctionType):
                yield thing

    def reference(self, value: object) -> str | None:
        """Return how a configuration names an object of a module; None where it has no name."""
        return next((each.reference for each in self.things if each.value is value), None)


@functools.cache
def _assigned(module: ModuleType) -> frozenset[str]:
    """Return the names that a module's source assigns at its top, rather than importing them."""
    tree = tree_of(module)
    return frozenset(
        target.id
        for node in getattr(tree, "body", ())
        for target in getattr(node, "targets", [getattr(node, "target", None)])
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(target, ast.Name)
    )


def unwrapped(function: object) -> list[Any]:
    """Return a function and what it wraps, outermost first, as far as `__wrapped__` tells."""
    found = [function]
    while (inner := getattr(found[-1], "__wrapped__", None)) is not None and len(found) < 20:
        found.append(inner)
    return found


@functools.cache
def tree_of(function: Any) -> ast.AST | None:
    """Return the syntax tree of a function or class; None where its source is not there."""
    with contextlib.suppress(OSError, TypeError, SyntaxError, IndentationError, ValueError):
        return ast.parse(textwrap.dedent(inspect.getsource(function)))
    return None


def calls_in(function: object) -> set[str]:
    """Return the names that a function's source calls: `flash`, `request.get_json`."""
    tree = tree_of(function)
    if tree is None:
        return set()
    return {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and (name := dotted(node.func))
    }


def names_in(function: object) -> set[str]:
    """Return the dotted names that a function's source reads: `request.files`, `g.user`."""
    tree = tree_of(function)
    if tree is None:
        return set()
    return {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name) and (name := dotted(node))
    }


def dotted(node: ast.AST) -> str:
    """Return an expression of names, attributes and calls, as `get_db().execute`; else nothing."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    if isinstance(node, ast.Call):
        called = dotted(node.func)
        return f"{called}()" if called else ""
    return ""


def parameters_of(function: Any) -> list[inspect.Parameter] | None:
    """Return the parameters of a callable; None where they are not known."""
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None


def _is_wsgi(value: object) -> bool:
    parameters = parameters_of(value)
    return parameters is not None and len(parameters) == 2


def query_fields(function: object) -> list[str]:
    """Return the fields of the query that a view's source reads, in order."""
    return list(_read_from(tree_of(unwrapped(function)[-1]), _QUERY))


def form_fields(function: object) -> dict[str, str]:
    """Return the fields of a form that a view's source reads, with what it makes of each."""
    return _read_from(tree_of(function), _FORM)


def json_names(function: object) -> dict[str, str]:
    """Return the names of a JSON object that a view's source reads, with what it makes of each."""
    tree = tree_of(function)
    held = {
        target.id
        for node in (ast.walk(tree) if tree is not None else ())
        for target in getattr(node, "targets", [getattr(node, "target", None)])
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr)
        and isinstance(target, ast.Name)
        and _is_json(node.value)
    }
    return _read_from(tree, (*_JSON, *sorted(held)))


def reads_json(function: Any) -> bool:
    """Check whether a function, or one of its module that it calls, reads the JSON of a request."""
    called = [
        value
        for name in getattr(getattr(function, "__code__", None), "co_names", ())
        if isinstance(value := getattr(function, "__globals__", {}).get(name), FunctionType)
    ]
    return any(
        names_in(each) & {"request.json", "request.get_json"} for each in (function, *called)
    )


def _is_json(node: ast.AST | None) -> bool:
    """Check whether an expression is the JSON of a request, perhaps with another in its place."""
    if isinstance(node, ast.BoolOp):
        return any(map(_is_json, node.values))
    return node is not None and dotted(node) in _JSON


def _read_from(tree: ast.AST | None, sources: Sequence[str]) -> dict[str, str]:
    """Return the texts by which some mappings are read, each with the function that takes it."""
    getters = {f"{each}.{method}" for each in sources for method in ("get", "getlist", "pop")}
    found: dict[str, str] = {}

    def look(node: ast.AST, taker: str) -> None:
        name: ast.AST | None = None
        if isinstance(node, ast.Subscript) and dotted(node.value) in sources:
            name = node.slice
        elif isinstance(node, ast.Call) and dotted(node.func) in getters and node.args:
            name = node.args[0]
            types = (each.value for each in node.keywords if each.arg == "type")
            taker = next(map(dotted, types), taker)
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            found[name.value] = found.get(name.value) or taker
        for inner in ast.iter_child_nodes(node):
            inside = dotted(node.func) if isinstance(node, ast.Call) and inner in node.args else ""
            look(inner, inside)

    if tree is not None:
        look(tree, "")
    return found


_QUERY = ("request.args", "request.values")
_FORM = ("request.form", "request.values")
_JSON = ("request.json", "request.get_json()")
