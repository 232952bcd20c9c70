from importlib import import_module


class LazyView:
    """Import a view on first use.

    Several rules often share a view, so what was loaded once is kept
    for all instances.
    """

    _loaded = {}

    def __init__(self, import_name):
        self.__module__, self.__name__ = import_name.rsplit(".", 1)

    def __repr__(self):
        return f"<LazyView {self.__module__}.{self.__name__}>"

    def __call__(self, *args, **kwargs):
        try:
            view = self._loaded[self.__name__]
        except KeyError:
            module = import_module(self.__module__)
            view = self._loaded[self.__name__] = getattr(module, self.__name__)
        return view(*args, **kwargs)
