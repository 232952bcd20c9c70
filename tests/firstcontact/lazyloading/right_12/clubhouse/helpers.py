import pkgutil


class lazy:
    """``lazy("package.module:function")`` or ``lazy("package.module.function")``."""

    def __init__(self, import_name):
        if ":" in import_name:
            module, name = import_name.split(":")
        else:
            module, name = import_name.rsplit(".", 1)
        self.__module__ = module
        self.__name__ = self.__qualname__ = name
        self._view = None

    def __call__(self, /, *args, **kwargs):
        view = self._view
        if view is None:
            view = self._view = pkgutil.resolve_name(f"{self.__module__}:{self.__name__}")
        return view(*args, **kwargs)
