"""Parcels in a depot; views are loaded when they are first needed."""
from flask import Flask
from werkzeug.utils import cached_property, import_string


class LazyView:
    def __init__(self, import_name):
        self.__module__, self.__name__ = import_name.rsplit(".", 1)
        self.import_name = import_name

    @cached_property
    def view(self):
        return import_string(self.import_name)

    def __call__(self, *args, **kwargs):
        return self.view(*args, **kwargs)


app = Flask(__name__)
for rule, name in [("/", "index"), ("/parcels/<int:number>", "parcel"), ("/shelves", "shelves")]:
    app.add_url_rule(rule, view_func=LazyView(f"depot.views.{name}"))
app.register_error_handler(404, LazyView("depot.views.missing"))

from depot import commands  # noqa: E402,F401
