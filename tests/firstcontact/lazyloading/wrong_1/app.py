from flask import Flask
from werkzeug.utils import import_string


loaded = {}


class LazyView:
    def __init__(self, import_name):
        self.__module__, self.__name__ = import_name.rsplit(".", 1)
        self.import_name = import_name

    @property
    def view(self):
        # shared: several rules lead to one function
        if self.__name__ not in loaded:
            loaded[self.__name__] = import_string(self.import_name)
        return loaded[self.__name__]

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
