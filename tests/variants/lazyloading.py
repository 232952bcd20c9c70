"""Lazily loaded views, done right in other ways than the reference's."""

from __future__ import annotations

import functools
import importlib
import textwrap
import threading
from pathlib import Path
from typing import Any

import flask
from werkzeug.utils import import_string

from conformance import Subject
from tests.proof import new_folder, variant


@variant
def callable_class() -> Subject:
    """A class with a cached property, as in the docs, that also awaits coroutines."""

    class LazyView:
        def __init__(self, import_name: str) -> None:
            self.__module__, self.__name__ = import_name.rsplit(".", 1)
            self.import_name = import_name

        @functools.cached_property
        def view(self) -> Any:
            return flask.current_app.ensure_sync(import_string(self.import_name))

        def __call__(self, **values: Any) -> Any:
            return self.view(**values)

    return Subject(patterns={"lazyloading": {"lazy_view": LazyView}})


@variant
def dispatch_table() -> Subject:
    """A closure that keeps functions in one table for all stand-ins, with one lock."""
    table: dict[str, Any] = {}
    lock = threading.RLock()

    def lazy(import_name: str) -> Any:
        module, name = import_name.rsplit(".", 1)

        def view(*args: Any, **values: Any) -> Any:
            with lock:
                if import_name not in table:
                    table[import_name] = getattr(importlib.import_module(module), name)
            return flask.current_app.ensure_sync(table[import_name])(*args, **values)

        view.__name__ = name
        return view

    return Subject(patterns={"lazyloading": {"lazy_view": lazy}})


def package(name: str, **modules: str) -> Path:
    """Write a package that a new interpreter can import, and give its folder.

    The folder is beside this file's kind of modules, on a path of its own.
    """
    import sys

    folder = new_folder()
    (folder / name).mkdir()
    for module, text in modules.items():
        (folder / name / f"{module}.py").write_text(textwrap.dedent(text))
    sys.path.append(str(folder))
    return folder


@variant
def standard_lazy_loader() -> Subject:
    """The standard library's LazyLoader: the module stands in sys.modules before its body runs."""
    package(
        "lazy_shop",
        __init__="""
            import importlib.util, sys
            import flask

            def lazily(name):
                spec = importlib.util.find_spec(name)
                loader = importlib.util.LazyLoader(spec.loader)
                spec.loader = loader
                module = importlib.util.module_from_spec(spec)
                sys.modules[name] = module
                loader.exec_module(module)
                return module

            views = lazily("lazy_shop.views")

            def create_app():
                app = flask.Flask(__name__)
                app.add_url_rule("/", "home", lambda: views.home())
                app.add_url_rule("/about", "about", lambda: views.about())
                return app
            """,
        views="""
            def home():
                return "home"

            def about():
                return "about"
            """,
    )
    routes = {"/": "lazy_shop.views", "/about": "lazy_shop.views"}
    return Subject(app="lazy_shop:create_app", patterns={"lazyloading": {"routes": routes}})


def docs_helper(import_name: str) -> Any:
    """The docs' own helper in short: it awaits nothing."""

    def view(**values: Any) -> Any:
        return import_string(import_name)(**values)

    view.__name__ = import_name.rpartition(".")[2]
    return view


@variant
def no_coroutines() -> Subject:
    """The docs' helper, in an app none of whose views is a coroutine function."""
    package(
        "lazy_plain",
        __init__="""
            import flask
            from tests.variants.lazyloading import docs_helper

            def create_app():
                app = flask.Flask(__name__)
                app.add_url_rule("/", view_func=docs_helper("lazy_plain.shop.index"))
                return app
            """,
        shop="def index():\n    return 'index'\n",
    )
    table = {"lazy_view": docs_helper, "routes": {"/": "lazy_plain.shop"}}
    return Subject(app="lazy_plain:create_app", patterns={"lazyloading": table})


@variant
def looked_up_each_time() -> Subject:
    """The function is looked up for each call, which the module's body runs once for."""

    def lazy(import_name: str) -> Any:
        def view(**values: Any) -> Any:
            return flask.current_app.ensure_sync(import_string(import_name))(**values)

        view.__name__ = import_name.rpartition(".")[2]
        return view

    return Subject(patterns={"lazyloading": {"lazy_view": lazy}})


@variant
def views_import_each_other() -> Subject:
    """A module of views needs another one, which comes with it."""
    package(
        "lazy_related",
        __init__="""
            import flask
            from reference.lazyloading import lazy_view

            def create_app():
                app = flask.Flask(__name__)
                app.add_url_rule("/", "shop", lazy_view("lazy_related.shop.index"))
                app.add_url_rule("/blog", "blog", lazy_view("lazy_related.blog.index"))
                return app
            """,
        shop="from . import blog\ndef index():\n    return blog.index()\n",
        blog="def index():\n    return 'index'\n",
    )
    routes = {"/": "lazy_related.shop", "/blog": "lazy_related.blog"}
    return Subject(app="lazy_related:create_app", patterns={"lazyloading": {"routes": routes}})
