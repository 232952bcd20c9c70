import importlib
import sys


class LateView:
    """Imports a view when it is called."""

    def __init__(self, import_name):
        self.__module__, self.__name__ = import_name.rsplit(".", 1)

    def load(self):
        # A plain import would give us the copy in sys.modules, which is the
        # old one after the file was edited.
        module = sys.modules.get(self.__module__)
        if module is None:
            module = importlib.import_module(self.__module__)
        else:
            module = importlib.reload(module)
        return getattr(module, self.__name__)

    def __call__(self, **kwargs):
        return self.load()(**kwargs)


def view(import_name):
    return LateView(import_name)
