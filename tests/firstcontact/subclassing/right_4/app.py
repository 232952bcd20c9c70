"""Deutsch: die Reihenfolge kommt aus einer Liste, die die Anfrage selbst liest; strenger als Werkzeug."""
import functools

from flask import Flask, Request, request
from markupsafe import escape
from werkzeug.datastructures import ImmutableMultiDict, MultiDict, iter_multi_items
from werkzeug.exceptions import BadRequest


class OrderedCopy(MultiDict):
    """What copy() gives: may be changed; what was there keeps its order, what is new comes last."""

    def __init__(self, mapping=None):
        super().__init__(mapping)
        self._before = list(iter_multi_items(mapping)) if mapping else []

    def items(self, multi=False):
        if not multi:
            yield from super().items()
            return
        left = {name: list(values) for name, values in self.lists()}
        for name, value in self._before:
            if value in left.get(name, ()):
                left[name].remove(value)
                yield name, value
        for name, values in left.items():
            for value in values:
                yield name, value


class Ordered(ImmutableMultiDict):
    def __init__(self, mapping=None):
        pairs = tuple(iter_multi_items(mapping)) if mapping is not None else ()
        super().__init__(pairs)
        self._pairs = pairs

    def items(self, multi=False):
        return iter(self._pairs) if multi else super().items()

    def copy(self):
        return OrderedCopy(self)

    def __repr__(self):
        return f"{type(self).__name__}({list(self._pairs)!r})"


class Anfrage(Request):
    """Höchstens hundert Parameter in der Adresse; die Reihenfolge bleibt."""

    parameter_storage_class = Ordered
    hoechstens = 100

    @functools.cached_property
    def args(self):
        if self.query_string.count(b"&") >= self.hoechstens:
            raise BadRequest("zu viele Parameter")
        return super().args


class Dienst(Flask):
    request_class = Anfrage

    def handle_user_exception(self, e):
        if isinstance(e, LookupError) and not isinstance(e, BadRequest):
            return "nicht gefunden", 404
        return super().handle_user_exception(e)


def create_app(config=None):
    app = Dienst(__name__)
    app.config.from_mapping(config or {})

    @app.route("/zeige", methods=["GET", "POST"])
    def zeige():
        return "<ol>" + "".join(f"<li>{escape(name)}={escape(wert)}" for name, wert in request.values.items(multi=True)) + "</ol>"

    @app.get("/fehlt")
    def fehlt():
        return {}["x"]

    return app
