"""A storage of its own instead of Werkzeug's deprecated one; the answers are JSON of pairs."""
from flask import Flask, Request, json, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict, iter_multi_items


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


class PairRequest(Request):
    parameter_storage_class = Ordered


class PairFlask(Flask):
    request_class = PairRequest
    json_provider_class = type("Sorted", (Flask.json_provider_class,), {"sort_keys": False, "ensure_ascii": False})


def create_app(config=None):
    app = PairFlask(__name__, static_folder=None)
    app.config.update(config or {})

    @app.route("/", methods=["GET", "POST", "PUT"])
    def pairs():
        return {"query": [*request.args.items(multi=True)], "body": [*request.form.items(True)]}

    return app
