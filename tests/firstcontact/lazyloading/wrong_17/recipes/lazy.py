from functools import lru_cache, partial
from importlib import import_module


@lru_cache(maxsize=None)
def _resolve(import_name):
    module, _, attribute = import_name.rpartition(".")
    return getattr(import_module(module), attribute)


def _load_and_call(import_name, /, *args, **kwargs):
    return _resolve(import_name)(*args, **kwargs)


def lazy_view(import_name):
    """A view that imports ``module.function`` when it is first called."""
    return partial(_load_and_call, import_name)
