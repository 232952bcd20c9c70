"""Lazily Loading Views: a view's module is imported by the first request that needs it."""

from __future__ import annotations

import contextlib
import importlib
import itertools
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import flask

from ..core.errors import Untested
from ..instruments.fresh import ask
from ..subject import Subject
from ..subject.config import Binding, Component
from ..transports import Request, Response
from ..transports.wsgi import WSGIServer
from . import Pattern
from .harness import Harness

#: The modules of the host app's views whose bodies ran, in order.
ran: list[str] = []
#: A module body sets the one and waits for the other; clear both to hold imports up.
started = threading.Event()
released = threading.Event()
released.set()
#: The modules whose bodies are to raise.
failing: set[str] = set()

_numbers = itertools.count()

#: What each of the host app's view modules has in it.
_VIEWS = """
from conformance.patterns import lazyloading as kit

kit.ran.append(__name__)
kit.started.set()
kit.released.wait(30)
if __name__ in kit.failing:
    raise ValueError("the module is broken")

import flask

def index():
    return f"index of {part}"

def user(**values):
    return flask.jsonify(part="{part}", values=values, method=flask.request.method)

def save(name):
    return f"saved {{name}} in {part}", 201

async def later():
    return "later in {part}"
"""


class LazyLoading(Binding):
    """How a subject exposes views that are loaded late."""

    lazy_view: Component = None
    """`(import_name)`: gives a view that imports `module.function` when it is first called."""
    routes: dict[str, str] | None = None
    """Paths that answer a GET, and the module that the first request for it imports."""


class LazyLoadingHarness(Harness[LazyLoading]):
    """Sees which modules have been loaded."""

    def paths(self) -> Mapping[str, str]:
        """Give paths and the modules of their views."""
        raise NotImplementedError

    def loaded(self, path: str) -> tuple[list[str], list[str]]:
        """Give which modules a new app has loaded, and which after the first GET of a path."""
        raise NotImplementedError

    def answers(self, path: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Give a new app's first and second answer to a GET, as status and header names."""
        raise NotImplementedError

    def host(self) -> LazyComponent:
        """Give the harness whose views are the clause's own."""
        raise Untested.for_keys(self.slug, "lazy_view")


class LazyComponent(LazyLoadingHarness):
    """The stand-in, around views in modules that the harness writes."""

    kind = "component"
    keys = ("lazy_view",)

    def begin_example(self, values: Any = None) -> None:
        """Drop the last example's modules."""
        super().begin_example(values)
        self.renew()
        released.set()
        failing.clear()

    def host(self) -> LazyComponent:
        """Give itself."""
        return self

    def write(self) -> dict[str, str]:
        """Write two modules of views that nothing has imported; give their names by part."""
        folder = self.bench.folder()
        self.bench.enter(_importable(folder))
        names = {}
        for part in ("shop", "blog"):
            name = f"conformance_views_{next(_numbers)}"
            Path(folder, f"{name}.py").write_text(textwrap.dedent(_VIEWS.format(part=part)))
            names[part] = name
        return names

    def lazy(self, import_name: str) -> Callable[..., Any]:
        """Make a stand-in."""
        stand_in: Callable[..., Any] = self.call(
            f"lazy_view({import_name!r})", self.component("lazy_view"), import_name
        )
        return stand_in

    def make_app(self) -> flask.Flask:
        """Give a host app of stand-ins; `modules` are its parts' modules."""
        self.modules = self.write()
        return self.add_views(self.empty_app(), self.lazy)

    def eager_app(self) -> flask.Flask:
        """Give the same app with the functions themselves."""
        self.need_app()  # names the modules that these are a copy of
        copies = dict(zip(self.modules.values(), self.write().values(), strict=True))

        def load(import_name: str) -> Callable[..., Any]:
            module, _, name = import_name.rpartition(".")
            function: Callable[..., Any] = getattr(importlib.import_module(copies[module]), name)
            return function

        return self.add_views(self.empty_app(), load)

    def empty_app(self) -> flask.Flask:
        """Give an app with no views."""
        app = flask.Flask(__name__)
        app.config.update(PROPAGATE_EXCEPTIONS=False)
        app.logger.disabled = True
        return app

    def add_views(self, app: flask.Flask, load: Callable[[str], Callable[..., Any]]) -> flask.Flask:
        """Map URLs to views: one with two rules, one with methods, one module's and another's."""
        shop, blog = self.modules["shop"], self.modules["blog"]
        app.add_url_rule("/", view_func=load(f"{shop}.index"))
        user = load(f"{shop}.user")
        app.add_url_rule("/user/", view_func=user)
        app.add_url_rule("/user/<name>/<int:page>", view_func=user)
        app.add_url_rule("/save/<name>", view_func=load(f"{shop}.save"), methods=["POST", "PUT"])
        app.add_url_rule("/blog", "blog", view_func=load(f"{blog}.index"))
        return app

    def paths(self) -> Mapping[str, str]:
        """The host app's."""
        self.need_app()  # writes the modules
        return {"/": self.modules["shop"], "/blog": self.modules["blog"]}

    def loaded(self, path: str) -> tuple[list[str], list[str]]:
        """In this process: the modules are new."""
        self.inside()
        self.renew()
        client = self.client()
        known = self.modules.values()

        def loaded() -> list[str]:
            return sorted({name for name in ran if name in known})

        before = loaded()
        client.get(path)
        return before, loaded()

    def answers(self, path: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """The host app has no hooks."""
        raise Untested.for_keys(self.slug, "routes")


class LazyLoadingRoutes(LazyLoadingHarness):
    """The subject's app, made in a new interpreter."""

    kind = "routes"
    keys = ("routes",)

    def paths(self) -> Mapping[str, str]:
        """The bound ones."""
        return self.binding.routes or {}

    def loaded(self, path: str) -> tuple[list[str], list[str]]:
        """In a new interpreter, as this one may have imported anything."""
        seen = self._visit(path)
        return seen["before"], seen["after"]

    def answers(self, path: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """In a new interpreter, where the first answer is the first."""
        first, second = self._visit(path)["answers"]
        return first, second

    def _visit(self, path: str) -> dict[str, Any]:
        self.inside()
        modules = sorted(set(self.paths().values()))
        seen: dict[str, Any] = ask(self.bench, visit, keep=True, path=path, modules=modules)
        return seen


def visit(
    subject: Subject, folder: Callable[[], Path], path: str, modules: list[str]
) -> dict[str, Any]:
    """Send one request twice to a new app.

    Gives what can be compared of the `answers`, and which of the modules' bodies had run
    `before` the first of them and `after` it.
    """

    def loaded() -> list[str]:
        # A module that importlib's LazyLoader left for later has no body yet.
        return [
            name
            for name in modules
            if name in sys.modules and type(sys.modules[name]).__name__ != "_LazyModule"
        ]

    server = WSGIServer(subject.build(folder))
    before = loaded()
    first = _shape(server.send(Request("GET", path)))
    after = loaded()
    second = _shape(server.send(Request("GET", path)))
    return {"before": before, "after": after, "answers": [first, second]}


@contextlib.contextmanager
def _importable(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _shape(response: Response) -> dict[str, Any]:
    names = sorted({name.lower() for name, _ in response.headers})
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
