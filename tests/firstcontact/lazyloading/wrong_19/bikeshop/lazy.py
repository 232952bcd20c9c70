from importlib import import_module


def lazy_view(import_name):
    module_name, name = import_name.rsplit(".", 1)
    view = None

    def call(*args, **kwargs):
        nonlocal view
        if view is None:
            view = getattr(import_module(module_name), name)
        return view(*args, **kwargs)

    call.__name__ = call.__qualname__ = name
    call.__module__ = module_name
    return call
