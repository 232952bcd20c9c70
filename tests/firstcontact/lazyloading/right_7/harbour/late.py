import threading

from werkzeug.utils import import_string


class late:
    """``late("package.module:function")`` or ``late("package.module.function")``."""

    def __init__(self, import_name):
        module, _, function = import_name.replace(":", ".").rpartition(".")
        if not module:
            raise ValueError(f"{import_name!r} is not the name of a module's function")
        self.__module__ = module
        self.__name__ = function
        self._function = None
        self._lock = threading.RLock()

    def __call__(self, *args, **kwargs):
        if self._function is None:
            with self._lock:
                if self._function is None:
                    self._function = import_string(f"{self.__module__}:{self.__name__}")
        return self._function(*args, **kwargs)

    def __repr__(self):
        return f"late({self.__module__}:{self.__name__})"
