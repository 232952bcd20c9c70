from flask import abort
from werkzeug.utils import cached_property, import_string


class LazyView:
    """A view by its name. Not every clinic has every module installed:
    what is not there is not found."""

    def __init__(self, import_name):
        self.__module__, self.__name__ = import_name.rsplit(".", 1)
        self.import_name = import_name

    @cached_property
    def view(self):
        return import_string(self.import_name, silent=True)

    def __call__(self, *args, **kwargs):
        if self.view is None:
            abort(404)
        return self.view(*args, **kwargs)
