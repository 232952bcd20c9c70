import threading

from werkzeug.utils import import_string


class LazyView:
    def __init__(self, import_name):
        self.__module__, self.__name__ = import_name.rsplit(".", 1)
        self._import_name = import_name
        self._view = None
        self._lock = threading.Lock()

    def __call__(self, *args, **kwargs):
        if self._view is None:
            with self._lock:
                if self._view is None:
                    self._view = import_string(self._import_name)
        return self._view(*args, **kwargs)
