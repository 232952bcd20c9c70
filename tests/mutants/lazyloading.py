"""Lazily loaded views, each with one believable mistake."""

from __future__ import annotations

import functools
import importlib
import itertools
import sys
from collections.abc import Callable
from typing import Any

import flask
from werkzeug.utils import import_string

from conformance import Subject
from reference.lazyloading import lazy_view
from tests.proof import mutant
from tests.variants.lazyloading import package

_numbers = itertools.count()


def component(lazy: Callable[[str], Any]) -> Subject:
    return Subject(patterns={"lazyloading": {"lazy_view": lazy}})


def application(create_app: str, **views: str) -> Subject:
    """An app of stand-ins, in a package that a new interpreter can import."""
    name = f"lazy_mutant_{next(_numbers)}"
    head = f"import flask\nfrom reference.lazyloading import lazy_view\nname = {name!r}\n"
    package(name, __init__=head + create_app, **views)
    routes = {"/": f"{name}.shop", "/blog": f"{name}.blog"}
    return Subject(app=f"{name}:create_app", patterns={"lazyloading": {"routes": routes}})


APP = """
def create_app():
    app = flask.Flask(name)
    app.add_url_rule("/", "shop", lazy_view(f"{name}.shop.index"))
    app.add_url_rule("/blog", "blog", lazy_view(f"{name}.blog.index"))
    return app
"""
INDEX = "def index():\n    return 'index'\n"


@mutant("not-imported", says="loaded by creating the app", also=["import-on-first"])
def imported_for_hooks() -> Subject:
    """The views' module is imported at the start, for a helper that it also has."""
    create_app = APP + "from importlib import import_module\nimport_module(f'{name}.shop')\n"
    return application(create_app, shop=INDEX, blog=INDEX)


@mutant("import-on-first", says="to be loaded by GET /")
def looks_at_every_view() -> Subject:
    """A hook collects the docstrings of all views, and has to load them for it."""
    create_app = (
        APP.replace("    return app\n", "")
        + """
    from werkzeug.utils import import_string

    @app.before_request
    def describe():
        if "pages" not in app.extensions:
            views = [import_string(f"{name}.{part}.index") for part in ("shop", "blog")]
            app.extensions["pages"] = [view.__doc__ for view in views]

    return app
"""
    )
    return application(create_app, shop=INDEX, blog=INDEX)


@mutant("import-on-first", says="to be loaded by GET /p")
def loaded_beyond_the_tenth() -> Subject:
    """One of many views is given the wrong module, which imports nothing of its own."""
    create_app = """
def create_app():
    app = flask.Flask(name)
    for number in range(12):
        part = "blog" if number == 10 else f"part{number}"
        app.add_url_rule(f"/p{number}", part, lazy_view(f"{name}.{part}.index"))
    return app
"""
    views = {f"part{number}": INDEX for number in range(12)}
    subject = application(create_app, blog=f"from . import part3\n{INDEX}", **views)
    name = subject.app.partition(":")[0]  # type: ignore[union-attr]
    routes = {f"/p{number}": f"{name}.part{number}" for number in range(12)}
    return Subject(app=subject.app, patterns={"lazyloading": {"routes": routes}})


@mutant("import-once", says="the module's body to run once")
def reloaded_each_time() -> Subject:
    """The module is executed again for each call."""

    def lazy(import_name: str) -> Any:
        module, _, name = import_name.rpartition(".")

        def view(**values: Any) -> Any:
            loaded = sys.modules.get(module)
            loaded = importlib.reload(loaded) if loaded else importlib.import_module(module)
            return flask.current_app.ensure_sync(getattr(loaded, name))(**values)

        view.__name__ = name
        return view

    return component(lazy)


@mutant("first-hit-race", says="the stand-in raised IndexError")
def flag_before_the_import() -> Subject:
    """The flag that says "loaded" is set before the import has ended."""

    def lazy(import_name: str) -> Any:
        right = lazy_view(import_name)
        loaded: list[Any] = []
        begun: list[bool] = []

        @functools.wraps(right)
        def view(**values: Any) -> Any:
            if not begun:
                begun.append(True)
                try:
                    module, _, name = import_name.rpartition(".")
                    function = getattr(importlib.import_module(module), name)
                    loaded.append(flask.current_app.ensure_sync(function))
                except Exception:
                    begun.clear()
                    raise
            return loaded[0](**values)

        return view

    return component(lazy)


@mutant("equivalent", says="its status differs")
def status_lost() -> Subject:
    """The stand-in makes a response of the view's value, and forgets that it may be a pair."""

    def lazy(import_name: str) -> Any:
        right = lazy_view(import_name)

        @functools.wraps(right)
        def view(**values: Any) -> Any:
            value = right(**values)
            return value[0] if isinstance(value, tuple) else value

        return view

    return component(lazy)


@mutant("args", says="'name'")
def values_stripped() -> Subject:
    """The stand-in tidies the values up."""

    def lazy(import_name: str) -> Any:
        right = lazy_view(import_name)

        @functools.wraps(right)
        def view(**values: Any) -> Any:
            return right(**{k: v.strip() if isinstance(v, str) else v for k, v in values.items()})

        return view

    return component(lazy)


@mutant("first-hit-race", says="AttributeError")
def module_while_it_is_imported() -> Subject:
    """A module that is in `sys.modules` is taken to be imported."""

    def lazy(import_name: str) -> Any:
        right = lazy_view(import_name)
        module, _, name = import_name.rpartition(".")

        @functools.wraps(right)
        def view(**values: Any) -> Any:
            if module not in sys.modules:
                importlib.import_module(module)
            function = getattr(sys.modules[module], name)
            return flask.current_app.ensure_sync(function)(**values)

        return view

    return component(lazy)


@mutant(
    "endpoint-names",
    says="'functools.partial' object has no attribute '__name__'",
    also=[
        *("not-imported", "import-on-first", "import-once", "first-hit-race", "equivalent", "args"),
        *("multi-rules", "same-name-modules", "methods-honoured", "failure-retry", "async"),
    ],
)
def partial_without_a_name() -> Subject:
    """The stand-in is a partial, which has no name: only rules that name their endpoint take it."""

    def load(import_name: str, **values: Any) -> Any:
        return lazy_view(import_name)(**values)

    return component(lambda import_name: functools.partial(load, import_name))


@mutant("endpoint-names", says="the endpoints", also=["multi-rules"])
def name_with_module() -> Subject:
    """Endpoints carry the module's name, so that `url_for` needs it too."""

    def lazy(import_name: str) -> Any:
        right = lazy_view(import_name)
        right.__name__ = import_name.rpartition(".")[2].upper()
        return right

    return component(lazy)


@mutant("multi-rules", says="if it is the first request", also=["args", "equivalent"])
def first_rule_only() -> Subject:
    """The stand-in was written for the view's first rule, without values."""

    def lazy(import_name: str) -> Any:
        right = lazy_view(import_name)

        @functools.wraps(right)
        def view(**values: Any) -> Any:
            return right(**({} if "page" in values else values))

        return view

    return component(lazy)


@mutant("same-name-modules", says="the index of blog", also=["failure-retry"])
def kept_by_name() -> Subject:
    """The functions are kept by their name alone."""

    def lazy(import_name: str) -> Any:
        name = import_name.rpartition(".")[2]
        right = lazy_view(import_name)

        @functools.wraps(right)
        def view(**values: Any) -> Any:
            table = flask.current_app.extensions.setdefault("lazy", {})
            return table.setdefault(name, right)(**values)

        return view

    return component(lazy)


@mutant("hooks-upfront", says="'x-shop'")
def hooks_come_late() -> Subject:
    """A hook is registered when the module of the views is imported."""
    shop = """
        import flask

        def mark(response):
            response.headers["X-Shop"] = "late"
            return response

        flask.g.late = mark

        def index():
            return "index"
        """
    create_app = (
        APP.replace("    return app\n", "")
        + """
    seen = []

    @app.after_request
    def late(response):
        if seen:
            response = seen[0](response)
        if "late" in flask.g:
            seen.append(flask.g.late)
        return response

    return app
"""
    )
    return application(create_app, shop=shop, blog=INDEX)


@mutant("hooks-upfront", says="choose_language in before_request_funcs")
def handler_appended_late() -> Subject:
    """A module of views appends a handler to the app's own list, past what Flask refuses."""
    shop = """
        import flask

        def choose_language():
            flask.g.language = flask.request.accept_languages.best_match(["de", "en"], "de")

        flask.current_app.before_request_funcs.setdefault(None, []).append(choose_language)

        def index():
            return flask.g.get("language", "en")
        """
    return application(APP, shop=shop, blog=INDEX)


@mutant("hooks-upfront", says="money in jinja_env.filters")
def filter_registered_late() -> Subject:
    """A module of views registers a template filter that other pages use too."""
    shop = """
        import flask

        def money(amount):
            return f"{amount:.2f} EUR"

        flask.current_app.jinja_env.filters["money"] = money

        def index():
            return flask.render_template_string("{{ 3|money }}")
        """
    return application(APP, shop=shop, blog=INDEX)


@mutant("targets-resolve", says="no server error for GET /")
def renamed() -> Subject:
    """The function was renamed, the URL map was not."""
    return application(APP, shop=INDEX.replace("index()", "home()"), blog=INDEX)


@mutant("methods-honoured", says="405 for PUT /", also=["equivalent"])
def methods_of_its_own() -> Subject:
    """The stand-in has a list of methods, which Flask takes for the view's."""

    def lazy(import_name: str) -> Any:
        view = lazy_view(import_name)
        view.methods = ["GET", "PUT"]  # type: ignore[attr-defined]
        return view

    return component(lazy)


@mutant("async", says="the coroutine's result")
def not_awaited() -> Subject:
    """The stand-in calls what it loaded, as in the docs: a coroutine is no response."""

    def lazy(import_name: str) -> Any:
        loaded: list[Any] = []

        @functools.wraps(lazy_view(import_name))
        def view(**values: Any) -> Any:
            if not loaded:
                loaded.append(import_string(import_name))
            return loaded[0](**values)

        return view

    return component(lazy)


@mutant("failure-retry", says="the import is not tried again")
def failure_kept() -> Subject:
    """What was raised is kept and raised again."""

    def lazy(import_name: str) -> Any:
        right = lazy_view(import_name)
        failed: list[Exception] = []

        @functools.wraps(right)
        def view(**values: Any) -> Any:
            if failed:
                raise failed[0]
            try:
                return right(**values)
            except ValueError as error:
                failed.append(error)
                raise

        return view

    return component(lazy)


@mutant("failure-retry", says="500 for a view whose module raises ImportError")
def broken_module_is_404() -> Subject:
    """A module that cannot be imported is taken for a page that is not there."""

    def lazy(import_name: str) -> Any:
        right = lazy_view(import_name)
        loaded: list[bool] = []

        @functools.wraps(right)
        def view(**values: Any) -> Any:
            if not loaded:
                if import_string(import_name, silent=True) is None:
                    flask.abort(404)
                loaded.append(True)
            return right(**values)

        return view

    return component(lazy)


@mutant("equivalent", says="the response of the function itself")
def errors_of_the_view_translated() -> Subject:
    """What the view raises is taken for a failed import."""

    def lazy(import_name: str) -> Any:
        right = lazy_view(import_name)

        @functools.wraps(right)
        def view(**values: Any) -> Any:
            try:
                return right(**values)
            except AttributeError:
                flask.abort(404)

        return view

    return component(lazy)
