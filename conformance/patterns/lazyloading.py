"""Lazily Loading Views: a view's module is imported by the first request that needs it."""

from __future__ import annotations

import abc
import ast
import contextlib
import dataclasses
import importlib
import importlib.util
import itertools
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import FrameType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

import flask

from ..core.errors import Broken
from ..core.own import is_own
from ..core.told import Location, told
from ..instruments.fresh import ask
from ..subject import Subject
from ..subject.config import Binding, Component
from ..transports import Request, Response
from ..transports.wsgi import WSGIServer
from . import Pattern
from .harness import Ability, Harness

if TYPE_CHECKING:
    from flask.typing import RouteCallable

    from ..instruments.bench import Bench

#: The modules of the host app's views that were executed, in order.
ran: list[str] = []
#: The exceptions that modules raise when they are executed, by name.
failing: dict[str, Exception] = {}

_numbers = itertools.count()

#: The source of the host app's view modules.
_VIEWS = """
from conformance.patterns import lazyloading as kit

kit.ran.append(__name__)
if __name__ in kit.failing:
    raise kit.failing[__name__]

import flask

def prepare():
    # Other threads may come while the module is half done.
    done = [flask]
    return done

prepare()

def index():
    return f"index of {part}"

def user(**values):
    return flask.jsonify(part="{part}", values=values, method=flask.request.method)

def save(name):
    return f"saved {{name}} in {part}", 201

def fail(kind):
    if kind.isdecimal():
        flask.abort(int(kind))
    raise getattr(__import__("builtins"), kind)("from the view")

async def later():
    return "later in {part}"
"""


class LazyLoading(Binding):
    """How a subject exposes views that are loaded lazily."""

    lazy_view: Component = None
    """`(import_name)`: returns a view that imports `module.function` when it is first called."""
    routes: dict[str, str] | None = None
    """Paths that answer GET, each with the module that the first request for it imports."""


@dataclasses.dataclass(frozen=True)
class Visit:
    """Two requests for one path, the first of which may have loaded modules of views."""

    path: str
    #: The module of the path's view.
    module: str
    #: The modules of views loaded before the first request, and after it.
    before: list[str]
    after: list[str]
    #: The comparable parts of the two responses; empty if clauses do not compare them.
    first: dict[str, Any]
    second: dict[str, object]
    #: Where each module of views was imported, as far as that was seen.
    places: dict[str, str] = dataclasses.field(default_factory=dict)
    #: The handlers that modules loaded by the first request registered on the app.
    late: list[str] = dataclasses.field(default_factory=list)


class LazyLoadingHarness(Harness[LazyLoading], abc.ABC):
    """Observes which modules have been loaded."""

    @abc.abstractmethod
    def paths(self) -> Mapping[str, str]:
        """Return paths with the modules of their views."""

    @abc.abstractmethod
    def visits(self, paths: Sequence[str]) -> list[Visit]:
        """Send each path's GET twice to one new app, for which nothing has been loaded yet."""

    @abc.abstractmethod
    def imported_by(self, module: str) -> list[str]:
        """Return the modules of views that one of them imports itself."""

    def orders(self) -> tuple[list[str], list[str]]:
        """Return all paths in two orders, one the reverse of the other."""
        paths = sorted(self.paths())
        return paths, paths[::-1]

    def without_coroutines(self) -> bool:
        """Check whether the app's own views are known, and none is a coroutine function."""
        modules = set((self.binding.routes or {}).values())
        return bool(modules) and not any(map(_has_coroutines, modules))


class LazyComponent(LazyLoadingHarness, Ability, given_by=("lazy_view",)):
    """The bound stand-in, with views in modules that the harness writes."""

    kind = "component"
    keys = ("lazy_view",)

    def __init__(self, slug: str, binding: LazyLoading, bench: Bench) -> None:
        super().__init__(slug, binding, bench)
        #: What the host app's error handler was called for.
        self.errors: list[str] = []

    def begin_example(self, values: Mapping[str, object] | None = None) -> None:
        """Begin an example with new modules."""
        super().begin_example(values)
        self.renew()
        failing.clear()
        self.errors.clear()

    def write(self) -> dict[str, str]:
        """Write two modules of views that nothing has imported; return their names by part."""
        folder = self.bench.folder()
        self.bench.enter(_importable(folder))
        names = {}
        for part in ("shop", "blog"):
            name = f"conformance_{part}_{next(_numbers)}"
            Path(folder, f"{name}.py").write_text(textwrap.dedent(_VIEWS.format(part=part)))
            names[part] = name
        return names

    def lazy(self, import_name: str) -> RouteCallable:
        """Create a stand-in."""
        stand_in: RouteCallable = self.call(
            f"lazy_view({import_name!r})", self.component("lazy_view"), import_name
        )
        return stand_in

    def make_app(self) -> flask.Flask:
        """Return a host app of stand-ins; `modules` has the modules of its parts."""
        self.modules = self.write()
        with self.aside():
            app = self.add_views(self.empty_app(), self.lazy)
        self.ledger.note(
            f"an app of the kit with lazy_view('{self.modules['shop']}.index') at /, and five such "
            "views more"
        )
        return app

    def eager_app(self) -> flask.Flask:
        """Return the same app with the functions themselves."""
        self.need_app()  # names the modules that are copied
        self.ledger.note("the same app with the functions themselves, imported eagerly")
        copies = dict(zip(self.modules.values(), self.write().values(), strict=True))

        def load(import_name: str) -> RouteCallable:
            module, _, name = import_name.rpartition(".")
            function: RouteCallable = getattr(importlib.import_module(copies[module]), name)
            return function

        return self.add_views(self.empty_app(), load)

    def empty_app(self) -> flask.Flask:
        """Return an app without views."""
        app = flask.Flask(__name__)
        app.config.update(PROPAGATE_EXCEPTIONS=False)
        app.logger.disabled = True
        app.register_error_handler(LookupError, self.handled)
        return app

    def handled(self, error: LookupError) -> tuple[str, int]:
        """Return what the host app answers for an error that it has a handler for."""
        self.errors.append(told(error))
        return f"handled {error}", 409

    def add_views(self, app: flask.Flask, load: Callable[[str], RouteCallable]) -> flask.Flask:
        """Map URLs to views of both modules: one with two rules, one with methods."""
        shop, blog = self.modules["shop"], self.modules["blog"]

        def add(rule: str, view: RouteCallable, **options: Any) -> None:
            does = f"app.add_url_rule({rule!r}, view_func=lazy_view(...))"
            self.call(does, app.add_url_rule, rule, view_func=view, **options)

        add("/", load(f"{shop}.index"))
        user = load(f"{shop}.user")
        add("/user/", user)
        add("/user/<name>/<int:page>", user)
        add("/save/<name>", load(f"{shop}.save"), methods=["POST", "PUT"])
        add("/blog", load(f"{blog}.index"), endpoint="blog")
        add("/fail/<kind>", load(f"{shop}.fail"))
        return app

    def is_stepped(self, file: str) -> bool:
        """Check whether threads stop at a file's lines: the subject's, and the views' modules."""
        return is_own(file) or Path(file).stem in self.modules.values()

    def paths(self) -> Mapping[str, str]:
        """Return the host app's paths."""
        self.need_app()  # writes the modules
        return {"/": self.modules["shop"], "/blog": self.modules["blog"]}

    def visits(self, paths: Sequence[str]) -> list[Visit]:
        """Send the requests in this process, as the modules are new; the app has no hooks."""
        self.inside()
        self.renew()
        self.need_app()  # writes the modules
        client = self.client()
        known = self.modules.values()

        def loaded() -> list[str]:
            return sorted({name for name in ran if name in known})

        visits = []
        for path in paths:
            before = loaded()
            client.get(path)
            visits.append(Visit(path, self.paths()[path], before, loaded(), {}, {}))
        return visits

    def imported_by(self, module: str) -> list[str]:
        """Return none: the host app's modules import no other."""
        return []


class LazyLoadingRoutes(LazyLoadingHarness, Ability, given_by=("routes",)):
    """The subject's app, created in a new interpreter."""

    kind = "routes"
    keys = ("routes",)

    def paths(self) -> Mapping[str, str]:
        """Return the bound paths."""
        return self.binding.routes or {}

    def visits(self, paths: Sequence[str]) -> list[Visit]:
        """Send the requests in a new interpreter, as this one may have imported anything."""
        self.inside()
        named = {path: self.paths()[path] for path in paths}
        does = "creates the app and requests each path twice"
        answer = ask(self.bench, visit, keep=True, does=does, paths=named)
        visits = [Visit(**each) for each in answer]
        for each in visits:
            if each.first["status"] in (404, 405):
                raise Broken.for_key(
                    self.slug, "routes", f"GET {each.path} answers {each.first['status']}"
                )
            if each.first["status"] < 500 and not _found(each.module):
                raise Broken.for_key(self.slug, "routes", f"there is no module {each.module!r}")
        return visits

    def imported_by(self, module: str) -> list[str]:
        """Import the module in a new interpreter, without the app."""
        modules = sorted(set(self.paths().values()))
        found: list[str] = ask(
            self.bench,
            imports,
            keep=True,
            does=f"imports {module} without the app",
            module=module,
            modules=modules,
        )
        return found


def visit(
    subject: Subject, folder: Callable[[], Path], paths: dict[str, str]
) -> list[dict[str, object]]:
    """Send each request twice to one new app, and return the `Visit` of each."""
    modules = sorted(set(paths.values()))
    places: dict[str, str] = {}
    sys.meta_path.insert(0, _Importers(modules, places))
    app = subject.build(folder)
    server = WSGIServer(app)
    visits = []
    for path, module in paths.items():
        before = _loaded(modules)
        known, registered = set(sys.modules), set(_handlers(app))
        first = _shape(server.send(Request("GET", path)))
        after = _loaded(modules)
        late = [
            f"{each.__module__}.{each.__qualname__} in {where}"
            for (where, _), each in _handlers(app).items()
            if (where, id(each)) not in registered
            and each.__module__ in sys.modules
            and each.__module__ not in known
        ]
        second = _shape(server.send(Request("GET", path)))
        each = Visit(path, module, before, after, first, second, dict(places), sorted(late))
        visits.append(dataclasses.asdict(each))
    return visits


class _Importers(MetaPathFinder):
    """Notes the line of the subject at which a module was last looked for; finds none itself."""

    def __init__(self, modules: Sequence[str], places: dict[str, str]) -> None:
        self._modules, self._places = modules, places

    def find_spec(self, name: str, *args: object) -> None:
        """Note where a module is imported."""
        if name not in self._modules:
            return
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if is_own(frame.f_code.co_filename):
                place = Location.of(frame.f_code.co_filename, frame.f_lineno)
                self._places[name] = str(place)
                return
            frame = frame.f_back


def _handlers(app: Any) -> dict[tuple[str, int], Any]:
    """Return the functions that decorators register on an app, by their table and identity."""
    tables: dict[str, Iterable[Any]] = {
        name: itertools.chain.from_iterable(getattr(app, name, {}).values())
        for name in (
            "before_request_funcs",
            "after_request_funcs",
            "teardown_request_funcs",
            "template_context_processors",
            "url_value_preprocessors",
        )
    }
    by_code = itertools.chain.from_iterable(
        codes.values() for codes in getattr(app, "error_handler_spec", {}).values()
    )
    handlers = itertools.chain.from_iterable(classes.values() for classes in by_code)
    tables["error_handler_spec"] = handlers
    # Jinja's environment is made when it is first asked for, which may be too early here.
    if (env := vars(app).get("jinja_env")) is not None:
        for name in ("filters", "tests", "globals"):
            tables[f"jinja_env.{name}"] = getattr(env, name).values()
    return {
        (name, id(function)): function
        for name, functions in tables.items()
        for function in functions
        # Among the globals are proxies, which cannot be asked for attributes here.
        if isinstance(function, FunctionType | MethodType | type)
    }


def _has_coroutines(module: str) -> bool:
    """Check whether a module's source, which is not run, contains a coroutine function.

    True if the source cannot be read.
    """
    try:
        spec = importlib.util.find_spec(module)
        source = Path(spec.origin or "").read_bytes() if spec is not None else b""
        tree = ast.parse(source)
    except Exception:  # whatever is wrong with its package or file
        return True
    return any(isinstance(node, ast.AsyncFunctionDef) for node in ast.walk(tree))


def imports(
    subject: Subject, folder: Callable[[], Path], module: str, modules: list[str]
) -> list[str]:
    """Return the modules that one of them imports itself, apart from those of its package."""
    before = []
    package = module.rpartition(".")[0]
    if package:
        importlib.import_module(package)
        before = _loaded(modules)
    importlib.import_module(module)
    return [name for name in _loaded(modules) if name not in before]


def _loaded(modules: Sequence[str]) -> list[str]:
    # A module that importlib's LazyLoader has deferred has not been executed yet.
    return [
        name
        for name in modules
        if name in sys.modules and type(sys.modules[name]).__name__ != "_LazyModule"
    ]


def _found(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


@contextlib.contextmanager
def _importable(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _shape(response: Response) -> dict[str, object]:
    # Headers about the cache differ between its first response and the next.
    names = sorted({name.lower() for name, _ in response.headers} - {"age", "x-cache"})
    return {"status": response.status, "headers": names}


pattern = Pattern(
    slug="lazyloading",
    title="Lazily Loading Views",
    sections={
        "": "Lazily Loading Views",
        "converting-to-centralized-url-map": "Converting to Centralized URL Map",
        "loading-late": "Loading Late",
    },
    binding=LazyLoading,
    harnesses=(LazyComponent, LazyLoadingRoutes),
)
