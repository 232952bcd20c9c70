"""Subclasses of Flask, done right in other ways than the reference's."""

from __future__ import annotations

from typing import Any, ClassVar

import flask
from werkzeug.datastructures import MultiDict

from conformance import Subject
from tests.proof import variant


@variant
def quiet_hooks() -> Subject:
    """A class that overrides hooks and calls their parents; parameters as in plain Flask."""

    class Shop(flask.Flask):
        def make_response(self, rv: Any) -> flask.Response:
            return super().make_response(rv)

        def process_response(self, *args: Any, **kwargs: Any) -> flask.Response:
            return super().process_response(*args, **kwargs)

        def full_dispatch_request(self, *args: Any, **kwargs: Any) -> flask.Response:
            return super().full_dispatch_request(*args, **kwargs)

        def wsgi_app(self, environ: Any, start_response: Any) -> Any:
            return super().wsgi_app(environ, start_response)

    return Subject(patterns={"subclassing": {"app_class": Shop, "ordered": False}})


@variant
def ordered_views() -> Subject:
    """A request class that keeps the pairs beside the usual containers, in properties."""

    class Ordered(flask.Request):
        @property
        def parameter_storage_class(self) -> Any:  # type: ignore[override]
            return storage()

    class Shop(flask.Flask):
        request_class = Ordered
        default_config: ClassVar[Any] = {**flask.Flask.default_config, "SHOP_LIMIT": 7}

        def __init__(self, import_name: str, **options: Any) -> None:
            super().__init__(import_name, **options)
            self.plugins: list[str] = []

    return Subject(patterns={"subclassing": {"app_class": Shop, "request_class": Ordered}})


def storage() -> Any:
    class Pairs(MultiDict[str, str]):
        """A multi-value mapping over a tuple of pairs; nothing changes it."""

        def __init__(self, mapping: Any = ()) -> None:
            pairs = mapping.items(multi=True) if isinstance(mapping, MultiDict) else mapping or ()
            self.pairs = tuple(pairs)
            super().__init__(self.pairs)

        def items(self, multi: bool = False) -> Any:
            return iter(self.pairs) if multi else super().items()

        def __setitem__(self, key: Any, value: Any) -> None:
            raise TypeError("request parameters cannot be changed")

        def copy(self) -> Any:
            return MultiDict(self.pairs)

    return Pairs


@variant
def whole_application() -> Subject:
    """An app of a class with another JSON provider, bound by one of its pages."""
    from flask.json.provider import DefaultJSONProvider

    class Compact(DefaultJSONProvider):
        compact = True

    class Shop(flask.Flask):
        json_provider_class = Compact

        def create_global_jinja_loader(self) -> Any:
            return super().create_global_jinja_loader()

    def create_app() -> flask.Flask:
        app = Shop("shop")
        app.add_url_rule("/search", "search", lambda: flask.jsonify(flask.request.args))
        return app

    binding = {"page": "/search?q=1", "ordered": False}
    return Subject(app=create_app, patterns={"subclassing": binding})


@variant
def augmented() -> Subject:
    """A class that adds a header, answers in plain text, and calls parameters by its own names."""
    import uuid

    class Text(flask.Response):
        default_mimetype = "text/plain"

    class Request(flask.Request):
        parameter_storage_class = storage()

    class Shop(flask.Flask):
        response_class = Text

        @property
        def request_class(self) -> Any:  # type: ignore[override]
            return Request

        def make_response(self, value: Any) -> flask.Response:
            return super().make_response(value)

        def process_response(self, *args: Any) -> flask.Response:
            response = super().process_response(*args)
            response.headers["X-Trace"] = uuid.uuid4().hex
            return response

    return Subject(patterns={"subclassing": {"app_class": Shop}})
