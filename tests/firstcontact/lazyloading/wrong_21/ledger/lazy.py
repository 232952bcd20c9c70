import functools
import importlib


def lazy_view(import_name):
    module, name = import_name.rsplit(".", 1)

    @functools.cache
    def load():
        return getattr(importlib.import_module(module), name)

    def view(**kwargs):
        return load()(**kwargs)

    view.__name__, view.__module__ = name, module
    return view
