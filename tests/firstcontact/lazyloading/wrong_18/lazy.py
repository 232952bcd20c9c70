from werkzeug.utils import cached_property, import_string


class LazyView:
    """Stands in for a view function until it is needed.

    Anything else somebody wants to know of the view (its docstring,
    attributes that decorators have left on it, ...) is answered by the
    view itself, so that the stand-in cannot be told from it.
    """

    def __init__(self, import_name):
        self.__module__, self.__name__ = import_name.rsplit(".", 1)
        self.import_name = import_name

    @cached_property
    def view(self):
        return import_string(self.import_name)

    def __getattr__(self, attribute):
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return getattr(self.view, attribute)

    def __call__(self, *args, **kwargs):
        return self.view(*args, **kwargs)
