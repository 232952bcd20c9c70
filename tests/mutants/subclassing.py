"""Subclasses of Flask, each with one believable mistake."""

from __future__ import annotations

import asyncio
import threading
import weakref
from typing import Any, ClassVar
from urllib.parse import unquote

import flask
import werkzeug.wrappers
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.utils import cached_property

from conformance import Subject
from reference.subclassing import OrderedFlask, OrderedRequest, Parameters
from tests.proof import mutant


def app_class(cls: type[flask.Flask]) -> Subject:
    return Subject(patterns={"subclassing": {"app_class": cls}})


def request_class(cls: Any) -> Subject:
    return Subject(patterns={"subclassing": {"request_class": cls}})


@mutant(
    "order-query",
    says="the query's pairs [('b', '1'), ('a', '2'), ('b', '3')]",
    also=["order-form"],
)
def multi_dict() -> Subject:
    """The storage is Werkzeug's own, on the advice of its deprecation warning."""

    class Request(flask.Request):
        parameter_storage_class = ImmutableMultiDict

    return request_class(Request)


@mutant("order-query", says="the query's pairs [('b', 'x y')", also=["lookup-semantics"])
def plus_in_a_query() -> Subject:
    """The query is taken apart by hand, and a plus in it stays one."""

    class Request(OrderedRequest):
        @cached_property
        def args(self) -> Any:
            parts = (part.partition("=") for part in self.query_string.decode().split("&") if part)
            return self.parameter_storage_class(
                (unquote(name), unquote(value)) for name, _, value in parts
            )

    return request_class(Request)


@mutant("parameters-apart", says="again after GET /echo", also=["order-form"])
def order_of_the_class() -> Subject:
    """The pairs are kept on the class of the storage."""

    class Shared(Parameters):
        pairs: ClassVar[list[tuple[str, str]]] = []

        def __init__(self, mapping: Any = None) -> None:
            super().__init__(mapping)
            type(self).pairs = list(super().items(multi=True))

        def items(self, multi: bool = False) -> Any:
            return iter(self.pairs) if multi else super().items()

    class Request(OrderedRequest):
        parameter_storage_class = Shared

    return request_class(Request)


@mutant("form-limits-kept", says="413 for a form beyond")
def parser_without_limits() -> Subject:
    """The parser of forms is made anew, with the storage class and nothing else."""

    class Request(OrderedRequest):
        def make_form_data_parser(self) -> Any:
            return self.form_data_parser_class(
                self._get_file_stream, cls=self.parameter_storage_class
            )

    return request_class(Request)


@mutant("async-in-threads", says="a thread's request for an async view")
def loop_of_the_main_thread() -> Subject:
    """Async views are awaited by a loop that only the thread has which made the class."""
    home = threading.get_ident()

    class App(OrderedFlask):
        def async_to_sync(self, function: Any) -> Any:
            def run(*args: Any, **kwargs: Any) -> Any:
                if threading.get_ident() != home:
                    raise RuntimeError("There is no current event loop in this thread.")
                return asyncio.run(function(*args, **kwargs))

            return run

    return app_class(App)


@mutant("order-form", says="the form's pairs")
def only_the_query() -> Subject:
    """Only `args` was made to keep the order."""

    class Request(flask.Request):
        @property
        def args(self) -> Any:  # type: ignore[override]
            return Parameters(OrderedRequest(self.environ).args)

    return request_class(Request)


@mutant("lookup-semantics", says="args.get of 'b' to be '1'")
def last_one_wins() -> Subject:
    """Of several values, looking one up gives the last."""

    class Last(Parameters):
        def __getitem__(self, key: str) -> str:
            values = self.getlist(key)
            return values[-1] if values else super().__getitem__(key)

        def get(self, key: str, default: Any = None, **options: Any) -> Any:
            values = self.getlist(key, **options)
            return values[-1] if values else default

    class Request(flask.Request):
        parameter_storage_class = Last

    return request_class(Request)


@mutant("immutable", says="['args', 'form'] were changed")
def mutable() -> Subject:
    """The storage can be changed by the first who reads it."""

    class Pairs(MultiDict[str, str]):
        def __init__(self, mapping: Any = ()) -> None:
            self.pairs = tuple(Parameters(mapping).items(multi=True))
            super().__init__(self.pairs)

        def items(self, multi: bool = False) -> Any:
            return iter(self.pairs) if multi else super().items()

    class Request(flask.Request):
        parameter_storage_class = Pairs

    return request_class(Request)


@mutant("is-flask-request", says="werkzeug", also=["behaviour-preserved", "order-query", "order-form",
        "lookup-semantics", "immutable", "no-warnings", "limits-kept", "form-limits-kept", "hosts-kept",
        "parameters-apart", "pickle-copy"])  # fmt: skip
def werkzeugs_request() -> Subject:
    """The request class derives from Werkzeug's, which knows no blueprints."""

    class Request(werkzeug.wrappers.Request):
        parameter_storage_class = Parameters

    return request_class(Request)


@mutant("app-is-flask", says="request_class is Request")
def set_on_the_instance() -> Subject:
    """The request class is set on each app in the initialiser's end, and the class does not know."""

    class Shop(flask.Flask):
        def __init__(self, import_name: str) -> None:
            super().__init__(import_name)
            self.request_class = OrderedRequest

    return app_class(Shop)


@mutant("made-as-flask", says="import_name 'json' for an app created with 'json'")
def import_name_dropped() -> Subject:
    """The initialiser has a name of its own and drops the one that it is given."""

    class Shop(OrderedFlask):
        def __init__(self, import_name: str, **options: Any) -> None:
            super().__init__("shop", **options)

    return app_class(Shop)


@mutant("behaviour-preserved", says="as in plain Flask")
def errors_as_text() -> Subject:
    """An overridden hook answers errors in its own way, and loses their status."""

    class Shop(OrderedFlask):
        def handle_http_exception(self, e: Any, *args: Any) -> Any:
            return str(e)

    return app_class(Shop)


@mutant("behaviour-preserved", says="as in plain Flask")
def own_dispatch() -> Subject:
    """An overridden dispatch looks the view up itself, and forgets what routing has found wrong."""

    class Shop(OrderedFlask):
        def dispatch_request(self, *args: Any) -> Any:
            view = self.view_functions.get(flask.request.endpoint or "")
            return view(**flask.request.view_args or {}) if view else "nothing here"

    return app_class(Shop)


@mutant("super-called", says="Shop overrides `do_teardown_request`")
def teardown_forgotten() -> Subject:
    """An overridden hook does its work and does not call the parent's."""

    class Shop(OrderedFlask):
        def do_teardown_request(self, *args: Any, **kwargs: Any) -> None:
            self.torn_down = True

    return app_class(Shop)


@mutant("no-warnings", says="DeprecationWarning: take the slow path no longer")
def warns() -> Subject:
    """The storage warns each time it is made that it will go away."""
    import warnings

    class Old(Parameters):
        def __init__(self, mapping: Any = ()) -> None:
            warnings.warn("take the slow path no longer", DeprecationWarning, stacklevel=2)
            super().__init__(mapping)

    class Request(flask.Request):
        parameter_storage_class = Old

    return request_class(Request)


@mutant("instances-isolated", says="app.config['SHOP_LIMITS']")
def defaults_shared() -> Subject:
    """A default is a dict, which every app's configuration refers to."""

    class Shop(OrderedFlask):
        default_config: ClassVar[Any] = {**flask.Flask.default_config, "SHOP_LIMITS": {}}

    return app_class(Shop)


@mutant("instances-isolated", says="Flask itself")
def parents_container() -> Subject:
    """The initialiser changes a dict that Flask's own class holds."""

    class Shop(OrderedFlask):
        def __init__(self, import_name: str, **options: Any) -> None:
            super().__init__(import_name, **options)
            self.jinja_options["trim_blocks"] = True
            weakref.finalize(self, self.jinja_options.pop, "trim_blocks", None)

    return app_class(Shop)


@mutant("limits-kept", says="Request overrides `max_content_length` as None")
def no_limit() -> Subject:
    """The request class overrides the limit."""

    class Request(OrderedRequest):
        max_content_length = None

    return request_class(Request)


@mutant("hosts-kept", says="Request overrides `trusted_hosts`")
def every_host() -> Subject:
    """The request class trusts every host."""

    class Request(OrderedRequest):
        trusted_hosts = property(lambda self: None, lambda self, hosts: None)

    return request_class(Request)


@mutant("signature-compat", says="handle_url_build_error")
def another_signature() -> Subject:
    """An overridden method takes fewer arguments than Flask gives it."""

    class Shop(OrderedFlask):
        def handle_url_build_error(self, error: Any) -> str:  # type: ignore[override]
            return "#"

    return app_class(Shop)


@mutant("pickle-copy", says="the thread to see")
def kept_by_the_thread() -> Subject:
    """The parsed parameters are kept in a place of the thread."""
    local = threading.local()

    class Request(OrderedRequest):
        def __init__(self, environ: Any, *args: Any, **kwargs: Any) -> None:
            super().__init__(environ, *args, **kwargs)
            local.args = OrderedRequest(environ).args

        @property
        def args(self) -> Any:  # type: ignore[override]
            return vars(local).get("args", Parameters())

    return request_class(Request)
