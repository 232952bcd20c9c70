import functools
import importlib


class Late:
    def __init__(self, path):
        self.__module__, _, self.__name__ = path.rpartition(".")
        self.__qualname__ = self.__name__
        self.__doc__ = f"Stands for {path}."

    @functools.cached_property
    def target(self):
        try:
            return getattr(importlib.import_module(self.__module__), self.__name__)
        except AttributeError as error:
            raise ImportError(f"{self.__module__} has no view {self.__name__!r}") from error

    def __call__(self, *args, **kwargs):
        return self.target(*args, **kwargs)
