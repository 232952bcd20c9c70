import sys


class LazyView:
    """Behaves just like the view function, but imports it on first use."""

    def __init__(self, import_name):
        self.__module__, self.__name__ = import_name.rsplit(".", 1)
        self.import_name = import_name

    @property
    def view(self):
        # sys.modules first: going through the import system for each
        # request showed up in the profiler.
        module = sys.modules.get(self.__module__)
        if module is None:
            __import__(self.__module__)
            module = sys.modules[self.__module__]
        return getattr(module, self.__name__)

    def __call__(self, *args, **kwargs):
        return self.view(*args, **kwargs)
