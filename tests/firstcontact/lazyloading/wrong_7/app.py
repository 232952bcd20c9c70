from importlib.util import find_spec

from flask import Flask
from werkzeug.utils import cached_property, import_string


class LazyView:
    def __init__(self, import_name):
        self.__module__, self.__name__ = import_name.rsplit(".", 1)
        self.import_name = import_name
        if find_spec(self.__module__) is None:  # fail at the start, not at the first request
            raise ModuleNotFoundError(self.__module__)

    @cached_property
    def view(self):
        return import_string(self.import_name)

    def __call__(self, *args, **kwargs):
        return self.view(*args, **kwargs)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})

    def url(import_name, *rules, **options):
        view = LazyView(f"shop.{import_name}")
        options.setdefault("endpoint", import_name.replace(".", "_"))
        for rule in rules:
            app.add_url_rule(rule, view_func=view, **options)

    url("home.index", "/", "/welcome")
    url("items.show", "/items/<int:number>")
    url("orders.index", "/orders/")
    url("orders.create", "/orders/", methods=["POST"])
    return app
