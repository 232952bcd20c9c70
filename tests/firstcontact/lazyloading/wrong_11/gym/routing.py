"""Centralized URL map with views that load late."""
from threading import Lock

from werkzeug.utils import import_string


class Deferred:
    """Callable that resolves a dotted name once, at the first call."""

    def __init__(self, import_name):
        self.import_name = import_name
        # Flask takes the endpoint from here. The whole dotted name, since
        # "show" alone would not be unique.
        self.__name__ = import_name
        self.__module__ = import_name.rpartition(".")[0]
        self._view = None
        self._lock = Lock()

    def __call__(self, *args, **kwargs):
        if self._view is None:
            with self._lock:
                if self._view is None:
                    self._view = import_string(self.import_name)
        return self._view(*args, **kwargs)

    def __repr__(self):
        return f"<Deferred {self.import_name}>"


class Routes:
    def __init__(self, app, package):
        self.app = app
        self.package = package

    def get(self, name, *rules, **options):
        view = Deferred(f"{self.package}.{name}")
        for rule in rules:
            self.app.add_url_rule(rule, view_func=view, methods=["GET"], **options)
