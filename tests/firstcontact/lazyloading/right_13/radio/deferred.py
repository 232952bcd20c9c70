from flask.views import View
from werkzeug.utils import import_string


class Deferred(View):
    init_every_request = False

    def __init__(self, import_name):
        self.import_name = import_name
        self.real = None

    def dispatch_request(self, **values):
        if self.real is None:
            found = import_string(self.import_name)
            if isinstance(found, type) and issubclass(found, View):
                found = found.as_view(found.__name__)
            self.real = found
        return self.real(**values)


def deferred(import_name):
    """A view for `module.function`, or `module.Class` of a class-based view."""
    module, name = import_name.rsplit(".", 1)
    view = Deferred.as_view(name, import_name)
    view.__module__ = module
    return view
