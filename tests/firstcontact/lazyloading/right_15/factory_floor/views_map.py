from werkzeug.utils import import_string

LAZY = True


def view(import_name):
    """A function of the view's name that imports the view when called."""
    module, name = import_name.rsplit(".", 1)
    cell = {}
    source = (
        f"def {name}(*args, **kwargs):\n"
        f"    if 'view' not in cell:\n"
        f"        cell['view'] = load({import_name!r})\n"
        f"    return cell['view'](*args, **kwargs)\n"
    )
    if not all(part.isidentifier() for part in import_name.split(".")):
        raise ValueError(import_name)
    namespace = {"__name__": module, "cell": cell, "load": import_string}
    exec(source, namespace)
    return namespace[name]


class ViewTable(dict):
    """An endpoint without a view is the import name of one."""

    def __missing__(self, endpoint):
        if endpoint.count(".") < 1:
            raise KeyError(endpoint)
        found = self[endpoint] = view(endpoint)
        return found
