"""Views that are imported when they are first needed."""
from werkzeug.utils import import_string


class _LazyView:
    loaded = {}  # of all views, so that two rules of one view import it once

    def __init__(self, import_name):
        self.import_name = import_name
        self.__module__, self.__name__ = import_name.rsplit(".", 1)
        self.__doc__ = f"Loads {import_name}."

    def resolve(self):
        try:
            return self.loaded[self.__name__]
        except KeyError:
            view = self.loaded[self.__name__] = import_string(self.import_name)
            return view

    def __call__(self, *args, **kwargs):
        return self.resolve()(*args, **kwargs)


def lazy_view(import_name):
    return _LazyView(import_name)
