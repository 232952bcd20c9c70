from werkzeug.utils import cached_property, import_string


class LazyView:
    """Behaves just like the function it stands for, and imports it late.

    Attributes such as ``__doc__`` or ``methods`` (set by our decorators, e.g.
    ``@cached``) are the real function's.
    """

    def __init__(self, import_name):
        self.__module__, self.__name__ = import_name.rsplit(".", 1)
        self.import_name = import_name

    @cached_property
    def view(self):
        return import_string(self.import_name)

    def __call__(self, *args, **kwargs):
        return self.view(*args, **kwargs)

    def __getattr__(self, name):
        # only asked for what the proxy does not have itself
        return getattr(self.view, name)
